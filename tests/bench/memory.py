# SPDX-License-Identifier: ISC
"""Rows of `make bench` about memory: what the machine has less of, and which kind
of use that is."""
import machine
import peers
import plots
from machine import MEMORY_KINDS as KINDS, Daemon, Failed, Swarm
from report import median, number

# Issue 4, by MemAvailable; DESIGN 8 has 80.
TARGET_KIB = 130
ROUNDS = 5
PEERS = 50


def growth(before, after, count):
    """KiB per guest between two looks at the machine: by kind; "taken" is what
    MemAvailable has less, "with lists" the same where pages that Linux keeps for
    each CPU count as available."""
    per = {k: (after[k] - before[k]) / count for k in KINDS}
    per["taken"] = (before["MemAvailable"] - after["MemAvailable"]) / count
    per["with lists"] = (before["AvailableAndLists"] - after["AvailableAndLists"]) / count
    return per


def _round(swarm, count):
    before = machine.settled_meminfo()
    with swarm:
        after = machine.settled_meminfo()
    return growth(before, after, count)


def _add(run, what, rounds):
    """Rows of one kind of guest; its medians by kind."""
    for key, text, target in (("with lists", "MemAvailable and per-CPU lists", TARGET_KIB),
                              ("taken", "MemAvailable alone", TARGET_KIB),
                              (None, "sum of what grows", None)):
        run.add(f"memory per idle {what}: {text}", "KiB",
                [r[key] if key else sum(r[k] for k in KINDS) for r in rounds], "default",
                target if what.startswith("guest") else None)
    return {k: median([r[k] for r in rounds]) for k in (*KINDS, "with lists")}


def _guests(run, count):
    with Daemon() as m:
        def one():
            return _round(Swarm(m, count), count)
        one()  # touches what will be needed
        return _add(run, f"guest of {count:,}", [one() for _ in range(ROUNDS)])


def memory(run, count=None):
    """Of idle guests, 500 and 1,000 (memory=5000: 5,000), and of idle peers."""
    columns = [(f"{n:,} guests", _guests(run, n)) for n in ([count] if count else (500, 1000))]
    for peer in () if count else peers.found(run):
        try:
            with peer:
                _round(peer.idle(PEERS), PEERS)
                rounds = [_round(peer.idle(PEERS), PEERS) for _ in range(3)]
        except Failed as e:
            run.skip(f"memory per idle {peer.name}", str(e))
            continue
        columns.append((f"{PEERS} {peer.name}", _add(run, f"{peer.name} of {PEERS}", rounds)))
    run.table("Memory per idle guest, KiB, medians",
              ["guests"] + KINDS + ["sum", "by MemAvailable and per-CPU lists"],
              [[label] + [number(v[k]) for k in KINDS] +
               [number(sum(v[k] for k in KINDS)), number(v["with lists"])]
               for label, v in columns])
    run.picture(plots.stacked, "memory", columns, KINDS, "Memory per idle guest or confined program, by field of /proc/meminfo",
                "KiB for each")
