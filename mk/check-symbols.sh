#!/bin/bash
# SPDX-License-Identifier: ISC
# check-symbols.sh pure MODULE ALLOW 'DEP_OBJS' OBJ...
#   undefined symbols must be defined in the module, in DEP_OBJS, or in ALLOW
# check-symbols.sh io MODULE DENY '' OBJ...
#   undefined symbols must not be in DENY
set -euo pipefail
mode=$1 module=$2 list=$3 deps=$4
shift 4
undefined=$(nm -u "$@" | awk '$1 == "U" { print $2 }' | sort -u)
names=$(sed 's/#.*//' "$list" | tr -s ' \t' '\n' | sort -u)
case $mode in
pure)
    # shellcheck disable=SC2086
    defined=$(nm --defined-only "$@" $deps | awk 'NF == 3 { print $3 }' | sort -u)
    bad=$(comm -23 <(echo "$undefined") <(printf '%s\n%s\n' "$defined" "$names" | sort -u))
    what="impure symbols" ;;
io)
    bad=$(comm -12 <(echo "$undefined") <(echo "$names"))
    what="raw I/O outside hypervisor/host" ;;
esac
bad=$(echo $bad)
[ -z "$bad" ] || { echo "$module: $what: $bad" >&2; exit 1; }
