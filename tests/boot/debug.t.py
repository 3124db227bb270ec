# SPDX-License-Identifier: ISC
"""gdb and perf on running domains, by hypervisor/debug."""
import os
import shutil
import stat
import subprocess
import sys
from midge import B, PATIENCE, TOP, XL, Midge, done, is_, like, ok, skip

DEBUG = os.path.join(TOP, "hypervisor", "debug")
sys.path.insert(0, DEBUG)
import midge_domain  # noqa: E402

m = Midge()
m.env["MIDGE_XL"] = XL
os.environ.update(m.env)


def tool(*args):
    r = subprocess.run([os.path.join(DEBUG, "midge-debug"), *args], env=m.env,
                       stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                       stderr=subprocess.STDOUT, universal_newlines=True,
                       errors="replace", timeout=PATIENCE)
    return r.returncode, r.stdout


def gdb(domain, *commands, image=()):
    args = ["-nx", "-batch"]
    for c in commands:
        args += ["-ex", c]
    return tool("gdb", domain, *image, "--", *args)[1]


def cpu_ns(name):
    return next(d["midge"]["cpu_ns"] for d in m.domains()
                if d["config"]["c_info"]["name"] == name)


def still_runs(name, what):
    before = cpu_ns(name)
    m.wait_for(lambda: cpu_ns(name) > before, name + " to compute on")
    ok(True, what)


# From the first instruction on: created paused, let go under gdb.
m.must("create", "-p", m.app("bench"), 'name="spin"', 'extra="spin"')
out = gdb("spin", "break main", f"shell {XL} unpause spin", "continue", "backtrace",
          "print argc", "print argv[1]", "tbreak spin", "continue", "backtrace",
          "next", "next", "next", "print turns < 1000", "info midge",
          "midge-where $pc", "midge-where 0xfd000", "midge-where 0x10000", "detach")
like(out, r"hardware breakpoints for read-only", "text is shared: gdb uses the CPU's breakpoints")
like(out, r"^Breakpoint 1, main \(argc=2,", "a breakpoint in main is hit")
like(out, r"^\$2 = 0x[0-9a-f]+ .*\"spin\"", "variables are readable")
like(out, r"#0  spin \(\).*\n#1 .*in main \(.*\n(#.*\n)*#\d+ .*kernel_main", "a backtrace names functions")
like(out, r"^\$3 = 1$", "next steps over lines")
like(out, r"^domain +\d+ \(spin\)", "info midge: which domain")
like(out, r"^vCPU +running, rip 0x[0-9a-f]+ in: guest", "info midge: where it is")
like(out, r"^upcall +not pending, unmasked", "info midge: events")
like(out, r": window \(shared_info\)\n.*: monitor", "midge-where knows the addresses")
ok("received signal" not in out, "no signal shows")
still_runs("spin", "after detach the guest runs on")

out = gdb("spin", "set breakpoint auto-hw off", "break time_monotonic_ns", "continue")
like(out, r"Cannot insert breakpoint", "a software breakpoint is refused: as documented")
still_runs("spin", "and hurts nobody")

# Blocked: the backtrace leads through the monitor to the guest.
m.must("create", m.app("bench"), 'name="idle"', 'extra="block"')
m.wait_for(lambda: m.state("idle") == "-b----", "idle to block")
out = gdb("idle", "backtrace", "info midge")
like(out, r"in (block|wait_for_wake).*(\n.*)*hypercall_entry.*(\n.*)*in pv_block .*(\n.*)*"
     r"#\d+ .*in event_wait .*(\n.*)*#\d+ .*in main ", "backtrace of a blocked guest")
like(out, r"^vCPU +blocked, rip 0x[0-9a-f]+ in: monitor", "info midge says blocked")
is_(m.state("idle"), "-b----", "it is still blocked when gdb has gone")
like(gdb("idle", "quit", image=[m.image("hello")]), r"warning: .*hello.elf is not what the domain",
     "another image than the domain's is noticed")
is_(m.xl("destroy", "idle").returncode, 0, "and can be destroyed")

