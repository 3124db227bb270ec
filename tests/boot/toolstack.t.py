# SPDX-License-Identifier: ISC
"""list, console, pause, destroy and friends on living domains."""
import json
import os
import pty
import re
import select
import subprocess
from midge import PATIENCE, XL, Midge, done, is_, like, ok

m = Midge()
bench = m.app("bench")

r = m.xl("list")
is_(r.stdout.splitlines()[0],
    "Name                                        ID   Mem VCPUs\tState\tTime(s)",
    "xl list: Xen's header")

m.must("create", bench, 'name="idle"', 'extra="block"')
m.must("create", bench, 'name="busy"', 'extra="spin"')
is_(sorted(m.names()), ["busy", "idle"], "both are listed")
m.wait_for(lambda: m.state("idle") == "-b----", "idle to block")
ok(True, "an idle guest is blocked")
m.wait_for(lambda: m.state("busy") == "r-----", "busy to run")
ok(True, "a busy guest is running")
like(m.must("list", "idle"), r"^idle +\d+ +8 +1\s+-b----\s+\d+\.\d$", "row: name, id, memory, vcpus, state, time")

domid = m.must("domid", "idle").strip()
ok(domid.isdigit() and int(domid) > 0, "xl domid")
is_(m.must("domname", domid).strip(), "idle", "xl domname")
full = json.loads(m.must("list", "-l"))
ok(any("idle" in json.dumps(d) for d in full), "xl list -l is JSON and has it")
like(m.must("list", "-v"), r"^idle .*[0-9a-f]{8}-[0-9a-f]{4}-", "xl list -v shows the UUID")

is_(m.xl("pause", "busy").returncode, 0, "xl pause")
like(m.state("busy"), r"^..p---$", "it is paused")
is_(m.xl("unpause", "busy").returncode, 0, "xl unpause")
m.wait_for(lambda: m.state("busy") == "r-----", "busy to run again")
ok(True, "it runs again")

r = m.xl("create", "-p", m.app("hello"), 'name="shy"')
is_(r.returncode, 0, "xl create -p")
like(m.state("shy"), r"^..p---$", "it is paused from the start")
is_(m.console_log("shy"), "", "and has said nothing")
p = m.popen("console", "shy", stdin=subprocess.PIPE, stdout=subprocess.PIPE)


def has_terminal(pid):
    try:
        return any("/dev/pts/" in os.readlink(f"/proc/{pid}/fd/{fd}")
                   for fd in os.listdir(f"/proc/{pid}/fd") if int(fd) > 2)
    except OSError:  # closed while we looked
        return False


m.wait_for(lambda: has_terminal(p.pid), "xl console to attach")
m.must("unpause", "shy")
out, _ = p.communicate(timeout=60)
like(out, r"Hello from Midge", "xl console shows it once it runs")

# Console input, through a terminal as a person would have it.
m.must("create", m.app("hello"), 'name="echo"', 'extra="--echo"')
leader, follower = pty.openpty()
p = subprocess.Popen([XL, "console", "echo"], env=m.env, stdin=follower,
                     stdout=follower, stderr=follower)
os.close(follower)
seen = b""


def read_until(pattern):
    global seen
    while not re.search(pattern, seen):
        if not select.select([leader], [], [], PATIENCE)[0]:
            break
        try:
            chunk = os.read(leader, 4096)
        except OSError:
            break
        if not chunk:
            break
        seen += chunk
    return re.search(pattern, seen)


ok(read_until(rb"Hello from Midge"), "a console attached later shows the backlog")
os.write(leader, b"knock\r")
ok(read_until(rb"echo: knock"), "what is typed reaches the guest and comes back")
os.write(leader, b"moX\x7ftor\r")
ok(read_until(rb"echo: motor"), "Backspace takes a character back")
os.write(leader, b"\x1d")
is_(p.wait(timeout=60), 0, "Ctrl-] leaves the console")
ok("echo" in m.names(), "the guest lives on")
os.close(leader)

# Linux continues a timed wait after SIGCONT by a system call of its own.
m.must("create", bench, 'name="nap"', 'extra="nap"')
m.wait_for(lambda: m.state("nap") == "-b----", "nap to sleep")
for _ in range(5):
    m.must("pause", "nap")
    m.must("unpause", "nap")
m.wait_for(lambda: m.state("nap") in ("-b----", None), "nap to sleep again")
is_(m.state("nap"), "-b----", "a guest in a timed wait outlives pause and unpause")
m.must("destroy", "nap")

is_(m.xl("destroy", "busy").returncode, 0, "xl destroy by name")
is_(m.xl("destroy", domid).returncode, 0, "xl destroy by id")
is_(m.xl("destroy", "echo").returncode, 0, "xl destroy of the third")
is_(m.names(), [], "all are gone")

like(m.must("info"), r"^release +: ", "xl info: Xen's form")
like(m.must("info"), r"process", "xl info: names the process engine")
like(m.must("help"), r"\bcreate\b", "xl help")

# Two at once start one daemon.
is_(m.stop().returncode, 0, "stop the daemon")
ps = [m.popen("create", "-q", m.app("bench"), f'name="race{i}"', 'extra="block"',
              stdout=subprocess.PIPE, stderr=subprocess.PIPE) for i in range(8)]
outs = [p.communicate(timeout=60) for p in ps]
is_([p.returncode for p in ps], [0] * 8, "eight creates racing to start the daemon all succeed")
is_(sorted(m.names()), [f"race{i}" for i in range(8)], "all eight run under one daemon")
done(m)
