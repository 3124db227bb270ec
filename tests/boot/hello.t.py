# SPDX-License-Identifier: ISC
"""hello, from xl create to its exit code."""
from midge import Midge, done, is_, like, ok

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

done(m)
