#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The layouts of the public headers against those in abi.xml, which a plugin may have been built with.
# Usage: abi.sh [--update]. A change that abidiff shows wants another major, an addition a minor; then
# --update writes abi.xml anew. Exits with 77 where abidw is not installed.
cd "$(dirname "$0")" || exit 1
if ! command -v abidw >/dev/null || ! command -v abidiff >/dev/null; then
	echo "skipped: there is no abidw, see the package abigail-tools"
	exit 77
fi
new=$(mktemp -d) || exit 1
trap 'rm -r "$new"' EXIT
${CC:-cc} -std=c17 -g -fvisibility=hidden -shared -fPIC -I../../include \
	-fdebug-prefix-map="$PWD"=. -Wl,-soname,abi.so abi.c -o "$new/abi.so" || exit 1
if [ "$1" = --update ]; then
	abidw --no-corpus-path --no-comp-dir-path --no-show-locs "$new/abi.so" --out-file abi.xml
	exit
fi
abidiff --no-show-locs abi.xml "$new/abi.so"
