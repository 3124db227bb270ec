# SPDX-License-Identifier: ISC
"""Builds what the rig boots: Xen, dom0's kernel and dom0's initrd, under
build/xen/<arch>, from Debian packages; again when one of these files changes."""
import fcntl
import glob
import hashlib
import lzma
import os
import shutil
import struct
import subprocess
import zlib

from debian import XEN, Archive, Failed, need, run, unpack

HERE = os.path.dirname(os.path.abspath(__file__))
MODULES = """xen-evtchn xen-gntdev xen-gntalloc xen-privcmd xenfs xen-blkback
    xen-netback bridge tun veth loop virtio_pci virtio_mmio virtio_console 9pnet_virtio 9p""".split()
# What the build runs, and the packages that have it.
TOOLS = {"apt-get": "apt", "dpkg-deb": "dpkg", "tar": "tar", "cpio": "cpio", "depmod": "kmod"}


class Image:
    """Paths of the built rig."""

    def __init__(self, base, arch="amd64"):
        self.base, self.arch = os.path.join(base, arch), arch
        self.xen = os.path.join(self.base, "xen.bin")
        self.kernel = os.path.join(self.base, "kernel.bin")
        self.initrd = os.path.join(self.base, "initrd")

    def ensure(self):
        os.makedirs(self.base, exist_ok=True)
        stamp, wanted = os.path.join(self.base, "stamp"), _recipe()
        with open(os.path.join(self.base, "lock"), "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if _read(stamp) != wanted:
                _write(stamp, b"")  # until it is whole
                self._build()
                with open(stamp, "w") as f:
                    f.write(wanted)
        return self

    def _build(self):
        need(TOOLS)
        print(f"# building the Xen rig in {self.base}", flush=True)
        archive = Archive(self.base, self.arch)
        archive.update()
        kernel, xen = archive.kernel(), f"xen-hypervisor-{XEN}-{self.arch}"
        names = [{"kernel": kernel, "xen": xen}.get(n, n) for n in _packages(self.arch)]
        debs = dict(zip(names, archive.fetch(names)))
        boot, root = os.path.join(self.base, "boot"), os.path.join(self.base, "root")
        for d in (boot, root):
            shutil.rmtree(d, ignore_errors=True)
            os.makedirs(d)
        _skeleton(root)
        for name, deb in debs.items():
            unpack(deb, boot if name in (kernel, xen) else root)
        _copy_modules(boot, root)
        _finish_root(root)
        _make_initrd(root, self.initrd)
        self._keep_bootables(os.path.join(boot, "boot"))

    def _keep_bootables(self, boot):
        """In the form that boots fastest: on arm64 the one they come in."""
        xen, kernel = os.path.join(boot, f"xen-{XEN}-{self.arch}"), _only(os.path.join(boot, "vmlinuz-*"))
        if self.arch == "arm64":
            shutil.copy(xen, self.xen)
            shutil.copy(kernel, self.kernel)
            return
        with open(xen + ".gz", "rb") as f:
            _write(self.xen, _unpacked(f.read(), xen))
        _write(self.kernel, _bare_kernel(kernel))


def _recipe():
    h = hashlib.sha256()
    for name in ("packages", "init", "debian.py", "image.py"):
        with open(os.path.join(HERE, name), "rb") as f:
            h.update(f.read())
    return h.hexdigest()


def _read(path):
    try:
        with open(path) as f:
            return f.read()
    except FileNotFoundError:
        return None


def _write(path, data):
    with open(path, "wb") as f:
        f.write(data)


def _only(pattern):
    found = glob.glob(pattern)
    if len(found) != 1:
        raise Failed(f"{pattern}: {len(found)} files, not one")
    return found[0]


def _packages(arch):
    """Lines of the file: a name, or a name and the architecture it is for."""
    with open(os.path.join(HERE, "packages")) as f:
        lines = [line.partition("#")[0].split() for line in f]
    return [words[0] for words in lines if words and words[1:] in ([], [arch])]


def _skeleton(root):
    for d in ("bin", "sbin", "lib", "lib64"):
        os.makedirs(os.path.join(root, "usr", d))
        os.symlink(os.path.join("usr", d), os.path.join(root, d))


def _finish_root(root):
    for d in ("proc", "sys", "dev", "run", "tmp", "lab", "mnt", "root", "etc",
              "var/log/xen/console", "var/lib/xen", "var/lib/xenstored"):
        os.makedirs(os.path.join(root, d), exist_ok=True)
    # Xen's tools use both names; a zombie domain is left where they differ.
    for name, target in (("run", "/run"), ("lock", "/run/lock")):
        link = os.path.join(root, "var", name)
        if os.path.islink(link):
            os.unlink(link)
        else:
            shutil.rmtree(link, ignore_errors=True)
        os.symlink(target, link)
    for name, line in (("passwd", "root:x:0:0:root:/root:/bin/sh\n"),
                       ("group", "root:x:0:\n")):
        with open(os.path.join(root, "etc", name), "w") as f:
            f.write(line)
    shutil.copy(os.path.join(HERE, "init"), os.path.join(root, "init"))
    os.chmod(os.path.join(root, "init"), 0o755)


def _copy_modules(boot, root):
    """MODULES and what they need."""
    source = _only(os.path.join(boot, "lib", "modules", "*"))
    version = os.path.basename(source)
    run(["depmod", "-b", boot, version])
    needed = set()
    with open(os.path.join(source, "modules.dep")) as f:
        for line in f:
            path, _, deps = line.partition(":")
            name = os.path.basename(path).partition(".")[0].replace("-", "_")
            if name in {m.replace("-", "_") for m in MODULES}:
                needed.update([path] + deps.split())
    target = os.path.join(root, "lib", "modules", version)
    os.makedirs(target)
    for path in needed:
        os.makedirs(os.path.dirname(os.path.join(target, path)), exist_ok=True)
        shutil.copy(os.path.join(source, path), os.path.join(target, path))
    for path in glob.glob(os.path.join(source, "modules.builtin*")) + \
            [os.path.join(source, "modules.order")]:
        shutil.copy(path, target)
    run(["depmod", "-b", root, version])


def _make_initrd(root, out):
    paths = []
    for where, dirs, files in os.walk(root):
        dirs.sort()
        paths += [os.path.relpath(os.path.join(where, n), root) for n in dirs + files]
    with open(out, "wb") as f:
        r = subprocess.run(["cpio", "-o", "-H", "newc", "-R", "0:0", "--quiet"],
                           cwd=root, stdout=f,
                           input="\n".join(["."] + sorted(paths)).encode() + b"\n")
    if r.returncode:
        raise Failed("cpio failed")


def _bare_kernel(path):
    """The ELF file inside a bzImage: Xen would unpack it in emulation. Where it
    is, the header says: Documentation/x86/boot.rst, payload_offset."""
    with open(path, "rb") as f:
        data = f.read()
    if data[0x202:0x206] != b"HdrS":
        raise Failed(f"{path}: not a bzImage")
    offset, length = struct.unpack_from("<II", data, 0x248)
    start = ((data[0x1f1] or 4) + 1) * 512 + offset
    kernel = _unpacked(data[start:start + length], path)
    if kernel[:4] != b"\x7fELF":
        raise Failed(f"{path}: no ELF file inside")
    return kernel


def _unpacked(data, path):
    """What a kernel build's compressors made of it; trailers are ignored."""
    if data[:4] == b"\x7fELF":
        return data
    if data[:6] == b"\xfd7zXZ\0":
        return lzma.LZMADecompressor().decompress(data)
    if data[:2] == b"\x1f\x8b":
        return zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(data)
    raise Failed(f"{path}: compressed in a way that is not known: it begins with "
                 f"{data[:6].hex()}")
