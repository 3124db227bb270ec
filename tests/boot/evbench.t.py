# SPDX-License-Identifier: ISC
"""apps/evbench runs: every part ends well and prints its figures. What the
figures are is nobody's business here."""
import re
from midge import Midge, done, is_, like

m = Midge()
PARTS = {
    "events": ["event to oneself", "timer to its handler, domain asleep",
               "timer to its waiting thread"],
    "threads": ["thread switch", "mutex lock and unlock",
                "thread create, run, join", "timer start and cancel"],
    "store": ["xenstore read", "xenstore, 10 reads pipelined", "xenstore write",
              "xenstore transaction of one write"],
    "grants": ["grant and end"],
}
N = r"[\d.]+"
FIGURES = rf": {N} ns \(p5 {N}, p95 {N}, p99 {N}, max {N}, n \d+\)$"
for part, lines in PARTS.items():
    r = m.xl("create", "-F", "-q", m.app("evbench"), f'name="{part}"', f'extra="{part}"')
    is_(r.returncode, 0, f"{part} ends well")
    for line in lines:
        like(m.console_log(part), "^" + re.escape(line) + FIGURES, line)

r = m.xl("create", "-F", "-q", m.app("evbench"), 'name="fifo"', 'extra="fifo 5000"')
is_(r.returncode, 0, "fifo ends well")
like(m.console_log("fifo"), r"^fifo: (\d+) ports up to 5000, \1 delivered, 0 out of order$",
     "in order of priority")

m.must("create", "-q", m.app("evbench"), 'name="ping"', 'extra="ping 500"')
m.wait_for(lambda: "waits for pong" in m.console_log("ping"), "ping to wait")
domid = m.must("domid", "ping").strip()
m.must("create", "-q", m.app("evbench"), 'name="pong"', f'extra="pong {domid}"')
m.wait_for(lambda: "exit: " in m.console_log("ping"), "ping to end")
like(m.console_log("ping"), r"^inter-domain round trip" + FIGURES, "two domains")
like(m.console_log("ping"), r"^exit: 0$", "to the end")
m.must("destroy", "pong")

for extra, why in (("nonsense", "^usage: "), ("pong", "pong needs the number"),
                   ("store no/such/node", "no/such/node: error -2")):
    r = m.xl("create", "-F", "-q", m.app("evbench"), 'name="bad"', f'extra="{extra}"')
    is_(r.returncode != 0, True, f"{extra!r} is an error")
    like(m.console_log("bad"), why, "which says why")
done(m)
