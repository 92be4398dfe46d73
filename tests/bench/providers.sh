#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What an event costs by each provider, all in one run of one virtual machine, as a ratio to the stock tracepoints: a
# part of the bench by itself, which adds to the figures that there are.
# usage: providers.sh KERNEL [ROUNDS] [CONNECTIONS]
# The emulator counts instructions, not cache misses: the ratios tell, the times do not.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
top=$(readlink -f "$here/../..")
kernel=${1:?KERNEL}
rounds=${2:-7}
connections=${3:-1500}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

make -s -C "$here" -f bench.mk BUILD="$top/build" bench-programs
files=(-f "$top/build/tcpclose-trace" -f "$top/build/bench/churn" -f "$here/providers-guest.sh")
release=$(cat "$("$top/scripts/vm" fetch "$kernel")/release")
module=$top/build/kmod/$release/tcpclose.ko
[ ! -e "$module" ] || files+=(-f "$module")
"$top/scripts/vm" run "$kernel" -i -t 1200 -m 1500 "${files[@]}" -o "$work/out" -- \
	/tct/providers-guest.sh "$rounds" "$connections" >"$work/figures"

# The part `provider` of the figures: microseconds of the load for a connection.
mkdir -p "$top/build/bench/figures"
awk -v OFS='\t' -v kernel="$kernel" -v connections="$connections" 'NF == 3 && $3 + 0 > 0 {
	print "provider", $2, kernel, $1, "us", 1e6 * $3 / connections
}' "$work/figures" >"$top/build/bench/figures/provider.tsv"
"$here/report.sh" "$top/build"
