# SPDX-License-Identifier: ISC
"""Guests that attack the host from inside their process. Each ends alone, or does
no harm; the reason is named; and a neighbour on the same (only) worker and CPU
answers before, meanwhile and after."""
import os
import re
import select
import subprocess
from midge import HV, PATIENCE, Midge, bail, done, is_, like, ok

m = Midge()
hostile = m.app("hostile")
if subprocess.run([HV, "--run-dir", m.run_dir, "--workers", "1"], env=m.env,
                  stdin=subprocess.DEVNULL).returncode:
    bail("midge-hv --workers 1 does not start")


class Neighbour:
    """hello --echo, and its console."""

    def __init__(self):
        self.rounds = 0
        self.seen = ""
        m.must("create", m.app("hello"), 'name="neighbour"', 'extra="--echo"')
        self.console = m.popen("console", "neighbour", stdin=subprocess.PIPE,
                               stdout=subprocess.PIPE, bufsize=0)

    def answers(self, times=1):
        """Whether what is typed comes back, from the guest."""
        for _ in range(times):
            self.rounds += 1
            os.write(self.console.stdin.fileno(), f"round {self.rounds}\r".encode())
            while not re.search(rf"^echo: round {self.rounds}\r?$", self.seen, re.M):
                if not select.select([self.console.stdout], [], [], PATIENCE)[0]:
                    return False
                more = os.read(self.console.stdout.fileno(), 4096)
                if not more:
                    return False
                self.seen = self.seen[-200:] + more.decode(errors="replace")
        return True

    def leave(self):
        self.console.stdin.close()
        self.console.kill()
        self.console.wait()
        self.console.stdout.close()


neighbour = Neighbour()
ok(neighbour.answers(3), "the neighbour answers")


def attack(name, code, said, logged):
    """Runs one to its end: exit code, what it prints, what the log says."""
    r = m.xl("create", "-c", hostile, f'extra="{name}"', f'name="h-{name}"')
    out = r.stdout
    log = "\n".join(l for l in m.must("dmesg", "-c").splitlines() if f" h-{name}: " in l)
    ok("SURVIVED" not in out, f"{name}: achieves nothing")
    is_(r.returncode, code, f"{name}: ends as it should")
    like(out, said, f"{name}: says so")
    like(log, logged, f"{name}: the log has the reason")
    ok(neighbour.answers(), f"{name}: the neighbour answers")


# --- what the list of system calls does not have ----------------------------------
listing = m.xl("create", "-c", hostile, 'extra="?"').stdout
calls = re.findall(r"^call (\S+) (\d+)$", listing, re.M)
ok(len(calls) >= 60, f"the guest knows {len(calls)} calls to try")
for a, nr in calls:
    # exit is how the monitor itself ends after a violation.
    named = r"\(int 0x80, or " if a == "exit" else rf"system call {nr} \(\w+\) at 0x1[0-9a-f]{{4}},"
    attack(a, 134, "", rf"sandbox violation: .* {named}")

# --- other ways to end --------------------------------------------------------------
PAGE_FAULT = r"page fault|vector 14"
CRASH = "guest crash: "
for name, said, logged in (
        ("int80", "", r"sandbox violation: .*int 0x80"),
        ("compat-int80", "", r"sandbox violation: .*int 0x80"),
        # Which of these exist depends on the CPU.
        ("sysenter", "", rf"sandbox violation|{CRASH}"),
        ("compat-sysenter", "", rf"sandbox violation|{CRASH}"),
        ("compat-syscall", "", rf"sandbox violation|{CRASH}"),
        ("vsyscall", r"cannot execute address 0xffffffffff600000", CRASH),
        ("unmap-all", "", r"fault inside the monitor"),
        ("exit-0", "", r"left without a shutdown \(code 0\)"),
        ("exit-255", "", r"left without a shutdown \(code 255\)"),
        ("exit-wild", "", r"left without a shutdown \(code 0\)"),
        # With SIGSYS blocked its handler does not run, and there is no name.
        ("deaf-open", "", r"sandbox violation: .*one it did not name"),
        ("sigreturn", "", rf"killed by signal|{CRASH}"),
        ("past-the-end", "", r"the host could not give"),
        ("write-template", PAGE_FAULT, CRASH),
        ("write-text", PAGE_FAULT, CRASH),
        ("write-null", PAGE_FAULT, CRASH),
        ("self-write", "", r"code writes to the page it is on"),
        ("superpage-l2", PAGE_FAULT, CRASH),
        ("superpage-l3", PAGE_FAULT, CRASH),
        ("empty-base", PAGE_FAULT, CRASH)):
    attack(name, 134, said, logged)

