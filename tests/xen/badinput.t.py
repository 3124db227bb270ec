# SPDX-License-Identifier: ISC
"""What real Xen refuses, as PV and as PVH, we refuse, too, each with a message;
nothing is left."""
import os
import re
import struct
from lab import Lab
from midge import Midge, done, is_, like, ok

VIRT_BASE, ENTRY, PHYS32_ENTRY = 3, 1, 18
m = Midge()
with open(m.image("hello"), "rb") as f:
    IMAGE = f.read()


def notes():
    """{type: offset} of the image's notes of owner Xen."""
    found, at = {}, 0
    while (at := IMAGE.find(b"Xen\0", at)) >= 0:
        namesz, _, kind = struct.unpack_from("<III", IMAGE, at - 12)
        if namesz == 4:
            found.setdefault(kind, at - 12)
        at += 1
    return found


def patched(*changes):
    b = bytearray(IMAGE)
    for offset, data in changes:
        b[offset:offset + len(data)] = data
    return bytes(b)


at = notes()
# name: (image, what our xl says); of Xen's libraries one message serves all.
BROKEN = {
    "none": (patched(*[(o + 12, b"Nox") for o in at.values()]), r"no Xen notes"),
    "size": (patched((at[ENTRY] + 4, struct.pack("<I", 0x7fffff00))),
             r"a Xen note is malformed.*\(note type 1\)"),
    "entry": (patched((at[ENTRY] + 16, struct.pack("<Q", 0xdead0000))),
              r"entry point.*outside the image \(0xdead0000\)"),
    "base": (patched((at[VIRT_BASE] + 16, struct.pack("<Q", 0x7000000000))),
             r"VIRT_BASE.*\(0x7000000000\)"),
    "cut": (IMAGE[:2000], r"(outside|truncated|beyond)"),
    "text": (b"hello\n" * 1000, r"not an ELF"),
}
BROKEN_FOR_PVH = {name: BROKEN[name][0] for name in ("none", "size", "cut", "text")}
BROKEN_FOR_PVH.update({
    "phys-none": patched((at[PHYS32_ENTRY] + 12, b"Nox")),
    "phys-size": patched((at[PHYS32_ENTRY] + 4, struct.pack("<I", 0x7fffff00))),
    "phys-entry": patched((at[PHYS32_ENTRY] + 16, struct.pack("<I", 0xdead0000))),
})


def cfg(name, kernel):
    return m.cfg(f'name = "{name}"\ntype = "pv"\nmemory = 8\nvcpus = 1\nkernel = "{kernel}"\n',
                 os.path.basename(kernel) + ".cfg")


def refused(kind, images):
    """A lab in which Xen has been given them, and memory= that it does not have."""
    lab = Lab(kind)
    lab.app("hello")
    lab.do('free_memory() { xl info | sed -n "s/^free_memory *: //p"; }; free_memory >out/before')
    for name, image in images.items():
        path = os.path.join(m.dir, f"{name}.elf")
        with open(path, "wb") as f:
            f.write(image)
        lab.file(path)
        lab.file(cfg(name, f"/lab/{name}.elf"))
        lab.do(f"guest {name} {name}.elf.cfg")
    lab.guest("big", "hello", "memory=30000")
    lab.do("""
free_memory >out/after
xl list >out/list
guest good hello.cfg
""")
    lab.run()
    print(f"# as {kind}")
    for name in images:
        is_(lab.status(name), 3, f"{name}: Xen's xl refuses it")
        like(lab.xl(name), r"^xc: error: .*", f"{name}: with a message")
    is_(lab.status("big"), 3, "memory: Xen's xl fails")
    like(lab.xl("big"), r"can't allocate|failed to free memory", "memory: and says why")
    is_(len(lab.out("list").splitlines()), 2, "Xen: no domain is left")
    is_(lab.out("after"), lab.out("before"), "Xen: no memory is lost")
    is_(lab.reason("good"), 0, "an image as built is started by Xen")


refused("pvh", BROKEN_FOR_PVH)
refused("pv", {name: image for name, (image, _) in BROKEN.items()})

good = m.xl("create", "-q", "-F", m.app("hello"))
is_(good.returncode, 0, "an image as built is started by us")
for name, (_, message) in BROKEN.items():
    r = m.xl("create", cfg(name, os.path.join(m.dir, f"{name}.elf")))
    is_(r.returncode, 1, f"{name}: ours refuses it")
    lines = [line for line in r.stderr.splitlines() if not line.startswith("Parsing")]
    is_(len(lines), 1, f"{name}: in one line")
    like(r.stderr, rf"{name}\.elf: .*{message}", f"{name}: that says why")

# More memory than there is.
with open("/proc/meminfo") as f:
    host_mb = int(re.search(r"MemTotal: *(\d+)", f.read()).group(1)) >> 10
r = m.xl("create", m.app("hello"), f"memory={host_mb + 1}")
is_(r.returncode, 1, "memory: ours fails")
like(r.stderr, r"memory.*(more than this machine has|must lie between)", "memory: and says why")

is_(m.names(), [], "ours: no domain is left")
ok(m.xl("create", "-q", "-F", m.app("hello")).returncode == 0, "and the next one starts")
done(m)
