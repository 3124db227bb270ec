# SPDX-License-Identifier: ISC
"""What apps/framedump sees is what framedump.golden says, line by line.

The golden file holds the lines that must be the same on real Xen, and, marked
with ~, those in which hypervisors may differ (ARCHITECTURE.md). Raw numbers (#)
are not compared. After a change that is meant: UPDATE=1 rewrites it.
"""
import difflib
import os
from midge import TOP, Midge, done, is_, ok

GOLDEN = os.path.join(TOP, "tests", "boot", "framedump.golden")


def compared(text):
    lines = text.splitlines()
    return [l.rstrip() for l in lines if l and not l.startswith(("#", "Parsing"))]


m = Midge()
r = m.xl("create", "-c", m.app("framedump"))
is_(r.returncode, 0, "framedump recovers from every exception")
got = compared(r.stdout)
if os.environ.get("UPDATE"):
    with open(GOLDEN, "w") as f:
        f.write("\n".join(got) + "\n")
with open(GOLDEN) as f:
    want = compared(f.read())
if not ok(got == want, "start of day, exception and upcall frames are the known ones"):
    for line in difflib.unified_diff(want, got, "golden", "seen", lineterm="", n=4):
        print("# " + line)
vectors = {l.split()[-1] for l in got if l.lstrip("~ ").startswith("vector ")}
is_(vectors, {"0", "1", "3", "6", "12", "13", "14", "16"}, "every exception was seen")
done(m)
