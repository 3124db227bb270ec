# SPDX-License-Identifier: ISC
"""Xenstore with Debian's stock tools (package xenstore-utils) on our socket."""
import os
import re
import shutil
import socket
import struct
import subprocess
import sys

from midge import B, TOP, Midge, bail, done, is_, like, ok, skip

m = Midge()
if not shutil.which("xenstore-ls"):
    bail("xenstore-ls is missing: install package xenstore-utils (make deps)")
hello = m.app("hello")
sock = os.path.join(m.run_dir, "xenstored", "socket")
m.env["XENSTORED_PATH"] = sock


def xs(tool, *args):
    return subprocess.run(["xenstore-" + tool, *args], env=m.env, timeout=60,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, universal_newlines=True)


def xs_out(tool, *args):
    r = xs(tool, *args)
    if r.returncode:
        return f"exit {r.returncode}: {r.stderr.strip()}"
    return r.stdout.rstrip("\n")


m.must("create", "-p", "-q", hello, 'name="one"', "memory=16")
one = m.domains()[0]["domid"]
home = f"/local/domain/{one}"

# --- what libxl's users expect to find ---------------------------------------
tree = xs_out("ls", "-f", "-p", home)
for node, value, perms in (
        ("name", "one", f"n0,r{one}"),
        ("domid", str(one), f"n0,r{one}"),
        ("memory/target", "16384", f"n0,r{one}"),
        ("memory/static-max", "16384", f"n0,r{one}"),
        ("console/port", "2", f"n0,r{one}"),
        ("console/type", "xenconsoled", f"n0,r{one}"),
        ("console/limit", "1048576", f"n0,r{one}"),
        ("console/tty", "", "n0"),
        ("store/port", "1", f"n0,r{one}"),
        ("control/shutdown", "", f"n{one}"),
        ("data", "", f"n{one}")):
    like(tree, rf'^{home}/{node} = "{value}" +\({perms}\)$', f"{node} and who may use it")
like(xs_out("read", f"{home}/store/ring-ref"), r"^\d+$", "the ring's frame")
vm = xs_out("read", f"{home}/vm")
like(vm, r"^/vm/[0-9a-f]{8}-[0-9a-f-]{27}$", "the vm path")
is_(xs_out("read", f"{vm}/name"), "one", "where the name is, too")
is_(xs_out("list", "/local/domain").split(), ["0", str(one)], "xenstore-list")
is_(xs_out("read", "name"), "Domain-0", "clients speak for domain 0")
env = dict(m.env, XENSTORED_RUNDIR=os.path.dirname(sock))
del env["XENSTORED_PATH"]
r = subprocess.run(["xenstore-read", f"{home}/name"], env=env, timeout=60,
                   stdout=subprocess.PIPE, universal_newlines=True)
is_(r.stdout, "one\n", "XENSTORED_RUNDIR does as well")

# --- the other tools -------------------------------------------------------------
is_(xs_out("write", "/test/a/b", "hello", "/test/c", "1"), "", "xenstore-write")
is_(xs_out("read", "/test/a/b", "/test/c"), "hello\n1", "xenstore-read")
is_(xs("exists", "/test/a/b").returncode, 0, "xenstore-exists: yes")
is_(xs("exists", "/test/a/x").returncode, 1, "xenstore-exists: no")
is_(xs_out("chmod", "/test/a/b", "n0", f"r{one}"), "", "xenstore-chmod")
like(xs_out("ls", "-p", "/test/a"), rf"b = .*\(n0,r{one}\)", "as xenstore-ls -p shows")
is_(xs_out("rm", "/test/a"), "", "xenstore-rm")
like(xs("read", "/test/a/b").stderr, "couldn't read", "what is gone cannot be read")
xs("rm", "/test")

is_(xs_out("write", "/test/d/1", "a", "/test/d/2", "b"), "", "two values at once")
is_(xs_out("ls", "/test"), 'd = ""\n 1 = "a"\n 2 = "b"', "xenstore-ls")
is_(xs_out("ls", "-f", "/test/d"), '/test/d/1 = "a"\n/test/d/2 = "b"', "xenstore-ls -f")
is_(xs_out("read", "-p", "/test/d/1"), "/test/d/1: a", "xenstore-read -p")
is_(xs_out("list", "-p", "/test/d"), "/test/d/1\n/test/d/2", "xenstore-list -p")
is_(xs_out("chmod", "-r", "/test/d", "n0", f"b{one}"), "", "xenstore-chmod -r")
like(xs_out("ls", "-f", "-p", "/test/d"), rf"^/test/d/2 = .*\(n0,b{one}\)$", "all below as well")
is_(xs_out("chmod", "-u", "-r", "/test/d/1", "n0"), "", "xenstore-chmod -u")
is_(xs_out("write", "/test/bytes", r"a\x00\\\x7f"), "", "any bytes are a value")
is_(xs_out("read", "/test/bytes"), r"a\000\\\x7f", "and come back")
is_(xs_out("rm", "-t", "/test/d/1"), "", "xenstore-rm -t")
is_(xs("exists", "/test/d/2").returncode, 0, "stops where something is left")
is_(xs_out("rm", "/test/none"), "", "what is missing is as good as removed")
like(xs("rm", "/none/none").stderr, "could not remove", "but not without its directory")
like(xs("write", "/a//b", "x").stderr, "could not write", "a bad path")
ok(xs("chmod", "/test", "x9").returncode != 0, "bad permissions")
xs("rm", "/test")

# --- a directory that one message cannot hold --------------------------------------
for i in range(0, 2000, 100):
    xs("write", *[w for k in range(i, i + 100) for w in (f"/big/child-{k:04}", "")])
