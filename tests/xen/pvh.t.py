# SPDX-License-Identifier: ISC
"""What is of PVH alone: its memory map, stacks of their own for faults, and hlt.
The other tests run the same guests as PV and as PVH."""
from lab import Lab
from midge import done, is_, like

CRASH = 3
SIZES = (2, 8, 600)  # MB

lab = Lab("pvh")
for mb in SIZES:
    lab.guest(f"hello-{mb}", "hello", f"memory={mb}")
lab.guest("thread-stack", "threads", 'extra="crash stack"')
# Asleep it uses no time, and hears what xl asks of it.
lab.do("""
start hello.cfg 'name="idle"' 'extra="--block"'
until_ "idle to sleep" sh -c 'xl list idle | grep -q -- -b----'
xl shutdown -w idle && echo down >out/idle
""")
lab.run()

for mb in SIZES:
    like(lab.console(f"hello-{mb}"), r"^exit: 0$", f"{mb} MB")
like(lab.console("thread-stack"), r'^stack overflow: .*\n^thread: "worker-7"$',
     "a thread's stack overflow: the guest names the thread")
is_(lab.reason("thread-stack"), CRASH, "and xl sees a crash")
like(lab.console("idle"), r"^midge: poweroff requested", "xl shutdown is heard")
is_(lab.out("idle").strip(), "down", "and obeyed")
done()
