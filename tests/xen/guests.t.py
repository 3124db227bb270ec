# SPDX-License-Identifier: ISC
"""The test guests on real Xen, as PV and as PVH: their own TAP, two that talk, the
console's input, ways to end; and a guest that Debian's PV GRUB loads."""
import os
import re
import subprocess
import tempfile
from lab import ARCH, KINDS, Lab, tap
from midge import B, bail, done, is_, like

GUESTS = {
    **({"abi": []} if ARCH == "x86_64" else {}),
    # More than 2-level has, on several pages of event words. Xen looks for a free
    # port from the first on, so the time is quadratic: 40,000 take a minute in
    # emulation.
    "events": ["max_event_channels=9000"],
    "threads": [],
    "xenbus": [],
}
# Versions of the grant table: Xen has the second on x86 only.
VERSIONS = (1, 2) if ARCH == "x86_64" else (1,)
# Argument of ends, and the shutdown reason that xl sees.
ENDS = [("poweroff", 0), ("reboot", 1), ("crash", 3), ("watchdog", 4), ("soft_reset", 5)]
GRUB_CFG = """set timeout=0
set default=ours
menuentry "Not this one" --id other { halt }
menuentry "Midge" --id ours { linux /boot/hello.elf loaded 'by grub' --exit 7 }
"""


def grub(folder):
    """Path of a PV GRUB with a menu and our image inside."""
    cfg, out = os.path.join(folder, "grub.cfg"), os.path.join(folder, "grub.elf")
    with open(cfg, "w") as f:
        f.write(GRUB_CFG)
    argv = ["grub-mkstandalone", "-O", "x86_64-xen", "-o", out,
            "--install-modules=linux normal halt", "--fonts=", "--locales=", "--themes=",
            f"boot/grub/grub.cfg={cfg}",
            f"boot/hello.elf={os.path.join(B, 'apps', 'hello', 'hello.elf')}"]
    try:
        r = subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                           universal_newlines=True)
    except FileNotFoundError:
        bail("grub-mkstandalone is missing: make deps-xen installs grub-common")
    if r.returncode:
        bail("grub-mkstandalone: " + r.stdout.strip()[-500:])
    with open(os.path.join(folder, "grub-guest.cfg"), "w") as f:
        f.write('name = "grub"\ntype = "pv"\nmemory = 64\nkernel = "/lab/grub.elf"\n')
    return [out, os.path.join(folder, "grub-guest.cfg")]


def prepare(lab):
    for name, settings in GUESTS.items():
        lab.guest(name, name, *settings)
    for how, _ in ENDS:
        lab.guest("ends-" + how, "ends", f'extra="{how}"',
                  *[f'on_{k}="destroy"' for k in ("reboot", "watchdog", "soft_reset")])
    # Ids go up by one: the listener can name the domain that is to come.
    lab.do(r"""
log=/var/log/xen/console/guest-listener.log
port() { sed -n 's/\r//; s/^listening on port //p' $log 2>/dev/null | grep .; }
start -p events.cfg 'name="probe"'
first=$(xl domid probe)
xl destroy probe
start events.cfg 'name="listener"' "extra=\"listen $((first + 2))\""
until_ "the listener's port" port >/dev/null
guest caller events.cfg "extra=\"connect $((first + 1)) $(port)\""
until_ "the listener's end" grep -q ^exit: $log
""")
    # What xl console does with a terminal, done without one.
    lab.app("hello")
    lab.do(r"""
start hello.cfg 'name="echo"' 'extra="--echo"'
console=$(xenstore-read /local/domain/$(xl domid echo)/console/tty)
echo 'one two' >$console
until_ "an echo" grep -q 'echo: one two' /var/log/xen/console/guest-echo.log
echo quit >$console
until_ "the end of echo" sh -c '! xl domid echo 2>/dev/null'
""")
    # Two that grant and copy, with both versions of the table.
    lab.app("grants")
    lab.do(r"""
grants() { # VERSION: the granter's first grants are 8 and 9
    local a=granter-$1 b=copier-$1 log=/var/log/xen/console id tty
    start -p grants.cfg 'name="probe"'
    id=$(($(xl domid probe) + 1))
    xl destroy probe
    start grants.cfg "name=\"$a\"" \
        "extra=\"version,$1 grant,$((id + 1)),rw,hello grant,$((id + 1)),ro,look\""
    until_ "$a" grep -q ^ready $log/guest-$a.log
    guest $b grants.cfg "extra=\"version,$1 pull,$id,8,0,64 push,$id,8,reply \
pull,$id,9,1,3 push,$id,9,no many,$id,9,2001 pull,$id,100000,0,8 quit\""
    tty=$(xenstore-read /local/domain/$id/console/tty)
    for line in "show 8" "end 8" "fill 0" "show 9" quit; do
        echo "$line" >$tty
    done
    until_ "the end of $a" grep -q ^exit: $log/guest-$a.log
}
""")
    for version in VERSIONS:
        lab.do(f"grants {version}")


def check(lab):
    for name in GUESTS:
        tap(lab, name)
    like(lab.console("events"), r"^# event channels: fifo$", "the FIFO ABI was chosen")
    like(lab.console("events"), r"^# bound \d+ ports, \d+ to 9000,", "with more ports than 2-level has")
    for how, reason in ENDS:
        is_(lab.reason("ends-" + how), reason, f"ends {how}: xl sees reason {reason}")
    like(lab.console("listener"), r"^answered 1000 events", "two guests talk")
    like(lab.console("listener"), r"^exit: 0", "one is content")
    like(lab.console("caller"), r"^1000 round trips", "the other had its answers")
    like(lab.console("caller"), r"^exit: 0", "and is content")
    like(lab.console("echo"), r"^echo: one two$", "a line typed comes back")
    like(lab.console("echo"), r"^exit: 0$", "until quit")
    for version in VERSIONS:
        free = 64 * {1: 512, 2: 256}[version] - 9
        text = lab.console(f"copier-{version}")
        for line, what in (("pull 0 hello", "the peer copies"), ("push 0", "and writes"),
                           ("pull 0 ookhing", "a part of a read-only page"),
                           ("push -1", "is not written"), ("many 0 good 1000 bad 1001", "many at once"),
                           ("pull -3 nothing", "what is no grant"), ("exit: 0", "content")):
            like(text, rf"^{line}$", f"grants v{version}: {what}")
        text = lab.console(f"granter-{version}")
        for line in ("show reply", "end done", rf"fill {free} of {free}, then -28, .*",
                     "show look", "exit: 0"):
            like(text, rf"^{line}$", f"grants v{version}: {line}")


def check_grub(lab):
    text = lab.console("grub")
    like(text, r"Welcome to GRUB!", "PV GRUB runs")
    like(text, r"^Hello from Midge$", "and loads our image")
    is_(re.findall(r'argv\[\d+\] = "(.*)"', text)[1:], ["loaded", "by grub", "--exit", "7"],
        "with the menu entry's command line")
    like(text, r"^exit: 7$", "which runs to its end")
    is_(lab.reason("grub"), 0, "as xl sees it")


for kind in KINDS:
    lab = Lab(kind)
    prepare(lab)
    with tempfile.TemporaryDirectory(prefix="midge-grub-") as folder:
        if kind == "pv":
            for path in grub(folder):
                lab.file(path)
            lab.do("guest grub grub-guest.cfg")
        lab.run()
    print(f"# as {kind}")
    check(lab)
    if kind == "pv":
        check_grub(lab)
done()
