# SPDX-License-Identifier: ISC
"""The daemon defends itself: its sandbox, its sockets, its run directory."""
import os
import resource
import shutil
import subprocess
from midge import B, HV, PATIENCE, XL, Midge, done, is_, like, ok, skip

NOBODY = 65534


def status(pid):
    """/proc/PID/status of each thread."""
    found = []
    for task in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{task}/status") as f:
            found.append(dict(line.rstrip("\n").split(":\t", 1) for line in f if ":\t" in line))
    return found


def children(pid):
    with open(f"/proc/{pid}/task/{pid}/children") as f:
        return [int(p) for p in f.read().split()]


# --- what it holds ---------------------------------------------------------------------------
# Whoever starts it may wait for the end of what it says; nothing keeps that open.
m = Midge()
for options in ([], ["--no-sandbox"]):
    r = subprocess.run([HV, "--run-dir", m.run_dir, *options], stdin=subprocess.DEVNULL, env=m.env,
                       stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=PATIENCE)
    is_((r.returncode, r.stdout, r.stderr), (0, b"", b""), f"it starts and lets go {options}")
    m.stop()

# --- what it gives up -----------------------------------------------------------------------
m.must("create", "-q", "-p", m.app("hello"))
pid = m.daemon_pid()
threads = status(pid)
ok(len(threads) > 3, f"{len(threads)} threads")
is_({(t["Seccomp"], t["Seccomp_filters"], t["NoNewPrivs"], t["Umask"]) for t in threads},
    {("2", "1", "1", "0077")}, "all with one filter, no new privileges, umask 077")
others = {}
for child in children(pid):
    s = status(child)[0]
    others.setdefault(s["Name"], []).append((s["Seccomp"], s["Seccomp_filters"], s["NoNewPrivs"]))
is_(others.get("midge-starter"), [("0", "0", "1")], "a process that starts others, without a filter")
is_(sorted(others.get("midge-guest", [])), [("0", "0", "1"), ("2", "1", "1")],
    "a zygote without, a domain with one filter: its own, not the daemon's")
with open(f"/proc/{children(pid)[0]}/oom_score_adj") as f:
    starter_oom = f.read()
with open(f"/proc/{pid}/oom_score_adj") as f:
    is_(starter_oom, f.read(), "the starter is no more expendable than the daemon")
guest = m.domains()[0]["midge"]["pid"]
with open(f"/proc/{guest}/oom_score_adj") as f:
    is_(f.read(), "500\n", "the domain is")
like(m.must("info"), r"^midge_sandbox +: system calls(, files \(landlock \d+\)|; not files: .*landlock)$",
     "xl info says so")

# --- what limits the number of guests ---------------------------------------------------------
like(m.must("info"), r"^midge_more_guests +: \d+ \(first limit: [^;]+; to change: .+\)$",
     "xl info tells how many more guests fit")
