#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What the sinks cost: processor time of a replay into a file, per transition of the recording.
# Prints, a line each and parts by tabs: sink, transitions a second, ns a transition, of that in user mode, transitions.
set -euo pipefail
program=${1:?usage: replay.sh PROGRAM RECORDING [ROUNDS]}
recording=${2:?usage: replay.sh PROGRAM RECORDING [ROUNDS]}
rounds=${3:-5}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# User and system seconds of one replay.
once() {
	local TIMEFORMAT='%U %S'
	{ time "$program" "$@" --replay "$recording" >"$work/out" 2>"$work/messages"; } 2>&1
}

best() {
	local round
	for ((round = 0; round < rounds; round++)); do once "$@"; done |
		awk '!best || $1 + $2 < best { best = $1 + $2; line = $0 } END { print line }'
}

transitions=$("$program" --json -e transition --replay "$recording" 2>/dev/null | grep -c '"type":"transition"')

while read -r name arguments; do
	# shellcheck disable=SC2086 # words
	best $arguments | awk -v name="$name" -v count="$transitions" -v OFS='\t' '{
		print name, sprintf("%.0f", count / ($1 + $2)), sprintf("%.0f", ($1 + $2) * 1e9 / count),
			sprintf("%.0f", $1 * 1e9 / count), count }'
done <<'EOF'
json trace --json
json-transitions trace --json -e transition
text trace
text-transitions trace -e transition
empty hist
EOF
