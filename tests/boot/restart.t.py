# SPDX-License-Identifier: ISC
"""Domains that end and come back; names, uuids, holds; the run directory."""
import os
import stat
import subprocess
from control import Control
from midge import HV, PATIENCE, Midge, done, is_, like, ok

m = Midge()
hello = m.app("hello")
m.must("list")
m.must("create", m.app("bench"), 'name="first"', 'extra="block"')
c = Control(m)

# A hello that starts again whenever it is done: most of the time it is between
# two incarnations, of which every one must be found.
a = c.create("again", on_poweroff="restart")
ok(a["ok"], "a domain that restarts on poweroff")
domid, broken, wrong = a["domid"], [], []
for i in range(25):
    w = c.ask("wait", domain=domid)
    if not (w["ok"] and w["action"] == "restart" and w["new_domid"]):
        broken.append(w)
        break
    # The ended one again: the ring remembers its heir.
    again = c.ask("wait", domain=domid)
    if again.get("new_domid") != w["new_domid"]:
        wrong.append(again)
    gone = c.ask("console", domain=domid, write=False)
    if gone.get("error") != "gone":
        wrong.append(gone)
    taken = c.create("again")
    if taken.get("error") != "exists":
        wrong.append(taken)
    row = c.ask("list", domain="again")
    if not row["ok"] or row["domains"][0]["name"] != "again":
        wrong.append(row)
    if "again" not in [d["name"] for d in c.ask("list")["domains"]]:
        wrong.append("missing from the list")
    renamed = c.ask("rename", domain="first", name="again")
    if renamed.get("error") != "exists":
        wrong.append(renamed)
    domid = w["new_domid"]
is_(broken, [], "25 restarts, each `wait' answered with the heir")
is_(wrong, [], "at any time the name is taken and found, the old id gone")
like(m.must("dmesg"), r"again: ended less than a second after its start 10 times",
     "restarting all the time is noticed")

# Now every restart takes 0.1 s: most likely it is in between by now.
w = c.send("wait", domain=domid)
is_(m.xl("destroy", "again").returncode, 0, "destroyed by name while it restarts")
w = c.answer(w)
ok(w["ok"], "the waiter is answered")
is_([d["name"] for d in c.ask("list")["domains"]], ["Domain-0", "first"], "it is gone for good")
a = c.create("again", paused=True)
ok(a["ok"], "its name is free again")
is_(c.ask("destroy", domain="again")["ok"], True, "and gone again")

# By the old id, and a stop in the middle of it comes last.
a = c.create("again", on_poweroff="restart")
domid = a["domid"]
for i in range(12):
    domid = c.ask("wait", domain=domid)["new_domid"] or domid
while c.ask("list", domain="again")["domains"][0]["state"] != "-----d":
    pass
row = c.ask("list", domain="again")["domains"][0]
old = row["domid"]
w = c.send("wait", domain=old)
d = c.ask("destroy", domain=old)
w = c.answer(w)
ok(d["ok"] and w["ok"] and w["new_domid"] is None and w["action"] == "destroy",
   "destroyed by the id of the one that ended; its waiter is told")
if not (d["ok"] and w["ok"]):
    print(f"# {row} {d} {w}")

# Names and uuids.
is_(c.create("Domain-0").get("error"), "invalid", "no domain is called Domain-0")
is_(c.ask("rename", domain="first", name="Domain-0").get("error"), "invalid",
    "nor renamed to it")
uuid = c.ask("list", domain="first")["domains"][0]["uuid"]
a = c.create("second", uuid=uuid, paused=True)
is_(a.get("error"), "exists", "a uuid in use is refused")
like(a.get("message", ""), uuid, "and named")

# Hold.
h = Control(m)
a = h.create("held", paused=True, hold=True)
b = h.create("let-go", paused=True, hold=True)
ok(a["ok"] and b["ok"], "two domains held by their connection")
ok(h.ask("unpause", domain="let-go")["ok"], "one is unpaused")
keep = h.create("kept", paused=True)
ok(keep["ok"], "a third is just paused")
ok(h.ask("wait", domain=b["domid"])["ok"], "the one that ran has ended by itself")
w = c.send("wait", domain=a["domid"])
h.close()
w = c.answer(w)
is_(w.get("reason"), "destroyed", "the held one ends with the connection")
is_(sorted(d["name"] for d in c.ask("list")["domains"]), ["Domain-0", "first", "kept"],
    "the other one stays")

# The run directory.
is_(stat.S_IMODE(os.stat(m.run_dir).st_mode), 0o700, "a run directory is made private")


def start(mode):
    path = os.path.join(m.dir, f"mode{mode:o}")
    os.mkdir(path)
    os.chmod(path, mode)
    p = subprocess.Popen([HV, "--run-dir", path], env=m.env, stderr=subprocess.PIPE,
                         stdout=subprocess.DEVNULL, universal_newlines=True)
    try:
        if mode & 0o022:
            return p.wait(timeout=PATIENCE), p.stderr.read(), path
        m.wait_for(lambda: os.path.exists(os.path.join(path, "control.sock"))
                   or p.poll() is not None, "a daemon in " + path)
        subprocess.run([HV, "--run-dir", path, "--stop"], env=m.env, timeout=PATIENCE,
                       check=True)
        return p.wait(timeout=PATIENCE), "", path
    finally:
        p.kill()


code, text, path = start(0o770)
ok(code != 0 and text.count("\n") == 1, "one that the group can write to is refused")
like(text, r"written to by group or others", "in a line that says so")
is_(stat.S_IMODE(os.stat(path).st_mode), 0o770, "and left alone")
code, text, path = start(0o755)
is_(code, 0, "one that others can only look into is served")
is_(stat.S_IMODE(os.stat(path).st_mode), 0o755, "and its mode stays")

# A daemon that stops while a domain restarts.
a = c.create("last", on_poweroff="restart")
domid = a["domid"]
for i in range(12):
    domid = c.ask("wait", domain=domid)["new_domid"] or domid
c.close()
done(m)
