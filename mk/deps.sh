#!/bin/bash
# SPDX-License-Identifier: ISC
# deps.sh FILE SECTION: installs the Debian packages that FILE lists under
# [SECTION] and that are not installed yet.
set -euo pipefail
want=$(sed 's/#.*//' "$1" | awk -v s="[$2]" '/^\[/ { on = $1 == s; next } on')
missing=()
for p in $want; do
    state=$(dpkg-query -W -f '${db:Status-Status}' "$p" 2>/dev/null || true)
    [ "$state" = installed ] || missing+=("$p")
done
[ ${#missing[@]} -gt 0 ] || exit 0
echo "deps: installing Debian packages: ${missing[*]}"
sudo=()
if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null || {
        echo "deps: not root and no sudo: as root, run: apt-get install ${missing[*]}" >&2
        exit 1
    }
    sudo=(sudo)
fi
export DEBIAN_FRONTEND=noninteractive
install=("${sudo[@]}" apt-get install -y --no-install-recommends -q "${missing[@]}")
log=$(mktemp)
trap 'rm -f "$log"' EXIT
# The package lists may be absent (a fresh machine) or stale: update, retry.
"${install[@]}" >"$log" 2>&1 || {
    "${sudo[@]}" apt-get update -q >"$log" 2>&1 && "${install[@]}" >"$log" 2>&1
} || {
    tail -20 "$log" >&2
    echo "deps: apt-get could not install: ${missing[*]}" >&2
    exit 1
}
