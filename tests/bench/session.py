# SPDX-License-Identifier: ISC
"""One invocation of `make bench`: what its parts share, and where they put rows."""
import os

import machine
import plots
import report
from machine import Daemon
from report import Row, Skipped, known, read_columns

US = 1e-3
# Measured before and after everything, to see whether the machine stayed the same.
CONTROL_ROUNDS = 500


class Run:
    """What the parts of one invocation share."""

    def __init__(self, about):
        self.about = about
        self.rows, self.tables, self.pictures = [], [], []
        self.part = ""
        self.others = []
        self._pages = None
        self._floors = {}
        self._created = {}
        plots.FOOTER = about

    def begin(self, part):
        """The next part; looks at how busy others keep the machine."""
        self.part = part
        self.others.append(machine.others(0.1))

    def put(self, row):
        row.part = self.part
        self.rows.append(row)

    def add(self, *args, **kw):
        self.put(Row(*args, **kw))

    def skip(self, what, why):
        """Says once per part that there will be no row, and why."""
        if (self.part, what) not in [(r.part, r.what) for r in self.rows]:
            self.put(Skipped(what, why))

    def table(self, title, head, lines):
        self.tables.append((title, head, lines))

    def raw(self, name):
        return os.path.join(machine.OUT, name.replace(" ", "") + ".csv")

    def picture(self, draw, name, *args, **kw):
        made = draw(os.path.join(machine.OUT, name + ".png"), *args, **kw)
        if made:
            self.pictures.append(made)

    def pages(self):
        """(filled, touched): pages of an idle hello's RAM file that the daemon
        filled, and that were touched after that."""
        if self._pages is None:
            with Daemon() as m:
                m.must("create", "-p", "-q", m.app("hello"), 'name="cold"')
                filled = machine.file_pages(m.pid("cold"), 3)
                warm = m.start("hello", "--block", "warm")
                self._pages = filled, machine.file_pages(warm, 3) - filled
        return self._pages

    def _fork(self, placement, count):
        filled, touched = self.pages()
        return machine.run([machine.FLOOR, "fork", "-n", count, "-w", 100,
                            "-f", max(0, filled - 4), "-t", touched], placement)

    def control(self):
        """Median of a short run of the fork floor on one CPU."""
        cols = read_columns(self._fork(machine.ONE_CPU, CONTROL_ROUNDS))
        return report.median(known(cols["main_ns"], US))

    def floor(self, mode, placement):
        """Columns of the floor program, in us, measured once per placement."""
        key = mode, placement.name
        if key not in self._floors:
            if mode == "fork":
                text = self._fork(placement, 1000)
            else:
                text = machine.run([machine.FLOOR, "exec", "-n", 1000, "-w", 100,
                                    machine.STATIC], placement)
            cols = read_columns(text, self.raw(f"floor-{mode}-{placement.name}"))
            self._floors[key] = {k: known(v, US) for k, v in cols.items()}
            for what in ("main", "wake", "gone"):
                self.add(f"floor: {mode} -> {what}", "us",
                         self._floors[key][what + "_ns"], placement.name)
        return self._floors[key]

    def created(self, placement):
        """Columns of creations one after the other, each until its guest is gone,
        in ns; measured once per placement."""
        if placement.name not in self._created:
            with Daemon(placement) as m:
                text = m.bench("-n", 2000, "-w", 200, m.app("hello"), 'extra="--tsc"')
            self._created[placement.name] = read_columns(
                text, self.raw("create-" + placement.name))
        return self._created[placement.name]
