#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# Every shell script of the tree.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1
mapfile -t scripts < <(find . -path ./build -prune -o -path ./.git -prune -o -type f -print |
	while read -r f; do head -n 2 "$f" | grep -aqE '^#!.*sh|shellcheck shell' && echo "$f"; done)
[ "${#scripts[@]}" -gt 0 ] || { echo "found no script to check"; exit 1; }
shellcheck -x -P SCRIPTDIR "${scripts[@]}"