# --- what is the guest's own affair --------------------------------------------------
for name in ("jit-syscall", "instructions", "futexes", "timers", "recursive-l4", "everywhere",
             "foreign-frames", "map-over-monitor"):
    attack(name, 0, rf"^unharmed {name}$", "poweroff, exit code 0")


# --- those that go on for ever --------------------------------------------------------
def begin(name, *options):
    m.must("create", "-q", hostile, f'extra="{name}"', f'name="h-{name}"', *options)
    m.wait_for(lambda: f"hostile: {name}" in m.console_log(f"h-{name}"), f"{name} to begin")


def end(name):
    m.xl("destroy", f"h-{name}")
    m.wait_for(lambda: f"h-{name}" not in m.names(), f"{name} to be gone")
    ok("SURVIVED" not in m.console_log(f"h-{name}"), f"{name}: achieves nothing, and is destroyed")


def host(name):
    """What Linux says of a domain's process: kB, and its limit in kB."""
    pid = next(d["midge"]["pid"] for d in m.domains()
               if d["config"]["c_info"]["name"] == f"h-{name}")
    with open(f"/proc/{pid}/status") as f:
        status = {k: int(v) for k, v in re.findall(r"^(\w+):\s+(\d+) kB$", f.read(), re.M)}
    with open(f"/proc/{pid}/limits") as f:
        limits = f.read()
    return (status, int(re.search(r"Max address space\s+(\d+)", limits).group(1)) // 1024,
            int(re.search(r"Max core file size\s+(\d+)", limits).group(1)))


# These may leave the vCPU hanging, looping or dead.
for a in ("scribble", "scribble-fifo", "overwrite-monitor"):
    begin(a)
    ok(neighbour.answers(3), f"{a}: the neighbour answers")
    end(a)

STORMS = ("spin", "bells", "requests", "sends", "yields", "faults", "syscalls", "alarms",
          "mappings", "deaf")
for a in STORMS:
    begin(a)
    ok(neighbour.answers(3), f"{a}: the neighbour answers")
    is_(m.xl("pause", f"h-{a}").returncode, 0, f"{a}: can be paused")
    like(m.state(f"h-{a}"), r"^..p", f"{a}: is")
    is_(m.xl("unpause", f"h-{a}").returncode, 0, f"{a}: and unpaused")
    end(a)
for a in STORMS:
    begin(a)
ok(neighbour.answers(10), f"{len(STORMS)} storms at once: the neighbour answers")
is_(len(m.names()), len(STORMS) + 1, "and the toolstack")
for a in STORMS:
    end(a)

begin("bomb")
m.wait_for(lambda: " mappings, then -12" in m.console_log("h-bomb"), "the bomb to find its limit")
status, limit, core = host("bomb")
# A page costs at most two pages of tables, and there are 256 of the third level.
ok(status["VmPTE"] <= 2 * limit + 2048,
   f"bomb: {status['VmPTE']} kB of page tables, address space at most {limit} kB")
ok(limit <= 32 * 1024, "which is not much for a guest of 8 MiB")
is_(core, 1, "no core will be left, not even to a program")
ok(neighbour.answers(3), "bomb: the neighbour answers")
end("bomb")

begin("hog", 'maxmem="64"')
m.wait_for(lambda: re.search(r"^hog: \d+ pages, 2", m.console_log("h-hog"), re.M), "all to be touched")
status, limit, core = host("hog")
ok(64 * 1024 <= status["RssShmem"] <= 66 * 1024,
   f"hog: has {status['RssShmem']} kB, its maxmem and the hypervisor's frames")
ok(neighbour.answers(3), "hog: the neighbour answers")
end("hog")

ok(neighbour.answers(3), "the neighbour answers as before")
neighbour.leave()
is_(m.names(), ["neighbour"], "only it is left")
is_(m.xl("pause", "neighbour").returncode, 0, "it can be paused")
is_(m.xl("unpause", "neighbour").returncode, 0, "and unpaused")
m.wait_for(lambda: m.state("neighbour") == "-b----", "the neighbour to block")
ok(True, "it is alive")
done(m)
