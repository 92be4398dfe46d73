#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What an event costs by each provider, all in one run of one virtual machine, as a ratio to the stock tracepoints.
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

# Per round: what the provider adds to the load without it; then the median of the ratios of the rounds.
awk -v kernel="$kernel" -v connections="$connections" '
	function median(list, n,    i, j, t) {
		for (i = 2; i <= n; i++)
			for (j = i; j > 1 && list[j] < list[j - 1]; j--) {
				t = list[j]; list[j] = list[j - 1]; list[j - 1] = t
			}
		return n % 2 ? list[(n + 1) / 2] : (list[n / 2] + list[n / 2 + 1]) / 2
	}
	NF == 3 && $3 + 0 > 0 { cpu[$1, $2] = $3; if (!($1 in seen)) { seen[$1]; order[++names] = $1 }; if ($2 >= rounds) rounds = $2 + 1 }
	END {
		printf "%s: %d rounds of %d connections\n%-12s %18s %12s\n", kernel, rounds, connections,
			"provider", "us a connection", "ratio"
		for (k = 1; k <= names; k++) {
			name = order[k]; n = m = 0
			for (r = 0; r < rounds; r++) {
				if (!((name, r) in cpu)) continue
				added = cpu[name, r] - cpu["none", r]
				base = cpu["tracepoint", r] - cpu["none", r]
				us[++n] = name == "none" ? 1e6 * cpu[name, r] / connections : 1e6 * added / connections
				if (base > 0) ratio[++m] = added / base
			}
			if (name == "none") printf "%-12s %18.1f %12s\n", "(load alone)", median(us, n), "-"
			else printf "%-12s %18.1f %12.2f\n", name, median(us, n), median(ratio, m)
		}
	}' "$work/figures"
