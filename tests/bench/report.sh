#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Makes bench.json of all figures that there are, and prints the table.
# usage: report.sh BUILD_DIR
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
build=${1:?BUILD_DIR}
touch "$build/bench/machine"
cat "$build"/bench/figures/*.tsv |
	jq -Rn --rawfile machine "$build/bench/machine" -f "$here/figures.jq" >"$build/bench.json"
jq -r -L "$here" -f "$here/table.jq" "$build/bench.json"