few = Midge()
resource.setrlimit(resource.RLIMIT_NOFILE, (80, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
soft = few.must("info", "midge_limit_open_files")
ok(int(soft.split()[0]) > 80, f"a soft limit is raised: {soft.strip()}")
few.stop()
code = f"""
import os, resource, sys
resource.setrlimit(resource.RLIMIT_NOFILE, (80, 80))
os.execv({HV!r}, [{HV!r}, "--run-dir", {few.run_dir!r}])
"""
subprocess.run(["python3", "-c", code], env=few.env, timeout=PATIENCE, stdin=subprocess.DEVNULL)
like(few.must("info", "midge_more_guests"), r"^\d+ \(first limit: open files; to change: ulimit -Hn",
     "with few descriptors those come first")
room, n = int(few.must("info", "midge_more_guests").split()[0]), 0
while n < 80:
    r = few.xl("create", "-q", "-p", few.app("hello"), f'name="x{n}"')
    if r.returncode:
        break
    n += 1
ok(room <= n < 80, f"{n} guests, {room} promised")
like(r.stderr, r"open files \(80\), raised by: ulimit -Hn|no descriptor left; raise the limit of open files \(ulimit -n\)",
     "the create that fails names the limit, its value and what lifts it")
few.stop()
few.cleanup()

# --- whom it serves ---------------------------------------------------------------------------
ASK = """
import socket, sys
s = socket.socket(socket.AF_UNIX)
s.connect(sys.argv[1])
s.sendall(bytes.fromhex(sys.argv[2]))
print(len(s.recv(4096)))
"""
hello = b'{"id":1,"op":"hello","version":1}'
ASKED = {"control.sock": (len(hello).to_bytes(4, "little") + hello).hex(),
         # XS_GET_DOMAIN_PATH (10), request 1, of domain 0
         "xenstored/socket": (bytes([10, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0]) + b"0\0").hex()}


def ask(name, user):
    return subprocess.run(["python3", "-c", ASK, os.path.join(m.run_dir, name), ASKED[name]],
                          user=user, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          universal_newlines=True, timeout=PATIENCE)


for name in ASKED:
    r = ask(name, None)
    ok(r.returncode == 0 and int(r.stdout) > 0, f"{name} answers us")
if os.getuid():
    skip("another user is not served", "only root can become another user")
else:
    for name in ASKED:
        like(ask(name, NOBODY).stderr, "PermissionError", f"{name}: out of reach for others")
    # Even with the doors wide open, who comes in is asked for his name.
    os.chmod(m.dir, 0o755)
    for name in ("", "xenstored", *ASKED):
        os.chmod(os.path.join(m.run_dir, name), 0o777)
    for name in ASKED:
        r = ask(name, NOBODY)
        ok(r.stdout in ("", "0\n") and "PermissionError" not in r.stderr,
           f"{name}: another user gets no answer: {r.stdout!r}")
        r = ask(name, None)
        ok(r.returncode == 0 and int(r.stdout) > 0, f"{name} answers us still")
    os.chmod(m.run_dir, 0o700)

# --- without --------------------------------------------------------------------------------
m.stop()
r = subprocess.run([HV, "--run-dir", m.run_dir, "--no-sandbox"], env=m.env, timeout=PATIENCE,
                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, universal_newlines=True)
is_((r.returncode, r.stderr), (0, ""), "--no-sandbox")
is_(m.must("info", "midge_sandbox"), "off (--no-sandbox)\n", "xl info says that, too")
is_({t["Seccomp"] for t in status(m.daemon_pid())}, {"0"}, "there is no filter")
r = m.xl("create", "-c", m.app("hello"))
is_(r.returncode, 0, "domains run without it")
m.stop()

# --- the run directory ------------------------------------------------------------------------
def refused(path, pattern, what, **kw):
    r = subprocess.run([HV, "--run-dir", path], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                       universal_newlines=True, timeout=PATIENCE, env=m.env, **kw)
    ok(r.returncode == 1 and r.stderr.count("\n") == 1, f"{what}: refused in one line: {r.stderr!r}")
    like(r.stderr, pattern, f"{what}: it says why")


bad = os.path.join(m.dir, "bad")
os.mkdir(bad)
os.chmod(bad, 0o777)
refused(bad, f"^midge-hv: run directory {bad} can be written to by group or others; chmod go-w",
        "a directory that all can write to")
os.chmod(bad, 0o700)
os.symlink("/etc", os.path.join(bad, "console"))
refused(bad, f"{bad}/console is a symbolic link", "a symbolic link within")
os.unlink(os.path.join(bad, "console"))
os.symlink("/etc/passwd", os.path.join(bad, "lock"))
refused(bad, f"{bad}/lock", "a symbolic link for a lock")
os.unlink(os.path.join(bad, "lock"))
os.symlink(bad, os.path.join(m.dir, "link"))
refused(os.path.join(m.dir, "link"), "is a symbolic link", "a symbolic link")
refused(os.path.join(m.dir, "x" * 120), r"too long for the sockets in it \(\d+ bytes, the limit is 94\); set MIDGE_RUN", "a long name")
refused(os.path.join(m.dir, "no", "where"), "No such file", "a parent that is not there")
os.mkdir(os.path.join(bad, "control.sock"))
refused(bad, "control.sock", "a directory in the socket's place")
os.rmdir(os.path.join(bad, "control.sock"))
if os.getuid() == 0:
    os.mkdir(os.path.join(bad, "xenstored"))
    os.chown(os.path.join(bad, "xenstored"), NOBODY, NOBODY)
    refused(bad, "xenstored.*another user", "a socket's directory that is somebody else's")
    os.rmdir(os.path.join(bad, "xenstored"))
    os.chown(bad, NOBODY, NOBODY)
    refused(bad, f"run directory {bad} belongs to another user; set MIDGE_RUN",
            "a directory that is somebody else's")
shutil.rmtree(bad)

# --- as nobody in particular ------------------------------------------------------------------
def may_run(path):
    """Whether another user can: he needs all folders above it."""
    return subprocess.run(["test", "-x", path], user=NOBODY, group=NOBODY).returncode == 0


if os.getuid() or not may_run(HV):
    skip("without privileges", "this is not root's, or not for others to run")
else:
    own = os.path.join(m.dir, "nobody")
    os.mkdir(own)
    os.chown(own, NOBODY, NOBODY)
    r = subprocess.run([XL, "create", "-c", m.app("hello")], user=NOBODY, group=NOBODY,
                       extra_groups=[], env=dict(m.env, MIDGE_RUN=own), stdin=subprocess.DEVNULL,
                       stdout=subprocess.PIPE, stderr=subprocess.PIPE, universal_newlines=True,
                       timeout=PATIENCE)
    ok(r.returncode == 0 and "exit: 0" in r.stdout, f"another user's daemon runs a domain: {r.returncode}")
    with open(os.path.join(own, "midge-hv.log")) as f:
        ok("sandbox" not in f.read().replace(B, ""), "its sandbox was wide enough")
    r = subprocess.run([HV, "--run-dir", own, "--stop"], user=NOBODY, group=NOBODY, timeout=PATIENCE)
    is_(r.returncode, 0, "it stops")
done(m)
