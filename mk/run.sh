#!/bin/bash
# SPDX-License-Identifier: ISC
# run.sh BIN CFG [EXTRA]: boots one domain under a hypervisor of its own, so that
# what was just built is what runs; leaves nothing behind, and with the guest's
# exit code. EXTRA becomes extra=, the guest's arguments.
set -uo pipefail
bin=$1 cfg=$2 extra=${3-}
app=$(basename "$cfg" .cfg)
[ -f "$cfg" ] || {
    echo "run: no application \"$app\"; there are: $(ls "$(dirname "$(dirname "$cfg")")" 2>/dev/null | tr '\n' ' ')" >&2
    exit 2
}
MIDGE_RUN=$(mktemp -d "${TMPDIR:-/tmp}/midge-run.XXXXXX") || exit 2
export MIDGE_RUN
cleanup() {
    "$bin/midge-hv" --stop >/dev/null 2>&1
    rm -rf "$MIDGE_RUN"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
args=()
if [ -n "$extra" ]; then
    case $extra in
    *\"*\'* | *\'*\"*) echo "run: EXTRA cannot have both kinds of quotes; use xl" >&2; exit 2 ;;
    *\"*) args=("extra='$extra'") ;;
    *) args=("extra=\"$extra\"") ;;
    esac
fi
"$bin/xl" create -c "$cfg" "${args[@]}"
