# SPDX-License-Identifier: ISC
"""Rows of `make bench` about the services that guests use: upcalls, events,
threads, timers, xenstore, grants. Guests measure themselves (apps/evbench) and
print order statistics; those are the rows."""
import re

import machine
from machine import DEFAULT, ONE_CPU, Daemon, Failed
from report import Row, known, read_columns

US = 1e-3

# Issue 3.
TARGET_UPCALL_US = 4
TARGET_ROUND_TRIP_US = 20
TARGET_STORE_READ_US = 15
TARGET_STORE_TEN_US = 30
TARGET_SWITCH_NS = 100

LINE = re.compile(r"^(?P<what>[^:\n]+): (?P<p50>[\d.]+) ns \(p5 (?P<p5>[\d.]+), "
                  r"p95 (?P<p95>[\d.]+), p99 (?P<p99>[\d.]+), max (?P<max>[\d.]+), "
                  r"n (?P<n>\d+)\)$", re.M)

# What evbench prints: part, line, the row's name, unit, its scale, target.
LINES = [
    ("events", "event to oneself", "event to oneself", "ns", 1, None),
    ("events", "timer to its handler, domain asleep", "timer -> handler, guest asleep",
     "us", US, None),
    ("events", "timer to its waiting thread", "timer -> waiting thread", "us", US, None),
    ("threads", "thread switch", "thread switch", "ns", 1, TARGET_SWITCH_NS),
    ("threads", "mutex lock and unlock", "mutex lock + unlock", "ns", 1, None),
    ("threads", "thread create, run, join", "thread create + run + join", "ns", 1, None),
    ("threads", "timer start and cancel", "timer start + cancel", "ns", 1, None),
    ("store", "xenstore read", "xenstore read, from a guest", "us", US,
     TARGET_STORE_READ_US),
    ("store", "xenstore, 10 reads pipelined", "xenstore, 10 reads pipelined", "us", US,
     TARGET_STORE_TEN_US),
    ("store", "xenstore write", "xenstore write, from a guest", "us", US, None),
    ("store", "xenstore transaction of one write", "xenstore transaction, one write",
     "us", US, None),
    ("grants", "grant and end", "grant + end access", "ns", 1, None),
]


class Told(Row):
    """A row of which only order statistics are known."""

    def __init__(self, what, unit, found, scale, placement, target, floor=None):
        super().__init__(what, unit, [], placement, target, floor)
        self.scale = scale
        self.found = {k: float(found[k]) * scale for k in ("p5", "p50", "p95", "p99", "max")}
        self.n = int(found["n"])
        self.values = range(self.n)  # as many, for the column N

    def at(self, q):
        return self.found[{0.05: "p5", 0.5: "p50", 0.95: "p95", 0.99: "p99"}[q]]

    def record(self):
        r = super().record()
        r.update(min=None, max=self.found["max"])
        return r


def upcall(run):
    """From the kick to the first instruction of a blocked guest's handler."""
    for placement in (ONE_CPU, DEFAULT):
        text = machine.run([machine.UPCALL, 2000], placement)
        cols = read_columns(text, run.raw("upcall-" + placement.name))
        run.add("upcall of a blocked guest", "us", known(cols["upcall_ns"], US),
                placement.name, TARGET_UPCALL_US if placement is ONE_CPU else None)


def _lines(log, part):
    found = {m["what"]: m for m in LINE.finditer(log)}
    for name, line, what, unit, scale, target in LINES:
        if name != part:
            continue
        if line not in found:
            raise Failed(f"evbench {part} printed no {line!r}: {log!r}")
        yield what, unit, found[line], scale, target


def evbench(run):
    """A guest's events, threads, timers, xenstore and grants, timed by itself."""
    for placement in (ONE_CPU, DEFAULT):
        with Daemon(placement) as m:
            for part in ("events", "threads", "store", "grants"):
                if placement is DEFAULT and part == "threads":
                    continue  # one vCPU's own business
                m.must("create", "-F", "-q", m.app("evbench"), f'name="{part}"',
                       f'extra="{part}"')
                for what, unit, found, scale, target in _lines(m.console_log(part), part):
                    run.put(Told(what, unit, found, scale, placement.name,
                                         target if placement is ONE_CPU else None))


def roundtrip(run):
    """An event to another domain and one back: three processes."""
    for placement in (ONE_CPU, DEFAULT):
        with Daemon(placement) as m:
            m.must("create", "-q", m.app("evbench"), 'name="ping"', 'extra="ping 5000"')
            m.wait_for(lambda: "waits for pong" in m.console_log("ping"), "ping to wait")
            domid = m.must("domid", "ping").strip()
            m.must("create", "-q", m.app("evbench"), 'name="pong"', f'extra="pong {domid}"')
            m.wait_for(lambda: "round trip:" in m.console_log("ping"), "ping to end")
            found = LINE.search(m.console_log("ping"))
        run.put(Told("inter-domain round trip", "us", found, US, placement.name,
                             TARGET_ROUND_TRIP_US if placement is ONE_CPU else None))


def fifo(run):
    """131,071 event channels in one guest, delivered by priority."""
    with Daemon() as m:
        m.must("create", "-F", "-q", m.app("evbench"), 'name="fifo"', 'extra="fifo"')
        log = m.console_log("fifo")
    ports = re.search(r"^fifo: (\d+) ports up to (\d+), \1 delivered, 0 out of order$",
                      log, re.M)
    if not ports:
        raise Failed(f"evbench fifo: {log!r}")
    run.add("fifo: ports bound and delivered in order", "", [int(ports[1])], "default")
    for what in ("bind", "send", "deliver"):
        ns = re.search(rf"^fifo {what}: (\d+) ns$", log, re.M)
        run.add(f"fifo: {what}, per port", "ns", [int(ns[1])], "default")
