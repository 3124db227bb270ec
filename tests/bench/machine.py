# SPDX-License-Identifier: ISC
"""A private Midge for measurements, the tools beside it, and what /proc says."""
import os
import re
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "boot"))
import midge  # noqa: E402
from report import read_columns  # noqa: E402

TOOLS = os.path.join(midge.B, "tests", "tools")
CREATE = os.path.join(TOOLS, "midge-bench-create")
FLOOR = os.path.join(TOOLS, "midge-bench-floor")
STATIC = os.path.join(TOOLS, "midge-bench-static")
SWARM = os.path.join(TOOLS, "midge-bench-swarm")
TENDER = os.path.join(TOOLS, "midge-bench-tender")
STORE = os.path.join(TOOLS, "midge-bench-store")
UPCALL = os.path.join(TOOLS, "midge-bench-upcall")
OUT = os.path.join(midge.B, "bench")
# Of one measuring program; a hang ends here.
PATIENCE = 300

# Run directories lie in memory where Midge is used as intended, under /run or
# $XDG_RUNTIME_DIR; a temporary directory on a disk would measure the disk.
if "TMPDIR" not in os.environ and os.access("/dev/shm", os.W_OK | os.X_OK):
    tempfile.tempdir = "/dev/shm"

CPUS = sorted(os.sched_getaffinity(0))


class Failed(Exception):
    """A measurement could not be made; the text says why."""


class Placement:
    """Where client, daemon and guests run."""

    def __init__(self, name, cpus, workers):
        self.name, self.cpus, self.workers = name, cpus, workers

    def apply(self):
        """For preexec_fn."""
        os.sched_setaffinity(0, self.cpus)


ONE_CPU = Placement("1 CPU", {CPUS[0]}, 1)
DEFAULT = Placement("default", set(CPUS), 0)


def run(argv, placement=DEFAULT, env=None):
    """Runs a measuring program; returns what it prints."""
    r = subprocess.run(list(map(str, argv)), env=env, stdin=subprocess.DEVNULL,
                       stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                       universal_newlines=True, timeout=PATIENCE,
                       preexec_fn=placement.apply)
    if r.returncode:
        raise Failed(f"{' '.join(map(str, argv))}: exit {r.returncode}: {r.stderr.strip()}")
    return r.stdout


class Daemon(midge.Midge):
    """One daemon of its own, with everything on the CPUs of (placement). Use it
    in a with statement: no process of it stays behind."""

    def __init__(self, placement=DEFAULT):
        ended = signal.getsignal(signal.SIGTERM)
        super().__init__()
        signal.signal(signal.SIGTERM, ended)  # this is the bench's, not the daemon's
        self.placement = placement
        argv = [midge.HV, "--run-dir", self.run_dir]
        if placement.workers:
            argv += ["--workers", placement.workers]
        run(argv, placement, self.env)
        where = os.sched_getaffinity(self.daemon_pid())
        if where != placement.cpus:
            raise Failed(f"the daemon runs on CPUs {sorted(where)}, "
                         f"not on {sorted(placement.cpus)}")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.cleanup()

    def must(self, *args):
        """An xl command without which the measurement makes no sense."""
        r = self.xl(*args)
        if r.returncode:
            raise Failed(f"xl {' '.join(map(str, args))}: exit {r.returncode}: {r.stderr}")
        return r.stdout

    def bench(self, *args):
        return run([CREATE, *args], self.placement, self.env)

    def start(self, app, extra, name):
        """A domain that will block, when it has."""
        self.must("create", "-q", self.app(app), f'name="{name}"', f'extra="{extra}"')
        self.wait_for(lambda: "b" in (self.state(name) or ""), f"{name} to block")
        return self.pid(name)

    def pid(self, name):
        for d in self.domains():
            if d["config"]["c_info"]["name"] == name:
                return d["midge"]["pid"]
        raise Failed(f"xl list -l does not show {name}")


