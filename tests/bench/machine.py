# SPDX-License-Identifier: ISC
"""A private Midge for measurements, the tools beside it, and what /proc says."""
import os
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "boot"))
import midge  # noqa: E402

TOOLS = os.path.join(midge.B, "tests", "tools")
CREATE = os.path.join(TOOLS, "midge-bench-create")
FLOOR = os.path.join(TOOLS, "midge-bench-floor")
STATIC = os.path.join(TOOLS, "midge-bench-static")
STORE = os.path.join(TOOLS, "midge-bench-store")
UPCALL = os.path.join(TOOLS, "midge-bench-upcall")
OUT = os.path.join(midge.B, "bench")
# Of one measuring program; a hang ends here.
PATIENCE = 300

# Run directories lie in memory where Midge is used as intended, under /run or
# $XDG_RUNTIME_DIR; a temporary directory on a disk would measure the disk.
if os.access("/dev/shm", os.W_OK | os.X_OK):
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
        super().__init__()
        self.placement = placement
        argv = [midge.HV, "--run-dir", self.run_dir]
        if placement.workers:
            argv += ["--workers", placement.workers]
        run(argv, placement, self.env)

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


class Kept:
    """(count) idle domains, for the time of a with statement."""

    def __init__(self, daemon, count, config, *keys):
        self.process = subprocess.Popen(
            [CREATE, "-k", "-n", str(count), config, *keys], env=daemon.env,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            universal_newlines=True, preexec_fn=daemon.placement.apply)

    def __enter__(self):
        if self.process.stdout.readline() != "ready\n":
            _, err = self.process.communicate(timeout=PATIENCE)
            raise Failed(f"keeping domains: {err.strip()}")
        return self

    def __exit__(self, *_):
        try:
            _, err = self.process.communicate(timeout=PATIENCE)
        except subprocess.SubprocessError:
            self.process.kill()
            raise
        if self.process.returncode:
            raise Failed(f"destroying kept domains: {err.strip()}")


# Where the memory of a guest shows. MemAvailable is of no use: freed pages that
# the kernel keeps per CPU are missing in it, so what the second of two rounds
# takes from there looks like nothing.
MEMORY_KINDS = ["Shmem", "PageTables", "KernelStack", "SUnreclaim", "AnonPages",
                "OtherVmalloc", "Percpu"]


def meminfo():
    """/proc/meminfo in KiB."""
    with open("/proc/meminfo") as f:
        m = {l.split(":")[0]: int(l.split()[1]) for l in f}
    # Kernel stacks are vmalloc's, too.
    m["OtherVmalloc"] = m["VmallocUsed"] - m["KernelStack"]
    return m


def settled_meminfo():
    """The kernel frees what processes leave behind a little later; wait until
    two looks agree (or give up: then the machine is busy anyway)."""
    last = meminfo()
    for _ in range(40):
        time.sleep(0.05)
        now = meminfo()
        if all(abs(now[k] - last[k]) < 100 for k in MEMORY_KINDS):
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


def describe():
    """One line about this machine, one about its load."""
    cpu = "unknown CPU"
    with open("/proc/cpuinfo") as f:
        for l in f:
            if l.startswith("model name"):
                cpu = " ".join(l.split(":", 1)[1].split())
                break
    with open("/proc/loadavg") as f:
        load = float(f.read().split()[0])
    u = os.uname()
    return (f"{len(CPUS)} x {cpu}, {meminfo()['MemTotal'] // 1024} MiB, Linux {u.release}, "
            f"{'root' if os.geteuid() == 0 else 'not root'}", load)
