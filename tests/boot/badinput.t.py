# SPDX-License-Identifier: ISC
"""Bad input: one clear line, non-zero exit, nothing left behind."""
import os
import struct
from midge import Midge, done, is_, like, ok

m = Midge()
elf = m.image("hello")
image = open(elf, "rb").read()


def variant(name, data):
    path = os.path.join(m.dir, name)
    with open(path, "wb") as f:
        f.write(data)
    return path


def patched(offset, fmt, *values):
    b = bytearray(image)
    struct.pack_into(fmt, b, offset, *values)
    return bytes(b)


def loads():
    """Offsets of the program headers of type PT_LOAD."""
    phoff, = struct.unpack_from("<Q", image, 32)
    n, = struct.unpack_from("<H", image, 56)
    return [phoff + 56 * i for i in range(n)
            if struct.unpack_from("<I", image, phoff + 56 * i)[0] == 1]


def no_notes():
    b = bytearray(image)
    at = 0
    while (at := b.find(b"Xen\0", at)) >= 0:
        b[at:at + 3] = b"Nox"
    return bytes(b)


def refused(what, cfg, pattern):
    r = m.xl("create", m.cfg(cfg))
    ok(r.returncode != 0, f"{what}: refused")
    lines = [l for l in r.stderr.splitlines() if not l.startswith("Parsing config")]
    is_(len(lines), 1, f"{what}: in one line")
    like(r.stderr, pattern, f"{what}: that says why")


def base(kernel=elf, more=""):
    """A good .cfg but for its fourth line (which replaces an earlier one)."""
    lines = ['name = "bad"', f'kernel = "{kernel}"', "memory = 8", more]
    key = more.split("=")[0].strip()
    return "\n".join(l if i == 3 or l.split("=")[0].strip() != key else ""
                     for i, l in enumerate(lines)) + "\n"


m.must("create", m.app("bench"), 'name="taken"', 'extra="block"')
before = len(m.processes())
fds = len(os.listdir(f"/proc/{m.daemon_pid()}/fd"))

refused("kernel missing", base("/nowhere/x.elf"), r"/nowhere/x\.elf.*No such file")
refused("kernel is a folder", base(m.dir), r"directory")
refused("not an ELF", base(variant("text", b"hello\n" * 100)), r"text.*not an ELF")
refused("empty kernel", base(variant("empty", b"")), r"empty")
refused("wrong machine", base(variant("arm", patched(18, "<H", 183))), r"(machine|AArch64|183)")
refused("32-bit", base(variant("elf32", patched(4, "<B", 1))), r"ELF64|64-bit|class")
refused("no notes", base(variant("nonotes", no_notes())), r"[Xx]en.*note|note.*[Xx]en")
refused("truncated", base(variant("cut", image[:2000])), r"cut.*(outside|truncated|beyond|file)")
l0, l1 = loads()[:2]
addr = struct.unpack_from("<Q", image, l0 + 16)[0]
over = bytearray(image)
struct.pack_into("<QQ", over, l1 + 16, addr, addr)
refused("segments overlap", base(variant("overlap", bytes(over))), r"overlap")
far = bytearray(image)
struct.pack_into("<Q", far, loads()[-1] + 40, 1 << 40)
refused("segment outside memory", base(variant("huge", bytes(far))), r"memory|fit|KiB")
refused("memory too small", base(more="memory = 1"), r"memory.*(too small|KiB)")
refused("memory absurd", base(more="memory = 99999999"), r"memory")
refused("memory zero", base(more="memory = 0"), r"test\.cfg:4:.*memory")
refused("memory negative", base(more="memory = -5"), r"test\.cfg:4:.*-5")
refused("memory not a number", base(more='memory = "lots"'), r'test\.cfg:4:.*memory')
refused("maxmem more than there is", base(more="maxmem = 65536"), r"maxmem: 67108864 KiB is more")
refused("maxmem below memory", base(more="maxmem = 4"), r"maxmem")
refused("vcpus zero", base(more="vcpus = 0"), r"test\.cfg:4:.*vcpus")
refused("duplicate name", base(more='name = "taken"'), r"taken.*(exists|in use|already)")
refused("illegal name", base(more='name = "../x"'), r"\.\./x")
refused("empty name", base(more='name = ""'), r"name")
refused("no name", f'kernel = "{elf}"\nmemory=8\n', r"name")
refused("no kernel", 'name = "bad"\nmemory=8\n', r"kernel")
refused("syntax error", 'name = "bad"\nkernel = = 3\n', r"test\.cfg:2:10:")
refused("unterminated string", 'name = "bad\n', r"test\.cfg:1:\d+:")
refused("known but not implemented key", base(more="vif = [ '' ]"), r"test\.cfg:4:.*vif")
refused("bad on_crash", base(more='on_crash = "explode"'), r"on_crash.*explode")
refused("hvm", base(more='type = "hvm"'), r"hvm")
big = os.path.join(m.dir, "big.img")
with open(big, "wb") as f:
    f.truncate(64 << 20)
