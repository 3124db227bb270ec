# SPDX-License-Identifier: ISC
"""The image on a bare board, QEMU's, with device trees that it cannot start with:
one line, and the machine is switched off."""
import os
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from lab import IMAGES  # noqa: E402
from midge import bail, done, is_  # noqa: E402

MACHINE = "virt"
BOARD = ["qemu-system-aarch64", "-cpu", "cortex-a57", "-m", "64", "-nodefaults",
         "-nographic", "-serial", "stdio", "-monitor", "none", "-net", "none",
         "-kernel", os.path.join(IMAGES, "apps", "hello", "hello.img")]
XEN = """
	hypervisor {
		compatible = "xen,xen-4.17", "xen,xen";
		reg = <0x0 0x38000000 0x0 0x1000000>;
		interrupts = <0x1 0xf 0xf08>;
	};
"""


def tool(argv, **kw):
    try:
        return subprocess.run(argv, check=True, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, **kw).stdout
    except (OSError, subprocess.CalledProcessError) as e:
        bail(f"{argv[0]}: {e}: make deps-xen ARCH=arm64 installs what is missing")


def boot(version, tree=None):
    """What comes out of the UART until the machine switches itself off."""
    argv = BOARD + ["-machine", f"{MACHINE},gic-version={version}"]
    if tree:
        argv += ["-dtb", tree]
    try:
        r = subprocess.run(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                           stderr=subprocess.STDOUT, timeout=120, universal_newlines=True)
        return r.stdout.split("\n")[:-1]
    except subprocess.TimeoutExpired as e:
        return [(e.stdout or b"").decode(), "(still running)"]


def source(version, folder):
    """QEMU's own device tree, as text."""
    blob = os.path.join(folder, "board.dtb")
    tool(BOARD + ["-machine", f"{MACHINE},gic-version={version},dumpdtb={blob}"])
    return tool(["dtc", "-q", "-I", "dtb", "-O", "dts", blob], universal_newlines=True)


def compiled(text, folder):
    blob = os.path.join(folder, "changed.dtb")
    tool(["dtc", "-q", "-I", "dts", "-O", "dtb", "-o", blob], input=text, universal_newlines=True)
    return blob


def without(text, node):
    """(text) with the compatible property of (node) spoilt."""
    return text.replace(f'"{node}"', '"nobody,knows"')


def line(why):
    return [f"panic: cannot start: {why}"]


NO_XEN = 'no node "xen,xen": this is not a Xen domain'
with tempfile.TemporaryDirectory(prefix="midge-board-") as folder:
    for version in (2, 3):
        is_(boot(version), line(NO_XEN), f"a board with GIC version {version}, no Xen")
    dts = source(3, folder)
    with_xen = dts[:dts.rindex("};")] + XEN + "};\n"
    for what, text, why in (
            ("nothing changed", dts, NO_XEN),
            ("Xen, an unknown GIC", without(with_xen, "arm,gic-v3"),
             "no interrupt controller of GIC version 2 or 3"),
            ("Xen without its interrupt", with_xen.replace("interrupts = <0x1 0xf 0xf08>", "other = <0>"),
             '"xen,xen" lacks grant region or interrupt'),
            ("Xen, no timer", with_xen.replace("arm,armv8-timer", "x").replace("arm,armv7-timer", "y"),
             "no virtual timer")):
        is_(boot(3, compiled(text, folder)), line(why), what)
    # All in order, but who is told that there is a hypervisor finds none.
    is_(boot(3, compiled(with_xen, folder)), line("the device tree tells of a Xen that does not answer"),
        "Xen's node, no Xen")
done()
