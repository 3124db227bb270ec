# SPDX-License-Identifier: ISC
"""Whatever the daemon asks Linux for may be refused: the n-th call of an operation
fails, for n = 1, 2, 3, ... until nothing of it fails any more. Each time the user
gets one clear line, nothing is left behind, and the next domain is created."""
import os
import time

from control import Control
from fault import EVERY, KINDS, Faults, bits, children, descriptors, files
from midge import Midge, bail, done, is_, like, ok

m = Midge()
f = Faults(m, "--workers", "1")


def walk_start():
    """The daemon's own start: it works, or leaves one line and nothing else."""
    unclear, leaks, refused, n = [], [], 0, 0
    while True:
        n += 1
        f.arm(n)
        code, said = f.start()
        f.disarm()
        if code == 0 and not f.fired:
            break
        if code == 0:
            m.stop()
        else:
            refused += 1
            if not (said.startswith("midge-hv: ") and said.count("\n") == 1):
                unclear.append((n, f.where(), said))
        there = os.listdir(m.run_dir) if os.path.isdir(m.run_dir) else []
        left = [p for p in there if p not in ("console", "midge-hv.log")]
        if left or m.processes():
            leaks.append((n, f.where(), left, m.processes()))
    what = f"the daemon's start, each of {n - 1} calls failing"
    is_(unclear[:5], [], what + ": one line")
    is_(leaks[:5], [], what + ": nothing is left behind")
    ok(refused > 0, f"the daemon's start: {refused} times in vain")
    is_(said, "", "and then it starts")


walk_start()
pid = m.daemon_pid()
admin = Control(m)
HELLO, BENCH = m.image("hello"), m.image("bench")
# What carries the answer itself; for faults that stay.
CARRIERS = bits("sendmsg", "recvmsg", "accept4", "epoll_ctl")


def must(answer):
    return answer if answer["ok"] else bail(f"a request failed: {answer}")


def clear_away(evict):
    """No domain is left; the images' templates and zygotes are there, and with
    (evict) no others: for want of descriptors the daemon lets unused ones go."""
    f.disarm()
    while True:
        left = admin.ask("list")["domains"][1:]
        if not left:
            break
        for d in left:
            admin.ask("destroy", domain=d["name"])
    if evict:
        f.arm(1, bits("pipe2"))
        if admin.create("evict", paused=True)["ok"]:
            must(admin.ask("destroy", domain="evict"))
        f.disarm()
    for image in BENCH, HELLO:
        must(admin.create("again", image=image, paused=True))
        must(admin.ask("destroy", domain="again"))


def state():
    with open(f"/proc/{pid}/maps") as maps:
        windows = maps.read().count("midge-ram")
    return {"descriptors": descriptors(pid), "processes": len(children(pid)),
            "windows": windows, "heap blocks": f.blocks,
            "files": [p for p in files(m.run_dir) if "/console/" not in p]}


def settled(base):
    """What differs from (base) for good: processes take a moment to go."""
    deadline = time.monotonic() + 10
    while True:
        now = state()
        # What a connection had may be freed a moment after (base) was taken.
        base["heap blocks"] = min(base["heap blocks"], now["heap blocks"])
        differ = {k: (base[k], now[k]) for k in base if base[k] != now[k]}
        if not differ or time.monotonic() > deadline:
            return differ
        time.sleep(0.001)


def attempt(operation):
    """The answer: a dict, or None when the connection ended without one."""
    c = Control(m)
    try:
        return operation(c)
    except (EOFError, ConnectionError):
        return None
    except TimeoutError:
        return {"ok": False, "error": "none", "message": "no answer at all"}
    finally:
        c.close()


def is_clear(answer, kind):
    """Whether the user is told what was wrong, or that all is well."""
    if answer is None:
        return kind == "sendmsg"  # the answer itself was lost
    if answer["ok"]:
        return True
    text = answer["message"]
    return answer["error"] not in ("invalid", "none") and len(text) > 10 and "\n" not in text


def walk(name, operation, prepare=lambda: None, stay=False, evict=False, mask=EVERY):
    if stay:
        mask &= ~CARRIERS
    for _ in range(3):
        prepare()
        answer = attempt(operation)
        clear_away(evict)
        if not (answer and answer["ok"]):
            bail(f"{name} does not work without faults: {answer}")
    base = state()
    unclear, leaks, refused, n = [], [], 0, 0
    while True:
        n += 1
        prepare()
        f.arm(n, mask, stay)
        answer = attempt(operation)
        f.disarm()
        if not f.fired:
            break
        if not os.path.exists(f"/proc/{pid}"):
            bail(f"{name}: the daemon died of {n}: {f.where()}")
        refused += not (answer and answer["ok"])
        where = (n, KINDS[f.kind], f.caller)
        if not is_clear(answer, KINDS[f.kind]):
            unclear.append((n, f.where(), answer))
        clear_away(evict)
        differ = settled(base)
        if differ:
            f.put(kind=KINDS.index(where[1]), caller=where[2])
            leaks.append((n, f.where(), differ))
            base = state()
    clear_away(evict)
    what = f"{name}, each of {n - 1} calls failing" + (", and all after it" if stay else "")
    is_(unclear[:5], [], what + ": clear answers")
    is_(leaks[:5], [], what + ": nothing is left behind")
    ok(refused > 0, f"{name}: {refused} times in vain")
    ok(answer and answer["ok"], f"{name}: and then it works")


def made(**fields):
    return lambda: must(admin.create("x", **fields))


