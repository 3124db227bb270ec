# SPDX-License-Identifier: ISC
"""What `make bench` measures. Each function takes the Run and adds rows."""
import os
import re
import subprocess
import tempfile
import time

import machine
import midge
import plots
import services
from machine import DEFAULT, MEMORY_KINDS as KINDS, ONE_CPU, Daemon, Failed, Kept
from report import Row, known, number, read_columns, table

# Issue 2: create -> main() in us (0.10 ms, p99 0.5 ms: a later issue), the size
# of hello, local hypercalls in ns, wake-ups of an idle guest in 10 s.
TARGET_MAIN_US = 400
TARGET_HELLO_BYTES = 64 * 1024
TARGET_HYPERCALL_NS = 12
TARGET_WAKEUPS = 0

US = 1e-3

STEPS = [
    ("read", "request sent, read by the daemon"),
    ("parsed", "request parsed and checked"),
    ("template", "template looked up"),
    ("memory", "RAM file, pipe, window made and filled"),
    ("domain", "core domain, ports, console made"),
    ("sent", "start_info written, zygote asked"),
    ("forked", "process forked, zygote's answer seen"),
    ("gate", "gate opened"),
    ("entered", "mapped, confined, guest entered"),
    ("main", "guest kernel up, main() begins"),
]


class Run:
    """What the parts of one invocation share."""

    def __init__(self):
        self.rows = []
        self.pictures = []
        self._pages = None
        self._floors = {}

    def add(self, *args, **kw):
        self.rows.append(Row(*args, **kw))

    def raw(self, name):
        return os.path.join(machine.OUT, name + ".csv")

    def picture(self, draw, name, *args, **kw):
        made = draw(os.path.join(machine.OUT, name + ".png"), *args, **kw)
        if made:
            self.pictures.append(made)

    def pages(self):
        """(filled, touched): pages of an idle hello's RAM file that the daemon
        filled, and that were touched after that."""
        if self._pages is None:
            with Daemon() as m:
                m.must("create", "-p", "-q", m.app("hello"), 'name="cold"')
                filled = machine.file_pages(m.pid("cold"), 3)
                warm = m.start("hello", "--block", "warm")
                self._pages = filled, machine.file_pages(warm, 3) - filled
        return self._pages

    def floor(self, mode, placement):
        """Columns of the floor program, in us, measured once per placement."""
        key = mode, placement.name
        if key not in self._floors:
            argv = [machine.FLOOR, mode, "-n", 1000, "-w", 100]
            if mode == "fork":
                filled, touched = self.pages()
                argv += ["-f", max(0, filled - 4), "-t", touched]
            else:
                argv += [machine.STATIC]
            text = machine.run(argv, placement)
            name = f"floor-{mode}-{placement.name.replace(' ', '')}"
            cols = read_columns(text, self.raw(name))
            self._floors[key] = {k: known(v, US) for k, v in cols.items()}
            for what in ("main", "wake", "gone"):
                self.add(f"floor: {mode} -> {what}", "us",
                         self._floors[key][what + "_ns"], placement.name)
        return self._floors[key]


def _median(values):
    return Row("", "", values).median


def _create_rows(run, placement, cols):
    fork = run.floor("fork", placement)
    run.floor("exec", placement)
    for what, column, floor, target in (
            ("create -> answer", "answer_ns", "wake_ns", None),
            ("create -> main()", "main_ns", "main_ns", TARGET_MAIN_US),
            ("create -> gone", "gone_ns", "gone_ns", None)):
        run.add(what, "us", known(cols[column], US), placement.name, target,
                ("fork", _median(fork[floor])))


