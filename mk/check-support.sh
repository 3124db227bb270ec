#!/bin/bash
# SPDX-License-Identifier: ISC
# check-support.sh LISTER SUPPORT.md: every row of the hypercall table has a
# line in SUPPORT.md whose status fits who serves it, and no line is left over.
set -euo pipefail
lister=$1 doc=$2
bad=0
names=$("$lister" | cut -f1)
while IFS=$'\t' read -r name where; do
    status=$(awk -F'|' -v n="$name" '{ gsub(/[` ]/, "", $2) } $2 == n { gsub(/^ +| +$/, "", $3); print $3 }' "$doc")
    case $where:$status in
    *:) echo "$doc: no line for hypercall $name" >&2; bad=1 ;;
    local:tested|local:partial|forward:tested|forward:partial|local:untested|forward:untested) ;;
    enosys:no|eperm:refused) ;;
    *) echo "$doc: $name says \"$status\", the table says $where" >&2; bad=1 ;;
    esac
done < <("$lister")
documented=$(sed -n '/^## Hypercalls/,/^## /p' "$doc" | awk -F'|' 'NF > 3 { gsub(/[` ]/, "", $2); if ($2 != "" && $2 !~ /^-+$/ && $2 != "hypercall") print $2 }')
for n in $documented; do
    grep -qxF "$n" <<<"$names" || { echo "$doc: $n is not in the hypercall table" >&2; bad=1; }
done
exit $bad
