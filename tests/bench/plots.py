# SPDX-License-Identifier: ISC
"""Pictures of a benchmark, drawn by gnuplot. Without gnuplot there are none."""
import shutil
import subprocess

# The line below every picture: the machine.
FOOTER = ""

STYLE = """set grid back ytics lt 1 lw 1 lc rgb '#d8d8d8'
set border 3
set tics nomirror
set bmargin 6
set key noenhanced
set title font ',13'
"""
COLOURS = ["#1f5fa8", "#d1662a", "#2e8b57", "#8c4ba0", "#7a5230", "#c22f4e", "#5a5a5a"]


def quoted(text):
    """A string of gnuplot's, between single quotes."""
    return "'" + str(text).replace("'", "''") + "'"


def draw(out, script, height=660):
    if not shutil.which("gnuplot"):
        return None
    head = (f"set terminal pngcairo size 1000,{height} font 'sans,11'\n"
            f"set output {quoted(out)}\n"
            f"set label {quoted(FOOTER)} at screen 0.01, 0.02 font ',8' "
            "tc rgb '#777777' noenhanced\n")
    r = subprocess.run(["gnuplot"], input=STYLE + head + script,
                       universal_newlines=True, stdout=subprocess.PIPE,
                       stderr=subprocess.STDOUT)
    if r.returncode:
        print(f"bench: no {out}: gnuplot: {r.stdout.strip()}")
        return None
    return out


def _block(name, lines):
    return f"${name} << END\n" + "\n".join(lines) + "\nEND\n"


def _colour(i):
    return f"lc rgb '{COLOURS[i % len(COLOURS)]}'"


def cdf(out, curves, title):
    """(curves): [(label, microseconds)]."""
    script, parts = "", []
    for i, (label, values) in enumerate(curves):
        v = sorted(values)
        script += _block(f"c{i}", [f"{x} {100.0 * (n + 1) / len(v)}"
                                   for n, x in enumerate(v)])
        label += f" (median {v[len(v) // 2]:,.0f}, N {len(v):,})"
        parts.append(f"$c{i} using 1:2 with steps lw 2 {_colour(i)} title {quoted(label)}")
    script += (f"set title {quoted(title)}\nset xlabel 'microseconds, logarithmic'\n"
               "set ylabel '% of all measurements that were as fast'\nset yrange [0:100]\n"
               "set logscale x\nset format x '%.0f'\nset grid xtics mxtics\n"
               f"set key at screen 0.07, screen 0.22 top left maxrows {len(curves)} "
               "reverse Left font ',10'\nset bmargin at screen 0.3\nset tmargin 3\n"
               "set rmargin 5\n"
               "plot " + ", ".join(parts) + "\n")
    return draw(out, script, 780)


def trend(out, curves, title):
    """(curves): [(label, microseconds by number of guests, their running median)]."""
    script, parts = "", []
    top = 3 * max(x for _, _, medians in curves for _, x in medians)
    for i, (label, values, medians) in enumerate(curves):
        above = sum(x > top for x in values)
        script += _block(f"d{i}", [f"{n} {x}" for n, x in enumerate(values)])
        script += _block(f"m{i}", [f"{n} {x}" for n, x in medians])
        parts.append(f"$d{i} with points pt 7 ps 0.35 lc rgb '#80{COLOURS[i][1:]}' "
                     f"title {quoted(f'{label}: each ({above} of {len(values):,} lie above)')}")
        parts.append(f"$m{i} with lines lw 3 {_colour(i)} "
                     f"title {quoted(label + ': running median')}")
    script += (f"set title {quoted(title)}\nset xlabel 'guests alive'\n"
               "set ylabel 'microseconds'\nset format x '%.0f'\n"
               f"set yrange [0:{top}]\nset xrange [0:*]\nset grid xtics\n"
               "set key at screen 0.07, screen 0.13 top left maxrows 2 reverse Left\n"
               "set bmargin at screen 0.22\nset tmargin 3\nset rmargin 5\n"
               "plot " + ", ".join(parts) + "\n")
    return draw(out, script, 720)


def steps(out, names, columns, title):
    """(columns): [(label, a value for each name)]."""
    script = _block("s", [f"{i} " + " ".join(str(v[i]) for _, v in columns)
                          for i in range(len(names))])
    width = 0.8 / len(columns)
    parts = []
    for i, (label, _) in enumerate(columns):
        x = f"($1 + {(i - (len(columns) - 1) / 2) * width})"
        parts.append(f"$s using {x}:{i + 2} with boxes {_colour(i)} title {quoted(label)}")
        parts.append(f"$s using {x}:{i + 2}:(sprintf('%.0f', ${i + 2})) with labels "
                     "offset 0,0.6 font ',9' notitle")
    script += (f"set title {quoted(title)}\nset ylabel 'microseconds, median'\n"
               "set xlabel 'step (docs/performance.md says what each is)'\n"
               "set xtics (" + ", ".join(f"{quoted(n)} {i}" for i, n in enumerate(names)) +
               ")\n"
               f"set style fill solid 0.85\nset boxwidth {width * 0.95}\nset yrange [0:*]\n"
               "plot " + ", ".join(parts) + "\n")
    return draw(out, script)


def stacked(out, columns, kinds, title, ylabel):
    """(columns): [(label, {kind: value})]."""
    lines = ["\"\" " + " ".join(f'"{k}"' for k in kinds)]
    lines += [f'"{label}" ' + " ".join(str(max(0, v[k])) for k in kinds)
              for label, v in columns]
    script = _block("m", lines)
    script += _block("t", [f"{i} {sum(max(0, v[k]) for k in kinds)}"
                           for i, (_, v) in enumerate(columns)])
    parts = [f"$m using {i + 2}:xtic(1) {_colour(i)} title columnheader({i + 2})"
             for i in range(len(kinds))]
    parts.append("$t using 1:2:(sprintf('%.0f', $2)) with labels offset 0,0.7 notitle")
    script += (f"set title {quoted(title)}\nset ylabel {quoted(ylabel)}\n"
               "set style data histograms\nset style histogram rowstacked\n"
               "set style fill solid 0.85\nset boxwidth 0.6\nset yrange [0:*]\n"
               "set key outside right noenhanced reverse Left\n"
               "set xtics noenhanced rotate by -20\nset bmargin 8\n"
               "plot " + ", ".join(parts) + "\n")
    return draw(out, script)
