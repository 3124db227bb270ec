# SPDX-License-Identifier: ISC
"""Domains and images as the debugging tools see them: what xl says of a domain,
its process's mappings, and the parts of an image's ELF file they need."""
import json
import os
import shutil
import struct
import subprocess

# lib/portal/include/portal/layout.h
MONITOR = (0x10000, 0xfc000)
WINDOW = (0xfc000, 0x100000)
SHARED_INFO = 0xfd000
GUEST = (0x100000, 0x7d0000000000)

SHF_ALLOC, PT_LOAD, SHT_SYMTAB = 2, 1, 2


class Error(Exception):
    """One line for the user."""


def _xl():
    here = os.path.dirname(os.path.realpath(__file__))
    for path in (os.environ.get("MIDGE_XL"),
                 os.path.join(here, "../../build/bin/xl"),
                 os.path.join(here, "../../../bin/xl"),
                 shutil.which("xl")):
        if path and os.access(path, os.X_OK):
            return path
    raise Error("xl is not found: set MIDGE_XL to it")


class Domain:
    """A running domain, by name or domid; or by the pid of its process."""

    def __init__(self, name, image=None):
        try:
            r = subprocess.run([_xl(), "list", "-l", name], check=True,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                               universal_newlines=True)
        except subprocess.CalledProcessError as e:
            raise Error(e.stderr.strip() or f"xl list {name} failed") from e
        row = json.loads(r.stdout)[0]
        self.domid = row["domid"]
        self.name = row["config"]["c_info"]["name"]
        self.pid = row["midge"]["pid"]
        if not self.domid or not self.pid:
            raise Error(f"{name} has no process to look at")
        self.image = image or row["config"]["b_info"].get("kernel")
        if not self.image:
            raise Error("name the image: the hypervisor does not know its file")
        if not os.path.exists(self.image):
            raise Error(f"{self.image}: no such file here; name the image")

    def mappings(self):
        """(start, end, rights, offset, inode, file) of each, by address."""
        found = []
        with open(f"/proc/{self.pid}/maps") as f:
            for line in f:
                w = line.split(None, 5)
                lo, hi = (int(x, 16) for x in w[0].split("-"))
                found.append((lo, hi, w[1], int(w[2], 16), int(w[4]),
                              w[5].strip() if len(w) > 5 else ""))
        return found

    def read(self, address, n):
        with open(f"/proc/{self.pid}/mem", "rb") as f:
            f.seek(address)
            return f.read(n)

    def templates(self):
        """Mappings that all domains of the image share: nobody can write there,
        a debugger neither."""
        return [m for m in self.mappings()
                if m[5].startswith("/memfd:midge-template") and m[0] >= GUEST[0]]


class Image:
    """An ELF64 file of ours or a stranger's, little-endian x86-64."""

    def __init__(self, path):
        self.path = path
        with open(path, "rb") as f:
            self.data = f.read()
        d = self.data
        if d[:6] != b"\x7fELF\x02\x01" or len(d) < 64:
            raise Error(f"{path}: not a 64-bit ELF file")
        phoff, shoff = struct.unpack_from("<QQ", d, 32)
        phsize, phnum, shsize, shnum = struct.unpack_from("<HHHH", d, 54)
        try:
            self.segments = [struct.unpack_from("<IIQQQQQQ", d, phoff + i * phsize)
                             for i in range(phnum)]
            self.sections = [struct.unpack_from("<IIQQQQIIQQ", d, shoff + i * shsize)
                             for i in range(shnum)]
        except struct.error as e:
            raise Error(f"{path}: a damaged ELF file") from e

    def symbols(self):
        """(address, size, name, info) of every symbol that has an address."""
        found = []
        for s in self.sections:
            if s[1] != SHT_SYMTAB:
                continue
            names = self.sections[s[6]][4]
            for at in range(s[4], s[4] + s[5], 24):
                name, info, _, shndx, value, size = struct.unpack_from("<IBBHQQ", self.data, at)
                end = self.data.index(b"\0", names + name)
                if shndx and info & 15 <= 2:
                    found.append((value, size, self.data[names + name:end], info))
        return found

    def address_of(self, symbol):
        for value, _, name, _ in self.symbols():
            if name == symbol.encode():
                return value
        return None

    def differs(self, domain):
        """An address of read-only contents at which the domain is not this
        image, or None. The hypercall page is the hypervisor's."""
        page = self.address_of("hypercall_page")
        for kind, flags, offset, va, _, filesz, _, _ in self.segments:
            if kind != PT_LOAD or flags & 2 or not filesz:
                continue
            for at in range(0, filesz, 4096):
                if va + at == page:
                    continue
                want = self.data[offset + at:offset + min(at + 4096, filesz)]
                try:
                    if domain.read(va + at, len(want)) != want:
                        return va + at
                except OSError:
                    return va + at
        return None


def place(address):
    """Whose an address is, in words."""
    if MONITOR[0] <= address < MONITOR[1]:
        return "monitor (Midge's stand-in for Xen)"
    if SHARED_INFO <= address < SHARED_INFO + 4096:
        return "window (shared_info)"
    if WINDOW[0] <= address < WINDOW[1]:
        return "window (pages shared with the daemon)"
    if GUEST[0] <= address < GUEST[1]:
        return "guest"
    return "nobody's: not an address a guest can map"
