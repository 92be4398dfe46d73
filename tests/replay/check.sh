#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# tests/replay/check.sh BINARY [--accept]: each recording of this directory, replayed in every form,
# against what is expected; prints a verdict for each. --accept takes what comes as expected.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1
tool=$1
accept=${2:-}
export TZ=UTC
failed=0
got=$(mktemp)
trap 'rm -f "$got"' EXIT

# form NAME OPTIONS...: the output of all recordings, one after the other
form() {
	local name=$1 file
	shift
	for file in tests/replay/*.tct; do
		local expected=${file%.tct}.$name
		"$tool" "$@" --replay "$file" >"$got" 2>/dev/null
		echo "exit $?" >>"$got"
		[ -z "$accept" ] || cat "$got" >"$expected"
		if diff "$expected" "$got" >"$got.diff" 2>&1; then
			echo "ok   replay $(basename "$expected")"
		else
			echo "FAIL replay $(basename "$expected")"
			head -n 10 "$got.diff" | sed 's/^/     | /'
			failed=1
		fi
		rm -f "$got.diff"
	done
}

form json --json --older-than 100ms
form text -w -t --older-than 100ms
form explain explain
form hist hist time-wait --json
form stuck stuck --older-than 1ms
exit $failed
