# SPDX-License-Identifier: ISC
"""Rows of `make bench` about many guests alive at once."""
import machine
import midge
import plots
from machine import DEFAULT, ONE_CPU, Daemon, Failed, Swarm
from report import flatness, known, median, per_second, read_columns, running_median

US = 1e-3

# Issue 4, beside 1,000 guests; the 99th percentile, flatness and rates: DESIGN 8.
TARGET_MAIN_US = 300
TARGET_MAIN_P99_US = 500
TARGET_FLAT = 1.1
TARGET_DESTROY_US = 200
TARGET_LIST_US = 20000
TARGET_CREATES = 8000
TARGET_CHURN = 4000


def edge_of(count):
    """How many of the first and of the last are compared."""
    return max(1, min(count // 10, 1000))


def rounds_of(count):
    """So many that a swarm of 1,000 takes seconds and one of 10,000 a minute."""
    return max(2, min(5, 5000 // count))


def complete(cols, columns):
    """The swarm's columns, if nothing is missing in them."""
    for name in columns:
        if not cols[name] or None in cols[name]:
            raise Failed(f"a swarm's {name} is not known of every guest")
    return cols


def _rounds(m, count, run):
    """Columns of every round but the first, which touches the memory; between the
    last one's creations and destructions, xl list."""
    out, listed = [], []
    for i in range(rounds_of(count) + 1):
        s = Swarm(m, count, paced=True, tsc=True)
        with s:
            if i == rounds_of(count):
                argv = [machine.FLOOR, "exec", "-n", 50, "-w", 5, midge.XL, "list"]
                text = machine.run(argv, m.placement, m.env)
                listed = read_columns(text, run.raw(f"xllist-{count}-{m.placement.name}"))
        out.append(complete(s.columns[0], ("answer_ns", "main_ns", "destroy_ns")))
    return out[1:], known(listed["gone_ns"], US)


def swarm(run, count=1000):
    """Creation and destruction beside 1,000 guests (swarm=10000: beside 10,000)."""
    created, destroyed = [], []
    for placement in (ONE_CPU, DEFAULT):
        with Daemon(placement) as m:
            rounds, listed = _rounds(m, count, run)
        _swarm_rows(run, placement, count, rounds, listed)
        last = rounds[-1]
        created.append((placement.name, known(last["main_ns"], US)))
        # The first is destroyed beside all others.
        destroyed.append((placement.name, known(last["destroy_ns"][::-1], US)))
    for name, curves, title in (
            ("create", created, "Midge: creation, from the request to main(), beside guests alive"),
            ("destroy", destroyed, "Midge: destruction, from the request to its answer, beside guests alive")):
        run.picture(plots.trend, f"swarm-{name}-{count}",
                    [(label, v, running_median(v, edge_of(count))) for label, v in curves],
                    title)


def _swarm_rows(run, placement, count, rounds, listed):
    edge, name = edge_of(count), placement.name
    fork = run.floor("fork", placement)
    main = [known(r["main_ns"], US) for r in rounds]
    gone = [known(r["destroy_ns"], US) for r in rounds]
    run.add(f"create -> main(), the last {edge:,} of {count:,}", "us",
            [x for r in main for x in r[-edge:]], name, TARGET_MAIN_US,
            ("fork", median(fork["main_ns"])), tail=TARGET_MAIN_P99_US)
    run.add(f"create -> main(), the last {edge:,} of {count:,} / the first", "",
            [flatness(r, edge) for r in main], name, TARGET_FLAT)
    run.add(f"destroy, beside {count:,} guests", "us",
            [x for r in gone for x in r[:edge]], name, TARGET_DESTROY_US,
            ("exit+reap of fork", median([g - w for g, w in zip(fork["gone_ns"],
                                                                fork["wake_ns"])])))
    run.add(f"destroy, beside {count:,} guests / beside few", "",
            [flatness(r[::-1], edge) for r in gone], name, TARGET_FLAT)
    run.add(f"xl list of {count:,} guests", "us", listed, name,
            TARGET_LIST_US if count <= 1000 else None)


def _as_fast(m, clients, count, alive):
    s = Swarm(m, count, alive=alive, clients=clients, tsc=True)
    with s:
        pass
    return s.columns


def rates(run, count=1000):
    """Creations per second up to 1,000 guests; creations and destructions beside
    them (rates=10000: beside 10,000)."""
    fork = 1e6 / median(run.floor("fork", DEFAULT)["wake_ns"])
    for clients in (1, 2):
        filled, churned = [], []
        with Daemon() as m:
            for _ in range(rounds_of(count) + 1):
                filled.append(per_second(_as_fast(m, clients, count, count)))
                # The first half is filled, and gone in the end.
                churned.append(per_second(_as_fast(m, clients, 2 * count, count),
                                          count // clients))
        run.add(f"creations per second to {count:,} guests, {clients} client(s)", "1/s",
                filled[1:], "default", TARGET_CREATES, ("fork, one by one", fork),
                more_is_better=True)
        run.add(f"create + destroy per second beside {count:,}, {clients} client(s)", "1/s",
                churned[1:], "default", TARGET_CHURN, None, more_is_better=True)
