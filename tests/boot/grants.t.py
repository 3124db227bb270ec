# SPDX-License-Identifier: ISC
"""Grants between two guests, as tests/guests/grants serves commands."""
import re
import subprocess
from midge import PATIENCE, Midge, bail, done, is_, like, ok

m = Midge()
CFG = m.app("grants")


class Guest:
    """A running grants guest, driven through its console."""

    def __init__(self, name, *args):
        self.name = name
        self.p = m.popen("create", "-c", CFG, f'name="{name}"', *args,
                         stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                         stderr=subprocess.STDOUT)
        self.expect("ready")
        self.domid = int(m.must("domid", name))

    def expect(self, word):
        """The next line that begins with (word), without it."""
        for line in self.p.stdout:
            line = line.strip()
            if line.startswith("not ok") or line.startswith("#"):
                print("#", self.name, line)
            if line.split(" ")[0] == word:
                return line[len(word):].strip()
        print(m.must("dmesg"))
        return bail(f"{self.name} did not say {word}")

    def do(self, *words):
        # What is typed is echoed, in front of the answer and on its own line.
        self.p.stdin.write(" ".join(map(str, words)) + "\n")
        self.p.stdin.flush()
        self.expect(words[0])
        return self.expect(words[0])

    def quit(self):
        self.p.stdin.write("quit\n")
        self.p.stdin.flush()
        return self.p.wait(timeout=PATIENCE)


for version in (1, 2):
    v = f"v{version}: "
    a, b = Guest(f"a{version}"), Guest(f"b{version}")
    is_(a.do("version", version), "0", v + "the version is accepted")
    ref = a.do("grant", b.domid, "rw", "hello")
    is_(ref, "8", v + "the first reference")
    is_(a.do("version", version), "-16", v + "no change any more")
    is_(b.do("pull", a.domid, ref, 0, 64), "0 hello", v + "the peer copies it")
    is_(b.do("push", a.domid, ref, "reply"), "0", v + "and writes to it")
    is_(a.do("show", ref), "reply", v + "which we see")
    ro = a.do("grant", b.domid, "ro", "look")
    is_(b.do("pull", a.domid, ro, 1, 3), "0 ookhing", v + "a part of a read-only page")
    is_(b.do("push", a.domid, ro, "no"), "-1", v + "is not written")
    is_(a.do("show", ro), "look", v + "it is as before")
    other = a.do("grant", 0, "rw", "secret")
    is_(b.do("pull", a.domid, other, 0, 8), "-1 nothing", v + "another domain's grant is not ours")
    is_(a.do("end", ref), "done", v + "the grant is ended")
    is_(b.do("pull", a.domid, ref, 0, 8), "-1 nothing", v + "and of no use any more")
    is_(b.do("pull", a.domid, 100000, 0, 8), "-3 nothing", v + "nor what never was one")
    is_(b.do("pull", 32000, ro, 0, 8), "-2 nothing", v + "nor one of nobody's")
    is_(b.do("many", a.domid, ro, 2001), "0 good 1000 bad 1001", v + "2001 copies in one call")
    if version == 2:
        sub = a.do("sub", b.domid, 2, 4, "abcdefgh")
        is_(b.do("pull", a.domid, sub, 2, 4), "0 cdefing", v + "a sub-page grant")
        is_(b.do("pull", a.domid, sub, 1, 4), "-1 nothing", v + "is not more than that")
    per_frame = 512 if version == 1 else 256
    total = 64 * per_frame
    free = total - 8 - (2 if version == 1 else 3)
    is_(a.do("info"), f"version {version} frames 1 of 64 free {free}", v + "one frame so far")
    is_(a.do("fill", b.domid),
        f"{free} of {free}, then -28, last ref {total - 1}, ended {free}, free {free}",
        v + "the table grows to its limit")
    is_(a.do("info"), f"version {version} frames 64 of 64 free {free}", v + "64 frames")
    is_(a.do("show", ro), "look", v + "what was granted stays")
    last = a.do("grant", b.domid, "rw", "last")
    is_(b.do("pull", a.domid, last, 0, 8), "0 last", v + "its frames work")
    is_(b.quit(), 0, v + "the peer ends")
    is_(a.do("end", ro), "done", v + "and leaves nothing in use")
    is_(a.quit(), 0, v + "the granter ends")

a, b = Guest("a"), Guest("b")
ref = a.do("grant", b.domid, "rw", "gone")
m.must("destroy", "a")
a.p.wait(timeout=PATIENCE)
m.wait_for(lambda: "a" not in m.names(), "a to be gone")
is_(b.do("pull", a.domid, ref, 0, 8), "-2 nothing", "a dead domain's grant is nobody's")

b.p.stdin.write("attack\n")
b.p.stdin.flush()
for line in b.p.stdout:
    t = re.match(r"(not )?ok \d+ - (.*)", line.strip())
    if t:
        ok(not t.group(1), "attack: " + t.group(2))
    elif line.startswith("#"):
        print(line.strip())
    elif line.startswith("1.."):
        break
is_(b.do("info").split()[0], "version", "the attacker is still there")

a = Guest("a")
one, two = (a.do("grant", 0, "rw", t) for t in ("one", "two"))
free = int(a.do("info").split()[-1])
is_(a.do("hold", one), "in use 1", "a grant is in use")
is_(a.do("end", one), "still in use", "and cannot be ended")
is_(a.do("later", one), "0", "but later it can")
is_(a.do("later", two), "0", "so can one that is not in use")
is_(a.expect("ended"), two, "which is done soon")
is_(int(a.do("info").split()[-1]), free + 1, "one is free again, the other is not")
is_(a.do("release", one), "in use 0", "the other side lets go")
is_(a.expect("ended"), one, "the other one has ended")
is_(int(a.do("info").split()[-1]), free + 2, "and is free")
ref = a.do("grant", b.domid, "rw", "bench")
for what in (("benchgrant", 10000), ("benchcopy", a.domid, ref, 1, 500),
             ("benchcopy", a.domid, ref, 51, 20)):
    r = b.do(*what)
    print("#", *what, r)
    like(r, r"^[0-9.]+ ns$", f"{what[0]} measures")
a.quit()
b.quit()
few = Guest("few", "max_grant_frames=3")
free = 3 * 512 - 8
is_(few.do("fill", 0), f"{free} of {free}, then -28, last ref {3 * 512 - 1}, ended {free}, "
    f"free {free}", "max_grant_frames= is the limit")
is_(few.quit(), 0, "and ends well")
done(m)
