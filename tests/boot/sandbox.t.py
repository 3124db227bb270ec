# SPDX-License-Identifier: ISC
"""The list of system calls that a domain's process can make: what it is (in
sandbox.golden), that it is short, and that it is the kernel's own."""
import os
import re
import struct
import subprocess
from midge import B, TOP, Midge, done, is_, like, ok, skip

TOOL = os.path.join(B, "bin", "midge-sandbox")
m = Midge()


def tool(*args):
    return subprocess.run([TOOL, *map(str, args)], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, universal_newlines=True)


def sections(*args):
    """title -> what it says"""
    r = tool(*args)
    is_((r.returncode, r.stderr), (0, ""), f"midge-sandbox {' '.join(map(str, args))}")
    parts = re.split(r"^(?! )(\D.*)\n", r.stdout, flags=re.M)
    return dict(zip(parts[1::2], parts[2::2]))


listed = tool().stdout
# The monitor's size is nobody's business here.
with open(os.path.join(TOP, "tests", "boot", "sandbox.golden")) as f:
    is_(re.sub(r"(at an address 0x10000 to) 0x[0-9a-f]+$", r"\1 END", listed, flags=re.M),
        f.read(), "the list is the one that was agreed on")
counts = [int(n) for n in re.findall(r"^  (\d+) system calls$", listed, re.M)]
ok(len(counts) == 4 and max(counts) <= 10, f"never more than ten: {counts}")


def relaxed_image():
    """hello, with its code writable."""
    with open(m.image("hello"), "rb") as f:
        elf = bytearray(f.read())
    phoff, = struct.unpack_from("<Q", elf, 32)
    size, count = struct.unpack_from("<HH", elf, 54)
    for at in range(phoff, phoff + size * count, size):
        kind, flags = struct.unpack_from("<II", elf, at)
        if kind == 1 and flags & 1:
            struct.pack_into("<I", elf, at + 4, flags | 2)
    path = os.path.join(m.dir, "relaxed.elf")
    with open(path, "wb") as f:
        f.write(elf)
    return path


def pid_of(name):
    return next(d["midge"]["pid"] for d in m.domains() if d["config"]["c_info"]["name"] == name)


m.must("create", m.app("hello"), 'extra="--block"', 'name="strict"')
m.must("create", m.app("hello"), 'extra="--block"', 'name="relaxed"', f'kernel="{relaxed_image()}"')
m.wait_for(lambda: "argv[1]" in m.console_log("relaxed"), "a relaxed image to run")

with open("/proc/cpuinfo") as f:
    suffix = "" if re.search(r"^flags.* fsgsbase", f.read(), re.M) else ", CPU without FSGSBASE"
titles = {"strict": "strict: no segment is both writable and executable" if not suffix
          else "strict" + suffix,
          "relaxed": "relaxed: some segment is" if not suffix else "relaxed" + suffix}
if os.geteuid() == 0:
    for name, title in titles.items():
        pid = pid_of(name)
        for how in ((), ("-r",)):
            is_(sections(*how, "-p", pid)[f"process {pid}"], sections(*how)[title],
                f"{name}: the kernel has {'that very program' if how else 'what is listed'}")
    m.wait_for(lambda: m.state("strict") == "-b----", "the process to be let go")
    ok(True, "it runs on as before")
else:
    skip("the kernel's program is the one listed", "reading it needs root")

# What stands behind the filter.
pid = pid_of("strict")
with open(f"/proc/{pid}/status") as f:
    status = dict(re.findall(r"^(\w+):\s+(.*)$", f.read(), re.M))
is_((status["NoNewPrivs"], status["Threads"]), ("1", "1"), "no new privileges, one thread")
is_({c: int(status[c], 16) for c in ("CapInh", "CapPrm", "CapEff", "CapAmb")},
    {"CapInh": 0, "CapPrm": 0, "CapEff": 0, "CapAmb": 0}, "no capabilities")
is_({int(fd): re.sub(r"(pipe:).*", r"\1", os.readlink(f"/proc/{pid}/fd/{fd}"))
     for fd in os.listdir(f"/proc/{pid}/fd")},
    {3: "/memfd:midge-ram (deleted)", 4: "pipe:", 5: "/memfd:midge-template (deleted)"},
    "three descriptors")

r = tool("-p", os.getpid())
like(r.stderr, r"^midge-sandbox: process \d+: ", "a process without a filter")
is_(r.returncode, 1, "is an error")
is_(tool("-p", "x").returncode, 2, "so is what is no process id")
is_(tool("x").returncode, 2, "and an unknown argument")
is_(tool("--help").returncode, 0, "--help")
done(m)
