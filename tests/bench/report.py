# SPDX-License-Identifier: ISC
"""Numbers of a benchmark: statistics, the table, the files."""
import csv
import os


def quantile(values, q):
    """Of a sorted list: the smallest value that (q) of them do not exceed."""
    return values[min(len(values) - 1, int(q * len(values)))]


class Row:
    """One line of the table: many measurements of one thing.

    floor is (name, median) of what the same invocation measured for
    comparison; target is the most that the median may be.
    """

    def __init__(self, what, unit, values, placement="", target=None, floor=None):
        self.what, self.unit, self.placement = what, unit, placement
        self.values = sorted(values)
        self.target, self.floor = target, floor

    def at(self, q):
        return quantile(self.values, q)

    @property
    def median(self):
        return self.at(0.5)

    @property
    def met(self):
        if self.target is None:
            return ""
        return "yes" if self.median <= self.target else "no"

    @property
    def ratio(self):
        if not self.floor or not self.floor[1]:
            return None
        return self.median / self.floor[1]

    def record(self):
        return {
            "what": self.what, "placement": self.placement, "unit": self.unit,
            "n": len(self.values), "min": self.values[0], "p5": self.at(0.05),
            "median": self.median, "p95": self.at(0.95), "p99": self.at(0.99),
            "max": self.values[-1], "target": self.target, "met": self.met,
            "floor": self.floor[0] if self.floor else None,
            "floor_median": self.floor[1] if self.floor else None,
            "ratio": self.ratio,
        }


def number(x):
    """Three digits that matter, no exponent."""
    if x is None:
        return ""
    if isinstance(x, int) or abs(x) >= 1000:
        return f"{x:,.0f}"
    if abs(x) >= 100:
        return f"{x:.0f}"
    return f"{x:.1f}" if abs(x) >= 10 else f"{x:.2f}"


def table(head, lines):
    """Prints lines of text cells, the first column left, the rest right."""
    rows = [head] + [[str(c) for c in line] for line in lines]
    width = [max(len(r[i]) for r in rows) for i in range(len(head))]
    for i, r in enumerate(rows):
        cells = [r[0].ljust(width[0])]
        cells += [c.rjust(w) for c, w in zip(r[1:], width[1:])]
        print("  ".join(cells).rstrip())
        if i == 0:
            print("  ".join("-" * w for w in width))
    print(flush=True)


def print_rows(rows):
    table(["what", "median", "p5..p95", "p99", "unit", "N", "placement",
           "target", "met", "x floor", "floor"],
          [[r.what, number(r.median), f"{number(r.at(0.05))}..{number(r.at(0.95))}",
            number(r.at(0.99)), r.unit, len(r.values), r.placement,
            number(r.target), r.met, number(r.ratio),
            r.floor[0] if r.floor else ""] for r in rows])


def write_rows(path, rows):
    with open(path, "w", newline="") as f:
        w = csv.DictWriter(f, list(rows[0].record()))
        w.writeheader()
        for r in rows:
            w.writerow(r.record())


def read_columns(text, path=None):
    """CSV of numbers to {column: [number or None]}; kept in (path)."""
    if path:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as f:
            f.write(text)
    lines = list(csv.DictReader(text.splitlines()))
    return {k: [float(l[k]) if l[k] else None for l in lines]
            for k in (lines[0] if lines else ())}


def known(values, scale=1.0):
    return [v * scale for v in values if v is not None]
