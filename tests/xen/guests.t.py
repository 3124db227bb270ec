# SPDX-License-Identifier: ISC
"""The test guests on real Xen: their own TAP, two that talk, the console's input,
ways to end, and a guest that Debian's PV GRUB loads."""
import os
import re
import subprocess
import tempfile
from lab import Lab
from midge import B, bail, done, is_, like, ok

GUESTS = ["abi", "events", "threads", "xenbus"]
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


def tap(name):
    """The guest's own tests, as ours."""
    text = lab.console(name)
    for line in text.splitlines():
        t = re.match(r"(not )?ok \d+ - (.*)", line)
        if t:
            ok(not t.group(1), f"{name}: {t.group(2)}")
        elif line.startswith("#"):
            print(line)
    like(text, r"^1\.\.\d+$", f"{name}: finished")
    like(text, r"^exit: 0$", f"{name}: content with Xen")


lab = Lab()
with tempfile.TemporaryDirectory(prefix="midge-grub-") as folder:
    for path in grub(folder):
        lab.file(path)
    for name in GUESTS:
        lab.guest(name, name)
    for how, _ in ENDS:
        lab.guest("ends-" + how, "ends", f'extra="{how}"',
                  *[f'on_{k}="destroy"' for k in ("reboot", "watchdog", "soft_reset")])
    lab.do("guest grub grub-guest.cfg")
    # Ids go up by one: the listener can name the domain that is to come.
    lab.do(r"""
log=/var/log/xen/console/guest-listener.log
port() { sed -n 's/\r//; s/^listening on port //p' $log 2>/dev/null | grep .; }
xl create -q -p events.cfg 'name="probe"'
first=$(xl domid probe)
xl destroy probe
xl create -q events.cfg 'name="listener"' "extra=\"listen $((first + 2))\""
until_ "the listener's port" port >/dev/null
guest caller events.cfg "extra=\"connect $((first + 1)) $(port)\""
until_ "the listener's end" grep -q ^exit: $log
""")
    # What xl console does with a terminal, done without one.
    lab.app("hello")
    lab.do(r"""
xl create -q hello.cfg 'name="echo"' 'extra="--echo"'
console=$(xenstore-read /local/domain/$(xl domid echo)/console/tty)
echo 'one two' >$console
until_ "an echo" grep -q 'echo: one two' /var/log/xen/console/guest-echo.log
echo quit >$console
until_ "the end of echo" sh -c '! xl domid echo 2>/dev/null'
""")
    lab.run()

for name in GUESTS:
    tap(name)
like(lab.console("events"), r"^# event channels: fifo$", "the FIFO ABI was chosen")
for how, reason in ENDS:
    is_(lab.reason("ends-" + how), reason, f"ends {how}: xl sees reason {reason}")
like(lab.console("listener"), r"^answered 1000 events", "two guests talk")
like(lab.console("listener"), r"^exit: 0", "one is content")
like(lab.console("caller"), r"^1000 round trips", "the other had its answers")
like(lab.console("caller"), r"^exit: 0", "and is content")
like(lab.console("echo"), r"^echo: one two$", "a line typed comes back")
like(lab.console("echo"), r"^exit: 0$", "until quit")
text = lab.console("grub")
like(text, r"Welcome to GRUB!", "PV GRUB runs")
like(text, r"^Hello from Midge$", "and loads our image")
is_(re.findall(r'argv\[\d+\] = "(.*)"', text)[1:], ["loaded", "by grub", "--exit", "7"],
    "with the menu entry's command line")
like(text, r"^exit: 7$", "which runs to its end")
is_(lab.reason("grub"), 0, "as xl sees it")
done()
