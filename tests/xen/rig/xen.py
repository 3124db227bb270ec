# SPDX-License-Identifier: ISC
"""Real Xen in QEMU's emulation: boots it with dom0, runs a script there.

    result = Xen().run("xl list", files=[...])
    result.status, result.output, result.out("log/console/guest-x.log")

Usage by hand: xen.py [-a amd64|arm64] [-t SECONDS] [-o FOLDER] SCRIPT [FILE...]
"""
import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import threading

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from debian import Failed, need  # noqa: E402
from image import Image  # noqa: E402

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", "..", ".."))
B = os.path.join(ROOT, os.environ.get("B", "build"))

# smap: QEMU 7.2 faults at dom0's first return to user mode. rdtscp: its SVM
# intercepts it without an instruction length. xsave and what needs it: with it
# domains find each other's registers (tests/guests/threads printed a name out of
# dom0), and xl crashes now and then.
CPU = "max,-smap,-rdtscp,-xsave,-avx,-avx2,-f16c,-mpx,-pku"
XEN_ARGS = "loglvl=all guest_loglvl=all dom0_max_vcpus=1 "
KERNEL_ARGS = "console=hvc0 loglevel=5 mitigations=off panic=5 net.ifnames=0"


def amd64(i, _):
    kernel_args = (KERNEL_ARGS + " tsc=reliable").replace(",", ",,")
    return ["qemu-system-x86_64", "-machine", "pc", "-cpu", CPU,
            "-append", XEN_ARGS + "console=com1 com1=115200,8n1 dom0_mem=512M,max:512M "
                                  "spec-ctrl=no ucode=no",
            "-initrd", f"{i.kernel} {kernel_args},{i.initrd}",
            "-device", "virtio-serial-pci",
            "-device", "virtio-9p-pci,fsdev=lab,mount_tag=lab"]


def arm64(i, gic):
    # xsm: Arm's default lets domains talk to dom0 only (silo).
    # QEMU's own device tree is at 128 MiB of RAM; what it loads lies behind it,
    # and is named there for Xen to find.
    kernel_args = KERNEL_ARGS.replace(",", ",,")
    return ["qemu-system-aarch64", "-machine", f"virt,virtualization=on,gic-version={gic}",
            "-cpu", "cortex-a57", "-global", "virtio-mmio.force-legacy=false",
            "-append", XEN_ARGS + "console=dtuart dtuart=/pl011@9000000 dom0_mem=512M bootscrub=0 xsm=dummy",
            "-device", f"guest-loader,addr=0x50000000,kernel={i.kernel},bootargs={kernel_args}",
            "-device", f"guest-loader,addr=0x54000000,initrd={i.initrd}",
            "-device", "virtio-serial-device",
            "-device", "virtio-9p-device,fsdev=lab,mount_tag=lab"]


# The emulator's package, and its arguments.
MACHINES = {"amd64": ("qemu-system-x86", amd64), "arm64": ("qemu-system-arm", arm64)}


class Result:
    def __init__(self, status, output, folder, log, temporary=None):
        self.status, self.output, self.folder, self.log = status, output, folder, log
        self._temporary = temporary  # the folder goes with it

    def out(self, name):
        """Text of a file that the script left under out/; None: there is none."""
        try:
            with open(os.path.join(self.folder, name), errors="replace") as f:
                return f.read().replace("\r", "")
        except OSError:
            return None

    def console_bytes(self, guest):
        """What the guest wrote, as it is."""
        try:
            with open(os.path.join(self.folder, f"log/console/guest-{guest}.log"), "rb") as f:
                return f.read()
        except OSError:
            return b""

    def console(self, guest):
        return self.out(f"log/console/guest-{guest}.log") or ""


class Xen:
    def __init__(self, memory_mb=2048, arch="amd64", gic=3):
        """(gic): version of Arm's interrupt controller, Xen's and its domains'."""
        package, self.machine = MACHINES[arch]
        self.memory_mb, self.gic = memory_mb, gic
        self.image = Image(os.path.join(B, "xen"), arch)
        need({self.machine(self.image, gic)[0]: package})
        self.image.ensure()

    def _argv(self, lab, console):
        return self.machine(self.image, self.gic) + [
            "-accel", "tcg", "-smp", "1", "-m", str(self.memory_mb), "-nodefaults",
            "-nographic", "-no-reboot", "-net", "none", "-monitor", "none",
            "-kernel", self.image.xen,
            "-fsdev", f"local,id=lab,path={lab},security_model=none,multidevs=remap",
            "-serial", f"file:{console}",
            "-chardev", "file,id=out,path=/dev/stdout",
            "-device", "virtconsole,chardev=out"]

    def run(self, script, files=(), timeout=300, keep=None, echo=False):
        """(script): shell text; (files): copied to where it starts, next to it.
        Raises Failed when Xen or dom0 did not get that far."""
        temporary = None if keep else tempfile.TemporaryDirectory(prefix="midge-xen-")
        work = keep or temporary.name
        lab, console = os.path.join(work, "lab"), os.path.join(work, "console.log")
        shutil.rmtree(lab, ignore_errors=True)
        os.makedirs(lab)
        with open(os.path.join(lab, "script"), "w") as f:
            f.write("#!/bin/bash\n" + script)
        os.chmod(os.path.join(lab, "script"), 0o755)
        for path in files:
            shutil.copy(path, lab)
        output = self._boot(lab, console, timeout, echo)
        return self._result(lab, console, output, timeout, temporary)

    def _boot(self, lab, console, timeout, echo):
        # QEMU ends with us, however we end.
        argv = ["setpriv", "--pdeathsig", "KILL"] + self._argv(lab, console)
        with subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT) as p:
            clock = threading.Timer(timeout, p.kill)
            clock.start()
            lines = []
            for line in p.stdout:
                text = line.decode(errors="replace").replace("\r", "")
                lines.append(text)
                if echo:
                    print(text, end="", flush=True)
            clock.cancel()
        return "".join(lines)

    def _result(self, lab, console, output, timeout, temporary):
        with open(console, errors="replace") as f:
            log = f.read().replace("\r", "")
        try:
            with open(os.path.join(lab, "status")) as f:
                status = int(f.read())
        except (OSError, ValueError):
            raise Failed(f"dom0 did not finish within {timeout} s; the last of its "
                         f"console:\n{log[-3000:]}\n{output[-1000:]}") from None
        return Result(status, output, os.path.join(lab, "out"), log, temporary)


def main():
    p = argparse.ArgumentParser(description="runs SCRIPT in the dom0 of real Xen")
    p.add_argument("-a", "--arch", choices=sorted(MACHINES), default="amd64")
    p.add_argument("-t", "--timeout", type=int, default=300, metavar="SECONDS")
    p.add_argument("-o", "--keep", metavar="FOLDER", help="keep logs and files here")
    p.add_argument("script")
    p.add_argument("files", nargs="*")
    a = p.parse_args()
    with open(a.script) as f:
        text = f.read()
    try:
        r = Xen(arch=a.arch).run(text, a.files, a.timeout, a.keep, echo=True)
    except Failed as e:
        sys.exit(f"xen: {e}")
    sys.exit(r.status)


if __name__ == "__main__":
    main()
