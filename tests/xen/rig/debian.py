# SPDX-License-Identifier: ISC
"""Debian packages, fetched and unpacked without being installed: apt with lists
and a status file of its own, whatever the machine has installed."""
import glob
import os
import re
import shutil
import subprocess

KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
SUITE = "bookworm"
XEN = "4.17"


class Failed(Exception):
    pass


def run(argv, **kw):
    r = subprocess.run(argv, universal_newlines=True, stdout=subprocess.PIPE,
                       stderr=subprocess.PIPE, **kw)
    if r.returncode:
        raise Failed(f"{' '.join(argv[:6])}: {(r.stderr or r.stdout).strip()[-500:]}")
    return r.stdout


def need(tools):
    """Fails when one of (tools), {program: package}, is missing."""
    os.environ["PATH"] += ":/usr/sbin:/sbin"  # an ordinary user's lacks them
    missing = sorted({p for t, p in tools.items() if not shutil.which(t)})
    if missing:
        raise Failed(f"Debian packages are missing: {' '.join(missing)} "
                     "(make deps-xen installs them)")


def mirrors():
    """[(address, suite)] of the machine's own apt that we take packages from."""
    text = run(["apt-get", "indextargets", "--format",
                "$(REPO_URI) $(RELEASE) $(CODENAME)", "Created-By: Packages"])
    found = set()
    for line in text.splitlines():
        address, suite, codename = line.rsplit(" ", 2)
        # sources.list has the code name, or what the suite is at the time.
        if any(n.startswith(SUITE) and "backports" not in n for n in (suite, codename)):
            found.add((address, suite))
    if not found:
        raise Failed(f"this machine's apt knows no archive of Debian {SUITE}: add one to "
                     "/etc/apt/sources.list and run apt-get update")
    return sorted(found)


class Archive:
    """Packages of one architecture, kept under (path)."""

    def __init__(self, path, arch):
        self.path, self.arch = path, arch
        self.debs = os.path.join(path, "debs")

    def _apt(self, *argv):
        p = self.path
        options = {
            "APT::Architecture": self.arch, "APT::Architectures": self.arch,
            "Dir::Etc::sourcelist": f"{p}/sources.list",
            "Dir::Etc::sourceparts": "/dev/null",
            "Dir::State::lists": f"{p}/lists", "Dir::State::status": f"{p}/status",
            "Dir::Cache::archives": f"{p}/archives",
            "Dir::Cache::pkgcache": "", "Dir::Cache::srcpkgcache": "",
            "Debug::NoLocking": "1", "APT::Sandbox::User": "",
        }
        flags = [x for k, v in options.items() for x in ("-o", f"{k}={v}")]
        return run(["apt-get", "-q", *flags, *argv], cwd=self.debs)

    def _cache(self, *argv):
        return run(["apt-cache", "-o", f"APT::Architecture={self.arch}",
                    "-o", f"APT::Architectures={self.arch}",
                    "-o", f"Dir::Etc::sourcelist={self.path}/sources.list",
                    "-o", "Dir::Etc::sourceparts=/dev/null",
                    "-o", f"Dir::State::lists={self.path}/lists",
                    "-o", f"Dir::State::status={self.path}/status",
                    "-o", "Dir::Cache::pkgcache=", "-o", "Dir::Cache::srcpkgcache=",
                    *argv])

    def update(self):
        for d in ("debs", "lists/partial", "archives/partial"):
            os.makedirs(os.path.join(self.path, d), exist_ok=True)
        open(os.path.join(self.path, "status"), "w").close()
        with open(os.path.join(self.path, "sources.list"), "w") as f:
            for address, suite in mirrors():
                f.write(f"deb [arch={self.arch} signed-by={KEYRING}] "
                        f"{address} {suite} main\n")
        self._apt("update")

    def kernel(self):
        """Name of the package that the metapackage of kernels stands for."""
        text = self._cache("depends", f"linux-image-{self.arch}")
        found = re.search(rf"Depends: (linux-image-\S+-{self.arch})\b", text)
        if not found:
            raise Failed(f"there is no linux-image-{self.arch}: {text.strip()}")
        return found.group(1)

    def fetch(self, names):
        """Paths of the packages' files, downloaded where missing."""
        self._apt("download", *names)
        return [self.file(n) for n in names]

    def file(self, name):
        found = sorted(glob.glob(os.path.join(self.debs, glob.escape(name) + "_*.deb")),
                       key=os.path.getmtime)
        if not found:
            raise Failed(f"{name} was not downloaded")
        return found[-1]


def unpack(deb, root):
    """Like dpkg -x, but follows the links of a merged /usr and leaves out what
    nobody reads in a rig."""
    tar = subprocess.Popen(["dpkg-deb", "--fsys-tarfile", deb], stdout=subprocess.PIPE)
    run(["tar", "-x", "--keep-directory-symlink", "--no-same-owner", "-C", root,
         "--exclude=./usr/share/doc", "--exclude=./usr/share/man",
         "--exclude=./usr/share/locale", "--exclude=./usr/share/info",
         "--exclude=./usr/share/bash-completion", "--exclude=./usr/lib/*/gconv",
         "--exclude=./usr/lib/xen-*/boot"], stdin=tar.stdout)
    if tar.wait():
        raise Failed(f"{deb} cannot be unpacked")
