#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# What the bench makes of figures: ratios, medians, aims, the tables, and the README's part, whose other lines stay.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
build=$(mktemp -d)
trap 'rm -rf "$build"' EXIT
mkdir -p "$build/bench/figures"
printf 'cpu\tSome CPU\ncpus\t2\nkernel\t6.18\nversion.tcpstates\tlibbpf-tools 0.26\n' >"$build/bench/machine"

figures() { # PART: lines of it, parts by blanks
	sed "s/^/$1 /" | tr ' ' '\t' >>"$build/bench/figures/$1.tsv"
}

program() { # ROUND TRACER NAME RUNS NS
	printf '%s one %s runs.%s %s\n%s one %s ns.%s %s\n' "$1" "$2" "$3" "$4" "$1" "$2" "$3" "$5"
}

rate() { # ROUND TRACER RATE FOREIGN
	printf '%s one %s rate %s\n%s one %s foreign %s\n%s one %s limited_by cpu\n' "$1" "$2" "$3" "$1" "$2" "$4" "$1" "$2"
}

for round in 1 2 3; do
	for tracer in empty finding summary tcpstates; do echo "$round one $tracer connections 100"; done
	program $round empty bench_empty 1000 60000
	program $round finding tct_tp_state 1000 $((round * 50000))	# the median of 50, 100 and 150
	program $round finding tct_tp_state_second 1000 50000
	program $round finding tct_tp_timer_start 800 80000		# runs, but not on a transition
	program $round summary tct_tp_count 1000 200000
	program $round summary tct_tp_count_second 1000 60000
	program $round summary tct_tp_count_segment 1000 60000
	program $round tcpstates inet_sock_set_s 1000 6000000
done | figures event
for round in 1 2 3 4; do
	rate $round none 20000 0
	rate $round finding $((round == 4 ? 1000 : 19800)) $((round == 4 ? 50 : 0))	# the last is disturbed
done | figures rate
figures answer <<-END
	0 - crowd sockets 400000
	1 - stuck seconds 0.2
	1 - stuck same_owners 1
	1 - stuck owners 20
	1 - stuck held 198000
	1 - ss seconds 30
	1 - ss same_owners 1
	2 - stuck seconds 0.4
	2 - stuck same_owners 1
	3 - stuck seconds 0.25
	4 - stuck seconds 9
END
figures core <<-END
	0 1000 full-ipv4 ns 80
	0 1000000 full-ipv4 ns 160
	0 1000000 full-ipv4 bytes_resident 94
	0 1000 full-two-shards two_shards 1.5
END
figures sink <<-END
	0 - json per_s 1250000
	0 - json ns 800
	0 - json user_ns 500
	0 - json transitions 1000
	0 - bench took_seconds 7
END
figures million <<-END
	0 - base rss_kb 20000
	0 - base mirrored 0
	1 - start seconds 1.5
	1 - start mirrored 1000
	1 - start rss_kb 20090
	1 - audit differences 0
	0 - crowd lost 0
	1 - finding late_ms 10
	1 - finding late_ms 60
	1 - finding leaks 2
	1 - finding opened 2
	1 - finding resolved 1
END
figures provider <<-END
	0 6.12 none us 100
	0 6.12 tracepoint us 110
	0 6.12 kprobe us 130
	0 - bench took_seconds 60
END

tests/bench/report.sh "$build" >"$build/table"
grep -qE '^empty +bench_empty +60 +10.00 +60 +1.00$' "$build/table"

expect() { # EXPRESSION VALUE
	local got
	got=$(jq -c "$1" "$build/bench.json")
	[ "$got" = "$2" ] || { echo "$1 is $got, not $2" && exit 1; }
}

of() { # PART TRACER
	echo ".$1[] | select(.tracer == \"$2\")"
}

expect "$(of event finding) | .ns_each, .of_empty" $'[100,50]\n2.5'
expect "$(of event summary) | .ns_per_event" 260
expect "$(of event finding) | .ns_per_connection" 2300
expect "$(of event finding) | .tcpstates_over_it" 40
expect "$(of rate finding) | .of_none.median, .of_none.n" $'0.99\n3'
expect '.answer | .ss_over_stuck.median, .stuck_first_s, .same_owners' $'120\n0.2\ntrue'
expect '.million | .bytes_per_socket, .late_ms.max, .unresolved' $'92.16\n60\n1'
expect '.sink[0].mega_per_s' 1.25
expect "$(of provider kprobe | sed 's/tracer/provider/') | .added_us.median, .of_tracepoint.median" $'30\n3'
expect '.provider | length' 3
expect '[.aims[] | select(.met | not) | .value]' '[4.333333333333333,23.076923076923077,2,1.5,60,1]'

printf 'before\n\n<!-- bench -->\nold\n<!-- bench -->\n\nafter\n' >"$build/README.md"
tests/bench/readme.sh "$build/bench.json" "$build/README.md"
cp "$build/README.md" "$build/once"
tests/bench/readme.sh "$build/bench.json" "$build/README.md"
cmp "$build/once" "$build/README.md"
[ "$(sed -n '1p;$p' "$build/README.md" | xargs)" = 'before after' ]
[ "$(grep -c bench "$build/README.md")" -eq 2 ]
if grep -E '^old$|null' "$build/README.md"; then exit 1; fi
if awk 'length > 100 && !/^[|]/' "$build/README.md" | grep .; then exit 1; fi
line_of() {
	grep -n "$1" "$build/README.md" | cut -d : -f 1
}
# a table comes after what it is of
[ "$(line_of '^| ours, .-e finding. | 100 + 50 | 2.5 | 2.3 | 19,800 | 0.990 ')" -gt "$(line_of '^On Some CPU')" ]
[ "$(line_of '^| 1,000,000 | 6.3 million/s, 160 ns |')" -gt "$(line_of '^The reading side alone')" ]
