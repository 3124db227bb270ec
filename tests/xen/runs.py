# SPDX-License-Identifier: ISC
"""Runs of the applications that are compared with our hypervisor's, and what is
left out of the comparison."""
import difflib
import re
from midge import ok

POWEROFF, CRASH = 0, 3

# (name, application, extra=, how it ends, its exit code)
RUNS = [
    ("hello", "hello", None, POWEROFF, 0),
    ("hello-words", "hello", "one 'two words' --exit 7", POWEROFF, 7),
    ("hello-255", "hello", "--exit 255", POWEROFF, 255),
    ("hello-usage", "hello", "--exit nonsense", POWEROFF, 2),
    ("ticker", "ticker", "3 100", POWEROFF, 0),
    ("ticker-usage", "ticker", "x", POWEROFF, 2),
    ("bench", "bench", "hypercalls 1000", POWEROFF, 0),
    ("bench-usage", "bench", "", POWEROFF, 2),
    ("evbench-events", "evbench", "events", POWEROFF, 0),
    ("evbench-threads", "evbench", "threads", POWEROFF, 0),
    ("evbench-grants", "evbench", "grants", POWEROFF, 0),
    ("evbench-fifo", "evbench", "fifo 4900", POWEROFF, 0),
    ("framedump", "framedump", None, POWEROFF, 0),
    ("crash-usage", "crash", "no-such-case", POWEROFF, 2),
] + [("crash-" + how, "crash", how, CRASH, None)
     for how in ("null", "ud2", "div0", "jump", "assert", "panic", "wild", "stack")]

NEUTRAL = [
    # Times.
    (r"^(hypercall(_best)?_ps:) \d+$", r"\1 N"),
    (r"\b[\d.]+ ns( \(p5 .*, max [\d.]+,)?", "N ns"),
    # Registers but rip, rsp and rflags: a hypercall leaves what it likes in
    # some, and they show where the kernel was put together with what.
    (r"\b(r[abcd]x|r[sd]i|rbp|r8|r9|r1[0-5])(\s+)[0-9a-f]{16}", r"\1\2N"),
    # QEMU never sets RF in what an exception pushes; a processor does.
    (r"\brflags 0001", "rflags 0000"),
]

DIFFERENCES = [
    (r"^\(midge\)", "our hypervisor adds its crash report to the console"),
    (r"^~", "framedump marks the lines in which hypervisors may differ"),
    (r"^#", "framedump's raw numbers"),
]
used = set()


def neutral(text):
    lines = []
    for line in text.replace("\r", "").splitlines():
        line = line.rstrip()
        known = [p for p, _ in DIFFERENCES if re.search(p, line)]
        used.update(known)
        if known or not line:
            continue
        for pattern, by in NEUTRAL:
            line = re.sub(pattern, by, line)
        lines.append(line)
    return lines


def settings(extra):
    return [] if extra is None else [f'extra="{extra}"']


def same(name, mode, ours, theirs):
    if not ok(ours == theirs and theirs, f"{name}: the same console text on {mode}"):
        for line in difflib.unified_diff(theirs, ours, mode, "Midge", lineterm="", n=2):
            print("# " + line)
