# SPDX-License-Identifier: ISC
"""Rows of `make bench` about others that start something confined: what they take
for a program without libc that prints one line. Debian has bubblewrap and crun;
it has no Solo5, whose place a program takes that does what a tender cannot do
without."""
import json
import os
import shutil
import subprocess
import tempfile

import machine
import midge
import plots
from machine import DEFAULT, ONE_CPU, Daemon, Failed
from report import known, median, read_columns

US = 1e-3
ROUNDS = 100

# A container as small as they get: no network, a system call filter, two mounts
# (without /dev crun refuses, without /proc it cannot apply what it should).
CONFIG = {
    "ociVersion": "1.0.0",
    "process": {"terminal": False, "user": {"uid": 0, "gid": 0}, "env": [], "cwd": "/",
                "noNewPrivileges": True},
    "root": {"path": "rootfs", "readonly": True},
    "hostname": "bench",
    "mounts": [
        {"destination": "/dev", "type": "tmpfs", "source": "tmpfs"},
        {"destination": "/proc", "type": "proc", "source": "proc"}],
    "linux": {
        "namespaces": [{"type": t} for t in ("pid", "network", "ipc", "uts", "mount")],
        "seccomp": {
            "defaultAction": "SCMP_ACT_ERRNO",
            "architectures": ["SCMP_ARCH_X86_64"],
            "syscalls": [{"names": ["execve", "write", "pause", "exit_group"],
                          "action": "SCMP_ACT_ALLOW"}]}},
}


class Peer:
    """A command that starts midge-bench-static, or the like, confined. Use it in a
    with statement: it has a directory then."""

    def __init__(self, name, command):
        self.name, self.command = name, command
        self.dir = None

    def __enter__(self):
        self.dir = tempfile.mkdtemp(prefix="midge-test-")
        os.mkdir(os.path.join(self.dir, "app"))
        shutil.copy(machine.STATIC, os.path.join(self.dir, "app"))
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.dir, ignore_errors=True)

    def argv(self, _idle):
        """The command; "%d" becomes a number of the instance."""
        return self.command

    def measure(self, placement, rounds=ROUNDS):
        return machine.run([machine.FLOOR, "exec", "-n", rounds, "-w", 10,
                            *self.argv(False)], placement)

    def start(self, nr):
        """An instance that stays; what to end it by, when it runs."""
        argv = [a.replace("%d", str(nr)) for a in self.argv(True)]
        p = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                             stderr=subprocess.DEVNULL)
        if not p.stdout.readline().startswith(b"tsc: "):
            self.end(p)
            raise Failed(f"{self.name} does not stay")
        return p

    def end(self, p):
        p.kill()
        p.stdout.close()
        p.wait()

    def idle(self, count):
        return Idle(self, count)


class Idle:
    """(count) idle instances, for the time of a with statement."""

    def __init__(self, peer, count):
        self.peer, self.count, self.running = peer, count, []

    def __enter__(self):
        try:
            for nr in range(self.count):
                self.running.append(self.peer.start(nr))
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for p in self.running:
            self.peer.end(p)


class Plain(Peer):
    """midge-bench-static and midge-bench-tender by themselves."""

    def argv(self, idle):
        return self.command + (["pause"] if idle else [])


class Bubblewrap(Peer):
    """Every namespace it has; the file system is one directory."""

    def argv(self, idle):
        return [*self.command, "--unshare-all", "--die-with-parent", "--ro-bind",
                os.path.join(self.dir, "app"), "/", "/midge-bench-static",
                *(["pause"] if idle else [])]


