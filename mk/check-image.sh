#!/bin/bash
# SPDX-License-Identifier: ISC
# Checks a linked image: no undefined symbols, no segment writable and
# executable, nothing below 1 MiB, physical = virtual (PVH starts without
# paging).
set -euo pipefail
img=$1
fail() { echo "$img: $1" >&2; rm -f "$img"; exit 1; }
undef=$("$NM" -u "$img" | awk '{print $2}' | tr '\n' ' ')
[ -z "$undef" ] || fail "undefined symbols: $undef"
"$READELF" -lW "$img" | awk '/^ *LOAD/ { print $3, $4, $7 $8 $9 }' | while read -r va pa fl; do
    case $fl in *W*E*) fail "segment at $pa is writable and executable" ;; esac
    [ $((pa)) -ge $((0x100000)) ] || fail "segment at $pa is below 1 MiB"
    [ "$va" = "$pa" ] || fail "segment at $va is loaded at $pa"
done