def create(run):
    """Creation over one connection, template warm; where its time goes."""
    curves, shares = [], {}
    for placement in (ONE_CPU, DEFAULT):
        with Daemon(placement) as m:
            text = m.bench("-n", 2000, "-w", 200, m.app("hello"), 'extra="--tsc"')
        name = "create-" + placement.name.replace(" ", "")
        cols = read_columns(text, run.raw(name))
        _create_rows(run, placement, cols)
        curves.append((f"create -> main(), {placement.name}", known(cols["main_ns"], US)))
        shares[placement.name] = _shares(cols)
    fork = run.floor("fork", ONE_CPU)
    curves.append(("floor: fork -> main, 1 CPU", fork["main_ns"]))
    print("where the time of a creation goes, medians in us:")
    names = list(shares)
    table(["step"] + names,
          [[text] + [number(shares[n][i]) for n in names]
           for i, (_, text) in enumerate(STEPS)] +
          [["sum"] + [number(sum(shares[n])) for n in names]])
    run.picture(plots.cdf, "create-cdf", curves, "creation, all of it")
    run.picture(plots.steps, "create-steps", [s for s, _ in STEPS],
                shares[ONE_CPU.name], "create -> main(), 1 CPU: median of each step")


def _shares(cols):
    """Median of every step's own time."""
    out = []
    before = [0.0] * len(cols["read_ns"])
    for step, _ in STEPS:
        at = cols[step + "_ns"]
        out.append(_median([(a - b) * US for a, b in zip(at, before)
                            if a is not None and b is not None]))
        before = at
    return out


def destroy(run):
    """Of a guest that is blocked: destroy to answer; shutdown to its end."""
    for placement in (ONE_CPU, DEFAULT):
        with Daemon(placement) as m:
            text = m.bench("-d", "-n", 500, "-w", 50, m.app("hello"), 'extra="--block"')
        cols = read_columns(text, run.raw("destroy-" + placement.name.replace(" ", "")))
        fork = run.floor("fork", placement)
        ends = [g - w for g, w in zip(fork["gone_ns"], fork["wake_ns"])]
        run.add("destroy, idle guest", "us", known(cols["destroy_ns"], US),
                placement.name, None, ("exit+reap of fork", _median(ends)))
        with Daemon(placement) as m:
            text = m.bench("-s", "-n", 500, "-w", 50, m.app("hello"), 'extra="--block"')
        cols = read_columns(text, run.raw("shutdown-" + placement.name.replace(" ", "")))
        run.add("shutdown: asked, obeyed, gone", "us", known(cols["shutdown_ns"], US),
                placement.name)


def xl(run):
    """Whole commands, from vfork to waitpid."""
    base = [machine.FLOOR, "exec", "-n", 100, "-w", 10]
    true = read_columns(machine.run([*base, "/bin/true"]), run.raw("exec-true"))
    true = known(true["gone_ns"], US)
    run.add("floor: /bin/true", "us", true, "default")
    with Daemon() as m:
        for what, flags in (("xl create -q", ["-q"]), ("xl create -F -q", ["-F", "-q"])):
            text = machine.run([*base, midge.XL, "create", *flags, m.app("hello"),
                                'name="b%d"'], env=m.env)
            cols = read_columns(text, run.raw(what.replace(" ", "")))
            run.add(what, "us", known(cols["gone_ns"], US), "default", None,
                    ("/bin/true", _median(true)))


def hypercall(run):
    """A local hypercall, by the guest's own counter; a Linux system call."""
    calls = [float(machine.run([machine.FLOOR, "syscall", "-n", 1000000]))
             for _ in range(10)]
    run.add("floor: getppid()", "ns", calls, "default")
    values, best = [], []
    with Daemon() as m:
        for i in range(20):
            m.must("create", "-F", "-q", m.app("bench"), f'name="h{i}"',
                   'extra="hypercalls 5000000"')
            log = m.console_log(f"h{i}")
            for name, out in (("hypercall_ps", values), ("hypercall_best_ps", best)):
                found = re.search(rf"^{name}: (\d+)", log, re.M)
                if not found:
                    raise Failed(f"the guest printed no {name}: {log!r}")
                out.append(int(found.group(1)) / 1000)
    floor = ("getppid()", _median(calls))
    run.add("local hypercall", "ns", values, "default", TARGET_HYPERCALL_NS, floor)
    run.add("local hypercall, best round", "ns", best, "default", None, floor)


