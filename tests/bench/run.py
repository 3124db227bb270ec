#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""make bench: measures, prints a table, leaves CSV and PNG in build/bench/.

usage: run.py [--list | PART...]      (all parts without an argument)

Nothing here passes or fails by a clock: the exit code says whether everything
could be measured, the column "met" what came out.
"""
import os
import signal
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import machine  # noqa: E402
import report  # noqa: E402
import rows  # noqa: E402

# With more runnable processes than this the figures are of little worth.
QUIET_LOAD = 1.0


def parts_of(args):
    if args == ["--list"]:
        for name, fn in rows.ALL.items():
            print(f"{name:10} {fn.__doc__.strip()}")
        sys.exit(0)
    for a in args:
        if a not in rows.ALL:
            sys.exit(f"bench: there is no part {a!r}; there are: {' '.join(rows.ALL)}")
    return args or list(rows.ALL)


def main():
    parts = parts_of(sys.argv[1:])
    # Leaving through exit handlers stops daemons and removes directories.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    os.makedirs(machine.OUT, exist_ok=True)
    start = time.monotonic()
    about, load = machine.describe()
    print(f"machine: {about}; load {load:.2f}")
    if load > QUIET_LOAD:
        print("bench: the machine is busy with something else: do not believe the tails")
    print(flush=True)
    run, failed = rows.Run(), 0
    for name in parts:
        try:
            rows.ALL[name](run)
        except machine.Failed as e:
            print(f"bench: {name}: {e}\n", flush=True)
            failed += 1
    if run.rows:
        report.print_rows(run.rows)
        report.write_rows(os.path.join(machine.OUT, "results.csv"), run.rows)
    load = machine.describe()[1]
    print(f"{time.monotonic() - start:.0f} s, load now {load:.2f}; "
          f"raw figures and pictures: {machine.OUT}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
