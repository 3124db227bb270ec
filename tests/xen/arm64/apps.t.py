# SPDX-License-Identifier: ISC
"""The applications on real Xen for 64-bit Arm: the same text as those of x86 on our
hypervisor; their crashes; and one that has nothing to do."""
import os
import re
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from lab import Lab  # noqa: E402
from midge import Midge, done, is_, like, ok  # noqa: E402
from runs import CRASH, RUNS, neutral, same, settings  # noqa: E402

# What differs because the processor does: framedump is a PV guest's, and dividing
# by zero is no exception.
ELSEWHERE = ("framedump", "crash-div0")
# The line of each crash, and whether the frame that crashed is the first line of
# its backtrace.
CRASHES = {
    "crash-null": (r"^cannot write to address 0x0: not mapped$", True),
    "crash-ud2": (r"^panic: trap 60 \(breakpoint\)", True),
    "crash-jump": (r"^cannot execute address 0xdead0000: not mapped$", False),
    "crash-assert": (r"^panic: assertion failed: zero == 1 at apps/crash/main.c", True),
    "crash-panic": (r"^panic: as asked for$", True),
    "crash-wild": (r"^cannot write to address 0x400[0-9a-f]+: not allowed$", True),
    "crash-stack": (r"^stack overflow: that is the page below the stack$", True),
}
IDLE_S = 10

lab = Lab()
for name, app, extra, _, _ in RUNS:
    if name not in ELSEWHERE:
        lab.guest(name, app, *settings(extra))
lab.app("hello")
lab.do(r"""
start hello.cfg 'name="idle"' 'extra="--block"'
until_ "the idle guest" grep -q argv /var/log/xen/console/guest-idle.log
used() { xl list idle | awk 'NR == 2 { print $6 }'; }
before=$(used)
usleep %d
echo "$before $(used)" >out/idle
xl destroy idle
""" % (IDLE_S * 1000000))
lab.run()


def check_crash(name, text):
    pattern, in_code = CRASHES[name]
    like(text, pattern, f"{name}: says what happened")
    trace = re.findall(r"^  0x([0-9a-f]+)(.*)$", text, re.M)
    ok(len(trace) >= 3, f"{name}: with a backtrace")
    is_([bool(rest) for _, rest in trace[:2]], [not in_code, False], f"{name}: of code")
    if "trap" in text:
        is_(len(re.findall(r"\bx\d+ +[0-9a-f]{16}\b", text)), 31, f"{name}: and all registers")


m = Midge()
for name, app, extra, reason, code in RUNS:
    if name in ELSEWHERE:
        continue
    theirs = lab.console(name).replace("\r", "")
    if reason == CRASH:
        check_crash(name, theirs)
    else:
        r = m.xl("create", "-c", m.app(app), f'name="{name}"', *settings(extra))
        same(name, "Arm", neutral(r.stdout), neutral(theirs))
        is_(neutral(theirs)[-1:], [f"exit: {code}"], f"{name}: its exit code")
    is_(lab.reason(name), reason, f"{name}: Xen sees how it ended")
before, after = (float(n) for n in lab.out("idle").split())
ok(after - before <= IDLE_S * 0.01, f"idle: {after - before:.1f} s of CPU in {IDLE_S} s")
done(m)
