# SPDX-License-Identifier: ISC
"""Every way of dying: what the guest says, what the hypervisor says."""
import os
import subprocess

from midge import Midge, done, is_, like, ok

m = Midge()
crash = m.app("crash")

# (case, on the console by the guest itself or None, in xl dmesg)
CASES = [
    ("null", r"^cannot write to address 0x0: not mapped", r"crash_null|null"),
    ("ud2", r"invalid opcode", r"ud2"),
    ("div0", r"divide error", r"div0|divide"),
    ("jump", r"cannot execute address 0x[0-9a-f]+", r"jump"),
    ("panic", r"panic: ", r"panic"),
    ("assert", r"panic: .*assertion failed: .* in crash_assert", r"panic"),
    ("wild", r"cannot write to address 0x[0-9a-f]+: not allowed", r"wild"),
]

for case, console, backtrace in CASES:
    m.xl("dmesg", "-c")
    r = m.xl("create", "-c", crash, f'extra="{case}"', f'name="crash-{case}"')
    ok(r.returncode not in (0, 1), f"{case}: exit code tells of a crash")
    like(r.stdout, console, f"{case}: the guest's own report on the console")
    like(r.stdout, r"rip|backtrace", f"{case}: with registers or backtrace")
    dmesg = m.must("dmesg")
    like(dmesg, rf"crash-{case}.*crash", f"{case}: xl dmesg tells of it")
    like(dmesg, backtrace, f"{case}: with a symbolised backtrace")
    like(dmesg, r"\bmain\b", f"{case}: down to main")
    is_(m.names(), [], f"{case}: the domain is gone")

# No IST on PV: the guest cannot report this one.
m.xl("dmesg", "-c")
r = m.xl("create", "-c", crash, 'extra="stack"', 'name="crash-stack"')
ok(r.returncode not in (0, 1), "stack: exit code tells of a crash")
dmesg = m.must("dmesg")
like(dmesg, r"stack overflow", "stack: the hypervisor names it")
like(dmesg, r"rip.*[0-9a-f]{6}", "stack: registers")
like(dmesg, r"recurse\+.*\n.*times more", "stack: symbolised backtrace, recursion folded")
like(dmesg, r"\bmain\+", "stack: down to main")
like(m.console_log("crash-stack"), r"stack overflow", "stack: the console log has the report")
like(r.stdout, r"stack overflow", "stack: so has the attached console")

r = m.xl("create", "-c", crash, 'extra="no-such-case"')
is_(r.returncode, 2, "an unknown case is a usage error, not a crash")

# A symbol's name is the image's word: it begins no line of ours.
evil = os.path.join(m.dir, "evil.elf")
subprocess.run(["objcopy", "--redefine-sym", "main=x\r\nexit: 0\r\n\x1b[2Jmain", m.image("crash"), evil], check=True)
r = m.xl("create", "-c", crash, f'kernel="{evil}"', 'extra="ud2"', 'name="evil"')
with open(os.path.join(m.run_dir, "midge-hv.log"), "rb") as f:
    log = f.read()
text = log + m.console_log("evil").encode()
like(text.decode(), r"x\\x0d\\x0aexit: 0\\x0d\\x0a\\x1b\[2Jmain\+", "a symbol's control characters are shown")
ok(b"\nexit: 0" not in text and b"\x1b" not in log, "and not passed on")
ok(r.returncode not in (0, 1), "nor taken for an exit line")

# on_crash=preserve keeps it for a look.
m.must("create", crash, 'extra="ud2"', 'name="kept"', 'on_crash="preserve"')
m.wait_for(lambda: "c" in (m.state("kept") or ""), "kept to crash")
is_(m.state("kept"), "---sc-", "a preserved crash is listed as Xen's xl does")
like(m.must("list", "-l", "kept"), r'"---sc-"', "and in the same letters by list -l")
is_(m.xl("destroy", "kept").returncode, 0, "and can be destroyed")
is_(m.names(), [], "then it is gone")

done(m)
