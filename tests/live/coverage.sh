#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# tests/live/coverage.sh TOOL FILE: each edge of the model and the live tests that made a real kernel
# take it, as FILE ($TCT_COVERAGE of those tests) has them. Fails when an edge that Linux makes has
# none, or one that only the RFC has does; the last line is the sum.
set -euo pipefail
tool=$1
file=$2

"$tool" fsm --json | awk -v file="$file" '
BEGIN {
	while ((getline line < file) > 0) {
		split(line, part, " ")
		edge = part[1] " " part[2]
		if (!tests[edge]++)
			first[edge] = part[3]
	}
	printf "%-11s    %-11s %-8s %s\n", "FROM", "TO", "KIND", "TESTS"
	RS = "{"
	FS = "\""
}
# "from":"CLOSE","to":"LISTEN","kind":"rfc"
$2 == "from" {
	edge = $4 " " $8
	count = tests[edge] + 0
	made = $12 != "rfc-only"
	printf "%-11s -> %-11s %-8s ", $4, $8, $12
	print count ? first[edge] (count > 1 ? " and " count - 1 " more" : "") : made ? "none" : "-"
	edges += made
	covered += made && count
	wrong += !made && count
}
END {
	printf "%d of %d edges that Linux makes were made by a live test", covered, edges
	printf wrong ? ", and %d of the RFC alone\n" : "\n", wrong
	exit !edges || covered < edges || wrong
}'
