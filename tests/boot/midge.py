# SPDX-License-Identifier: ISC
"""TAP and a private Midge for boot tests.

Every test program gets a run directory of its own, so that it neither sees nor
disturbs the user's daemon. finish() stops the daemon and checks that nothing of
it is left: no process, no file in the run directory but logs.
"""
import atexit
import glob
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
B = os.path.join(TOP, os.environ.get("B") or "build")
XL = os.path.join(B, "bin", "xl")
HV = os.path.join(B, "bin", "midge-hv")
SWARM = os.path.join(B, "tests", "tools", "midge-swarm")
# Nothing here takes longer; a test that hangs ends here.
PATIENCE = 60

_count = 0
_failed = 0


def ok(good, what):
    global _count, _failed
    _count += 1
    if not good:
        _failed += 1
    print(f"{'' if good else 'not '}ok {_count} - {what}", flush=True)
    return bool(good)


def is_(got, want, what):
    if not ok(got == want, what):
        print(f"#   got  {got!r}\n#   want {want!r}", flush=True)


def like(text, pattern, what):
    if not ok(re.search(pattern, text, re.M), what):
        for line in text.splitlines()[-30:]:
            print(f"#   {line}")
        print(f"#   does not match {pattern!r}", flush=True)


def skip(what, why):
    global _count
    _count += 1
    print(f"ok {_count} - {what} # SKIP {why}", flush=True)


def tap_lines(text, who):
    """The TAP that a guest printed, as part of this program's."""
    for line in text.splitlines():
        t = re.match(r"(not )?ok \d+ - (.*)", line)
        if t:
            ok(not t.group(1), f"{who}: {t.group(2)}")
        elif line.startswith("#"):
            print(line)


def tap_guest(m, *config):
    """Runs a guest that prints TAP as part of this program's; the result of
    xl create."""
    r = m.xl("create", "-c", *config)
    lines = r.stdout.splitlines()
    if not [line for line in lines if line.startswith("1..")]:
        for line in lines[-30:]:
            print("#", line)
        print(m.must("dmesg"))
        bail("the guest did not finish")
    tap_lines(r.stdout, "guest")
    is_(r.returncode, 0, "the guest agrees")
    return r