# Where a guest's own handler is entered, with what it interrupted.
m.must("create", "-p", m.app("crash"), 'name="crash"', 'extra="null"')
out = gdb("crash", "break x86_trap", f"shell {XL} unpause crash",
          "continue", "backtrace", "frame function crash_null", "info midge")
like(out, r"#0  x86_trap \(.*(\n.*)*#\d+ .*crash_null \(.*\n#\d+ .*main \(",
     "backtrace through a trap to the code at fault")
m.wait_for(lambda: "crash" not in m.names(), "crash to crash")

# Threads: the running one, and by their saved stack pointers the others.
m.must("create", "-p", m.app("threads"), 'name="threads"', 'extra="exit"')
out = gdb("threads", "break spin_for_ever", f"shell {XL} unpause threads", "continue",
          "info midge-threads", "midge-thread-bt all", "midge-thread-bt nobody")
like(out, r"^\* \d+ +spinner +0x[0-9a-f]+ +stack .* running$", "info midge-threads: the running one")
like(out, r"^  \d+ +sleeper +0x[0-9a-f]+ +stack .* at 0x[0-9a-f]+ \w+", "and one that sleeps")
like(out, r"^  \d+ +sleeper .*\n( +#\d+ .*\n)* +#\d+ +0x[0-9a-f]+ sleep_for_ever ",
     "midge-thread-bt: where a sleeping thread stands")
like(out, r"^  \d+ +main .*\n( +#\d+ .*\n)* +#\d+ +0x[0-9a-f]+ kernel_main ",
     "and the main thread, down to the kernel")
like(out, r"^\* \d+ +spinner .*\n#0 +spin_for_ever ", "the running one by gdb's own backtrace")
like(out, r"no thread nobody", "an unknown thread is named")

# Thousands of signals that are the monitor's business.
m.must("create", "-p", m.app("abi"), 'name="abi"')
out = gdb("abi", f"shell {XL} unpause abi", "continue")
# The daemon kills the process of a domain that has shut down.
like(out, r"exited (normally|with code)|terminated with signal SIGKILL", "a guest full of traps runs to its end under gdb")
ok("received signal" not in out, "silently")
log = m.console_log("abi")
like(log, r"^1\.\.\d+", "it did all it does otherwise")
ok("not ok" not in log, "with the same results")

like(gdb("nobody"), r"midge-debug: .*nobody", "an unknown domain is named in one line")
like(tool("gdb")[1], r"^usage: ", "usage")

# perf: the symbols, then, where it may, perf itself.
syms = os.path.join(m.dir, "syms")
victim = m.cfg("untouched", "victim")
os.mkdir(syms, 0o700)
target = os.path.join(syms, "memfd:midge-template (deleted)")
os.symlink(victim, target)
code, out = tool("perf-symbols", "spin", syms)
is_(code, 0, "perf-symbols works")
with open(victim) as f:
    is_(f.read(), "untouched", "it does not follow a link")
is_(stat.S_IMODE(os.lstat(target).st_mode), 0o600, "the file is private")
image = midge_domain.Image(m.image("bench"))
is_(midge_domain.Image(target).address_of("spin"), image.address_of("spin"),
    "it has the image's functions")
code, out = tool("perf-symbols", "spin", syms, m.image("hello"))
is_(code, 1, "another image is refused")
like(out, r"hello.elf is not what spin runs", "by name")

data = os.path.join(m.dir, "perf.data")
pid = str(midge_domain.Domain("spin").pid)
record = ["perf", "record", "-q", "-e", "cpu-clock", "-g", "-o", data, "-p", pid,
          "--", "sleep", "0.2"]
if not shutil.which("perf") or subprocess.run(record, stdout=subprocess.DEVNULL,
                                              stderr=subprocess.DEVNULL).returncode:
    skip("perf names the guest's functions", "perf does not work here")
else:
    r = subprocess.run(["perf", "script", "-i", data, "--symfs", syms], text=True,
                       stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    # perf does not name main: its call of spin() is its last instruction.
    like(r.stdout, r"\bspin\+0x[0-9a-f]+ .*\n(.+\n){1,3}.*\bkernel_main\+",
         "perf names the guest's functions")
m.must("destroy", "spin")
done(m)
