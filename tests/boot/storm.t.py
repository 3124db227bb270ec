# SPDX-License-Identifier: ISC
"""Guests that misuse xenstore hurt themselves: a neighbour and a client on the
socket keep being answered while they do it and after."""
import os
import shutil
import socket
import struct
import subprocess

from midge import Midge, bail, done, is_, like, ok

m = Midge()
if not shutil.which("xenstore-write"):
    bail("xenstore-write is missing: install package xenstore-utils (make deps)")
storm = m.app("storm")
m.must("create", "-q", storm, 'name="neighbour"', 'extra="neighbour"')
m.env["XENSTORED_PATH"] = os.path.join(m.run_dir, "xenstored", "socket")
home = f"/local/domain/{m.domains()[0]['domid']}"
pings = 0


def xs(tool, *args):
    r = subprocess.run(["xenstore-" + tool, *args], env=m.env, timeout=60,
                       stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                       stderr=subprocess.STDOUT, universal_newlines=True)
    return r.stdout.strip()


def quota(domid):
    """The CONTROL request of that name, as xenstore-control sends it."""
    with socket.socket(socket.AF_UNIX) as c:
        c.connect(m.env["XENSTORED_PATH"])
        body = f"quota\0{domid}\0".encode()
        c.sendall(struct.pack("<IIII", 0, 1, 0, len(body)) + body)
        answer = c.recv(4096)
    return answer[16:].decode()


def ping():
    """Through the socket, the neighbour's ring, and back."""
    global pings
    pings += 1
    xs("write", f"{home}/data/ping", str(pings))
    m.wait_for(lambda: xs("read", f"{home}/data/pong") == str(pings), "a pong")


ping()
ok(True, "the neighbour answers")

EXPECT = {
    "no-reader": "",
    "watch-flood": r"^storm: 128 watches$",
    "transactions": r"^storm: \d transactions, \d{3,4} writes$",
    "indices": r"^storm: [1-9]\d* times out of order, served again$",
    "garbage": r"^storm: \d+ times closed, served again$",
    "limits": r"^storm: 0 of nonsense accepted\r?\nstorm: error 3$",
}
for attack, said in EXPECT.items():
    name = f"s-{attack}"
    m.must("create", "-q", storm, f'name="{name}"', f'extra="{attack}"')
    m.wait_for(lambda: f"{attack} begins" in m.console_log(name), f"{name} to begin")
    # It may take its time, the neighbour is asked again and again.
    while f"{attack} is through" not in m.console_log(name):
        ping()
    ping()
    ok(True, f"{attack}: the neighbour was answered all the time")
    if said:
        like(m.console_log(name), said, f"{attack}: what came of it")
    ok(name in m.names(), f"{attack}: the guest itself lives on")

# All of them are still there, with what they hold.
like(quota(home.rsplit("/", 1)[1]), r"^watches: 1$", "the usage of the neighbour")
ids = {d["config"]["c_info"]["name"]: d["domid"] for d in m.domains()}
held = quota(ids["s-transactions"])
memory = int(held.split("memory: ")[1].split()[0])
ok(500_000 < memory <= 2_621_440, f"transactions are on their owner's account: {memory} bytes")
like(held, r"^transactions: [1-9]", "and still open")
dmesg = m.must("dmesg")
like(dmesg, r"s-indices: xenstore: the guest's ring indices make no sense", "dmesg: indices")
like(dmesg, r"s-limits: xenstore: the guest sent a message longer than", "dmesg: length")
is_(dmesg.count("s-limits: xenstore:"), 1, "told once")

for attack in EXPECT:
    m.must("destroy", f"s-{attack}")
ping()
is_(m.names(), ["neighbour"], "the neighbour outlives them")
is_(xs("list", "/local/domain").split(), ["0", home.rsplit("/", 1)[1]], "nothing of theirs is left")
is_(len(xs("list", "/vm").split()), 1, "anywhere")
m.must("destroy", "neighbour")
done(m)
