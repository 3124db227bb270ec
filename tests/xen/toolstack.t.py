# SPDX-License-Identifier: ISC
"""Xen's own xl with our guests, PV and PVH: 50 at once, shutdown, reboot, pause, exit
codes in xenstore."""
import re
from lab import ARCH, KINDS, Lab
from midge import done, is_, like

MANY = 50 if ARCH == "x86_64" else 20

SCRIPT = r"""
log=/var/log/xen/console
said() { grep -q "$2" $log/guest-$1.log; }
home() { echo /local/domain/$(xl domid $1); }

# 50 at once
for i in $(seq %d); do
    start hello.cfg "name=\"many-$i\"" "extra=\"number $i --block\"" memory=4
done
until_ "all of them to have started" sh -c \
    "[ \$(grep -l '^argv.2. = ' $log/guest-many-*.log | wc -l) = %d ]"
xl list >out/list

# Their end, all asked at the same time. Not with -w: Xen 4.17's xl stops waiting
# for a domain when it has shut down, and once more when it is gone; when both are
# news at the same time that is a segmentation fault in libxenlight (4 of 4 times).
xl shutdown -a >out/shutdown-all 2>&1
echo "all: $?" >>out/shutdown-all
until_ "all to be gone" sh -c '[ $(xl list | wc -l) = 2 ]'
xl list >out/list-after

# One by one
for how in sleep spin; do
    start xenbus.cfg "name=\"asked-$how\"" "extra=\"$how\""
    until_ "features of $how" sh -c \
        "[ \"\$(xenstore-read $(home asked-$how)/control/feature-poweroff)\" = 1 ]"
    timeout 60 xl shutdown -w asked-$how >out/shutdown-$how 2>&1
    echo "status: $?" >>out/shutdown-$how
done

# Reboot: another domain of the same name
start ticker.cfg 'name="again"' 'extra="0 100"'
until_ "a first life" said again "^tick 2"
before=$(xl domid again)
xl reboot again >out/reboot 2>&1
echo "reboot: $?" >>out/reboot
until_ "a second life" sh -c "[ \$(xl domid again 2>/dev/null || echo $before) != $before ]"
until_ "its ticks" sh -c "[ \$(grep -c '^tick 1' $log/guest-again.log) -ge 2 ]"
echo "ids: $before $(xl domid again)" >>out/reboot

# Pause: time goes on, the guest does not
xl pause again
until_ "it to be paused" sh -c 'xl list again | grep -q -- --p---'
lines=$(grep -c ^tick $log/guest-again.log)
sleep 1
echo "paused: $(($(grep -c ^tick $log/guest-again.log) - lines))" >out/pause
xl unpause again
more() { [ $(grep -c ^tick $log/guest-again.log) -gt $((lines + 3)) ]; }
until_ "it to go on" more && echo "goes on" >>out/pause
xl destroy again

# The exit code, from xenstore
start hello.cfg 'name="code"' 'extra="--exit 77"' 'on_poweroff="preserve"'
until_ "the exit code" sh -c "xenstore-read $(home code)/data/exit-code >out/code 2>/dev/null"
xl destroy code
xl list >out/list-end
""" % (MANY, MANY)


def names(lab, file):
    return [line.split()[0] for line in lab.out(file).splitlines()[1:]]


def check(lab):
    is_(sorted(names(lab, "list")), sorted(["Domain-0"] + [f"many-{i + 1}" for i in range(MANY)]),
        f"{MANY} guests at once")
    for i in (1, MANY):
        like(lab.console(f"many-{i}"), rf'^argv\[2\] = "{i}"$', f"number {i} has its own arguments")
    like(lab.out("shutdown-all"), r"^all: 0$", "xl shutdown -a asks all")
    is_(names(lab, "list-after"), ["Domain-0"], "none is left")
    is_([i + 1 for i in range(MANY) if "midge: poweroff requested" not in lab.console(f"many-{i + 1}")],
        [], "each has heard of it")
    for how in ("sleep", "spin"):
        like(lab.out(f"shutdown-{how}"), r"^status: 0$", f"xl shutdown -w of a guest that {how}s")
        like(lab.console(f"asked-{how}"), r"^midge: poweroff requested$", "who says so")
    like(lab.out("reboot"), r"^reboot: 0$", "xl reboot")
    like(lab.console("again"), r"^midge: reboot requested$", "the guest says so")
    ids = re.search(r"^ids: (\d+) (\d+)$", lab.out("reboot"), re.M)
    is_(int(ids.group(2)), int(ids.group(1)) + 1, "and is started again") if ids else \
        like(lab.out("reboot"), r"^ids: \d+ \d+$", "and is started again")
    is_(lab.out("pause").splitlines(), ["paused: 0", "goes on"], "xl pause and unpause")
    is_(lab.out("code").strip(), "77", "data/exit-code holds main's result")
    is_(names(lab, "list-end"), ["Domain-0"], "nothing is left")


for kind in KINDS:
    lab = Lab(kind)
    for app in ("hello", "ticker", "xenbus"):
        lab.app(app)
    lab.do(SCRIPT)
    lab.run()
    print(f"# as {kind}")
    check(lab)
done()
