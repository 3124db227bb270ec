# SPDX-License-Identifier: ISC
"""Pictures of a benchmark, drawn by gnuplot. Without gnuplot there are none."""
import os
import shutil
import subprocess

STYLE = """set terminal pngcairo size 900,540 font 'sans,11'
set grid ytics lc rgb '#dddddd'
set border 3
set tics nomirror
"""


def draw(out, script):
    if not shutil.which("gnuplot"):
        return None
    r = subprocess.run(["gnuplot"], input=STYLE + f"set output '{out}'\n" + script,
                       universal_newlines=True, stdout=subprocess.PIPE,
                       stderr=subprocess.STDOUT)
    if r.returncode:
        print(f"bench: no {out}: gnuplot: {r.stdout.strip()}")
        return None
    return out


def _block(name, lines):
    return f"${name} << END\n" + "\n".join(lines) + "\nEND\n"


def cdf(out, curves, title, unit="us"):
    """(curves): [(label, values)]."""
    script, parts = "", []
    for i, (label, values) in enumerate(curves):
        v = sorted(values)
        script += _block(f"c{i}", [f"{x} {100.0 * (n + 1) / len(v)}"
                                   for n, x in enumerate(v)])
        parts.append(f"$c{i} using 1:2 with steps lw 2 title '{label}'")
    script += (f"set title '{title}'\nset xlabel '{unit}'\nset ylabel '% of all'\n"
               "set logscale x\nset key bottom right\nplot " + ", ".join(parts) + "\n")
    return draw(out, script)


def steps(out, names, values, title):
    lines = [f'"{n}" {v}' for n, v in zip(names, values)]
    script = _block("s", lines)
    script += (f"set title '{title}'\nset ylabel 'us'\nset style fill solid 0.8\n"
               "set boxwidth 0.7\nset xtics rotate by -30\nset yrange [0:*]\n"
               "plot $s using 0:2:xtic(1) with boxes lc rgb '#3366aa' notitle, "
               "$s using 0:2:(sprintf('%.0f', $2)) with labels offset 0,0.7 notitle\n")
    return draw(out, script)


def stacked(out, columns, kinds, title, ylabel):
    """(columns): [(label, {kind: value})]."""
    lines = ["\"\" " + " ".join(f'"{k}"' for k in kinds)]
    lines += [f'"{label}" ' + " ".join(str(max(0, v[k])) for k in kinds)
              for label, v in columns]
    script = _block("m", lines)
    script += (f"set title '{title}'\nset ylabel '{ylabel}'\n"
               "set style data histograms\nset style histogram rowstacked\n"
               "set style fill solid 0.8\nset boxwidth 0.5\nset yrange [0:*]\n"
               "set key outside right\n"
               f"plot for [i=2:{len(kinds) + 1}] $m using i:xtic(1) "
               "title columnheader(i)\n")
    return draw(out, script)
