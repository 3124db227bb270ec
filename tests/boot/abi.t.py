# SPDX-License-Identifier: ISC
"""The PV ABI as a guest sees it: passes on tests/guests/abi's own TAP."""
import re
from midge import Midge, bail, done, is_, ok

m = Midge()
r = m.xl("create", "-c", m.app("abi"))
lines = r.stdout.replace("\r", "").splitlines()
plan = [l for l in lines if l.startswith("1..")]
if not plan:
    for l in lines[-30:]:
        print("#", l)
    print(m.must("dmesg"))
    bail("the guest did not finish")
for l in lines:
    t = re.match(r"(not )?ok \d+ - (.*)", l)
    if t:
        ok(not t.group(1), "guest: " + t.group(2))
    elif l.startswith("#"):
        print(l)
is_(r.returncode, 0, "the guest agrees")
done(m)
