# SPDX-License-Identifier: ISC
"""kill -9 of whatever takes part, at any moment (docs/attacks.md 40): a guest, a
zygote, xl at each of its steps, clients that misbehave, and the daemon under load.
Nothing stays, the rest goes on, and the next daemon says what it found."""
import os
import random
import re
import resource
import signal
import struct
import subprocess
import threading
import time

from control import Control
from fault import children, descriptors
from midge import PATIENCE, XL, Midge, bail, done, is_, like, ok

m = Midge()
m.must("info")
c = Control(m)
pid = c.ask("info")["pid"]
block = {"image": m.image("bench"), "cmdline": "block"}


def must(answer):
    return answer if answer["ok"] else bail(f"a request failed: {answer}")


def pid_of(name):
    return c.ask("list", domain=name)["domains"][0]["pid"]


def settle(cond):
    """Whether it comes true."""
    deadline = time.monotonic() + PATIENCE
    while not cond():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.002)
    return True


# --- a guest, a zygote ----------------------------------------------------------
must(c.create("other", **block))
a = must(c.create("x", **block))
os.kill(pid_of("x"), signal.SIGKILL)
w = c.ask("wait", domain=a["domid"])
is_((w["reason"], w["action"]), ("crash", "destroy"), "a guest that is killed has crashed")
like(m.must("dmesg"), r"x: its process was killed by signal 9 \(Killed\)", "and xl dmesg says of what")

guests = {pid_of("other")}


def name_of(process):
    try:
        with open(f"/proc/{process}/comm") as comm:
            return comm.read().strip()
    except (FileNotFoundError, ProcessLookupError):
        return None


def is_dead(process):
    """Gone, or not collected yet."""
    try:
        with open(f"/proc/{process}/stat") as stat:
            return stat.read().rpartition(")")[2].split()[0] in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return True


def zygotes_now():
    return [p for p in children(pid) if p not in guests and name_of(p) == "midge-guest"]


zygotes = zygotes_now()
ok(zygotes, f"there are zygotes: {len(zygotes)}")
for z in zygotes:
    os.kill(z, signal.SIGKILL)
ok(settle(lambda: not set(zygotes) & set(children(pid))), "killed zygotes are collected")
must(c.create("x", **block))
ok(pid_of("other") in guests, "the next create makes a new one; other domains go on")
must(c.ask("destroy", domain="x"))

# --- guests and zygotes in the midst of something ------------------------------------
SEED = int(os.environ.get("SEED") or time.time_ns() & 0xffffffff)
rng = random.Random(SEED)


def kill(victim):
    try:
        os.kill(victim, signal.SIGKILL)
    except ProcessLookupError:
        pass


def in_the_midst(op, fds=(), **fields):
    """The guest dies while (op) is served: an answer comes in any case."""
    domid = must(c.create("x", **block))["domid"]
    guest = pid_of("x")
    n = c.send(op, fds, **fields)
    time.sleep(rng.random() * 0.001)  # any moment will do: that is what is tried
    kill(guest)
    answer = c.answer(n)
    if not answer["ok"] and answer["error"] not in ("gone", "not-found", "busy"):
        wrong.append((op, answer))
    c.ask("wait", domain=domid)


wrong = []
with open(os.path.join(m.dir, "core"), "wb+") as core:
    for i in range(8):
        in_the_midst("dump-core", [core.fileno()], domain="x")
for op in "pause", "console", "shutdown", "destroy", "wait":
    more = {"console": {"write": True}, "shutdown": {"request": "poweroff"}}.get(op, {})
    for i in range(4):
        in_the_midst(op, domain="x", **more)
is_(wrong, [], f"guests killed in the midst of something: all is answered (SEED={SEED})")

made = refused = 0
for i in range(30):
    zygotes = zygotes_now()
    n = c.send_create("x", **block)
    time.sleep(rng.random() * 0.0005)
    for z in zygotes:
        kill(z)
    a = c.answer(n)
    made += a["ok"]
    refused += not a["ok"]
    if a["ok"]:
        c.ask("destroy", domain="x")  # it may have been killed
    elif "could not be started" not in a["message"]:
        wrong.append(a)
is_(wrong, [], f"zygotes killed during 30 creates: {made} made, {refused} refused (SEED={SEED})")
must(c.create("x", **block))
must(c.ask("destroy", domain="x"))
settle(lambda: len(zygotes_now()) == 1)
is_(len(zygotes_now()), 1, "one zygote is left, no orphan")

# --- xl, at each step ------------------------------------------------------------
hello = m.app("hello")
must(c.create("paused", paused=True))
core = os.path.join(m.dir, "core")
base = descriptors(pid)


def fresh():
    """Descriptors as before, but for templates and what serves them."""
    now = descriptors(pid)
    return {k: n for k, n in now.items() if k not in ("socket", "/memfd:midge-template (deleted)")}


want = fresh()
left = []
COMMANDS = [["create", "-c", m.app("bench"), 'name="x"', 'extra="block"'],
            ["create", "-F", m.app("bench"), 'name="x"', 'extra="block"'],
            ["create", hello, 'name="x"'], ["console", "other"], ["shutdown", "-w", "paused"],
            ["dump-core", "other", core], ["destroy", "x"], ["list"]]