def run(c):
    answer = c.create("x")
    return c.ask("wait", domain=answer["domid"]) if answer["ok"] else answer


sizes = iter(range(8196, 1 << 20, 4))


def create_anew(c):
    """With a template that is not there yet."""
    return c.create("x", paused=True, memory_kb=next(sizes))


def restart(c):
    w = c.send("wait", domain="x")
    answer = c.ask("unpause", domain="x")
    if answer["ok"]:
        answer = c.answer(w)
    if answer["ok"] and answer["new_domid"] is None:
        return {"ok": False, "error": "gone", "message": "x was not restarted: see xl dmesg"}
    return answer


def dump(c):
    with open(os.path.join(m.dir, "core"), "wb+") as core:
        return c.ask("dump-core", [core.fileno()], domain="x")


def update(c):
    with open(HELLO, "rb") as image:
        return c.ask("config-update", [image.fileno()], domain="x", name="x", kernel="hello",
                     cmdline="", memory_kb=8192)


# The store keeps some values that many domains have: until it has enough of them.
for i in range(150):
    must(admin.create(f"warm{i}", paused=True))
    clear_away(False)

blocked = made(image=BENCH, cmdline="block")
paused = made(paused=True)
walk("create anew", create_anew, evict=True)
walk("create anew", create_anew, evict=True, stay=True)
walk("create and run", run)
walk("destroy", lambda c: c.ask("destroy", domain="x"), paused)
walk("destroy", lambda c: c.ask("destroy", domain="x"), paused, stay=True)
walk("restart", restart, made(paused=True, on_poweroff="restart"))
walk("dump-core", dump, blocked)
walk("console", lambda c: c.ask("console", domain="x", write=True), paused)
walk("config-update", update, paused)
walk("rename", lambda c: c.ask("rename", domain="x", name="y"), paused)

# Nobody can be accepted for a while: the daemon does not spin, and goes on.
f.arm(1, bits("accept4"), from_=True)
c = Control(m)
m.wait_for(lambda: f.fired >= 2, "an attempt to accept")
f.disarm()
ok(c.ask("info")["ok"], "who could not be accepted is served when it works again")
before = f.fired
ok(before < 100, f"after {before} attempts")
c.close()

# Zygotes and guests, which have no libc: what fails in them.
ENOMEM, EAGAIN = 12, 11
ANY = -1
WINDOW_VA, TEMPLATE_FD = 0xFC000, 5


def in_zygote(what, nr, error, pattern, arg=ANY, value=0):
    base = state()
    f.put(zygote_nr=nr, zygote_arg=arg, zygote_value=value, zygote_error=error)
    answer = admin.create("x", memory_kb=next(sizes))  # which needs a zygote of its own
    end = admin.ask("wait", domain=answer["domid"]) if answer["ok"] else {"reason": "crash"}
    f.put(zygote_error=0)
    text = answer.get("message") or m.must("dmesg")
    is_(end["reason"], "crash", f"{what} fails: no domain comes of it")
    like(text, pattern, f"{what} fails: the user is told")
    clear_away(True)
    is_(settled(base), {}, f"{what} fails: nothing is left behind")


clear_away(True)
in_zygote("recvmsg", 47, ENOMEM, r"could not be started: Input/output error")
in_zygote("clone", 56, EAGAIN, r"could not be started: .*limit on processes")
in_zygote("mapping the window", 9, ENOMEM, r"could not map its shared pages", 0, WINDOW_VA)
in_zygote("mapping the image", 9, ENOMEM, r"could not map its memory", 4, TEMPLATE_FD)
in_zygote("seccomp", 317, EAGAIN, r"could not install its filter")
is_(m.xl("create", "-F", m.app("hello")).returncode, 0, "hello runs after all that")
admin.close()

# A page that the daemon touches is gone: the domain ends, the daemon does not.
r = m.stop()
is_(r.returncode, 0, "the daemon stops")
is_(f.start(), (0, ""), "and starts")
f.put(unsealed=1)
pid, admin = m.daemon_pid(), Control(m)


def lose_memory(name, touch, told=True):
    must(admin.create("other", image=BENCH, cmdline="block"))
    victim = must(admin.create(name, image=m.image("events"), cmdline="listen 0"))
    m.wait_for(lambda: "listening on port" in m.console_log(name), "the guest")
    must(admin.ask("pause", domain=name))
    guest = [d["pid"] for d in admin.ask("list", domain=name)["domains"]][0]
    os.truncate(f"/proc/{guest}/fd/3", 0)
    w = admin.send("wait", domain=victim["domid"])
    touch(name)
    end = admin.answer(w)
    ok(end["ok"], f"{name}: it ends ({end.get('reason')})")
    if told:
        like(m.must("dmesg"), rf"{name}: a page of its memory is gone",
             f"{name}: for the reason that is told")
    is_(m.daemon_pid(), pid, f"{name}: the daemon lives")
    is_([d["name"] for d in admin.ask("list")["domains"]], ["Domain-0", "other"],
        f"{name}: and so does the other domain")
    must(admin.ask("destroy", domain="other"))


lose_memory("console-read", lambda name: admin.ask("console", domain=name, write=True))
lose_memory("store-event", lambda name: admin.ask("shutdown", domain=name, request="poweroff"))
lose_memory("destroyed", lambda name: admin.ask("destroy", domain=name),
            told=False)  # it may be gone before anybody asks why
f.put(unsealed=0)
is_(m.xl("create", "-F", m.app("hello")).returncode, 0, "hello runs after all that")
admin.close()
done(m)
