# SPDX-License-Identifier: ISC
"""Threads, locks, timers and preemption: tests/guests/threads' own TAP, and how
a thread that dies is reported."""
import re
from midge import Midge, done, is_, like, ok, tap_guest

m = Midge()
threads = m.app("threads")

r = tap_guest(m, threads)

# The end of main() is the end, whatever others do.
r = m.xl("create", "-c", threads, 'extra="exit"', 'name="leaves"')
is_(r.returncode, 7, "exit while others run: main's exit code")
lines = r.stdout.splitlines()
is_(lines[-1:], ["exit: 7"], "its line is the last")
bad = [l for l in lines[:-1] if not re.fullmatch(r"a line of thread (one|two)", l)]
is_(bad, [], "lines of two threads do not mix")

for how, said in [("null", r"^cannot write to address 0x0: not mapped"),
                  ("panic", r"^panic: as asked for"),
                  ("block", r"^panic: .*preemption disabled")]:
    m.xl("dmesg", "-c")
    r = m.xl("create", "-c", threads, f'extra="crash {how}"', f'name="die-{how}"')
    ok(r.returncode not in (0, 1), f"{how}: exit code tells of a crash")
    like(r.stdout, said, f"{how}: the guest's own report")
    like(r.stdout, r'^thread: "worker-7"', f"{how}: it names the thread")
    like(m.must("dmesg"), r"thread_main\+", f"{how}: the backtrace is that of the thread")

m.xl("dmesg", "-c")
r = m.xl("create", "-c", threads, 'extra="crash stack"', 'name="die-stack"')
ok(r.returncode not in (0, 1), "stack: exit code tells of a crash")
dmesg = m.must("dmesg")
like(dmesg, r"stack overflow of thread worker-7: ", "stack: the page below a thread's stack catches it")
like(dmesg, r"  thread worker-7, stack [0-9a-f]+\.\.[0-9a-f]+$", "stack: and its bounds are told")
like(dmesg, r"recurse\+.*\n.*times more", "stack: symbolised backtrace")
like(dmesg, r"thread_main\+", "stack: down to the thread's beginning")

# ticker: a line a tick, and nothing in between.
r = m.xl("create", "-c", m.app("ticker"), 'extra="5 20"')
is_(r.stdout.splitlines(),
    [f"tick {i}" for i in range(1, 6)] + ["exit: 0"], "ticker counts")
r = m.xl("create", "-c", m.app("ticker"), 'extra="5 x"')
is_(r.returncode, 2, "ticker refuses what is no number")
done(m)
