# SPDX-License-Identifier: ISC
"""The guest's side of xenstore: tests/guests/xenbus' own TAP, requests to shut
down, exit codes, floods."""
import os
import re
import shutil
import socket
import struct
import subprocess

from midge import Midge, bail, done, is_, like, ok, tap_guest

m = Midge()
if not shutil.which("xenstore-write"):
    bail("xenstore-write is missing: install package xenstore-utils (make deps)")
app = m.app("xenbus")
m.env["XENSTORED_PATH"] = os.path.join(m.run_dir, "xenstored", "socket")


def xs(tool, *args):
    r = subprocess.run(["xenstore-" + tool, *args], env=m.env, timeout=60,
                       stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                       stderr=subprocess.PIPE, universal_newlines=True)
    return r.stdout.rstrip("\n") if r.returncode == 0 else None


def home(name):
    return "/local/domain/" + m.must("domid", name).strip()


def start(name, extra, ready):
    """A guest that has got as far as to print (ready); its home."""
    m.must("create", "-q", app, f'name="{name}"', f'extra="{extra}"')
    m.wait_for(lambda: ready in m.console_log(name), f"{name}: {ready}")
    return home(name)


def gone(name):
    m.wait_for(lambda: name not in m.names(), f"the end of {name}")


# --- all of xenbus, from inside -------------------------------------------------
r = tap_guest(m, app)

# --- a list that no message can hold ----------------------------------------------
p = m.popen("create", "-q", "-p", "-F", app, 'name="list"', 'extra="list 3000"',
            stdout=subprocess.DEVNULL)
m.wait_for(lambda: "list" in m.names(), "domain list")
many = home("list") + "/data/many"
for i in range(0, 3000, 250):
    xs("write", *[w for k in range(i, i + 250) for w in (f"{many}/child-{k}", "")])
domid = many.split("/")[3]
xs("chmod", "-r", many, f"n{domid}")
m.must("unpause", "list")
is_(p.wait(60), 0, "3,000 children are listed")
like(m.console_log("list"), r"^3000 names are right$", "each of them once")

# --- flooded from outside ------------------------------------------------------------
flood = start("flood", "flood", "watching") + "/data/flood"
c = socket.socket(socket.AF_UNIX)
c.connect(m.env["XENSTORED_PATH"])
NODES, ROUNDS = 500, 20
for i in range(ROUNDS):
    for k in range(NODES):
        body = f"{flood}/{k}\0{i}".encode()
        c.sendall(struct.pack("<IIII", 11, k, 0, len(body)) + body)
    left = NODES * (16 + 3)  # "OK" to each
    while left:
        left -= len(c.recv(min(left, 65536)))
c.close()
is_(xs("write", f"{flood}/stop", "1"), "", "and its end")
gone("flood")
like(m.console_log("flood"), r"^flooded: \d+ events told$", "the guest sees the end of it")
told = int(re.search(r"flooded: (\d+)", m.console_log("flood")).group(1))
ok(1 <= told <= NODES * ROUNDS + 2, f"at most what was written was told: {told}")

# --- the exit code ---------------------------------------------------------------------
w = subprocess.Popen(["stdbuf", "-oL", "xenstore-watch", "-n", "1000", "/local/domain"],
                     env=m.env, stdout=subprocess.PIPE, universal_newlines=True)
w.stdout.readline()
r = m.xl("create", "-q", "-F", m.app("hello"), 'name="code"', 'extra="--exit 77"')
is_(r.returncode, 77, "xl has the exit code")
for line in w.stdout:
    if line.rstrip().endswith("/data/exit-code"):
        break
ok(True, "which the guest wrote to data/exit-code")
w.kill()
w.wait()

# --- xenstore lost: nothing hangs -------------------------------------------------------
for how in ("deaf", "request", "answer"):
    r = m.xl("create", "-q", "-F", app, f'name="{how}"', f'extra="broken {how}"')
    is_(r.returncode, 6, f"{how}: the guest ends all the same")

# --- asked to end -------------------------------------------------------------------------
for how, extra, ready in (("poweroff", "sleep", "sleeping"), ("halt", "sleep", "sleeping"),
                          ("poweroff", "spin", "spinning")):
    h = start("asked", extra, ready)
    m.wait_for(lambda: xs("read", h + "/control/feature-reboot") == "1", "features")
    is_(xs("read", h + "/control/feature-poweroff"), "1", f"{how}, {extra}: announced")
    xs("write", h + "/control/shutdown", how)
    gone("asked")
    like(m.console_log("asked"), f"^midge: {how} requested$", "it says so, and ends")

m.must("create", "-p", "-q", app, 'name="early"', 'extra="sleep"')
xs("write", home("early") + "/control/shutdown", "poweroff")
m.must("unpause", "early")
gone("early")
ok(True, "asked before it had begun")

h = start("again", "sleep", "sleeping")
xs("write", h + "/control/shutdown", "reboot")
m.wait_for(lambda: "again" in m.names() and home("again") != h, "the reboot")
like(m.console_log("again"), "^midge: reboot requested$", "reboot is served")
m.must("destroy", "again")

h = start("picky", "sleep", "sleeping")
for what in ("suspend", "dance", "x" * 1000):
    xs("write", h + "/control/shutdown", what)
    m.wait_for(lambda: xs("read", h + "/control/shutdown") == "", "the acknowledgement")
    shown = what[:32]
    m.wait_for(lambda: f'asks for: "{shown}"' in m.console_log("picky"), "the refusal")
    ok(True, f"{shown} is acknowledged and refused in a line")
is_("picky" in m.names(), True, "and the guest lives on")
for _ in range(200):
    xs("write", h + "/control/shutdown", "")
xs("rm", h + "/control/shutdown")
xs("write", h + "/control/shutdown", "poweroff")  # not the guest's to write any more
gone("picky")
ok(True, "until it is asked for what it can, if by a node that it cannot write")

# --- hooks ---------------------------------------------------------------------------------
h = start("hook", "hook end", "waiting to be asked")
xs("write", h + "/control/shutdown", "poweroff")
gone("hook")
like(m.console_log("hook"), "^hook: reason 0$", "a hook is called")
ok("removed hook" not in m.console_log("hook"), "a removed one is not")

p = m.popen("create", "-q", "-F", app, 'name="main"', 'extra="hook main"', 'on_reboot="destroy"',
            stdout=subprocess.DEVNULL)
m.wait_for(lambda: "waiting to be asked" in m.console_log("main"), "main")
xs("write", home("main") + "/control/shutdown", "reboot")
p.wait(60)
log = m.console_log("main")
like(log, "^hook: reason 1$", "a hook leaves the end to main()")
like(log, "^main ends\nexit: 5$", "which returns")
gone("main")

done(m)