def size(run):
    """Images as they are quoted: stripped."""
    with tempfile.TemporaryDirectory() as tmp:
        for app, target in (("hello", TARGET_HELLO_BYTES),):
            out = os.path.join(tmp, app)
            image = os.path.join(midge.B, "apps", app, app + ".elf")
            subprocess.run(["strip", "-o", out, image], check=True)
            run.add(f"{app}.elf, stripped", "bytes", [os.path.getsize(out)], "", target)


def idle(run):
    """What a blocked guest, and a daemon with nothing to do, do in 10 s."""
    with Daemon() as m:
        guest, daemon = m.start("hello", "--block", "idle"), m.daemon_pid()
        before = machine.switches(guest), machine.switches(daemon)
        time.sleep(10)  # the length of the measurement
        after = machine.switches(guest), machine.switches(daemon)
    run.add("idle guest: switches in 10 s", "", [after[0] - before[0]], "default",
            TARGET_WAKEUPS)
    run.add("its daemon: switches in 10 s", "", [after[1] - before[1]], "default",
            TARGET_WAKEUPS)


def _memory_round(m, count):
    before = machine.settled_meminfo()
    with Kept(m, count, m.app("hello"), 'extra="--block"'):
        after = machine.settled_meminfo()
    return {k: (after[k] - before[k]) / count for k in KINDS}


def memory(run):
    """Of idle guests: what the machine has more in use of, by kind."""
    columns, lines = [], []
    with Daemon() as m:
        for count in (200, 500):
            _memory_round(m, count)  # touches what will be needed
            rounds = [_memory_round(m, count) for _ in range(5)]
            run.add(f"memory per idle guest, {count}", "KiB",
                    [sum(r.values()) for r in rounds], "default")
            per = {k: _median([r[k] for r in rounds]) for k in KINDS}
            columns.append((f"{count} guests", per))
            lines.append([count] + [number(per[k]) for k in KINDS] +
                         [number(sum(per.values()))])
    print("memory per idle guest, KiB (median of 5 rounds):")
    table(["guests"] + KINDS + ["sum"], lines)
    run.picture(plots.stacked, "memory", columns, KINDS,
                "memory per idle guest", "KiB")


STORE_OPS = [
    ("read", "read, a guest's own node, ring to ring"),
    ("read_pipelined", "10 reads at once, ring to ring"),
    ("read_any", "read, any domain's node"),
    ("write_watched", "write, 2 watches, ring to ring"),
    ("txn", "transaction: start, read, write, commit"),
    ("part", "4 KiB of the children of /local/domain"),
    ("birth", "a domain's nodes made, introduced"),
    ("death", "a domain's nodes removed"),
]
STORE_DOMAINS = 30000
# Issue 3: at most 1.2 times as long with 30,000 domains' nodes as with one's.
STORE_GROWTH = 1.2


def store(run):
    """The store without sockets and guests: requests beside 30,000 domains."""
    few = {}
    for count in (1, STORE_DOMAINS):
        text = machine.run([machine.STORE, "ops", "-d", count, "-n", 5000])
        cols = read_columns(text, run.raw(f"store-{count}"))
        for op, what in STORE_OPS:
            us = known(cols[op + "_ns"], US)
            few.setdefault(op, us)
            target = STORE_GROWTH * _median(few[op]) if op == "read" and count > 1 else None
            run.add(f"store of {count:,}: {what}", "us", us, "default", target,
                    ("of 1", _median(few[op])))
    text = machine.run([machine.STORE, "memory", "-d", STORE_DOMAINS])
    cols = read_columns(text, run.raw("store-memory"))
    for kind in ("nodes", "connection", "watch"):
        run.add(f"store: {kind}, per domain", "bytes", known(cols[kind], 1), "default")


ALL = {f.__name__: f for f in (
    create, destroy, xl, hypercall, services.upcall, services.evbench,
    services.roundtrip, services.fifo, size, idle, memory, store)}
