# SPDX-License-Identifier: ISC
"""A thousand tickers alive at once, each of which answers."""
import glob
import os
import re
from midge import Midge, done, is_, ok

N = 1000
m = Midge()
m.start()
pid = m.daemon_pid()


# A first round, for what is made once: templates, a zygote for each worker.
is_(m.swarm("-k", 50, m.app("ticker")).returncode, 0, "50 tickers")
m.must("shutdown", "-a", "-w")
idle_fds = m.daemon_fds()

r = m.swarm("-k", N, m.app("ticker"))
is_((r.returncode, r.stderr), (0, ""), f"{N} tickers are created")
is_(len(set(r.domids)), N, "each with an id of its own")
domains = m.domains()
is_({d["domid"] for d in domains}, set(r.domids), "all are listed")
is_(m.daemon_fds() - idle_fds, N, "one descriptor for each")
is_(m.must("domid", f"swarm-{N // 2}"), f"{r.domids[N // 2]}\n", "one by its name")


def ticks():
    """The last tick of each."""
    last = {}
    for i in range(N):
        found = re.findall(r"^tick (\d+)", m.console_log(f"swarm-{i}"), re.M)
        last[i] = int(found[-1]) if found else 0
    return last


m.wait_for(lambda: min(ticks().values()) >= 1, "a tick of each")
then = ticks()
ok(True, "each has ticked")
m.wait_for(lambda: all(t > then[i] for i, t in ticks().items()), "another tick of each")
ok(True, "and goes on ticking")
is_(len(m.domains()), N, "none has ended meanwhile")

for name in (f"swarm-{i}" for i in range(0, N, N // 5)):
    m.must("destroy", name)
is_(len(m.domains()), N - 5, "five are destroyed")
again = m.xl("create", "-q", m.app("ticker"), "name='swarm-0'")
is_(again.returncode, 0, "a name that came free is used again")
r = m.xl("shutdown", "-a", "-w")
is_(r.returncode, 0, "xl shutdown -a -w")
is_(len(re.findall(r"^Domain \d+ has been shut down, reason code 0$", r.stderr, re.M)), N - 4,
    "every one obeyed")
is_(m.domains(), [], "none is left")
is_(m.daemon_fds(), idle_fds, "nor a descriptor")
is_(m.daemon_pid(), pid, "the daemon is the same")
ok(len(glob.glob(os.path.join(m.run_dir, "console", "*.log"))) <= 256,
   "logs of the last 256 are kept")
done(m)
