# SPDX-License-Identifier: ISC
"""The images as PVH: the same files with type="pvh"."""
import re
from lab import Lab, tap
from midge import done, is_, like

POWEROFF, CRASH = 0, 3
# libxl gives a PVH domain of less than about 20 MB too little for its page tables.
PVH = ['type="pvh"', "memory=32"]
VERSIONS = (1, 2)  # of the grant tables
GUESTS = ["abi", "events", "threads", "xenbus"]
CRASHES = [
    ("null", r"^cannot write to address 0x0: not mapped"),
    ("ud2", r"^panic: trap 6 \(invalid opcode\)"),
    ("div0", r"^panic: trap 0 \(divide error\)"),
    ("jump", r"^cannot execute address 0xdead0000: not mapped"),
    ("assert", r"^panic: assertion failed: .* in crash_assert"),
    ("panic", r"^panic: as asked for"),
    ("wild", r"^cannot write to address 0x[0-9a-f]+: not allowed"),
    ("stack", r"^stack overflow: "),
]

lab = Lab()
lab.guest("hello", "hello", 'extra="one \'two words\' --exit 7"', *PVH)
lab.guest("ticker", "ticker", 'extra="3 100"', *PVH)
lab.guest("bench", "bench", 'extra="hypercalls 100"', *PVH)
lab.guest("large", "hello", 'type="pvh"', "memory=600")
lab.guest("framedump", "framedump", *PVH)
for how, _ in CRASHES:
    lab.guest("crash-" + how, "crash", f'extra="{how}"', *PVH)
lab.guest("thread-stack", "threads", 'extra="crash stack"', *PVH)
for name in GUESTS:
    # A hypercall takes QEMU a hundred times as long as for PV: not 131,071 ports.
    lab.guest(name, name, "max_event_channels=1023", *PVH)
# Asleep it uses no time, and hears what xl asks of it.
lab.do("""
xl create -q hello.cfg 'name="idle"' 'extra="--block"' 'type="pvh"' memory=32
until_ "idle to sleep" sh -c 'xl list idle | grep -q -- -b----'
xl shutdown -w idle && echo down >out/idle
""")
for v in VERSIONS:
    lab.app("grants")
    # Ids go up by one: the giver can name the domain that is to come.
    lab.do(f"""
pvh() {{ name=$1 extra=$2; shift 2; xl create "$@" "name=\\"$name\\"" "extra=\\"$extra\\"" 'type="pvh"' memory=32; }}
log=/var/log/xen/console/guest-giver{v}.log
xl create -q hello.cfg 'name="probe{v}"' 'extra="--block"'
a=$(($(xl domid probe{v}) + 1))
xl destroy probe{v}
pvh giver{v} "version,{v} grant,$((a + 1)),rw,hello" -q grants.cfg
until_ "a grant" grep -q '^grant 8' $log
pvh taker{v} "pull,$a,8,0,64 push,$a,8,reply quit" -q -F grants.cfg >/dev/null 2>&1
console=$(xenstore-read /local/domain/$a/console/tty)
echo show 8 >$console
until_ "an answer" grep -q '^show ' $log
echo quit >$console
until_ "the giver's end" grep -q ^exit: $log
""")
lab.run()

text = lab.console("hello")
is_(re.findall(r'argv\[\d+\] = "(.*)"', text)[1:], ["one", "two words", "--exit", "7"],
    "hello: its command line")
like(text, r"^exit: 7$", "hello: its exit code")
is_(lab.reason("hello"), POWEROFF, "hello: powered off")
is_(re.findall(r"^tick \d+", lab.console("ticker"), re.M), ["tick 1", "tick 2", "tick 3"],
    "ticker: timers work")
like(lab.console("bench"), r"^hypercall_ps: \d+$", "bench: hypercalls are timed")
like(lab.console("large"), r"^exit: 0$", "600 MB")
like(lab.console("framedump"), r"^framedump: this is not a PV domain", "framedump says what it wants")
for how, said in CRASHES:
    text = lab.console("crash-" + how)
    like(text, said, f"crash {how}: the guest's own report")
    like(text, r"^backtrace:\n  0x[0-9a-f]+", f"crash {how}: with a backtrace")
    is_(lab.reason("crash-" + how), CRASH, f"crash {how}: xl sees a crash")
like(lab.console("thread-stack"), r'^stack overflow: .*\n^thread: "worker-7"$',
     "a thread's stack overflow: the guest names the thread")
for name in GUESTS:
    tap(lab, name)
like(lab.console("events"), r"^# event channels: fifo$", "the FIFO ABI was chosen")
like(lab.console("idle"), r"^midge: poweroff requested", "xl shutdown is heard")
is_(lab.out("idle").strip(), "down", "and obeyed")
for v in VERSIONS:
    text = lab.console(f"taker{v}")
    like(text, r"^pull 0 hello$", f"grants v{v}: one domain reads another's page")
    like(text, r"^push 0$", f"grants v{v}: and writes to it")
    like(lab.console(f"giver{v}"), r"^show reply$", f"grants v{v}: which the other sees")
done()
