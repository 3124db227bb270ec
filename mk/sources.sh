#!/bin/bash
# SPDX-License-Identifier: ISC
# The files of the tree that match the patterns, committed or not yet.
set -euo pipefail
git ls-files --cached --others --exclude-standard "$@" | while read -r f; do
    [ ! -e "$f" ] || echo "$f"
done
