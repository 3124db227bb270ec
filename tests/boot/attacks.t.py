# SPDX-License-Identifier: ISC
"""Hypercalls no honest guest would send (docs/attacks.md): passes on the TAP of
tests/guests/attacks."""
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

m.wait_for(lambda: m.state("neighbour") == "-b----", "the neighbour to block")
ok(True, "the neighbour is alive")
done(m)