class Swarm:
    """(clients) programs that together create (count) idle domains in a with
    statement, or (count) after one another, (alive) at once. The statement's
    body runs when all that shall live are there, and blocked; (columns) has what
    each client measured, after it. (tsc): also when main() began."""

    def __init__(self, daemon, count, alive=0, clients=1, paced=False, tsc=False):
        self.columns = []
        extra = "--tsc --block" if tsc else "--block"
        argv = [SWARM, "-n", str(count // clients), "-a", str(alive // clients),
                *(["-p"] if paced else []), *(["-t"] if tsc else []),
                daemon.app("hello"), f'extra="{extra}"']
        self.processes = [
            subprocess.Popen(argv, env=daemon.env, stdin=subprocess.PIPE,
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                             universal_newlines=True, preexec_fn=daemon.placement.apply)
            for _ in range(clients)]

    def __enter__(self):
        try:
            self._expect("connected")
            for p in self.processes:  # all are ready to go: they overlap
                p.stdin.write("go\n")
                p.stdin.flush()
            self._expect("ready")
        except BaseException:
            self._kill()
            raise
        return self

    def _expect(self, word):
        for p in self.processes:
            if p.stdout.readline() != word + "\n":
                raise Failed(f"creating many domains: {p.communicate(timeout=PATIENCE)[1]}")

    def _kill(self):
        for p in self.processes:
            p.kill()
            p.communicate()

    def __exit__(self, kind, *_):
        if kind is not None:  # as it is, also an interrupt: the daemon ends them
            self._kill()
            return
        try:
            for p in self.processes:
                out, err = p.communicate(timeout=PATIENCE)
                if p.returncode:
                    raise Failed(f"destroying many domains: {err.strip()}")
                self.columns.append(read_columns(out))
        except BaseException:
            self._kill()
            raise


# Where the memory of a guest shows.
MEMORY_KINDS = ["Shmem", "PageTables", "KernelStack", "SUnreclaim", "AnonPages",
                "OtherVmalloc", "Percpu"]


def per_cpu_pages(zoneinfo):
    """Free pages that Linux keeps for each CPU, of /proc/zoneinfo's text: they
    can be had at once, but MemFree and MemAvailable do not count them."""
    return sum(int(n) for n in re.findall(r"^\s+count:\s+(\d+)$", zoneinfo, re.M))


def meminfo():
    """/proc/meminfo in KiB, and what follows from it."""
    with open("/proc/meminfo") as f:
        m = {l.split(":")[0]: int(l.split()[1]) for l in f}
    with open("/proc/zoneinfo") as f:
        free = 4 * per_cpu_pages(f.read())
    m["AvailableAndLists"] = m["MemAvailable"] + free
    # Kernel stacks are vmalloc's, too.
    m["OtherVmalloc"] = m["VmallocUsed"] - m["KernelStack"]
    return m


def settled_meminfo():
    """The kernel frees what processes leave behind a little later; wait until
    two looks agree (or give up: then the machine is busy anyway)."""
    last = meminfo()
    for _ in range(20):
        time.sleep(0.05)
        now = meminfo()
        if all(abs(now[k] - last[k]) < 100 for k in (*MEMORY_KINDS, "AvailableAndLists")):
            return now
        last = now
    return last


def switches(pid):
    """Context switches of all threads of (pid) so far."""
    total = 0
    for tid in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{tid}/status") as f:
            total += sum(int(l.split()[1]) for l in f if "ctxt_switches" in l)
    return total


def file_pages(pid, fd):
    """Pages that the file behind a descriptor of (pid) holds."""
    return os.stat(f"/proc/{pid}/fd/{fd}").st_blocks * 512 // 4096


def cpu_times(stat):
    """(busy, all) jiffies of all CPUs so far, of /proc/stat's text. Time that the
    hypervisor below gave to others (steal) is busy."""
    v = [int(x) for x in stat.splitlines()[0].split()[1:9]]
    return sum(v) - v[3] - v[4], sum(v)


def others(seconds):
    """Which part of the CPUs is busy while we do nothing for so long: that of
    others."""
    with open("/proc/stat") as f:
        before = cpu_times(f.read())
    time.sleep(seconds)  # the length of the measurement
    with open("/proc/stat") as f:
        after = cpu_times(f.read())
    return (after[0] - before[0]) / max(1, after[1] - before[1])


def describe():
    """One line about this machine."""
    cpu = "unknown CPU"
    with open("/proc/cpuinfo") as f:
        for l in f:
            if l.startswith("model name"):
                cpu = " ".join(l.split(":", 1)[1].split())
                break
    u = os.uname()
    return (f"{len(CPUS)} x {cpu}, {meminfo()['MemTotal'] // 1024} MiB, Linux {u.release}, "
            f"{'root' if os.geteuid() == 0 else 'not root'}"
            f"{', real-time priority' if os.sched_getscheduler(0) == os.SCHED_RR else ''}")


def load():
    """The load average of the last minute."""
    with open("/proc/loadavg") as f:
        return float(f.read().split()[0])
