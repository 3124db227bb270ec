#!/bin/bash
# SPDX-License-Identifier: ISC
# fetch-source.sh NAME DIR: unpacks the source package that mk/sources calls NAME
# in DIR/NAME. It comes from the archives that this machine's own apt knows, by
# an apt that has lists of its own, and must have the checksum that is pinned.
set -euo pipefail
name=$1 dir=$2
read -r package version file sum top < <(awk -v n="$name" '$1 == n { print $2, $3, $4, $5, $6 }' "$(dirname "$0")/sources")
[ -n "${top:-}" ] || { echo "fetch-source: $name is not in mk/sources" >&2; exit 1; }
fail() { echo "fetch-source: $package $version: $1" >&2; exit 1; }

apt=$dir/.apt
mkdir -p "$apt/lists/partial" "$dir/.files"
: >"$apt/status"
key=/usr/share/keyrings/debian-archive-keyring.gpg
apt-get indextargets --format '$(REPO_URI) $(CODENAME)' 'Created-By: Packages' |
    awk -v k="$key" '$2 ~ /^bookworm(-updates|-security)?$/ { print "deb-src [signed-by=" k "]", $1, $2, "main" }' |
    sort -u >"$apt/sources.list"
[ -s "$apt/sources.list" ] || fail "this machine's apt knows no archive of Debian bookworm"
options=(-q -o "Dir::Etc::sourcelist=$PWD/$apt/sources.list" -o Dir::Etc::sourceparts=/dev/null
    -o "Dir::State::lists=$PWD/$apt/lists" -o "Dir::State::status=$PWD/$apt/status"
    -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= -o Debug::NoLocking=1
    -o APT::Sandbox::User=)
log=$apt/log
if ! (cd "$dir/.files" && echo "$sum  $file" | sha256sum -c --quiet >/dev/null 2>&1); then
    echo "  FETCH  $file"
    apt-get "${options[@]}" update >"$log" 2>&1 || fail "apt-get update: $(tail -1 "$log")"
    # One part of the package is wanted; not every archive that lists it has it.
    uris=$(apt-get "${options[@]}" source --print-uris --only-source "$package=$version" 2>"$log" |
        awk -v f="$file" -v q="'" '$2 == f { gsub(q, "", $1); print $1 }')
    uris+=" $(awk '{ print $3 }' "$apt/sources.list" | sed "s,/*$,/pool/main/${package:0:1}/$package/${file//+/%2b},")"
    got=
    for uri in $uris; do
        /usr/lib/apt/apt-helper "${options[@]}" download-file "$uri" "$PWD/$dir/.files/$file" "SHA256:$sum" >"$log" 2>&1 &&
            got=yes && break
    done
    [ -n "$got" ] || fail "cannot fetch $file: $(tail -1 "$log")"
fi
rm -rf "$dir/.unpack.$name"
mkdir -p "$dir/.unpack.$name"
tar -C "$dir/.unpack.$name" -xf "$dir/.files/$file"
rm -rf "${dir:?}/$name"
mv "$dir/.unpack.$name/$top" "$dir/$name"
rm -rf "$dir/.unpack.$name"
