# SPDX-License-Identifier: ISC
"""shutdown, reboot, rename, uptime, vm-list, sysrq, trigger; on_* actions."""
import os
import re
import shutil
import subprocess

from midge import PATIENCE, Midge, bail, done, is_, like, ok

m = Midge()
if not shutil.which("xenstore-read"):
    bail("xenstore-read is missing: install package xenstore-utils (make deps)")
bench, ends = m.app("bench"), m.app("ends")
m.env["XENSTORED_PATH"] = os.path.join(m.run_dir, "xenstored", "socket")


def node(domid, path):
    r = subprocess.run(["xenstore-read", f"/local/domain/{domid}/{path}"], env=m.env,
                       timeout=PATIENCE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                       universal_newlines=True)
    return r.stdout.rstrip("\n") if r.returncode == 0 else None


def create(name, *more, cfg=bench, extra="block"):
    m.must("create", "-q", cfg, f'name="{name}"', f'extra="{extra}"', *more)
    return m.must("domid", name).strip()


def fails(args, code, pattern, what):
    r = m.xl(*args)
    ok(r.returncode == code and re.search(pattern, r.stderr) and r.stderr.count("\n") <= 12,
       f"{what}: {r.stderr.strip().splitlines()[:1]}")
    if r.returncode != code:
        print(f"# exit {r.returncode}, want {code}")


def age(name):
    """Seconds since its creation."""
    h, mins, s = m.must("uptime", name).split()[-1].split(":")
    return int(h) * 3600 + int(mins) * 60 + int(s)


# --- without a daemon ----------------------------------------------------------
for cmd in ("shutdown", "reboot"):
    fails((cmd,), 1, "either -a or a domain", f"{cmd} wants to know which")
    fails((cmd, "-a", "x"), 1, "either -a or a domain", f"{cmd} -a takes no domain")
    fails((cmd, "nobody"), 1, r"^nobody is an invalid domain identifier \(rc=-6\)",
          f"{cmd} of nobody")
    fails((cmd, "-x", "a"), 2, "option -x is not known", f"{cmd} -x")
    is_(m.xl(cmd, "-a").returncode, 0, f"{cmd} -a of none")
is_(m.must("vm-list"), "UUID                                  ID    name\n", "vm-list of none")
is_(m.must("uptime"), "Name                                ID Uptime\n", "uptime of none")
ok(not os.path.exists(m.run_dir), "none of these has started a daemon")

# --- what the guest is asked ----------------------------------------------------
# Paused, it cannot answer: what was asked stays to be seen.
m.must("create", "-p", "-q", bench, 'name="one"', 'extra="block"')
one = m.must("domid", "one").strip()
r = m.xl("shutdown", "one")
is_((r.returncode, r.stderr), (0, f"Shutting down domain {one}\n"), "xl shutdown")
is_(node(one, "control/shutdown"), "poweroff", "asks for poweroff")
r = m.xl("reboot", "-F", one)
is_((r.returncode, r.stderr), (0, f"Rebooting domain {one}\n"), "xl reboot -F, by id")
is_(node(one, "control/shutdown"), "reboot", "asks for a reboot")
is_(m.xl("sysrq", "one", "h").returncode, 0, "xl sysrq")
is_(node(one, "control/sysrq"), "h", "writes the key")
fails(("sysrq", "one", "hh"), 1, "'hh' is not one letter", "two letters")
fails(("sysrq", "one", "\t"), 1, "SysRq key", "a letter that cannot be seen")
fails(("sysrq", "nobody", "h"), 1, "invalid domain identifier", "sysrq to nobody")
fails(("shutdown", "0"), 1, "Domain-0 is this host", "the host is not shut down")
for name in ("nmi", "reset", "init", "power", "sleep", "s3resume"):
    fails(("trigger", "one", name), 1, f"trigger {name}: ", f"trigger {name}")
