#!/bin/bash
# SPDX-License-Identifier: ISC
# run.sh SECONDS TARGET...: runs libFuzzer targets, as many at a time as there
# are CPUs, each SECONDS, from their corpora; prints TAP.
set -uo pipefail
seconds=$1
shift

fuzz() { # N TARGET: one of them; its line, or lines, of TAP
    local n=$1 t=$2 name found corpus
    name=${t#"${B:-build}"/tests/fuzz/}
    found=${B:-build}/fuzz/$name
    corpus=tests/fuzz/$name/corpus
    mkdir -p "$found"
    [ -d "$corpus" ] || corpus=
    if [ -x "tests/fuzz/$name/seed.sh" ]; then
        "tests/fuzz/$name/seed.sh" "$found"
    fi
    if "$t" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 \
        -artifact_prefix="$found/" "$found" $corpus >"$found.log" 2>&1; then
        echo "ok $n - fuzz $name: $(grep -o '^Done [0-9]* runs' "$found.log" || tail -1 "$found.log")"
    else
        echo "not ok $n - fuzz $name"
        tail -20 "$found.log" | sed 's/^/#   /'
        return 1
    fi
}

n=0 bad=0
for t in "$@"; do
    n=$((n + 1))
    while [ "$(jobs -pr | wc -l)" -ge "$(nproc)" ]; do
        wait -n || bad=1
    done
    fuzz $n "$t" &
done
while [ -n "$(jobs -p)" ]; do
    wait -n || bad=1
done
echo "1..$n"
exit $bad
