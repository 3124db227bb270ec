# SPDX-License-Identifier: ISC
"""Every application says the same on our hypervisor and on real Xen, as PV and
as PVH, from the same .cfg.

Console text and exit code are compared, with what depends on time and on the
machine taken out (NEUTRAL). Lines that one side alone prints, or prints
otherwise, are in DIFFERENCES with the reason, runs that PVH makes otherwise in
PVH; all are in ARCHITECTURE.md.
"""
import re
import subprocess
from lab import Lab
from midge import Midge, done, is_, like, ok
from runs import CRASH, DIFFERENCES, RUNS, neutral, same, settings, used

# The two whose console is not that of PV.
NOT_PV = ['arguments: 2 [a] [b c]', 'framedump: this is not a PV domain: set type = "pv"', "exit: 2"]
OVERFLOW = "crash-stack"  # reported by the hypervisor on PV, by the guest on PVH


def entry_taken_out(lines):
    """Backtraces end in the entry, which is not the same one: the lines without
    that, and the function it was in."""
    address = re.match(r"  0x([0-9a-f]+)$", lines[-1]) if lines else None
    if not address:
        return lines, None
    inside = [name for at, name in SYMBOLS if at <= int(address.group(1), 16)]
    return lines[:-1], inside[-1]


def check_pvh(name, ours):
    text = labs["PVH"].console(name)
    theirs = neutral(text)
    if name == OVERFLOW:
        is_(theirs[:1], ours[:1], f"{name}: PVH begins like PV")
        like(text, r"^stack overflow: ", f"{name}: and reports it itself")
    elif name == "framedump":
        is_(theirs, NOT_PV, f"{name}: PVH says what it is for")
    else:
        ours, pv_entry = entry_taken_out(ours)
        theirs, pvh_entry = entry_taken_out(theirs)
        same(name, "PVH", ours, theirs)
        if pv_entry:
            is_((pv_entry, pvh_entry), ("x86_start", "pvh_start"), f"{name}: each by its own entry")


labs = {"PV": Lab("pv"), "PVH": Lab("pvh")}
for lab in labs.values():
    for name, app, extra, _, _ in RUNS:
        lab.guest(name, app, *settings(extra))
    lab.run()

m = Midge()
SYMBOLS = sorted(
    (int(at, 16), name) for at, _, name in
    (line.split() for line in subprocess.run(
        ["nm", "--defined-only", m.image("crash")], check=True, stdout=subprocess.PIPE,
        universal_newlines=True).stdout.splitlines()))
for name, app, extra, reason, code in RUNS:
    r = m.xl("create", "-c", m.app(app), f'name="{name}"', *settings(extra))
    ours, theirs = neutral(r.stdout), neutral(labs["PV"].console(name))
    same(name, "PV", ours, theirs)
    check_pvh(name, ours)
    for mode, lab in labs.items():
        is_(lab.reason(name), reason, f"{name}: Xen sees how it ended as {mode}")
    is_(r.returncode, 134 if reason == CRASH else code, f"{name}: so does our xl")
    if code is not None:
        is_(theirs[-1:], [f"exit: {code}"], f"{name}: and the code on Xen's console")
for mode, lab in labs.items():
    written = b"".join(lab.console_bytes(name) for name, *_ in RUNS)
    ok(b"\r\n" in written and not re.search(rb"(?<!\r)\n", written),
       f"on {mode} each line ends as a terminal in raw mode needs it")
for pattern, why in DIFFERENCES:
    ok(pattern in used, f"still a difference: {why}")
done(m)
