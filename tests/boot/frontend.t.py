# SPDX-License-Identifier: ISC
"""The frontends' state machine: tests/guests/xenbus has the driver of a device
"loop"; this is the toolstack and the backend, with xenstore-write."""
import os
import shutil
import subprocess

from midge import Midge, bail, done, is_, like, ok

m = Midge()
if not shutil.which("xenstore-write"):
    bail("xenstore-write is missing: install package xenstore-utils (make deps)")
m.env["XENSTORED_PATH"] = os.path.join(m.run_dir, "xenstored", "socket")


def xs(tool, *args):
    r = subprocess.run(["xenstore-" + tool, *args], env=m.env, timeout=60,
                       stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                       stderr=subprocess.PIPE, universal_newlines=True)
    return r.stdout.rstrip("\n") if r.returncode == 0 else None


m.must("create", "-q", "-p", m.app("xenbus"), 'name="loop"', 'extra="loop"')
domid = m.must("domid", "loop").strip()
home = f"/local/domain/{domid}"
syncs = 0
seen = 0  # bytes of the console that were looked at


def expect(*lines, any_order=False):
    """The console's next lines, and no others before them."""
    global seen
    want = "".join(l + "\n" for l in lines)
    m.wait_for(lambda: len(m.console_log("loop")) >= seen + len(want), repr(want))
    got = m.console_log("loop")[seen:seen + len(want)]
    seen += len(got)
    if any_order:
        got, want = sorted(got.splitlines()), sorted(lines)
    is_(got, want, "; ".join(lines))


def state(dev, want):
    """The frontend gets to a state."""
    node = f"{home}/device/loop/{dev}/state"
    m.wait_for(lambda: xs("read", node) == str(want), f"device {dev} in state {want}")
    ok(True, f"device {dev} is in state {want}")


def backend(dev, value, root="0"):
    xs("write", f"/local/domain/{root}/backend/loop/{domid}/{dev}/state", str(value))


def sync():
    """The guest has seen all that was written before."""
    global syncs
    syncs += 1
    xs("write", f"{home}/data/sync", str(syncs))
    expect(f"sync {syncs}")


def attach(dev, *more, back=None, root="0"):
    """What libxl does in one transaction, in steps: the guest may see each."""
    b = back or f"/local/domain/{root}/backend/loop/{domid}/{dev}"
    f = f"{home}/device/loop/{dev}"
    if not back:
        xs("write", b + "/frontend", f, b + "/frontend-id", domid, b + "/state", "1", *more)
        xs("chmod", "-r", b, "n0", f"r{domid}")
    # Permissions before contents: the guest may write its end from the start.
    xs("write", f, "")
    xs("chmod", f, f"n{domid}", "r0")
    xs("write", f + "/backend-id", root, f + "/state", "1", f + "/backend", b)
    xs("chmod", "-r", f, f"n{domid}", "r0")


def ring():
    return (xs("read", f"{home}/device/loop/0/ring-ref"),
            xs("read", f"{home}/device/loop/0/event-channel"))


b0 = f"/local/domain/0/backend/loop/{domid}/0"
attach(0, b0 + "/size", "77")
m.must("unpause", "loop")

# --- up -----------------------------------------------------------------------------
expect("before there is a driver: -2")
expect("probe 0 of domain 0", "no such device: -2", "not yet: -110")
state(0, 1)
backend(0, 2)
expect("size 77, mode none", "connect 0")
state(0, 3)
ref, port = ring()
is_(ref, "8", "its nodes")
ok(int(port) > 0, "a port among them")
backend(0, 4)
# Whoever waits for it and the driver are told by different threads.
expect("connected 0", "it is: 0", any_order=True)
state(0, 4)

# --- the backend closes, and comes back --------------------------------------------------
backend(0, 5)
expect("disconnect 0")
state(0, 6)
backend(0, 6)
xs("write", b0 + "/mode", "slow")
backend(0, 2)
expect("size 77, mode slow", "connect 0")
state(0, 3)
backend(0, 4)
expect("connected 0")
state(0, 4)