fails(("trigger", "one", "pull"), 1, '"pull" is not known', "no such trigger")
fails(("trigger", "one", "nmi", "x"), 1, "'x' is not a vCPU", "no such vCPU")
fails(("trigger", "one", "nmi", "1"), 1, "between 0 and 0", "nor number 1")
fails(("trigger", "one"), 2, "requires at least 2 arguments", "trigger wants its name")

# --- waiting -----------------------------------------------------------------------
two = create("two")
p = m.popen("shutdown", "-w", "-a", stderr=subprocess.PIPE)
for domid in (one, two):
    is_(p.stderr.readline(), f"Shutting down domain {domid}\n", "-a asks all")
is_(p.stderr.readline(), "Waiting for 2 domains\n", "-w waits for them")
is_(p.stderr.readline(), f"Domain {one} is paused: unpause it, or wait in vain\n",
    "and says for whom in vain")
is_((node(one, "control/shutdown"), p.poll()), ("poweroff", None), "as long as it takes")
m.must("destroy", "one")
m.xl("destroy", "two")  # it may have obeyed by now
err = p.communicate(timeout=PATIENCE)[1]
is_(p.returncode, 0, "until they are gone")
like(err, rf"Domain {one} has been destroyed\nDomain {two} has been (shut down, reason code 0|destroyed)",
     "and says how")

# --- guests that obey -------------------------------------------------------------------
two = create("two")
p = m.popen("create", "-q", "-F", bench, 'name="obeys"', 'extra="block"',
            stdin=subprocess.DEVNULL, stderr=subprocess.PIPE)
m.wait_for(lambda: m.state("obeys") == "-b----", "obeys to block")
first = m.must("domid", "obeys").strip()
r = m.xl("reboot", "-w", "obeys")
is_((r.returncode, r.stderr), (0, f"Rebooting domain {first}\nWaiting for 1 domain\n"
                               f"Domain {first} has been shut down, reason code 1\n"),
    "xl reboot -w: the guest does it")
m.wait_for(lambda: m.state("obeys") == "-b----", "obeys to block again")
second = m.must("domid", "obeys").strip()
ok(second != first, "and is there again with another id")
r = m.xl("shutdown", "-a", "-w")
ok(r.returncode == 0 and all(f"Domain {d} has been shut down, reason code 0\n" in r.stderr
                             for d in (two, second)), "xl shutdown -a -w: all of them")
is_((p.wait(timeout=PATIENCE), m.names()), (0, []), "and nobody is left")
p.stderr.close()
m.must("create", "-p", "-q", bench, 'name="late"', 'extra="block"')
m.must("shutdown", "late")
m.must("unpause", "late")
m.wait_for(lambda: m.names() == [], "late to go")
like(m.must("dmesg"), r"late: poweroff: destroy", "asked before it listens, a guest obeys all the same")

create("over", 'on_poweroff="preserve"', cfg=ends, extra="poweroff")
m.wait_for(lambda: "s" in (m.state("over") or ""), "over to end")
for cmd in ("shutdown", "reboot"):
    r = m.xl(cmd, "-a", "-w")
    is_((r.returncode, r.stderr), (0, ""), f"{cmd} -a is not for those that have ended")
m.must("destroy", "over")

