# SPDX-License-Identifier: ISC
"""hello, from xl create to its exit code."""
import os
import pty
import re
import select
import subprocess
import tty
from midge import PATIENCE, XL, Midge, done, is_, like, ok

m = Midge()
hello = m.app("hello")

r = m.xl("create", "-c", hello, 'extra="one \'two words\' --exit 7"')
is_(r.returncode, 7, "xl create -c leaves with the guest's exit code")
like(r.stdout, r"^Hello from Midge", "the greeting is on the console")
like(r.stdout, r'argv\[1\] = "one"', "first argument")
like(r.stdout, r'argv\[2\] = "two words"', "quoted argument")
like(r.stdout, r"^exit: 7", "the exit code is the console's last line")
like(r.stderr, r"^Parsing config from .*hello\.cfg", "xl says what it parses")
is_(m.names(), [], "the domain is gone")

r = m.xl("create", "-q", "-F", hello)
is_(r.returncode, 0, "xl create -F waits for the end")
ok("Parsing" not in r.stdout + r.stderr, "-q is quiet")
like(m.console_log("hello"), r"Hello from Midge", "the console log has the greeting")

r = m.xl("create", hello)
is_(r.returncode, 0, "xl create in the background")

r = m.xl("create", "-n", hello, 'name="dry"')
is_(r.returncode, 0, "xl create -n")
like(r.stdout, r'"name":\s*"dry"', "-n prints the configuration")
is_(m.names(), [], "and creates nothing")

r = m.xl("create", "-c", hello, 'cmdline="x --exit 1"')
like(r.stdout, r'argv\[1\] = "x"', "cmdline= reaches the guest")
is_(r.returncode, 1, "whole")
r = m.xl("create", "-c", hello, 'extra="y"', 'root="/dev/x"')
like(r.stdout, r"root=/dev/x", "root= reaches the guest")

# --- the ends of lines ------------------------------------------------------
create = [XL, "create", "-q", "-c", hello, 'extra="one --exit 4"']
piped = subprocess.run(create, env=m.env, timeout=PATIENCE, stdin=subprocess.DEVNULL,
                       stdout=subprocess.PIPE).stdout
ok(piped.endswith(b"\nexit: 4\n") and b"\r" not in piped, "piped output is text")


def on_terminal(raw, *argv):
    """What a terminal gets of a command whose only one it is."""
    leader, follower = pty.openpty()
    if raw:
        tty.setraw(follower)
    p = subprocess.Popen(argv, env=m.env, stdin=follower, stdout=follower,
                         stderr=subprocess.DEVNULL)
    os.close(follower)
    seen = b""
    try:
        while select.select([leader], [], [], PATIENCE)[0]:
            seen += os.read(leader, 4096)
    except OSError:  # the last to have it open has gone
        pass
    os.close(leader)
    p.wait(timeout=PATIENCE)
    return seen


for raw in False, True:
    is_(on_terminal(raw, *create), piped.replace(b"\n", b"\r\n"),
        f"on a terminal{' that is raw already' if raw else ''} each line ends in a return and a newline")
with open(os.path.join(m.run_dir, "console", "hello.log"), "rb") as f:
    is_(f.read(), piped, "the log is text, as what is piped")
crash = m.app("crash")
seen = on_terminal(True, XL, "create", "-q", "-c", crash, 'extra="null"')
ok(b"panic: " in seen and b"(midge) " in seen, "a crash has its reports on the terminal")
is_(re.findall(rb"[^\r]\n|\r\r|\r[^\n]", seen), [], "with the same ends of lines")
with open(os.path.join(m.run_dir, "console", "crash.log"), "rb") as f:
    is_(f.read().replace(b"\n", b"\r\n"), seen, "and in the log, as text")

done(m)
