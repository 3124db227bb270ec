# SPDX-License-Identifier: ISC
"""/dev/kvm is tried at the daemon's start: xl info says in one line what came of
it, and type="pvh" is refused with that line."""
import os
from control import Control
from midge import Midge, done, is_, like, ok

m = Midge()


def row(text):
    return next((line for line in text.splitlines() if line.startswith("midge_engine_kvm ")), "")


first = row(m.must("info"))
like(first, r"^midge_engine_kvm +: not usable: \S.*$",
     "the first question, which starts the daemon, is answered")
why = first.partition("not usable: ")[2]
if not os.path.exists("/dev/kvm"):
    like(why, r"^/dev/kvm: there is none \(", "there is no /dev/kvm, and so it says")
elif not os.access("/dev/kvm", os.R_OK | os.W_OK):
    like(why, r"^/dev/kvm: no permission \(", "/dev/kvm is not for us, and so it says")
else:
    like(why, r"^(/dev/kvm (opens but cannot run|works, but|makes no|speaks)|this kernel's KVM)",
         "/dev/kvm has been tried")
is_(row(m.must("info")), first, "asked again, it says the same")

r = m.xl("create", m.app("hello"), 'type="pvh"')
is_(r.returncode, 1, 'type="pvh" is refused')
is_(r.stderr.splitlines()[-1], f'<command line>:1:6: type="pvh": {why}', "in that line, where it was said")
is_(m.names(), [], "nothing is created")

c = Control(m)
engines = c.answer(c.send("info"))["engines"]
is_([(e["name"], e["type"], e["usable"]) for e in engines],
    [("process", "pv", True), ("kvm", "pvh", False)], "the protocol has both engines")
daemon = m.daemon_pid()
is_([p for p in m.processes() if p != daemon and "trial" in open(f"/proc/{p}/comm").read()], [],
    "the process that tried it is gone")
ok(not any("kvm" in os.readlink(f"/proc/{daemon}/fd/{f}") for f in
           os.listdir(f"/proc/{daemon}/fd") if os.path.exists(f"/proc/{daemon}/fd/{f}")),
   "the daemon has no descriptor of it")
done(m)
