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
from machine import DEFAULT, ONE_CPU, Daemon, Failed
from report import known, median, number, read_columns

# DESIGN 8: create -> main() and its 99th percentile in us, xl create as a command
# in us, the size of hello, local hypercalls in ns, wake-ups of an idle guest in
# 10 s. Issue 4: destroy in us.
TARGET_MAIN_US = 100
TARGET_MAIN_P99_US = 500
TARGET_XL_US = 1500
TARGET_DESTROY_US = 200
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


def create(run):
    """Creation over one connection, template warm; where its time goes."""
    shares = {}
    for placement in (ONE_CPU, DEFAULT):
        fork = run.floor("fork", placement)
        run.floor("exec", placement)
        cols = run.created(placement)
        for what, column, floor in (("create -> answer", "answer_ns", "wake_ns"),
                                    ("create -> main()", "main_ns", "main_ns"),
                                    ("create -> gone", "gone_ns", "gone_ns")):
            main = column == "main_ns"
            run.add(what, "us", known(cols[column], US), placement.name,
                    TARGET_MAIN_US if main else None, ("fork", median(fork[floor])),
                    tail=TARGET_MAIN_P99_US if main else None)
        shares[placement.name] = _shares(cols)
    run.table("Where the time of a creation goes, medians in us",
              ["step", ""] + list(shares),
              [[step, text] + [number(v[i]) for v in shares.values()]
               for i, (step, text) in enumerate(STEPS)] +
              [["sum", ""] + [number(sum(v)) for v in shares.values()]])
    run.picture(plots.steps, "create-steps", [step for step, _ in STEPS],
                list(shares.items()), "Midge: creation, from the request to main(), step by step")


def _shares(cols):
    """Median of every step's own time."""
    out = []
    before = [0.0] * len(cols["read_ns"])
    for step, _ in STEPS:
        at = cols[step + "_ns"]
        out.append(median([(a - b) * US for a, b in zip(at, before)
                            if a is not None and b is not None]))
        before = at
    return out


def destroy(run):
    """Of a guest that is blocked: destroy to answer; shutdown to its end."""
    for placement in (ONE_CPU, DEFAULT):
        with Daemon(placement) as m:
            text = m.bench("-d", "-n", 500, "-w", 50, m.app("hello"), 'extra="--block"')
        cols = read_columns(text, run.raw("destroy-" + placement.name))
        fork = run.floor("fork", placement)
        ends = [g - w for g, w in zip(fork["gone_ns"], fork["wake_ns"])]
        run.add("destroy, idle guest", "us", known(cols["destroy_ns"], US),
                placement.name, TARGET_DESTROY_US, ("exit+reap of fork", median(ends)))
        with Daemon(placement) as m:
            text = m.bench("-s", "-n", 500, "-w", 50, m.app("hello"), 'extra="--block"')
        cols = read_columns(text, run.raw("shutdown-" + placement.name))
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
            run.add(what, "us", known(cols["gone_ns"], US), "default",
                    None if "-F" in flags else TARGET_XL_US, ("/bin/true", median(true)))


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
    floor = ("getppid()", median(calls))
    run.add("local hypercall", "ns", values, "default", TARGET_HYPERCALL_NS, floor)
    run.add("local hypercall, best round", "ns", best, "default", None, floor)


def size(run):
    """Images as they are quoted: stripped; for Arm, where it has been built, as it
    is booted."""
    with tempfile.TemporaryDirectory() as tmp:
        out = os.path.join(tmp, "hello")
        image = os.path.join(midge.B, "apps", "hello", "hello.elf")
        subprocess.run(["strip", "-o", out, image], check=True)
        run.add("hello.elf, stripped", "bytes", [os.path.getsize(out)], "", TARGET_HELLO_BYTES)
    arm = os.path.join(midge.B, "arm64", "apps", "hello", "hello.img")
    if os.path.exists(arm):
        run.add("hello.img, arm64", "bytes", [os.path.getsize(arm)], "", TARGET_HELLO_BYTES)


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
            target = STORE_GROWTH * median(few[op]) if op == "read" and count > 1 else None
            run.add(f"store of {count:,}: {what}", "us", us, "default", target,
                    ("of 1", median(few[op])))
    text = machine.run([machine.STORE, "memory", "-d", STORE_DOMAINS])
    cols = read_columns(text, run.raw("store-memory"))
    for kind in ("nodes", "connection", "watch"):
        run.add(f"store: {kind}, per domain", "bytes", known(cols[kind], 1), "default")
