#!/bin/bash
# SPDX-License-Identifier: ISC
# run.sh SECONDS TARGET...: runs libFuzzer targets one after the other from
# their corpora; prints TAP.
set -uo pipefail
seconds=$1
shift
n=0 bad=0
for t in "$@"; do
    n=$((n + 1))
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
        bad=1
    fi
done
echo "1..$n"
exit $bad