# --- it begins anew without a word -----------------------------------------------------------
backend(0, 2)
expect("disconnect 0", "size 77, mode slow", "connect 0")
backend(0, 1)
expect("disconnect 0")
state(0, 1)
backend(0, 2)
expect("size 77, mode slow", "connect 0")
backend(0, 4)
expect("connected 0")

# --- it says what makes no sense ----------------------------------------------------------------
for nonsense in ("0", "3", "7", "8", "9", "99", "-1", "abc", "", "4 ", "04", "x" * 1000):
    backend(0, nonsense)
    sync()
backend(0, 4)
sync()
state(0, 4)
backend(0, 5)
expect("disconnect 0")
state(0, 6)
for closed in ("3", "4", "7", "8", "zz"):
    backend(0, closed)
    sync()
state(0, 6)

# --- it vanishes, at each point ---------------------------------------------------------------------
for last in (2, 4):
    for s in range(2, last + 1, 2):
        backend(0, s)
        expect(*(("size 77, mode slow", "connect 0") if s == 2 else ("connected 0",)))
    xs("rm", b0)
    expect("disconnect 0")
    state(0, 6)
    xs("write", b0 + "/size", "77", b0 + "/mode", "slow")
    xs("chmod", "-r", b0, "n0", f"r{domid}")

# --- values that are too long, and forgiveness ----------------------------------------------------------
xs("write", b0 + "/size", "1" * 64)
backend(0, 2)
expect("loop/0: cannot be connected: error -7")
state(0, 6)
is_(xs("read", f"{home}/error/device/loop/0/error"), "-7 cannot be connected",
    "the error is where it is looked for")
xs("write", b0 + "/size", "1" * 63)
for s in (2, 4, 1, 6):
    backend(0, s)
    sync()
backend(0, 2)
expect("size " + "1" * 63 + ", mode slow", "connect 0")
backend(0, 4)
expect("connected 0")
ok(True, "a device that failed tries again when the backend has been closed")

# --- a driver that gives up --------------------------------------------------------------------------------
xs("write", f"{home}/data/fail", "a response that was never asked for")
expect("loop/0: a response that was never asked for: error -5", "disconnect 0")
state(0, 6)
backend(0, 2)
sync()
state(0, 6)

# --- other devices, good and bad ------------------------------------------------------------------------------
attach(7)
expect("probe 7 of domain 0")
attach(99)
expect("probe 99 of domain 0", "loop/99: cannot be set up: error -19")
state(99, 6)
for bad in (f"{home}/data/own", f"/local/domain/0/backend/loop/{domid}/1",
            f"/local/domain/0/backend/loop/{int(domid) + 1}/8", "data",
            f"/local/domain/0/backend/../backend/loop/{domid}/8",
            f"/local/domain/1/backend/loop/{domid}/8", "x" * 200):
    attach(8, back=bad)
    rc = -7 if len(bad) > 63 else -22
    expect(f"loop/8: the toolstack's nodes make no sense: error {rc}")
    xs("rm", f"{home}/device/loop/8")
for name in ("01", "x", "4294967296", "-1"):
    xs("write", f"{home}/device/loop/{name}/backend", b0)
attach(2147483647)
expect("probe 2147483647 of domain 0")
ok(True, "what is no number is no device")

# --- moved to another backend ------------------------------------------------------------------------------------
backend(7, 2)
expect("size none, mode none", "connect 7")
attach(7, root="3")
expect("disconnect 7", "remove 7", "probe 7 of domain 3")
backend(7, 2, root="3")
expect("size none, mode none", "connect 7")

# --- away ------------------------------------------------------------------------------------------------------------
xs("rm", f"{home}/device/loop/7")
expect("disconnect 7", "remove 7")
xs("rm", f"{home}/device/loop")
m.wait_for(lambda: m.console_log("loop").count("remove") == 4, "all to be removed")
seen = len(m.console_log("loop"))
ok("not connected" not in m.console_log("loop"), "disconnected once each")
is_(xs("read", f"{home}/device/loop"), None, "the guest makes no nodes anew")
attach(0, b0 + "/size", "78")
expect("probe 0 of domain 0")
backend(0, 2)
expect("size 78, mode slow", "connect 0")
m.must("destroy", "loop")
done(m)
