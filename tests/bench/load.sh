# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# shellcheck disable=SC2154 # work, bench: set by run.sh
# The load: each run in a network namespace of its own, so that all start with every port free and no TIME_WAIT.
# The namespaces are kept until load_release: their end is work for the kernel, and for a tracer.

load_hold=
load_before=0

# Mini-sockets in TIME_WAIT, in all namespaces. Roughly: a few hundred may be free but not yet returned.
load_time_waits() {
	awk '/^tw_sock_TCP / { n = $2 } END { print n + 0 }' /proc/slabinfo
}

load_open() {
	load_before=$(load_time_waits)
	rm -f "$work/hold"
	mkfifo "$work/hold"
	exec {load_hold}<>"$work/hold"
}

# Their removal is work of its own, a moment later: waits for it.
load_release() {
	[ -n "$load_hold" ] || return 0
	exec {load_hold}>&-
	load_hold=
	until_true 30 load_gone
}

load_gone() {
	[ "$(load_time_waits)" -le $((load_before + 500)) ]
}

# one: a single pair on one processor, the others are free for the tracer. all: a pair on every processor.
load_pairs() {
	if [ "$1" = one ]; then echo 1; else nproc; fi
}

# Prints churn's report, a key and a value a line.
load_run() {
	local kind=$1 count=$2 line
	while read -r line; do
		[ "$line" != end ] || return 0
		echo "$line"
	done < <("$bench/churn" -NH -c same -p "$(load_pairs "$kind")" -n "$count" <"$work/hold" {load_hold}>&-)
	echo "load: churn ended without a report" >&2
	return 1
}

load_idle_and_all() {
	awk '/^cpu / { print $5 + $6, $2 + $3 + $4 + $5 + $6 + $7 + $8 + $9; exit }' /proc/stat
}

# Quiet: over a tenth of a second the machine was 95 % idle. Left-over work of the last run is done then.
load_quiet() {
	local idle all idle_after all_after
	read -r idle all < <(load_idle_and_all)
	sleep 0.1
	read -r idle_after all_after < <(load_idle_and_all)
	[ $(((idle_after - idle) * 100)) -ge $(((all_after - all) * 95)) ]
}
