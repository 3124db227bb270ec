# SPDX-License-Identifier: ISC
"""The PV ABI as a guest sees it: passes on tests/guests/abi's own TAP."""
from midge import Midge, done, tap_guest

m = Midge()
r = tap_guest(m, m.app("abi"))
done(m)
