#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Puts the figures of bench.json into the README's "What it costs", between its two <!-- bench --> lines.
# usage: readme.sh [BENCH_JSON [README]]
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
top=$(readlink -f "$here/../..")
json=${1:-$top/build/bench.json}
readme=${2:-$top/README.md}
figures=$(mktemp)
trap 'rm -f "$figures"' EXIT

jq -r -L "$here" -f "$here/readme.jq" "$json" |
	awk '/^\|/ { print; next } { print | "fmt -w 100"; close("fmt -w 100") }' >"$figures"
awk -v figures="$figures" '
	/^<!-- bench -->$/ && !inside { print; while ((getline line <figures) > 0) print line; inside = 1; next }
	/^<!-- bench -->$/ { inside = 0 }
	!inside' "$readme" >"$figures.new"
cat "$figures.new" >"$readme"
rm -f "$figures.new"
