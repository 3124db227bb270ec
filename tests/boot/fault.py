# SPDX-License-Identifier: ISC
"""A daemon whose calls can be made to fail (tests/fault/hv), and what it holds."""
import mmap
import os
import struct
import subprocess

from midge import B, PATIENCE

HV_FAULT = os.path.join(B, "tests", "tools", "midge-hv-fault")
KINDS = ["malloc", "mmap", "mremap", "madvise", "memfd_create", "pipe2", "open", "fopen",
         "opendir", "socketpair", "accept4", "epoll_ctl", "epoll_create1", "eventfd",
         "timerfd_create", "sendmsg", "recvmsg", "pread", "pwrite", "write", "fcntl", "vfork",
         "syscall", "pthread_create", "posix_openpt", "dup2", "rename", "mkdir", "ftruncate",
         "process_vm_readv", "ptrace"]
EVERY = (1 << len(KINDS)) - 1
# struct fault_page of tests/fault/hv/fault.h: offset and format.
FIELDS = {"mask": (0, "<I"), "nr": (4, "<i"), "from_": (8, "<I"), "error": (12, "<i"),
          "zygote_nr": (16, "<i"), "zygote_arg": (20, "<i"), "zygote_value": (24, "<I"),
          "zygote_error": (28, "<I"), "fired": (32, "<I"), "kind": (36, "<I"),
          "caller": (40, "<Q"), "blocks": (48, "<q"), "bytes": (56, "<q"),
          "unsealed": (64, "<I")}


def bits(*names):
    return sum(1 << KINDS.index(n) for n in names)


class Faults:
    """The page, and the daemon behind it: started here, for (m)."""

    def __init__(self, m, *options):
        self.m = m
        self.path = os.path.join(m.dir, "faults")
        with open(self.path, "wb") as f:
            f.truncate(mmap.PAGESIZE)
        with open(self.path, "r+b") as f:
            self.page = mmap.mmap(f.fileno(), mmap.PAGESIZE)
        self.options = options
        self.pid = None

    def __getattr__(self, name):
        if name not in FIELDS:
            raise AttributeError(name)
        offset, form = FIELDS[name]
        return struct.unpack_from(form, self.page, offset)[0]

    def put(self, **values):
        for name, value in values.items():
            offset, form = FIELDS[name]
            struct.pack_into(form, self.page, offset, value)

    def arm(self, nr, mask=EVERY, from_=False, error=0):
        self.put(mask=0)
        self.put(nr=nr, from_=int(from_), error=error, fired=0, kind=0, caller=0)
        self.put(mask=mask)

    def disarm(self):
        self.put(mask=0)

    def where(self):
        """Which call failed first, and where in the daemon."""
        r = subprocess.run(["addr2line", "-sfe", HV_FAULT, hex(self.caller - 1)],
                           stdout=subprocess.PIPE, universal_newlines=True)
        return f"{KINDS[self.kind]} in {' '.join(r.stdout.split())}"

    def start(self):
        """The daemon's start, which goes on behind it: exit code and what it said."""
        with open(os.path.join(self.m.dir, "said"), "w+") as said:
            r = subprocess.run([HV_FAULT, "--run-dir", self.m.run_dir, *self.options],
                               env=dict(self.m.env, MIDGE_FAULT=self.path),
                               stdin=subprocess.DEVNULL, stdout=said, stderr=said,
                               timeout=PATIENCE)
            said.seek(0)
            return r.returncode, said.read()



def children(pid):
    """Of all its threads, dead ones that nobody has collected included."""
    found = []
    for task in os.listdir(f"/proc/{pid}/task"):
        try:
            with open(f"/proc/{pid}/task/{task}/children") as f:
                found += map(int, f.read().split())
        except FileNotFoundError:
            pass
    return sorted(found)


def descriptors(pid):
    found = {}
    for fd in os.listdir(f"/proc/{pid}/fd"):
        try:
            link = os.readlink(f"/proc/{pid}/fd/{fd}")
        except FileNotFoundError:
            continue
        kind = link.split(":")[0] if ":[" in link else link
        found[kind] = found.get(kind, 0) + 1
    return found


def files(path):
    found = []
    for where, dirs, names in os.walk(path):
        found += [os.path.join(where, n) for n in dirs + names]
    return sorted(found)
