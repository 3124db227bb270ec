#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""make bench: measures, prints tables, leaves CSV, Markdown and PNG in build/bench/.

usage: run.py [--quiet] [--first] [--out DIR] [PART[=COUNT]...]
       run.py --list        the parts
       run.py --doc FILE    puts the last run's tables into FILE

Without a PART all are measured. --quiet refuses to while other processes keep
the machine busy; --first gives what is measured real-time priority over them
(needs root); --out: the files go to DIR, not to build/bench. Nothing here
passes or fails by a clock: the exit code says whether everything could be
measured, the column "met" what came out.
"""
import os
import signal
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import machine  # noqa: E402
import memory  # noqa: E402
import peers  # noqa: E402
import report  # noqa: E402
import rows  # noqa: E402
import services  # noqa: E402
import session  # noqa: E402
import swarm  # noqa: E402

PARTS = {f.__name__: f for f in (
    rows.create, rows.destroy, swarm.swarm, swarm.rates, rows.xl, peers.peers,
    memory.memory, rows.hypercall, services.upcall, services.evbench,
    services.roundtrip, services.fifo, rows.size, rows.idle, rows.store)}
COUNTED = ("swarm", "rates", "memory")
COUNT_MAX = 30000

# Beyond this part of the CPUs in the hands of others, figures say little.
BUSY = 0.05
# Beyond this the machine changed while it was measured.
DRIFT = 1.1


def parse(args):
    """[(part, keywords)] of PART[=COUNT] arguments; ValueError says what is
    wrong."""
    out = []
    for a in args or list(PARTS):
        name, has_count, count = a.partition("=")
        if name not in PARTS:
            raise ValueError(f"there is no part {name!r}; there are: {' '.join(PARTS)}")
        if has_count and name not in COUNTED:
            raise ValueError(f"{name} takes no count: {a!r}")
        if has_count and not (count.isdecimal() and 10 <= int(count) <= COUNT_MAX):
            raise ValueError(f"{a!r}: the count is a number from 10 to {COUNT_MAX}")
        out.append((name, {"count": int(count)} if has_count else {}))
    return out


def options(args):
    """({option: value}, the other arguments)."""
    found, rest = {}, list(args)
    for name, has_value in (("--quiet", False), ("--first", False), ("--out", True)):
        if name in rest:
            at = rest.index(name)
            if has_value and at + 1 == len(rest):
                raise ValueError(f"{name} takes a directory")
            found[name] = rest[at + 1] if has_value else True
            del rest[at:at + 1 + has_value]
    return found, rest


def list_parts():
    for name, fn in PARTS.items():
        print(f"{name:10} {' '.join(fn.__doc__.split())}")


def refresh(path):
    """Puts the last run's tables between the marks of a document."""
    with open(os.path.join(machine.OUT, "results.md")) as f:
        text = f.read()
    with open(path) as f:
        new = report.refreshed(f.read(), text)
    with open(path, "w") as f:
        f.write(new)


def end_early(number, _):
    """A signal: out through with statements and exit handlers, which stop daemons
    and remove directories, undisturbed by the next signal."""
    for s in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(s, signal.SIG_IGN)
    print(f"bench: ended early by {signal.Signals(number).name}", file=sys.stderr)
    sys.exit(128 + number)


def measure(run, parts):
    """How many parts failed."""
    failed = 0
    for name, kw in parts:
        run.begin(name)
        try:
            PARTS[name](run, **kw)
        except machine.Failed as e:
            run.skip(name, str(e))
            print(f"bench: {name}: {e}", flush=True)
            failed += 1
        print(f"bench: {name}: done", file=sys.stderr, flush=True)
    return failed


def verdict(run, before, after, seconds):
    """Lines about how much the figures are worth."""
    worst, drift = max(run.others), max(after, before) / min(after, before)
    lines = [f"{run.about}.", f"{seconds:.0f} s; load average now {machine.load():.2f}; other "
             f"processes had {100 * min(run.others):.0f} to {100 * worst:.0f}% of the CPUs "
             f"between the parts; the fork floor took {before:.0f} us before and "
             f"{after:.0f} us after everything."]
    if worst > BUSY or drift > DRIFT:
        lines.append("The machine was not quiet: do not believe the tails.")
    return lines


def show(run, lines):
    """The report: on the terminal, and as files."""
    for part, of_part in report.by_part(run.rows):
        print(f"\n{part}:")
        print(report.table(report.HEAD, [r.cells() for r in of_part]), end="")
    for title, head, cells in run.tables:
        print(f"\n{title}:\n{report.table(head, cells)}", end="")
    print("\n" + "\n".join(lines), f"\nraw figures and pictures: {machine.OUT}", flush=True)
    if run.rows:
        report.write_rows(os.path.join(machine.OUT, "results.csv"), run.rows)
        report.write_markdown(os.path.join(machine.OUT, "results.md"), lines, run.tables,
                              run.rows)


def main(args):
    if args[:1] == ["--list"]:
        return list_parts()
    if args[:1] == ["--doc"] and len(args) == 2:
        return refresh(args[1])
    how, rest = options(args)
    parts = parse(rest)
    machine.OUT = os.path.abspath(how.get("--out", machine.OUT))
    if "--first" in how:
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1))
    for s in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(s, end_early)
    start = time.monotonic()
    run = session.Run(machine.describe())
    busy = machine.others(1)
    print(f"machine: {run.about}; load average {machine.load():.2f}, others have "
          f"{100 * busy:.0f}% of the CPUs", flush=True)
    if busy > BUSY:
        if "--quiet" in how:
            sys.exit("bench: the machine is busy; try again later, or without --quiet")
        print("bench: the machine is busy with something else: do not believe the tails",
              flush=True)
    os.makedirs(machine.OUT, exist_ok=True)
    run.others.append(busy)
    before = run.control()
    failed = measure(run, parts)
    show(run, verdict(run, before, run.control(), time.monotonic() - start))
    return 1 if failed else 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except (ValueError, OSError, machine.Failed) as error:
        sys.exit(f"bench: {error}")
