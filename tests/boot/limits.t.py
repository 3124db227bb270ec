# SPDX-License-Identifier: ISC
"""Few descriptors: templates that are only kept for later make room."""
import resource
from midge import Midge, done, is_, ok

m = Midge()
resource.setrlimit(resource.RLIMIT_NOFILE, (48, 48))
failed = []
for memory in range(8, 28):
    r = m.xl("create", "-c", m.app("hello"), f"memory={memory}")
    if r.returncode or "exit: 0" not in r.stdout:
        failed.append((memory, r.returncode, r.stderr))
is_(failed, [], "20 templates one after the other, with 48 descriptors")
ok(m.names() == [], "none of their domains is left")
done(m)