# For the end of this test: what happens to those that have lived 10 s.
elders = [m.popen("create", "-q", "-p", "-F", ends, f'name="{name}"', f'extra="{how}"', on,
                  stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
          for name, how, on in (("aside", "crash", 'on_crash="rename-restart"'),
                                ("back", "crash", 'on_crash="restart"'))]
m.wait_for(lambda: m.names() == ["aside", "back"] or m.names() == ["back", "aside"], "two elders")
names = m.names


def young():
    return [n for n in names() if n not in ("aside", "back")]


m.names = young

# --- names ----------------------------------------------------------------------------
one, two = create("one"), create("two")
is_(m.xl("rename", "one", "uno").returncode, 0, "xl rename")
is_(m.must("domname", one), "uno\n", "it has its new name")
is_(node(one, "name"), "uno", "in xenstore, too")
fails(("rename", "uno", "two"), 1, 'named "two" exists already', "a name in use")
fails(("rename", "uno", "7"), 1, 'name "7": ', "a name that is a number")
fails(("rename", "uno", "a/b"), 1, 'name "a/b": ', "a bad name")
fails(("rename", "uno", "Domain-0"), 1, 'name "Domain-0": ', "the host's name")
fails(("rename", "one", "x"), 1, "invalid domain identifier", "the old name is gone")
fails(("rename", "0", "x"), 1, "Domain-0 is this host", "the host keeps its name")

# --- uptime and vm-list ---------------------------------------------------------------
out = m.must("uptime")
like(out, r"\AName +ID Uptime\nDomain-0 {29}0 .*\d\d:\d\d\n", "xl uptime: the host first")
like(out, rf"^uno {{31}}{one:>4}  0:\d\d:\d\d$", "and every domain")
is_([l.split()[0] for l in m.must("uptime", "two", "uno").splitlines()],
    ["Name", "two", "uno"], "xl uptime of some")
like(m.must("uptime", "-s", "two"), rf"\A \d\d:\d\d:\d\d up  0:\d\d, two \({two}\)\n\Z", "xl uptime -s")
fails(("uptime", "one"), 1, "one is an invalid domain identifier", "uptime of nobody")
rows = dict((l.split()[2], l.split()[:2]) for l in m.must("vm-list").splitlines()[1:])
is_(rows["two"], [next(d["config"]["c_info"]["uuid"] for d in m.domains()
                       if d["domid"] == int(two)), two], "xl vm-list")
is_(rows["Domain-0"], ["00000000-0000-0000-0000-000000000000", "0"], "with the host")
m.must("destroy", "uno")
m.must("destroy", "two")

# --- on_watchdog, on_soft_reset, rename-restart ------------------------------------------
for reason, key in (("watchdog", "on_watchdog"), ("soft_reset", "on_soft_reset"),
                    ("poweroff", "on_poweroff"), ("crash", "on_crash"), ("reboot", "on_reboot")):
    create("kept", f'{key}="preserve"', cfg=ends, extra=reason)
    m.wait_for(lambda: "s" in (m.state("kept") or ""), f"kept to end by {reason}")
    letter = {"watchdog": "w", "soft_reset": "S", "poweroff": "-", "crash": "c", "reboot": "r"}
    is_(m.state("kept"), f"---s{letter[reason]}-", f"{key}=preserve, and xl list says why")
    fails(("shutdown", "kept"), 1, "domain kept has ended", "there is nobody left to ask")
    domid = m.must("domid", "kept").strip()
    is_(m.xl("rename", "kept", "stays").returncode, 0, "it can be renamed")
    is_((m.must("domname", domid), node(domid, "name")), ("stays\n", "stays"), "as all know")
    m.must("destroy", "stays")
    r = m.xl("create", "-q", "-F", ends, 'name="gone"', f'extra="{reason}"', f'{key}="destroy"')
    ok("gone" not in m.names(), f"{key}=destroy: {r.stderr.strip()}")
    if reason in ("crash", "watchdog"):
        create("twice", f'{key}="rename-restart"', cfg=ends, extra=reason)
        m.wait_for(lambda: "s" in (m.state("twice") or ""), f"twice to end by {reason}")
        is_(m.names(), ["twice"], f"{key}=rename-restart: not so soon after its start")
    else:
        create("twice", "-p", f'{key}="rename-restart"', cfg=ends, extra=reason)
        m.must("config-update", "twice", bench, 'name="twice"', 'extra="block"')
        m.must("unpause", "twice")
        m.wait_for(lambda: m.state("twice") == "-b----", "the heir of twice to block")
        aside = [n for n in m.names() if n != "twice"]
        ok(len(aside) == 1 and re.fullmatch(r"twice-\d{8}T\d{6}Z", aside[0]),
           f"{key}=rename-restart: a clean end has no 10 s to wait for: {aside}")
        m.must("destroy", aside[0])
    m.must("destroy", "twice")
like(m.must("dmesg"), r"twice: crashed less than 10 s after its start: not restarted", "which is said")
r = m.xl("create", "-q", "-F", ends, 'name="again"', 'extra="watchdog"', 'on_watchdog="restart"')
is_((r.returncode, m.names()), (134, []), "nor does a watchdog's victim restart so soon")

# --- config-update: what comes after the reboot --------------------------------------------
p = m.popen("create", "-q", "-p", "-F", ends, 'name="cfg"', 'extra="reboot"',
            stdin=subprocess.DEVNULL, stderr=subprocess.PIPE)
m.wait_for(lambda: "cfg" in m.names(), "cfg to be made")
bad = os.path.join(m.dir, "bad.elf")
with open(bad, "w") as f:
    f.write("no image")
for args, code, pattern, what in (
        (("cfg", ends, 'name="other"'), 1, 'name="other", but the domain is called "cfg"', "another name"),
        (("cfg", ends, 'name="cfg"', f'kernel="{bad}"'), 1, "bad.elf", "no image"),
        (("cfg", ends, 'name="cfg"', "memory=1"), 1, "memory", "too little memory for it"),
        (("cfg", ends, 'name="cfg"', 'uuid="01234567-89ab-cdef-0123-456789abcdef"'), 1,
         "uuid= is not the domain's", "another uuid"),
        (("cfg", ends, 'name="cfg"', "memory=0"), 1, "must lie between", "a bad value"),
        (("cfg", ends, 'name="cfg"', 'cpus="1020-1021,1023"'), 1,
         r'cpus="1020-1021,1023": none of these CPUs is there; a domain can have \d', "no CPU"),
        (("cfg",), 2, "no configuration file given", "no file"),
        ((), 2, "requires at least 1 argument", "nobody"),
        (("cfg", ends, bench), 2, "nor the only configuration file", "two files"),
        (("nobody", ends, 'name="nobody"'), 1, "invalid domain identifier", "somebody unknown"),
        (("0", ends), 1, "Domain-0 is this host", "the host")):
    fails(("config-update", *args), code, pattern, f"config-update: {what}")
for how in ("crash", "poweroff"):
    r = m.xl("config-update", "cfg", ends, 'name="cfg"', f'extra="{how}"', "memory=16")
    is_((r.returncode, r.stdout, r.stderr), (0, "", ""), f"config-update: then {how}")
is_([d["config"]["b_info"]["target_memkb"] for d in m.domains()
     if d["config"]["c_info"]["name"] == "cfg"], [8192], "nothing changes at once")
m.must("unpause", "cfg")
is_(p.wait(timeout=PATIENCE), 0, "it reboots, and powers off: the last update counts")
p.stderr.close()
like(m.must("dmesg"), r"d\d+ cfg: created: .*, 16384 KiB, arguments: poweroff$", "with the memory it was given")

# --- cpus, cpu_weight, limits ---------------------------------------------------------------
def stat(name):
    pid = next(d["midge"]["pid"] for d in m.domains() if d["config"]["c_info"]["name"] == name)
    with open(f"/proc/{pid}/stat") as f:
        nice = int(f.read().rsplit(")", 1)[1].split()[16])
    return os.sched_getaffinity(pid), nice


mine = os.sched_getaffinity(0)
last = max(mine)
create("placed", f'cpus="{last}"')
is_(stat("placed"), ({last}, 0), "cpus= of one")
create("many", f'cpus=["0-1000,^{last}"]' if len(mine) > 1 else 'cpus="all"')
is_(stat("many")[0], mine - {last} if len(mine) > 1 else mine, "of all but one")
for weight, nice in ((256, 0), (128, 3), (1, 19), (200, 1)):
    create(f"w{weight}", f"cpu_weight={weight}")
    is_(stat(f"w{weight}")[1], nice, f"cpu_weight={weight} is nice {nice}")
if os.geteuid() == 0:
    r = m.xl("create", "-q", bench, 'name="heavy"', 'extra="block"', "cpu_weight=512")
    ok(r.returncode == 0 and stat("heavy")[1] == -3 or "a nice value of -3" in r.stderr,
       f"cpu_weight=512 is nice -3, or refused: {r.stderr.strip()}")
u = m.xl("config-update", "placed", bench, 'name="placed"', 'extra="block"', "cpu_weight=512")
r = m.xl("create", "-q", bench, 'name="heavier"', 'extra="block"', "cpu_weight=512")
m.xl("destroy", "heavier")
is_((u.returncode, "a nice value of -3" in u.stderr), (r.returncode, "a nice value of -3" in r.stderr),
    f"config-update refuses a weight just as create: {u.stderr.strip()}")
fails(("create", "-q", bench, 'name="nowhere"', 'cpus="1023"'), 1,
      r'cpus="1023": none of these CPUs is there; a domain can have \d', "a CPU that is not there")
ok("nowhere" not in m.names(), "and nothing is left")
fails(("create", "-q", bench, 'cpus="x"'), 1, 'cpus="x": expected "all"', "no CPU at all")
# Two ports are the store's and the console's; the timer wants one more.
fails(("create", "-q", bench, "max_event_channels=1"), 1, "must lie between 2 and 131071", "too few ports")
for ports, refused in ((2, "bind an IPI"), (3, "bind another to it")):
    m.must("create", "-q", m.app("abi"), f'name="few{ports}"', f"max_event_channels={ports}")
    m.wait_for(lambda: "not ok" in m.console_log(f"few{ports}"), "a guest to be refused a port")
    like(m.console_log(f"few{ports}").split("not ok", 1)[1], rf"\A \d+ - {refused}\s",
         f"max_event_channels={ports}: there is no port {ports + 1}")
    m.xl("destroy", f"few{ports}")
r = m.xl("create", "-q", "-F", m.app("hello"), 'name="fine"', "max_event_channels=100",
         "max_grant_frames=4", "max_maptrack_frames=4", "nomigrate=1")
is_((r.returncode, r.stderr), (0, ""), "limits that are no obstacle")
for name in ("placed", "many", "w256", "w128", "w1", "w200", "heavy"):
    m.xl("destroy", name)

# --- those that have lived 10 s ---------------------------------------------------------
m.names = names
old, back = m.must("domid", "aside").strip(), m.must("domid", "back").strip()
uuid = next(d["config"]["c_info"]["uuid"] for d in m.domains() if d["domid"] == int(old))
m.wait_for(lambda: age("aside") > 10 and age("back") > 10, "two domains to be 10 s old")
m.must("unpause", "aside")
is_(elders[0].wait(timeout=PATIENCE), 134, "create -F follows a domain that is set aside")
elders[0].stderr.close()
rows = {d["domid"]: d["config"]["c_info"] for d in m.domains()}
like(rows[int(old)]["name"], r"^aside-\d{8}T\d{6}Z$", "which keeps its id and has the time in its name")
new = m.must("domid", "aside").strip()
is_((rows[int(new)]["uuid"], rows[int(old)]["uuid"] != uuid), (uuid, True),
    "its heir has its uuid, it has another")
is_((node(old, "name"), node(old, "vm")),
    (rows[int(old)]["name"], "/vm/" + rows[int(old)]["uuid"]), "as xenstore knows")
is_(node(new, "vm"), "/vm/" + uuid, "both")
is_([m.state(r["name"])[3:5] for r in rows.values() if r["name"].startswith("aside")], ["sc", "sc"],
    "and the heir, having crashed soon after its start, was preserved")
is_((m.xl("destroy", old).returncode, m.xl("destroy", "aside").returncode), (0, 0), "both can go")
m.must("unpause", "back")
is_(elders[1].wait(timeout=PATIENCE), 134, "a crash after 10 s of life: restarted, once")
elders[1].stderr.close()
is_(len(re.findall(rf"d\d+ back: crash: (restart|destroy)$", m.must("dmesg"), re.M)), 2,
    "the second life was too short")
is_(m.names(), [], "nothing is left")
done(m)