class Midge:
    def __init__(self):
        self.dir = tempfile.mkdtemp(prefix="midge-test-")
        self.run_dir = os.path.join(self.dir, "run")
        self.env = dict(os.environ, MIDGE_RUN=self.run_dir)
        atexit.register(self.cleanup)
        # A test that is told to end (a time limit) cleans up as well.
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))

    def app(self, name):
        return os.path.join(B, "apps", name, name + ".cfg")

    def image(self, name):
        return os.path.join(B, "apps", name, name + ".elf")

    def cfg(self, text, name="test.cfg"):
        path = os.path.join(self.dir, name)
        with open(path, "w") as f:
            f.write(text)
        return path

    def xl(self, *args, stdin=subprocess.DEVNULL, timeout=PATIENCE, env=None):
        """Runs xl; returns the CompletedProcess with text output."""
        return subprocess.run([XL, *map(str, args)], stdin=stdin,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              universal_newlines=True, errors="replace",
                              timeout=timeout, env=env or self.env)

    def popen(self, *args, **kw):
        return subprocess.Popen([XL, *map(str, args)], env=self.env,
                                universal_newlines=True, **kw)

    def must(self, *args):
        """An xl command that a test only needs: its failure ends the test."""
        r = self.xl(*args)
        if r.returncode:
            bail(f"xl {' '.join(map(str, args))}: exit {r.returncode}: {r.stderr}")
        return r.stdout

    def domains(self):
        """Domains but Domain-0, as xl list -l gives them."""
        return [d for d in json.loads(self.must("list", "-l"))
                if d.get("domid", d.get("config", {}).get("domid")) != 0]

    def names(self):
        lines = self.must("list").splitlines()[1:]
        return [l.split()[0] for l in lines if l.split()[0] != "Domain-0"]

    def state(self, name):
        for line in self.must("list").splitlines()[1:]:
            f = line.split()
            if f[0] == name:
                return f[4]
        return None

    def console_log(self, name):
        path = os.path.join(self.run_dir, "console", name + ".log")
        try:
            with open(path, errors="replace") as f:
                return f.read()
        except FileNotFoundError:
            return ""

    def wait_for(self, cond, what):
        """Polls a condition that another process makes true."""
        deadline = time.monotonic() + PATIENCE
        while not cond():
            if time.monotonic() > deadline:
                bail(f"gave up waiting for: {what}")
            time.sleep(0.005)

    def processes(self):
        """Pids of every process that has our run directory in its environment
        or is a guest of our daemon."""
        found = []
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open(f"/proc/{pid}/environ", "rb") as f:
                    env = f.read()
                with open(f"/proc/{pid}/cmdline", "rb") as f:
                    cmd = f.read()
            except OSError:
                continue
            mine = self.run_dir.encode()
            if int(pid) != os.getpid() and (mine in env and b"python" not in cmd or mine in cmd):
                found.append(int(pid))
        return found

    def start(self, *options):
        """A daemon with options; without them xl starts one."""
        subprocess.run([HV, "--run-dir", self.run_dir, *options], env=self.env,
                       timeout=PATIENCE, check=True)

    def swarm(self, *args):
        """Runs midge-swarm (tests/tools/swarm); the CompletedProcess, with the
        domains' ids in .domids."""
        r = subprocess.run([SWARM, *map(str, args)], env=self.env,
                           stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                           stderr=subprocess.PIPE, universal_newlines=True)
        r.domids = list(map(int, r.stdout.split()))
        return r

    def daemon_pid(self):
        m = re.search(r"^midge_pid\s*: (\d+)", self.must("info"), re.M)
        return int(m.group(1)) if m else bail("xl info does not show the daemon's pid")

    def daemon_fds(self):
        """How many descriptors the daemon has, but for connections, which come
        and go, and logs, some of which stay open."""
        links = []
        for f in glob.glob(f"/proc/{self.daemon_pid()}/fd/*"):
            try:
                links.append(os.readlink(f))
            except FileNotFoundError:
                pass
        return len([f for f in links if not f.startswith("socket:") and
                    not f.endswith((".log", ".log.1"))])

    def stop(self):
        return subprocess.run([HV, "--run-dir", self.run_dir, "--stop"],
                              env=self.env, timeout=PATIENCE,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              universal_newlines=True)

    def cleanup(self):
        if os.path.isdir(self.run_dir):
            try:
                self.stop()
            except (subprocess.SubprocessError, OSError):
                pass
        for pid in self.processes():
            try:
                os.kill(pid, signal.SIGKILL)
            except OSError:
                pass
        shutil.rmtree(self.dir, ignore_errors=True)


def bail(why):
    print(f"Bail out! {why}", flush=True)
    sys.exit(1)


def refused_calls(m):
    """Lines about system calls that the daemon's sandbox has stopped."""
    try:
        with open(os.path.join(m.run_dir, "midge-hv.log"), errors="replace") as f:
            return [line for line in f if "sandbox: system call" in line]
    except FileNotFoundError:
        return []


def done(m=None):
    """Ends a test program: a clean stop leaves nothing behind."""
    if m is not None and os.path.isdir(m.run_dir):
        is_(refused_calls(m), [], "the daemon's sandbox was wide enough")
        r = m.stop()
        is_(r.returncode, 0, "the daemon stops cleanly")
        is_(m.processes(), [], "no process is left")
        left = [f for f in os.listdir(m.run_dir)
                if f not in ("console", "dump", "midge-hv.log", "midge-hv.log.1")]
        is_(left, [], "no file is left but logs")
    print(f"1..{_count}", flush=True)
    sys.exit(1 if _failed else 0)
