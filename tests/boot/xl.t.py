# SPDX-License-Identifier: ISC
"""xl itself: arguments, help, descriptors, its run directory, restarts."""
import os
import pty
import re
import select
import shutil
import signal
import subprocess
import tempfile
import threading
from midge import B, PATIENCE, XL, Midge, done, is_, like, ok, skip

m = Midge()
hello, bench = m.app("hello"), m.app("bench")

# --- arguments and help: no daemon is needed --------------------------------
for args, extra in ((("destroy", "a", "b"), "b"), (("info", "a", "b"), "b"),
                    (("dmesg", "foo"), "foo"), (("list", "a", "b"), "b"),
                    (("console", "a", "b"), "b"), (("pause", "a", "b"), "b"),
                    (("domid", "a", "b"), "b"), (("help", "a", "b"), "b")):
    r = m.xl(*args)
    is_((r.returncode, r.stderr),
        (2, f"xl {args[0]}: unexpected argument '{extra}'; see xl help {args[0]}\n"),
        f"xl {' '.join(args)} is refused")
is_(m.xl("destroy").returncode, 2, "one too few is refused with the same code")

for args in (("help",), ("--help",), ("-h",)):
    r = m.xl(*args)
    ok(r.returncode == 0 and "\n create " in r.stdout and not r.stderr,
       f"xl {args[0]} prints help")
r = m.xl("--version")
release = subprocess.run([os.path.join(B, "bin", "midge-hv"), "--version"],
                         stdout=subprocess.PIPE, universal_newlines=True).stdout.split()[-1]
is_((r.returncode, r.stdout), (0, f"xl (Midge) {release}\n"), "xl --version: midge-hv's release")
r = m.xl("--nonsense")
is_((r.returncode, r.stderr), (1, "xl: unknown global option --nonsense; see xl help\n"),
    "an unknown long option")
is_(m.xl("help", "nosuch").returncode, 1, "help on what does not exist fails")
r, s = m.xl("help", "migrate"), m.xl("migrate")
is_((r.returncode, r.stderr), (s.returncode, s.stderr),
    "help on what is missing says what the command says")
ok(not os.path.exists(m.run_dir), "none of these has started a daemon")

# --- closed descriptors -----------------------------------------------------
r = subprocess.run(["sh", "-c", 'exec "$@" <&- >&-', "sh", XL, "create", "-q", "-c",
                    hello, 'extra="--exit 3"'], env=m.env, timeout=PATIENCE,
                   stderr=subprocess.PIPE, universal_newlines=True)
is_((r.returncode, r.stderr), (3, ""), "create -c with standard descriptors closed")
is_(m.xl("list").returncode, 0, "and the daemon is well")

# --- empty root= and extra= -------------------------------------------------
r = m.xl("create", "-n", "-q", hello, 'cmdline="x"')
is_((r.returncode, r.stderr), (0, ""), "cmdline= beside an empty extra= warns of nothing")
like(m.xl("create", "-n", "-q", hello, 'cmdline="x"', 'extra="y"').stderr, "ignored",
     "beside one with text it does")

