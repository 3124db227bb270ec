#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""The benchmarks' own arithmetic, and that an interrupted `make bench` leaves
nothing behind. Nothing here looks at how fast something was."""
import csv
import os
import signal
import subprocess
import sys
import tempfile
import time

from midge import B, PATIENCE, TOP, bail, done, is_, like, ok

sys.path.insert(0, os.path.join(TOP, "tests", "bench"))
import machine  # noqa: E402
import memory  # noqa: E402
import plots  # noqa: E402
import report  # noqa: E402
import run  # noqa: E402
import swarm  # noqa: E402

RUN = os.path.join(TOP, "tests", "bench", "run.py")
# Not where `make bench` leaves what the last run has measured.
OUT = os.path.join(B, "tests", "bench-out")


def statistics():
    hundred = list(range(1, 101))
    is_(report.quantile(hundred, 0.5), 51, "quantile: half of 100")
    is_(report.quantile(hundred, 0.99), 100, "quantile: 99 %")
    is_(report.quantile([7], 0.99), 7, "quantile of one")
    is_(report.median([3, 1, 2]), 2, "a median of what is not sorted")
    is_(report.flatness([1, 1, 5, 5, 2, 2], 2), 2, "flatness: last to first")
    is_(report.running_median([1, 9, 1, 9, 9, 9, 9, 9], 4),
        [(2, 9), (3, 9), (4, 9), (5, 9), (6, 9)], "a running median")
    is_(report.running_median([1, 2], 4), [], "a running median of too few")
    s = 10**9
    client = {"create_at_ns": [0, s, 2 * s], "answer_ns": [s / 2] * 3,
              "main_ns": [None, None, 2 * s]}
    is_(report.per_second([client]), 3 / 4, "creations per second: until the last main()")
    later = dict(client, create_at_ns=[6 * s, 7 * s, 8 * s])
    is_(report.per_second([client, later]), 6 / 10, "of two clients together")
    is_(report.per_second([client], 2), 1 / 2, "without the first ones")


def rows():
    def met(**kw):
        return report.Row("", "us", range(1, 101), **kw).met
    is_(met(), "", "no target, nothing to meet")
    is_((met(target=51), met(target=50)), ("yes", "no"), "the median and its target")
    is_((met(target=51, more_is_better=True), met(target=52, more_is_better=True)),
        ("yes", "no"), "where more is better")
    is_((met(target=51, tail=100), met(target=51, tail=99)), ("yes", "not p99"),
        "the tail and its target")
    row = report.Row("a", "us", [2, 4, 6], "1 CPU", 5, ("f", 2))
    is_(row.ratio, 2, "the ratio to the floor")
    is_(row.spread, 1, "the spread")
    skipped = report.Skipped("b", "not here")
    row.part = skipped.part = "p"
    is_(len(row.cells()), len(report.HEAD), "a row has a cell for each column")
    is_(len(skipped.cells()), len(report.HEAD), "and so has what was skipped")
    text = report.table(report.HEAD, [row.cells(), skipped.cells()])
    like(text, r"^a +4 +2\.\.6 .* 2\.00 +f$", "the table")
    like(text, r"^b .*skipped: not here$", "the table says what was skipped")
    is_(report.markdown(["x", "y", "z"], [[1, "", 2]]), "| x | z |\n|---|---|\n| 1 | 2 |\n",
        "a table for a document, without empty columns")
    is_(report.refreshed(f"a\n{report.BEGIN}old\n{report.END}b\n", "new\n"),
        f"a\n{report.BEGIN}new\n{report.END}b\n", "a document's tables are replaced")
    try:
        report.refreshed("no marks\n", "new\n")
        ok(False, "a document without marks is refused")
    except ValueError:
        ok(True, "a document without marks is refused")
    with tempfile.TemporaryDirectory() as tmp:
        path = os.path.join(tmp, "rows.csv")
        report.write_rows(path, [skipped, row])
        with open(path, newline="") as f:
            got = list(csv.DictReader(f))
    is_([r["median"] for r in got], ["", "4"], "rows as CSV")
    is_([r["met"] for r in got], ["skipped: not here", "yes"], "and what was skipped")
    is_(report.read_columns("a,b\n1,\n2,3\n"), {"a": [1, 2], "b": [None, 3]},
        "columns of a measuring program, with gaps")


def looks():
    zones = ("Node 0\n  pages free 5\n        count:    0\n  pagesets\n    cpu: 0\n"
             "              count:    12\n              high:     99\n    cpu: 1\n"
             "              count:    30\n")
    is_(machine.per_cpu_pages(zones), 42, "/proc/zoneinfo: pages kept for each CPU")
    is_(machine.cpu_times("cpu  10 1 2 100 7 3 4 5 6 0\ncpu0 1\n"), (25, 132),
        "/proc/stat: busy, with what was stolen, and all")
    before = dict.fromkeys(machine.MEMORY_KINDS, 100)
    before.update(MemAvailable=1000, AvailableAndLists=1200)
    after = dict(before, Shmem=200, MemAvailable=800, AvailableAndLists=900)
    grown = memory.growth(before, after, 100)
    is_((grown["Shmem"], grown["taken"], grown["with lists"], grown["Percpu"]), (1, 2, 3, 0),
        "growth of memory per guest")
    is_([swarm.edge_of(n) for n in (5, 1000, 10000, 30000)], [1, 100, 1000, 1000],
        "as many of the first as of the last")
    is_(plots.quoted("a'b"), "'a''b'", "a string for gnuplot")


def arguments():
    is_(run.parse(["size", "swarm=10000"]), [("size", {}), ("swarm", {"count": 10000})],
        "parts, one with a count")
    is_([name for name, _ in run.parse([])], list(run.PARTS), "all parts by default")
    is_(run.options(["--out", "d", "size", "--first"]),
        ({"--first": True, "--out": "d"}, ["size"]), "options")
    for bad, why in (("--out", "--out takes a directory"), ("nothing", "there is no part 'nothing'"),
                     ("size=3", "size takes no count"),
                     ("swarm=", "the count is a number"), ("swarm=9", "from 10 to"),
                     ("memory=1000000", "from 10 to")):
        r = start(bad)
        out, err = r.communicate()
        is_((r.returncode, out), (1, ""), f"{bad}: refused")
        like(err, f"^bench: .*{why}", f"{bad}: and said why")


def start(*args, env=None):
    return subprocess.Popen([sys.executable, RUN, *args], stdin=subprocess.DEVNULL,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                            universal_newlines=True, env=env, start_new_session=True)


def await_none(mark):
    """Command lines of the processes with (mark) that do not end by themselves (a
    guest dies with its daemon, but a moment later); ends them."""
    deadline = time.monotonic() + PATIENCE
    while marked(mark) and time.monotonic() < deadline:
        time.sleep(0.01)
    left = marked(mark)
    for pid in left:
        os.kill(pid, signal.SIGKILL)
    return list(left.values())


def marked(mark):
    """{pid: command line} of processes whose environment has (mark)."""
    found = {}
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/environ", "rb") as f:
                if mark.encode() not in f.read():
                    continue
            with open(f"/proc/{pid}/cmdline", "rb") as f:
                found[int(pid)] = f.read().replace(b"\0", b" ").decode()
        except OSError:
            continue
    return found


def interrupted(number, part, program):
    """A bench that a signal ends while (program) runs for (part)."""
    what = f"{signal.Signals(number).name} in {part}"
    with tempfile.TemporaryDirectory() as tmp:
        out = os.path.join(OUT, part)
        p = start("--out", out, part, env=dict(os.environ, TMPDIR=tmp))
        deadline = time.monotonic() + PATIENCE
        # What is in the directory's environment or is named after it is its.
        while not any(program in line for line in marked(tmp).values()):
            if p.poll() is not None or time.monotonic() > deadline:
                bail(f"{what}: {program} was not seen: {p.communicate()[1]}")
            time.sleep(0.005)
        os.killpg(p.pid, number)
        _, err = p.communicate(timeout=PATIENCE)
        is_(p.returncode, 128 + number, f"{what}: the exit code")
        like(err, f"ended early by {signal.Signals(number).name}", f"{what}: said so")
        is_(await_none(tmp), [], f"{what}: no process is left")
        is_(os.listdir(tmp), [], f"{what}: no directory is left")


def whole():
    """A small run from end to end, with its files."""
    p = start("--out", OUT, "size", "swarm=10")
    out, err = p.communicate(timeout=2 * PATIENCE)
    is_((p.returncode, [l for l in err.splitlines() if not l.endswith(": done")]), (0, []),
        "a small run")
    like(out, r"^hello\.elf, stripped +[\d,]+ ", "its table")
    like(out, r"^create -> main\(\), the last 1 of 10 +[\d,]+ ", "and that of many guests")
    like(out, r"^\d+ s; load average now", "what the figures are worth")
    for name in ("results.csv", "results.md", "xllist-10-1CPU.csv"):
        ok(os.path.getsize(os.path.join(OUT, name)) > 100, f"it leaves {name}")


statistics()
rows()
looks()
arguments()
whole()
interrupted(signal.SIGINT, "swarm", "midge-bench-swarm")
interrupted(signal.SIGTERM, "peers", "midge-bench-floor exec")
done()