def kill_after(command, delay):
    p = subprocess.Popen([XL, *command], env=m.env, stdin=subprocess.DEVNULL,
                         stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(delay)  # any moment will do: that is what is tried
    p.kill()
    p.wait()


for command in COMMANDS:
    for i in range(6):
        kill_after(command, rng.random() * 0.006)
        names = [d["name"] for d in c.ask("list")["domains"]][1:]
        if not {"other", "paused"} <= set(names):
            bail(f"SEED={SEED}: {command}: a domain is lost: {names}")
        if "x" in names:
            c.ask("destroy", domain="x")  # it may just have ended
settle(lambda: fresh() == want)
is_(fresh(), want, f"xl killed {6 * len(COMMANDS)} times: its connections are dropped")
must(c.ask("destroy", domain="paused"))
want = fresh()

# --- clients that misbehave ------------------------------------------------------------
half = Control(m)
half.s.sendall(struct.pack("<I", 1000) + b'{"id":1,')
deaf = Control(m)
deaf.s.setblocking(False)
asked = 0
try:
    while asked < 20000:
        deaf.send("info")
        asked += 1
except BlockingIOError:
    pass
ok(asked < 20000, f"one that never reads is read no more, after {asked} requests")
ok(c.ask("info")["ok"], "others are served")
greedy = Control(m)
with open(m.image("hello"), "rb") as image:
    greedy.send("create", fds=[image.fileno()] * 200, name="x")
a = greedy.answer(1)
is_((a["id"], a["ok"]), (0, False), "200 descriptors at once are refused")
like(a["message"], r"descriptors", "with the reason")
for client in half, deaf, greedy:
    client.close()
settle(lambda: fresh() == want)
is_(fresh(), want, "nothing stays of them")

# --- without descriptors -------------------------------------------------------------
soft, hard = resource.prlimit(pid, resource.RLIMIT_NOFILE)
used = len(os.listdir(f"/proc/{pid}/fd"))
unclear, room = [], 0
while room < 100:
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (used + room, hard))
    r = m.xl("create", hello, 'name="x"', f"memory={16 + room}")
    if r.returncode == 0:
        break
    line = r.stderr.strip().splitlines()[-1]
    if not re.search(r"(descriptor|open files).*limit|limit.*(descriptor|open files)", line):
        unclear.append((room, line))
    room += 1
resource.prlimit(pid, resource.RLIMIT_NOFILE, (soft, hard))
ok(0 < room < 100, f"xl create works with {room} descriptors to spare")
is_(unclear, [], "and says what it lacks with fewer")
settle(lambda: fresh() == want)
is_(fresh(), want, "nothing is left of the attempts")
is_(c.ask("info")["pid"], pid, "it is the same daemon still")

c.close()

# --- the daemon, under load -----------------------------------------------------------------
going = True


def load(nr):
    """Creates and destroys; whatever fails must fail in one line."""
    turn = 0
    while going:
        turn += 1
        for command in (["create", "-q", m.app("bench"), f'name="load{nr}"', 'extra="block"'],
                        ["list"], ["destroy", f"load{nr}"]):
            r = m.xl(*command)
            if r.returncode < 0 or len(r.stderr.splitlines()) > 1:
                wrong.append((command[0], r.returncode, r.stderr))


threads = [threading.Thread(target=load, args=(n,)) for n in range(3)]
for t in threads:
    t.start()
ROUNDS, failed = 8, []
for i in range(ROUNDS):
    # All that is random is when.
    time.sleep(rng.random() * 0.1)
    r = m.xl("info")
    found = re.search(r"^midge_pid\s*: (\d+)", r.stdout, re.M)
    if found:
        os.kill(int(found.group(1)), signal.SIGKILL)
    r = m.xl("create", "-F", hello)  # at once, while the old one dies
    if r.returncode:
        failed.append((r.returncode, r.stderr))
going = False
for t in threads:
    t.join()
is_(failed[:3], [], f"{ROUNDS} daemons killed under load: the next xl works (SEED={SEED})")
is_(wrong[:3], [], f"commands that met a dying daemon said so in one line (SEED={SEED})")
m.must("info")
pid, guests = m.daemon_pid(), set()
starter = [p for p in children(pid) if name_of(p) == "midge-starter"]
for p in starter:
    os.kill(p, signal.SIGKILL)
settle(lambda: all(is_dead(p) for p in starter))
if starter:
    r = m.xl("create", hello, "memory=40")  # which has no zygote yet
    ok(r.returncode != 0, "without the process that starts others no domain is made")
    like(r.stderr, r"midge-starter\) is gone: restart midge-hv$", "and xl says what to do")
os.kill(pid, signal.SIGKILL)
ok(settle(lambda: not m.processes()), "guests and zygotes die with their daemon")
m.must("create", "-F", hello)
with open(os.path.join(m.run_dir, "midge-hv.log")) as f:
    like(f.read(), r"an earlier daemon ended uncleanly", "the log tells of what was found")
like(m.must("dmesg"), r"an earlier daemon ended uncleanly", "and so does xl dmesg")
done(m)