# --- how it ended -----------------------------------------------------------
p = m.popen("create", "-q", "-F", bench, 'name="victim"', 'extra="block"',
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
m.wait_for(lambda: m.state("victim") == "-b----", "victim to block")
m.must("destroy", "victim")
_, err = p.communicate(timeout=PATIENCE)
is_((p.returncode, err), (137, "xl: the domain was destroyed\n"), "a destroyed domain is said to be")

# --- the hint ---------------------------------------------------------------
m.must("create", "-q", bench, 'name="still"', 'extra="block"')
leader, follower = pty.openpty()
p = subprocess.Popen([XL, "console", "still"], env=m.env, stdin=follower,
                     stdout=subprocess.DEVNULL, stderr=follower)
os.close(follower)
seen = b""
while b"\n" not in seen and select.select([leader], [], [], PATIENCE)[0]:
    seen += os.read(leader, 100)
is_(seen, b"Ctrl-] detaches\r\n", "on a terminal xl console says how to leave")
os.write(leader, b"\x1d")
is_(p.wait(timeout=PATIENCE), 0, "which works")
os.close(leader)
p = m.popen("console", "still", stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE)
p.stdout.readline()  # it is attached
m.must("destroy", "still")
is_(p.communicate(timeout=PATIENCE)[1], "", "elsewhere it does not say so")

# --- -p: a domain that is to stay paused is not held by its xl ---------------
leader, follower = pty.openpty()
p = subprocess.Popen([XL, "create", "-q", "-p", "-c", hello, 'name="kept"'], env=m.env,
                     stdin=follower, stdout=follower, stderr=follower)
os.close(follower)
m.wait_for(lambda: m.state("kept") == "--p---", "kept to be there, paused")
p.kill()
p.wait()
os.close(leader)
like(m.state("kept") or "(gone)", r"^..p---$", "create -p -c: killed, the domain stays paused")
m.must("destroy", "kept")

# --- restarts are followed --------------------------------------------------
p = m.popen("create", "-q", "-c", hello, 'name="again"', 'on_poweroff="restart"',
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
lives = 0
while lives < 5:
    line = p.stdout.readline()
    if not line:
        break
    lives += "Hello from Midge" in line
is_(lives, 5, "create -c shows life after life")


def destroyed():
    """An incarnation may end between two looks: then the next one is tried."""
    m.xl("destroy", "again")
    return p.poll() is not None


out = []
t = threading.Thread(target=lambda: out.append(p.stdout.read()))
t.start()
m.wait_for(destroyed, "the end of a domain that restarts itself")
t.join()
err = p.stderr.read()
ok(not re.search(r"invalid domain|not found|gone", err), "no life in between is an error")
# Destroyed while its next life was due, it has ended by its own poweroff.
ok((p.returncode, err) in ((137, "xl: the domain was destroyed\n"), (0, "")),
   f"and its end is followed too: {p.returncode} {err!r}")
p.stdout.close()
p.stderr.close()

# --- a daemon that hangs, and one that dies ---------------------------------
pid = m.daemon_pid()
os.kill(pid, signal.SIGSTOP)
m.wait_for(lambda: re.search(r"^State:\s+T", open(f"/proc/{pid}/status").read(), re.M), "the daemon to stop")
p = m.popen("list", stdout=subprocess.PIPE, stderr=subprocess.PIPE)
line = p.stderr.readline()
is_(line, f"xl: midge-hv (pid {pid}) has not answered for 5 s; still waiting\n",
    "a daemon that hangs is named")
os.kill(pid, signal.SIGCONT)
out, err = p.communicate(timeout=PATIENCE)
is_((p.returncode, err), (0, ""), "once it goes on, so does xl")
like(out, "^Domain-0", "with the answer")
p = m.popen("create", "-q", "-F", bench, 'name="orphan"', 'extra="block"',
            stdin=subprocess.DEVNULL, stderr=subprocess.PIPE)
m.wait_for(lambda: m.state("orphan") == "-b----", "orphan to block")
os.kill(pid, signal.SIGKILL)
_, err = p.communicate(timeout=PATIENCE)
is_((p.returncode, err),
    (1, f"xl: midge-hv closed the connection; see {m.run_dir}/midge-hv.log\n"),
    "when the daemon dies its log is named")
m.wait_for(lambda: m.processes() == [], "its guests to end")

# --- without XDG_RUNTIME_DIR ------------------------------------------------
if os.geteuid() != 0 or os.path.exists("/run/user/65534"):
    skip("an ordinary user's run directory", "needs root, and a user without a session")
elif os.path.lexists("/tmp/midge-65534"):
    skip("an ordinary user's run directory", "/tmp/midge-65534 is there already")
else:
    place = "/tmp/midge-65534"
    home = tempfile.mkdtemp(prefix="midge-bin-")
    os.chmod(home, 0o755)
    for name in ("xl", "midge-hv"):
        shutil.copy(os.path.join(B, "bin", name), home)
    shutil.copytree(os.path.dirname(hello), os.path.join(home, "hello"))
    mine = {k: v for k, v in os.environ.items() if k not in ("XDG_RUNTIME_DIR", "MIDGE_RUN")}
    mine["MIDGE_RUN"] = ""

    def nobody():
        os.setgroups([])
        os.setgid(65534)
        os.setuid(65534)

    def run(*args):
        return subprocess.run(args, cwd=home, env=mine, preexec_fn=nobody, timeout=PATIENCE,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, universal_newlines=True)

    cfg = os.path.join(home, "hello.cfg")
    with open(cfg, "w") as f:
        f.write(f'name="h"\nkernel="{home}/hello/hello.elf"\nmemory=8\n')
    try:
        os.symlink(home, place)
        r = run(f"{home}/xl", "create", "-q", "-c", cfg)
        is_((r.returncode, r.stderr),
            (1, f"xl: run directory {place} is not a directory; remove it or set MIDGE_RUN\n"),
            "a symbolic link in its place is refused")
        r = run(f"{home}/midge-hv", "--foreground")
        ok(r.returncode == 1 and place in r.stderr, "by the daemon too")
        os.unlink(place)
        os.mkdir(place, 0o700)
        os.chown(place, 1, 1)
        r = run(f"{home}/xl", "create", "-q", "-c", cfg)
        ok(r.returncode == 1 and "belongs to user 1" in r.stderr, "somebody else's is refused")
        os.rmdir(place)
        r = run(f"{home}/xl", "create", "-q", "-c", cfg)
        like(r.stdout, "Hello from Midge", "an ordinary user without a session can boot")
        is_((r.returncode, r.stderr), (0, ""), "without a complaint")
        is_((os.stat(place).st_mode & 0o7777, os.stat(place).st_uid), (0o700, 65534),
            "in a private directory of his")
        r = run(f"{home}/midge-hv", "--stop")
        is_((r.returncode, r.stderr), (0, ""), "midge-hv finds the same one")
        ok(not os.path.exists(f"{place}/control.sock"), "and has stopped it")
    finally:
        if os.path.islink(place):
            os.unlink(place)
        else:
            run(f"{home}/midge-hv", "--stop")
            shutil.rmtree(place, ignore_errors=True)
        shutil.rmtree(home, ignore_errors=True)

m.must("info")  # a daemon for done() to stop: the last one was killed
done(m)
