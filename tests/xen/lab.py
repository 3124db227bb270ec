# SPDX-License-Identifier: ISC
"""Many guests in one boot of real Xen, from the images and .cfg files as built.

    lab = Lab()
    lab.guest("greeter", "hello", 'extra="x --exit 3"')
    lab.do("xl list >out/list")
    lab.run()
    lab.console("greeter"), lab.reason("greeter"), lab.out("list")

Not a byte of a .cfg is changed: its kernel= is a path that exists in dom0, too.
type= is given on the command line, like whatever else a test has otherwise.
"""
import os
import shlex
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "rig"), os.path.join(HERE, "..", "boot")]
from debian import Failed  # noqa: E402
from midge import B, bail, like, tap_lines  # noqa: E402
from xen import Xen  # noqa: E402

# What the images are for: make's ARCH. On Arm all are of one kind.
ARCH = os.environ.get("ARCH") or "x86_64"
IMAGES = B if ARCH == "x86_64" else os.path.join(B, ARCH)
XEN_ARCH = {"x86_64": "amd64", "arm64": "arm64"}[ARCH]
KINDS = {"x86_64": ("pv", "pvh"), "arm64": ("pvh",)}[ARCH]
SUFFIX = {"x86_64": ".elf", "arm64": ".img"}[ARCH]

# Of one guest, in seconds: one that hangs must not take the others' results.
PATIENCE = 240
# What the images' exit codes travel in, besides xenstore: the last line.
PREAMBLE = r"""
guest() { # NAME CFG [KEY=VALUE...]: from xl create to the domain's end
    local name=$1 cfg=$2
    shift 2
    timeout %d xl create -F "$cfg" "name=\"$name\"" "$@" 'type="@KIND@"' >"out/$name.xl" 2>&1
    echo $? >"out/$name.status"
    xl destroy "$name" 2>/dev/null
}
start() { # CFG [KEY=VALUE...]: xl create, without waiting for the domain's end
    xl create -q "$@" 'type="@KIND@"'
}
until_() { # WHAT COMMAND...: until it succeeds
    local what=$1 tries=0
    shift
    until "$@"; do
        tries=$((tries + 1))
        [ $tries -lt 600 ] || { echo "gave up waiting for: $what"; return 1; }
        usleep 100000
    done
}
""" % PATIENCE


class Lab:
    """(kind): one of KINDS, the type= that guests get behind their .cfg."""

    def __init__(self, kind=KINDS[0], memory_mb=2048, **machine):
        self._memory_mb, self._files, self._lines = memory_mb, set(), []
        self._machine = machine  # what Xen() takes besides
        self._preamble = PREAMBLE.replace("@KIND@", kind)
        self._apps, self._result = set(), None

    def app(self, name):
        """Takes an application along; returns its .cfg's name in the script."""
        folder = os.path.join(IMAGES, "apps", name)
        if name not in self._apps:
            self._apps.add(name)
            self.file(os.path.join(folder, name + SUFFIX))
            self.file(os.path.join(folder, name + ".cfg"))
            # Where the .cfg says that the kernel is.
            self._lines.insert(0, f"mkdir -p {shlex.quote(os.path.dirname(folder))} && "
                                  f"ln -sfn /lab {shlex.quote(folder)}")
        return name + ".cfg"

    def file(self, path):
        """Takes a file along; returns its path in dom0."""
        self._files.add(path)
        return "/lab/" + os.path.basename(path)

    def do(self, text):
        self._lines.append(text)

    def guest(self, name, app, *settings):
        words = [name, self.app(app), *settings]
        self.do("guest " + " ".join(map(shlex.quote, words)))

    def run(self, timeout=900):
        try:
            self._result = Xen(self._memory_mb, XEN_ARCH, **self._machine).run(
                self._preamble + "\n".join(self._lines) + "\n", sorted(self._files), timeout)
        except Failed as e:
            bail(str(e))
        for line in self._result.output.splitlines():
            print("# dom0: " + line)
        return self

    def out(self, name):
        return self._result.out(name) or ""

    def console(self, name):
        return self._result.console(name)

    def console_bytes(self, name):
        return self._result.console_bytes(name)

    def xl(self, name):
        """What xl create said of a guest."""
        return self.out(name + ".xl")

    def status(self, name):
        """xl create's exit code; None: it was not run."""
        text = self.out(name + ".status").strip()
        return int(text) if text else None

    def reason(self, name):
        """Shutdown reason that xl saw: 0 poweroff, 1 reboot, 3 crash."""
        word = "has shut down, reason code "
        for line in self.xl(name).splitlines():
            if word in line:
                return int(line.split(word)[1].split()[0])
        return None

    def dmesg(self):
        return self.out("xl-dmesg")


def tap(lab, name):
    """The guest's own tests, as ours."""
    text = lab.console(name)
    tap_lines(text, name)
    like(text, r"^1\.\.\d+$", f"{name}: finished")
    like(text, r"^exit: 0$", f"{name}: content with Xen")
