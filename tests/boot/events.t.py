# SPDX-License-Identifier: ISC
"""Event channels from inside guests: both ABIs, and two guests that talk."""
import re
from midge import Midge, done, is_, like, tap_guest

m = Midge()
r = tap_guest(m, m.app("events"))
like(r.stdout, r"^# bound 131069 ports, 3 to 131071,", "as many ports as there are")
r = m.xl("create", "-c", m.app("events"), 'name="few"', "max_event_channels=1023")
like(r.stdout, r"^# bound 1021 ports, 3 to 1023,", "as few as Xen's default")


def guest(name, arguments):
    return m.cfg(f'name = "{name}"\ntype = "pv"\nmemory = 8\n'
                 f'kernel = "{m.image("events")}"\nextra = "{arguments}"\n',
                 name + ".cfg")


def said(name, pattern):
    return re.search(pattern, m.console_log(name))


# Ids go up by one: the listener can name the domain that is to come.
m.must("create", "-q", "-p", guest("probe", "listen 1"))
first = int(m.must("domid", "probe"))
m.must("destroy", "probe")
m.must("create", "-q", guest("listener", f"listen {first + 2}"))
m.wait_for(lambda: said("listener", r"listening on port \d+"), "a port")
port = said("listener", r"listening on port (\d+)").group(1)
r = m.xl("create", "-F", guest("caller", f"connect {first + 1} {port}"))
like(m.console_log("caller"), r"^1000 round trips, \d+ ns each", "two guests talk")
is_(r.returncode, 0, "one of them is content")
m.wait_for(lambda: said("listener", r"exit: \d+"), "the other one's end")
like(m.console_log("listener"), r"^answered 1000 events", "all was answered")
like(m.console_log("listener"), r"^exit: 0", "and the other is content too")
done(m)
