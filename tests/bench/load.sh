# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# shellcheck disable=SC2154 # work, bench: set by run.sh
# The load: in a network namespace of its own for each tracer, so that all start with every port free and no TIME_WAIT.
# It is kept until load_release: its end is work for the kernel, and for a tracer.

load_pid=
load_before=0

# Mini-sockets in TIME_WAIT, in all namespaces. Roughly: a few hundred may be free but not yet returned.
load_time_waits() {
	awk '/^tw_sock_TCP / { n = $2 } END { print n + 0 }' /proc/slabinfo
}

load_is_open() {
	[ -e "$work/namespace" ] || ! kill -0 "$load_pid" 2>/dev/null
}

# What is set belongs to that namespace: the host's stays as it is.
load_open() {
	load_before=$(load_time_waits)
	rm -f "$work/namespace"
	# shellcheck disable=SC2016 # expanded inside
	setpriv --pdeathsig KILL unshare -n bash -c 'ip link set lo up &&
		echo 1024 65535 >/proc/sys/net/ipv4/ip_local_port_range &&
		echo 1048576 >/proc/sys/net/ipv4/tcp_max_tw_buckets &&
		touch "$1" && exec sleep infinity' - "$work/namespace" </dev/null &
	load_pid=$!
	until_true 50 load_is_open
	[ -e "$work/namespace" ]
}

# Its removal is work of its own, a moment later: waits for it.
load_release() {
	[ -n "$load_pid" ] || return 0
	kill "$load_pid" 2>/dev/null
	wait "$load_pid" 2>/dev/null
	load_pid=
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
	nsenter -t "$load_pid" -n "$bench/churn" -c same -p "$(load_pairs "$1")" -n "$2"
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
