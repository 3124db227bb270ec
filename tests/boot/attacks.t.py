# SPDX-License-Identifier: ISC
"""Hypercalls no honest guest would send (docs/attacks.md): passes on the TAP of
tests/guests/attacks."""
import os
from midge import Midge, done, is_, like, ok, tap_guest

m = Midge()
attacks = m.app("attacks")
m.must("create", m.app("hello"), 'name="neighbour"', 'extra="--echo"')
tap_guest(m, attacks)

# Without the monitor's help: who says that it has ended has ended.
r = m.xl("create", "-F", attacks, 'extra="shutdown"', 'name="ends"', timeout=30)
is_(m.names(), ["neighbour"], "a guest that shuts down and runs on is gone")
r = m.xl("create", "-F", attacks, 'extra="crash"', 'name="lies"', timeout=30)
is_(r.returncode, 134, "a guest that lies about its crash has crashed")
is_(m.names(), ["neighbour"], "and is gone")
like(m.must("dmesg"), r"lies:", "its report is there, such as it is")

# Whoever is kept after the end does not run either, and can be looked at.
def host_state(name):
    pid = next(d["midge"]["pid"] for d in m.domains() if d["config"]["c_info"]["name"] == name)
    with open(f"/proc/{pid}/stat") as f:
        return f.read().rsplit(")", 1)[1].split()[0]


for extra, option in (("shutdown", "on_poweroff"), ("crash", "on_crash")):
    name = f"kept-{extra}"
    m.xl("create", "-F", "-q", attacks, f'extra="{extra}"', f'name="{name}"', f'{option}="preserve"')
    is_(m.names(), ["neighbour", name], f"{name}: is there after its end")
    m.wait_for(lambda: host_state(name) == "T", f"{name} to stop")
    ok(True, f"{name}: its process stands still")
    core = os.path.join(m.dir, name + ".core")
    is_(m.xl("dump-core", name, core).returncode, 0, f"{name}: it can be dumped")
    is_(host_state(name), "T", f"{name}: and stands still as before")
    m.must("destroy", name)
    m.wait_for(lambda: m.names() == ["neighbour"], f"{name} to go")

r = m.xl("create", "-F", "-q", attacks, 'extra="crash"', 'name="dumped"',
         'on_crash="coredump-destroy"')
like(m.must("dmesg"), r"dumped: core dump in ", "its core is written first, if that is wanted")

m.wait_for(lambda: m.state("neighbour") == "-b----", "the neighbour to block")
ok(True, "the neighbour is alive")
done(m)
