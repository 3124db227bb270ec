# SPDX-License-Identifier: ISC
"""A guest that attacks the host ends alone, and the reason is named."""
import re
from midge import Midge, done, is_, like, ok

m = Midge()
hostile = m.app("hostile")

m.must("create", m.app("hello"), 'name="neighbour"', 'extra="--echo"')
listing = m.xl("create", "-c", hostile, 'extra="?"').stdout.replace("\r", "")
attacks = re.findall(r"^([a-z0-9_-]+)$", listing, re.M)
ok(len(attacks) >= 20, "the guest knows its attacks")

for a in attacks + ["int80"]:
    m.xl("dmesg", "-c")
    r = m.xl("create", "-c", hostile, f'extra="{a}"', f'name="h-{a}"')
    ok("SURVIVED" not in r.stdout, f"{a}: does not come back")
    is_(r.returncode, 134, f"{a}: the domain is dead")
    which = r"\(int 0x80, or " if a == "int80" else r"system call \d+ \(\w+\) at 0x1[0-9a-f]{4},"
    like(m.must("dmesg"), rf"h-{a}:.*sandbox violation.* {which}", f"{a}: reported as what it is")

# These may leave the vCPU hanging or looping; that is its own affair.
for a in ("scribble", "overwrite-monitor", "write-text"):
    name = f"h-{a}"
    m.must("create", "-q", hostile, f'extra="{a}"', f'name="{name}"')
    m.wait_for(lambda: f"hostile: {a}" in m.console_log(name), f"{name} to begin")
    m.must("list", "neighbour")
    m.xl("destroy", name)
    m.wait_for(lambda: name not in m.names(), f"{name} to be gone")
    ok("SURVIVED" not in m.console_log(name), f"{a}: achieves nothing, and can be destroyed")

m.xl("dmesg", "-c")
r = m.xl("create", "-c", hostile, 'extra="self-write"', 'name="h-self-write"')
ok("SURVIVED" not in r.stdout, "self-write: does not come back")
like(m.must("dmesg"), r"h-self-write:.*code writes to the page it is on", "self-write: is named")

is_(m.names(), ["neighbour"], "only the neighbour is left")
is_(m.xl("pause", "neighbour").returncode, 0, "and it can be paused")
is_(m.xl("unpause", "neighbour").returncode, 0, "and unpaused")
m.wait_for(lambda: m.state("neighbour") == "-b----", "the neighbour to block")
ok(True, "it is alive")
done(m)
