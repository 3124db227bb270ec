#!/bin/bash
# SPDX-License-Identifier: ISC
# seed.sh DIR: images to start from, too big to commit.
set -euo pipefail
b=${B:-build}
for app in hello crash; do
    objcopy -S "$b/apps/$app/$app.elf" "$1/$app.stripped"
    objcopy --strip-debug "$b/apps/$app/$app.elf" "$1/$app.symbols"
done
