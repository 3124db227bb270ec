# SPDX-License-Identifier: ISC
"""40,000 domains, one after the other: ids come round, nothing adds up."""
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "boot"))
from midge import Midge, done, is_, ok  # noqa: E402

EARLY, ALL, LAST_ID = 5000, 40000, 32751

m = Midge()
# One worker: which of two serves a connection, and has made zygotes then, is chance.
m.start("--workers", "1")
pid = m.daemon_pid()
m.env["XENSTORED_PATH"] = os.path.join(m.run_dir, "xenstored", "socket")


def status(key):
    with open(f"/proc/{pid}/status") as f:
        return int([line.split()[1] for line in f if line.startswith(key + ":")][0])


def nodes():
    r = subprocess.run(["xenstore-ls", "-f"], env=m.env, stdout=subprocess.PIPE,
                       universal_newlines=True, check=True, timeout=60)
    return len(r.stdout.splitlines())


def look():
    """What could add up; memory in KiB apart."""
    names = [f for _, _, files in os.walk(m.run_dir) for f in files
             if not f.startswith("midge-hv.log")]
    return {"descriptors": m.daemon_fds(), "processes": len(m.processes()),
            "store nodes": nodes(), "domains": len(m.domains()), "files": len(names),
            "mappings": len(open(f"/proc/{pid}/maps").readlines())}, status("RssAnon")


# One that stays all the time: its id is met again.
m.must("create", "-q", m.app("hello"), "extra='--block'")
stays = int(m.must("domid", "hello"))
m.wait_for(lambda: m.console_log("hello").strip(), "all that it has to say")
r = m.swarm(EARLY, m.app("ends"), "extra='poweroff'")
is_((r.returncode, r.stderr), (0, ""), f"{EARLY} domains")
ids = r.domids
before, kib_before = look()
r = m.swarm(ALL - EARLY, m.app("ends"), "extra='poweroff'")
is_((r.returncode, r.stderr), (0, ""), f"{ALL} domains")
ids += r.domids
after, kib_after = look()

want = [i for i in range(1, LAST_ID + 1) if i != stays]
start = want.index(ids[0])
want = (want[start:] + want[:start]) * 2
is_(ids == want[:ALL], True, "ids in rotation, the one that is taken left out")
for what, n in before.items():
    is_(after[what], n, f"as many {what} after {ALL} as after {EARLY}")
print(f"# anonymous memory of the daemon: {kib_before} KiB after {EARLY}, "
      f"{kib_after} KiB after {ALL}")
# What is indexed by domid (20 bytes an id) is touched meanwhile. If each of 35,000
# domains had left 64 bytes it would be 2,187 KiB.
ok(kib_after - kib_before < 1024, "and about as much memory")
is_(m.domains()[0]["domid"], stays, "the one that stays is there still")
done(m)
