# SPDX-License-Identifier: ISC
"""Numbers of a benchmark: statistics, the table, the files."""
import csv
import os


def quantile(values, q):
    """Of a sorted list: the smallest value that (q) of them do not exceed."""
    return values[min(len(values) - 1, int(q * len(values)))]


def median(values):
    return quantile(sorted(values), 0.5)


def flatness(values, edge):
    """How much more the last (edge) of something repeated take than the first."""
    return median(values[-edge:]) / median(values[:edge])


def running_median(values, width):
    """[(place, median)] of (width) neighbours at a time."""
    return [(at + width // 2, median(values[at:at + width]))
            for at in range(0, len(values) - width + 1, max(1, width // 4))]


def per_second(clients, first=0):
    """Creations per second of several clients' columns (ns), from the first
    request until the last answer, and the last main() where it is known; without
    the (first) ones of each client."""
    def at(c, i):
        end = max(c["answer_ns"][i], c["main_ns"][i] or 0)
        return c["create_at_ns"][i], c["create_at_ns"][i] + end
    times = [at(c, i) for c in clients for i in range(first, len(c["answer_ns"]))]
    return len(times) / (max(t[1] for t in times) - min(t[0] for t in times)) * 1e9


class Row:
    """One line of the table: many measurements of one thing.

    floor is (name, median) of what the same invocation measured for
    comparison; target is the most that the median may be (the least, where more
    is better), tail the most that the 99th percentile may be.
    """

    part = ""

    def __init__(self, what, unit, values, placement="", target=None, floor=None,
                 tail=None, more_is_better=False):
        self.what, self.unit, self.placement = what, unit, placement
        self.values = sorted(values)
        self.target, self.floor = target, floor
        self.tail, self.more_is_better = tail, more_is_better

    def at(self, q):
        return quantile(self.values, q)

    @property
    def median(self):
        return self.at(0.5)

    @property
    def met(self):
        if self.target is None:
            return ""
        good = self.median >= self.target if self.more_is_better \
            else self.median <= self.target
        if not good:
            return "no"
        return "yes" if self.tail is None or self.at(0.99) <= self.tail else "not p99"

    @property
    def ratio(self):
        if not self.floor or not self.floor[1]:
            return None
        return self.median / self.floor[1]

    @property
    def spread(self):
        """From the 5th to the 95th percentile, in parts of the median."""
        return (self.at(0.95) - self.at(0.05)) / self.median if self.median else 0.0

    def target_text(self):
        if self.target is None:
            return ""
        text = (">= " if self.more_is_better else "") + number(self.target)
        return text + (f", p99 {number(self.tail)}" if self.tail is not None else "")

    def cells(self):
        return [self.what, number(self.median),
                f"{number(self.at(0.05))}..{number(self.at(0.95))}", number(self.at(0.99)),
                self.unit, len(self.values), self.placement, self.target_text(), self.met,
                number(self.ratio), self.floor[0] if self.floor else ""]

    def record(self):
        return {
            "part": self.part,
            "what": self.what, "placement": self.placement, "unit": self.unit,
            "n": len(self.values), "min": self.values[0], "p5": self.at(0.05),
            "median": self.median, "p95": self.at(0.95), "p99": self.at(0.99),
            "max": self.values[-1], "spread": self.spread,
            "target": self.target, "target_p99": self.tail, "met": self.met,
            "floor": self.floor[0] if self.floor else None,
            "floor_median": self.floor[1] if self.floor else None,
            "ratio": self.ratio,
        }


class Skipped:
    """A line of the table about what could not be measured here, and why."""

    part = ""

    def __init__(self, what, why):
        self.what, self.why = what, why

    def cells(self):
        return [self.what] + [""] * (len(HEAD) - 2) + [f"skipped: {self.why}"]

    def record(self):
        return {"part": self.part, "what": self.what, "met": f"skipped: {self.why}"}


def number(x):
    """Three digits that matter, no exponent."""
    if x is None:
        return ""
    if isinstance(x, int) or abs(x) >= 1000:
        return f"{x:,.0f}"
    if abs(x) >= 100:
        return f"{x:.0f}"
    return f"{x:.1f}" if abs(x) >= 10 else f"{x:.2f}"


HEAD = ["what", "median", "p5..p95", "p99", "unit", "N", "placement", "target", "met",
        "x floor", "floor"]


def table(head, lines):
    """Lines of text cells as text, the first column left, the rest right."""
    rows = [head] + [[str(c) for c in line] for line in lines]
    width = [max(len(r[i]) for r in rows) for i in range(len(head))]
    out = []
    for i, r in enumerate(rows):
        cells = [r[0].ljust(width[0])]
        cells += [c.rjust(w) for c, w in zip(r[1:], width[1:])]
        out.append("  ".join(cells).rstrip())
        if i == 0:
            out.append("  ".join("-" * w for w in width))
    return "\n".join(out) + "\n"


def markdown(head, lines):
    """The same for a document; columns without anything are left out."""
    rows = [head] + [[str(c) for c in line] for line in lines]
    use = [i for i in range(len(head)) if i == 0 or any(r[i] for r in rows[1:])]
    out = ["| " + " | ".join(r[i] for i in use) + " |" for r in rows]
    out.insert(1, "|" + "---|" * len(use))
    return "\n".join(out) + "\n"


def by_part(rows):
    """[(part, its rows)] in the order of the first of each."""
    parts = {}
    for r in rows:
        parts.setdefault(r.part, []).append(r)
    return list(parts.items())


def write_rows(path, rows):
    names = max((list(r.record()) for r in rows), key=len)
    with open(path, "w", newline="") as f:
        w = csv.DictWriter(f, names)
        w.writeheader()
        for r in rows:
            w.writerow(r.record())


def write_markdown(path, head, tables, rows):
    """The whole invocation for docs/performance.md: (head) are lines of text,
    (tables) [(title, head, lines)]."""
    with open(path, "w") as f:
        f.write("\n".join(head) + "\n")
        for part, of_part in by_part(rows):
            f.write(f"\n**{part}**\n\n" + markdown(HEAD, [r.cells() for r in of_part]))
        for title, columns, lines in tables:
            f.write(f"\n**{title}**\n\n" + markdown(columns, lines))


BEGIN, END = "<!-- bench: begin -->\n", "<!-- bench: end -->\n"


def refreshed(document, text):
    """(document) with (text) between its two marks."""
    head, begin, rest = document.partition(BEGIN)
    _, end, tail = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"the lines {BEGIN.strip()} and {END.strip()} are not there")
    return head + BEGIN + text + END + tail


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