class Crun(Peer):
    """An OCI bundle, without control groups."""

    def __enter__(self):
        super().__enter__()
        for idle in (False, True):
            bundle = self._bundle(idle)
            os.makedirs(os.path.join(bundle, "rootfs", "dev"))
            os.mkdir(os.path.join(bundle, "rootfs", "proc"))
            shutil.copy(machine.STATIC, os.path.join(bundle, "rootfs"))
            config = dict(CONFIG, process=dict(
                CONFIG["process"],
                args=["/midge-bench-static"] + (["pause"] if idle else [])))
            with open(os.path.join(bundle, "config.json"), "w") as f:
                json.dump(config, f)
        return self

    def _bundle(self, idle):
        return os.path.join(self.dir, "idle" if idle else "once")

    def _crun(self, *args):
        return [*self.command, "--cgroup-manager=disabled", "--root",
                os.path.join(self.dir, "state"), *args]

    def argv(self, idle):
        return self._crun("run", *(["-d"] if idle else []), "-b", self._bundle(idle),
                          "bench-%d")

    def measure(self, placement, rounds=ROUNDS):
        # crun refuses to work where version 2 of control groups is mounted
        # beside version 1; that it is not can be had in a name space of mounts.
        argv = [machine.FLOOR, "exec", "-n", str(rounds), "-w", "10", *self.argv(False)]
        return machine.run(_without_hybrid(argv), placement)

    def start(self, nr):
        argv = [a.replace("%d", str(nr)) for a in self.argv(True)]
        p = subprocess.Popen(_without_hybrid(argv), stdin=subprocess.DEVNULL,
                             stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        p.container = f"bench-{nr}"
        if not p.stdout.readline().startswith(b"tsc: ") or p.wait():
            self.end(p)
            raise Failed("crun run -d failed")
        return p

    def end(self, p):
        subprocess.run(_without_hybrid(self._crun("delete", "-f", p.container)),
                       stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL, check=False)
        super().end(p)


def _without_hybrid(argv):
    hybrid = "/sys/fs/cgroup/unified"
    if os.geteuid() != 0 or not os.path.ismount(hybrid):
        return argv
    return ["/usr/bin/unshare", "--mount", "/bin/sh", "-c",
            f'umount {hybrid} && exec "$@"', "sh", *map(str, argv)]


def all_peers():
    image = os.path.join(midge.B, "apps", "hello", "hello.elf")
    return [Plain("static program", [machine.STATIC]),
            Plain("bare tender", [machine.TENDER, image]),
            Bubblewrap("bubblewrap", ["bwrap"]),
            Crun("crun", ["crun"])]


def found(run):
    """Those whose program is here; says which are not."""
    for peer in all_peers():
        path = shutil.which(peer.command[0])
        if path:
            peer.command[0] = path
            yield peer
        else:
            run.skip(peer.name, f"there is no {peer.command[0]} (Debian: {peer.name})")


def _whole_command(run, placement):
    """xl create -F -q of a guest that prints a line and ends: the same job."""
    with Daemon(placement) as m:
        argv = [machine.FLOOR, "exec", "-n", ROUNDS, "-w", 10, midge.XL, "create", "-F",
                "-q", m.app("hello"), 'name="p%d"']
        cols = read_columns(machine.run(argv, placement, m.env))
    values = known(cols["gone_ns"], US)
    run.add("xl create -F -q: command to its end", "us", values, placement.name)
    return values


def peers(run):
    """A bare tender, bubblewrap and crun: start to first instruction, to end."""
    curves = []
    for placement in (ONE_CPU, DEFAULT):
        ours = known(run.created(placement)["main_ns"], US)
        whole = _whole_command(run, placement)
        if placement is ONE_CPU:
            curves += [("Midge: create to main()", ours),
                       ("Midge: xl create -F, all of it", whole)]
        for peer in found(run):
            try:
                with peer:
                    text = peer.measure(placement)
            except Failed as e:
                run.skip(peer.name, str(e))
                continue
            cols = read_columns(text, run.raw(f"peer-{peer.name}-{placement.name}"))
            first, gone = known(cols["main_ns"], US), known(cols["gone_ns"], US)
            run.add(f"{peer.name} -> its program's first instruction", "us", first,
                    placement.name, None, ("our create -> main()", median(ours)))
            run.add(f"{peer.name}: command to its end", "us", gone, placement.name, None,
                    ("our xl create -F", median(whole)))
            if placement is ONE_CPU:
                curves.append((f"{peer.name}: to its first instruction", first))
    run.picture(plots.cdf, "create-cdf", curves,
                "From the request to the first instruction of what was started, on 1 CPU")