names = xs_out("list", "/big").split()
is_((len(names), names[:1], names[-1:]), (2000, ["child-0000"], ["child-1999"]),
    "2,000 children, in parts")
xs("rm", "/big")

# --- events ----------------------------------------------------------------------------
w = subprocess.Popen(["stdbuf", "-oL", "xenstore-watch", "-n", "3", "@introduceDomain",
                      "@releaseDomain"], env=m.env, stdout=subprocess.PIPE,
                     universal_newlines=True)
first = [w.stdout.readline().strip() for _ in range(2)]
is_(sorted(first), ["@introduceDomain", "@releaseDomain"], "xenstore-watch: registered")
m.must("create", "-p", "-q", hello, 'name="two"')
is_(w.stdout.readline().strip(), "@introduceDomain", "a domain comes")
w.wait(60)
w = subprocess.Popen(["stdbuf", "-oL", "xenstore-watch", "-n", "3", "@releaseDomain",
                      f"{home}/name"], env=m.env, stdout=subprocess.PIPE,
                     universal_newlines=True)
first = [w.stdout.readline().strip() for _ in range(2)]
m.must("rename", "one", "uno")
is_(w.stdout.readline().strip(), f"{home}/name", "a rename is seen")
w.wait(60)
is_(xs_out("read", f"{home}/name", f"{vm}/name"), "uno\nuno", "in both places")
w = subprocess.Popen(["stdbuf", "-oL", "xenstore-watch", "-n", "2", "@releaseDomain"],
                     env=m.env, stdout=subprocess.PIPE, universal_newlines=True)
w.stdout.readline()
m.must("destroy", "two")
is_(w.stdout.readline().strip(), "@releaseDomain", "a domain goes")
w.wait(60)
is_(xs_out("list", "/local/domain").split(), ["0", str(one)], "with its nodes")
is_(len(xs_out("list", "/vm").split()), 1, "all of them")

# --- what the README says -------------------------------------------------------------
with open(os.path.join(TOP, "README.md")) as f:
    block = f.read().split("\n## xenstore\n")[1].split("```")[1]
lines = re.findall(r"^\$ (.*)", block, re.M)
env = dict(m.env, PATH=os.path.join(B, "bin") + ":" + m.env["PATH"])
del env["XENSTORED_PATH"]
like(lines[0], "^export XENSTORED_PATH=", "README: where the socket is")
for line in lines[1:]:
    p = subprocess.Popen(["stdbuf", "-oL", "sh", "-c", f"{lines[0]}\nexec {line}"], env=env,
                         stdout=subprocess.PIPE, universal_newlines=True)
    want = "@introduceDomain" if "watch" in line else "/local/domain/0"
    got = p.stdout.readline()
    ok(got.startswith(want), f"README: {line}")
    p.stdout.close()
    p.terminate()
    p.wait(60)

# --- the exit code -------------------------------------------------------------------------
p = m.popen("create", "-q", "-p", "-F", hello, 'name="code"', "extra=\"--exit 3\"",
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
m.wait_for(lambda: "code" in m.names(), "domain code")
code = [d for d in m.domains() if "code" in str(d)][0]["domid"]
# Where the guest's own word cannot get.
xs("write", f"/local/domain/{code}/data/exit-code", "42")
xs("chmod", f"/local/domain/{code}/data/exit-code", "n0")
m.must("unpause", "code")
is_(p.wait(60), 42, "data/exit-code counts before the console's last line")

# --- hostile clients --------------------------------------------------------------------------
c = socket.socket(socket.AF_UNIX)
c.connect(sock)
c.sendall(struct.pack("<IIII", 2, 1, 0, 4097))
is_(c.recv(100), b"", "a message too long ends its sender")
flood = socket.socket(socket.AF_UNIX)
flood.connect(sock)
flood.setblocking(False)
request = struct.pack("<IIII", 2, 1, 0, 6) + b"/tool\0"
sent = 0
try:
    while sent < 50_000_000:
        sent += flood.send(request * 1000)
except BlockingIOError:
    pass
ok(sent < 50_000_000, "a client that does not read is not read from")
is_(xs_out("read", f"{home}/name"), "uno", "while others are served")
flood.close()
cut = socket.socket(socket.AF_UNIX)
cut.connect(sock)
cut.sendall(request[:9])
cut.close()
is_(oct(os.stat(sock).st_mode & 0o777), "0o600", "the socket is ours alone")
is_(xs_out("read", f"{home}/name"), "uno", "still")

m.must("destroy", "uno")

# --- all of that again as an ordinary user ---------------------------------------------------
if os.geteuid() == 0:
    nobody = {"user": 65534, "group": 65534, "extra_groups": [], "cwd": "/"}
    env = {"PATH": "/usr/local/bin:/usr/bin:/bin", "B": B}
    if subprocess.run(["test", "-r", __file__, "-a", "-r", hello], **nobody).returncode:
        skip("as an ordinary user", "that user cannot read this tree")
    else:
        r = subprocess.run(["python3", os.path.abspath(__file__)], env=env, stdout=subprocess.PIPE,
                           stderr=subprocess.STDOUT, universal_newlines=True, **nobody)
        for good, what in re.findall(r"^(ok|not ok) \d+ - (.*)", r.stdout, re.M):
            ok(good == "ok", "as nobody: " + what)
        is_(r.returncode, 0, "an ordinary user can do all of that")
        if r.returncode:
            print("\n".join("# " + l for l in r.stdout.splitlines() if l[:2] != "ok"))
done(m)
