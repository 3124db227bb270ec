# SPDX-License-Identifier: ISC
"""Domain ids that are used again: in rotation, nothing inherited, none leaked."""
import re
import subprocess
from midge import HV, PATIENCE, Midge, done, is_, like, ok

ENDS = ("extra='poweroff'",)


def events(m, name, arguments):
    return m.cfg(f'name = "{name}"\ntype = "pv"\nmemory = 8\n'
                 f'kernel = "{m.image("events")}"\nextra = "{arguments}"\n',
                 name + ".cfg")


# --- all ids taken ------------------------------------------------------------
m = Midge()
m.start("--domids", "5-9")
r = m.swarm("-k", 6, m.app("ticker"))
is_(r.domids, [5, 6, 7, 8, 9], "ids from the range")
like(r.stderr, r"^midge-swarm: all 5 domain ids \(5 to 9\) are taken; destroy a domain, or",
     "the sixth domain is told that they are all taken")
is_(m.must("info", "midge_more_guests").split(";")[0], "0 (first limit: domain ids",
    "xl info says so, too")
m.must("destroy", "7")
r = m.xl("create", m.app("hello"), "name='last'", "extra='--block'")
is_((r.returncode, m.must("domid", "last")), (0, "7\n"), "an id that came free is given")

# --- ports and grants for a domain that is gone ---------------------------------
for d in (5, 6, 7, 8, 9):
    m.must("destroy", d)
is_(m.swarm(2, m.app("ends"), *ENDS).domids, [8, 9], "in rotation")
m.must("create", "-q", "-p", events(m, "old", "listen 1"))
is_(m.must("domid", "old"), "5\n", "from the beginning again")
m.must("create", "-q", events(m, "listener", "listen 5"))
granter = m.popen("create", "-c", m.app("grants"), stdin=subprocess.PIPE,
                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def ask(guest, text, answer):
    """Types (text), when there is one; the next line that matches (answer)."""
    if text:
        guest.stdin.write(text + "\n")
        guest.stdin.flush()
    for line in guest.stdout:
        found = re.match(answer, line.strip())
        if found:
            return found
    return None


ask(granter, None, "ready")
ref = ask(granter, "grant 5 rw secret", r"grant (\d+)$").group(1)
m.wait_for(lambda: "listening on port" in m.console_log("listener"), "a port")
port = re.search(r"listening on port (\d+)", m.console_log("listener")).group(1)
m.must("destroy", "old")
is_(m.swarm(2, m.app("ends"), *ENDS).domids, [8, 9], "the listener has 6, the granter 7")
caller = m.xl("create", "-c", events(m, "caller", f"connect 6 {port}"))
like(caller.stdout, r"bind_interdomain: error -22", "a port for the old 5 is not for the next")
is_(m.swarm(2, m.app("ends"), *ENDS).domids, [8, 9], "who had id 5")
thief = m.popen("create", "-c", m.app("grants"), "name='thief'", stdin=subprocess.PIPE,
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
ask(thief, None, "ready")
is_(m.must("domid", "thief"), "5\n", "another one has it")
is_(ask(thief, f"pull 7 {ref} 0 8", "pull (-.*)$").group(1), "-1 nothing",
    "a grant to the old 5 is not for it")
new = ask(granter, "grant 5 rw welcome", r"grant (\d+)$").group(1)
is_(ask(thief, f"pull 7 {new} 0 8", r"pull (0 .*)$").group(1), "0 welcome", "a new one is")
for guest in (thief, granter):
    ask(guest, "quit", "exit: 0")
    is_(guest.wait(timeout=PATIENCE), 0, "it ends well")
m.must("destroy", "listener")

# --- many times round -------------------------------------------------------------
m.must("create", "-q", m.app("ticker"), "name='stays'")
stays = int(m.must("domid", "stays"))
r = m.swarm(500, m.app("ends"), *ENDS)
is_(r.returncode, 0, "500 domains one after the other, with four of the five ids: " + r.stderr)
ok(stays not in r.domids, "none has the id of the one that stays")
is_(sorted(set(r.domids)), sorted({5, 6, 7, 8, 9} - {stays}), "all have one of the others'")
ok(not [a for a, b in zip(r.domids, r.domids[1:]) if a == b], "never the same twice in a row")
m.must("destroy", "stays")
stopped = m.stop()
is_(stopped.returncode, 0, "the daemon stops")

for what in ("0-5", "7-6", "1-32752", "5", "a-b", "1-", ""):
    r = subprocess.run([HV, "--run-dir", m.run_dir, "--domids", what], stderr=subprocess.PIPE,
                       universal_newlines=True, timeout=PATIENCE)
    ok(r.returncode == 2 and re.match(
        f"midge-hv: --domids {what}: must be two numbers A-B, 1 <= A <= B <= 32751$",
        r.stderr.strip()), f"--domids '{what}' is refused")
done(m)