refused("ramdisk too big", base(more=f'ramdisk = "{big}"'), r"ramdisk|big\.img")
refused("ramdisk missing", base(more='ramdisk = "/nowhere/rd"'), r"/nowhere/rd.*No such file")
refused("command line too long", base(more=f'extra = "{"x" * 2000}"'), r"1023|too long|command line")

if os.getuid() == 0:
    # root reads everything: an ordinary user is needed to be refused.
    pass
else:
    path = variant("secret", image)
    os.chmod(path, 0)
    refused("unreadable", base(path), r"secret.*Permission")

r = m.xl("create", m.cfg(base(more='colour = "blue"')), "-F")
is_(r.returncode, 0, "an unknown key is no error")
like(r.stderr, r"colour", "but is named in a warning")

for cmd in ("destroy", "pause", "unpause", "console", "domid", "list"):
    r = m.xl(cmd, "nobody")
    ok(r.returncode != 0, f"xl {cmd} of a domain that is not there fails")
    is_(len(r.stderr.strip().splitlines()), 1, f"xl {cmd}: in one line")
    like(r.stderr, r"nobody", f"xl {cmd}: that names it")
r = m.xl("destroy", "0")
ok(r.returncode != 0 and "taken" in m.names(), "Domain-0 is not destroyed")
r = m.xl("frobnicate")
ok(r.returncode != 0, "an unknown command fails")
r = m.xl("migrate", "taken", "elsewhere")
ok(r.returncode != 0, "a command of Xen's that we do not have fails")
like(r.stderr, r"not implemented", "and says so")

is_(m.names(), ["taken"], "only the one good domain is there")
m.wait_for(lambda: len(m.processes()) <= before, "processes of refused domains to be gone")
ok(True, "no process is left behind")
m.wait_for(lambda: len(os.listdir(f"/proc/{m.daemon_pid()}/fd")) <= fds + 8, "descriptors to be closed")
ok(True, "no descriptor is left behind (templates may stay)")

# The run directory belongs to somebody else.
if os.getuid() == 0:
    alien = os.path.join(m.dir, "alien")
    os.mkdir(alien, 0o700)
    os.chown(alien, 12345, 12345)
    r = m.xl("list", env=dict(m.env, MIDGE_RUN=alien))
    ok(r.returncode != 0, "a run directory of somebody else's is refused")
    like(r.stderr, r"alien.*(owned|owner|uid|belongs)", "and the line says why")
    is_(os.listdir(alien), [], "nothing is put there")

# A daemon that was killed hard is replaced, and says so.
pid = m.daemon_pid()
os.kill(pid, 9)
m.wait_for(lambda: not m.processes(), "guests to die with the daemon")


def ended(pid):
    """A dying process gives up its memory, by which processes() knows it, before
    its sockets: as long as it accepts connections, it seems to serve."""
    try:
        with open(f"/proc/{pid}/stat") as f:
            return f.read().rpartition(")")[2].split()[0] in "ZX"
    except FileNotFoundError:
        return True


m.wait_for(lambda: ended(pid), "the daemon's end")
ok(True, "guests die with the daemon")
r = m.xl("create", "-F", m.app("hello"))
is_(r.returncode, 0, "the next xl starts a new daemon over the stale socket")
with open(os.path.join(m.run_dir, "midge-hv.log")) as f:
    like(f.read(), r"ended uncleanly", "and its log says so")
done(m)
