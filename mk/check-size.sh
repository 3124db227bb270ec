#!/bin/bash
# SPDX-License-Identifier: ISC
# Files over 800 lines and functions over 100 are refused; over 500 and 60
# they are counted.
set -euo pipefail
bad=0
while read -r f; do
    n=$(wc -l <"$f")
    [ "$n" -le 800 ] || { echo "$f: $n lines (limit 800)" >&2; bad=1; }
done < <(mk/sources.sh '*.c' '*.h' '*.S' '*.py')
long=$(mk/sources.sh '*.c' | ctags -L - --languages=C --kinds-C=f --fields=+ne -f - 2>/dev/null |
    awk -F'\t' '{ l = e = 0
        for (i = 4; i <= NF; i++) {
            if ($i ~ /^line:/) l = substr($i, 6)
            if ($i ~ /^end:/) e = substr($i, 5)
        }
        if (e - l + 1 > 60) print e - l + 1, $2 ": " $1 }' | sort -rn)
echo "$long" | awk '$1 > 100 { print "function of " $1 " lines (limit 100): " $2, $3 > "/dev/stderr"; bad = 1 } END { exit bad }' || bad=1
[ -z "$long" ] || echo "note: functions over 60 lines: $(echo "$long" | wc -l)"
exit $bad
