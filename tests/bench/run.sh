#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The measuring bench: what each tracer costs, all in one run, in alternating rounds. Needs root and bpftool.
set -uo pipefail

here=$(dirname "$(readlink -f "$0")")
rounds=7
close_rounds=16
close_until=520
count=20000
loads=(one all)
parts=(load stats)
self=("$(readlink -f "$0")" "$@")

usage() {
	cat >&2 <<-END
		usage: run.sh [-r ROUNDS] [-c ROUNDS] [-n CONNECTIONS] [-l one|all] [-t TRACERS]
		              [-P load|stats] BUILD_DIR
		  -r  rounds (default $rounds)
		  -c  more rounds of only nothing and ours with -e finding (default $close_rounds)
		  -n  connections per measurement (default $count)
		  -l  only the load of one pair, or of a pair per CPU
		  -t  only these tracers, comma separated
		  -P  only the load (rates) or only the run-time statistics
	END
	exit 2
}

number_or_usage() { # TEXT MINIMUM
	[[ $1 =~ ^[0-9]{1,6}$ ]] || usage
	[ "$1" -ge "$2" ] || usage
	echo "$1"
}

word_or_usage() { # TEXT WORD...
	local word
	for word in "${@:2}"; do
		if [ "$word" = "$1" ]; then echo "$1" && return; fi
	done
	usage
}

while getopts r:c:n:l:t:P: option; do
	case $option in
	r) rounds=$(number_or_usage "$OPTARG" 1) || exit ;;
	c) close_rounds=$(number_or_usage "$OPTARG" 0) || exit ;;
	n) count=$(number_or_usage "$OPTARG" 1) || exit ;;
	l) loads=("$(word_or_usage "$OPTARG" one all)") || exit ;;
	t) IFS=, read -ra only <<<"$OPTARG" ;;
	P) parts=("$(word_or_usage "$OPTARG" load stats)") || exit ;;
	*) usage ;;
	esac
done
shift $((OPTIND - 1))
[ $# -eq 1 ] || usage

build=$(readlink -m "$1")
bench=$build/bench
work=$bench/work
figures=$bench/figures.tsv
tool=$build/tcpclose-trace

# shellcheck source=tracer.sh
. "$here/tracer.sh"
# shellcheck source=load.sh
. "$here/load.sh"
# shellcheck source=measure.sh
. "$here/measure.sh"

# Peers look for tracefs: mounted where only this run sees it.
mount_tracefs() {
	mountpoint -q /sys/kernel/tracing && mountpoint -q /sys/kernel/debug && return
	[ -z "${BENCH_MOUNTS:-}" ] || return
	BENCH_MOUNTS=own exec unshare -m "${self[@]}"
}

mount_own() {
	mountpoint -q /sys/kernel/tracing || mount -t tracefs tracefs /sys/kernel/tracing
	mountpoint -q /sys/kernel/debug || mount -t debugfs debugfs /sys/kernel/debug
}

needs() {
	[ "$(id -u)" -eq 0 ] || { echo "bench: needs root" >&2 && exit 4; }
	command -v bpftool >/dev/null || { echo "bench: needs bpftool" >&2 && exit 1; }
	make -s -C "$here" -f bench.mk BUILD="$build" bench-programs || exit 1
}

# Tries a condition up to so many times, a tenth of a second apart.
until_true() {
	local tries=$1
	shift
	until "$@"; do
		[ $((tries -= 1)) -gt 0 ] || return 1
		sleep 0.1
	done
}

clean_up() {
	tracer_stop
	load_release
	stats_off
	rm -rf "$work"
}

# A tracer that is missing or does not attach is one line, and left out of every round.
choose_tracers() {
	local name chosen=()
	for name in "${only[@]:-${tracer_names[@]}}"; do
		if ! tracer_installed "$name"; then
			echo "skip $name: not installed"
		elif ! tracer_start "$name" 2>"$work/why"; then
			echo "skip $(cat "$work/why")"
		else
			chosen+=("$name")
			tracer_stop
		fi
	done
	tracer_names=("${chosen[@]}")
}

# Rounds FIRST to LAST of a part. Each starts one further along the list, so that drift hits all alike.
run_rounds() {
	local part=$1 first=$2 last=$3 round i
	local names=("${@:4}") n=$(($# - 3))
	for ((round = first; round <= last; round++)); do
		for ((i = 0; i < n; i++)); do
			"measure_$part" "$round" "${names[(round + i) % n]}"
		done
		echo "bench: $part: round $round of $last" >&2
	done
}

is_chosen() {
	[[ " ${tracer_names[*]} " == *" $1 "* ]]
}

# The two whose difference is smaller than the noise of a few rounds, while there is time.
run_close_rounds() {
	local round
	if ! is_chosen none || ! is_chosen finding; then return; fi
	for ((round = rounds + 1; round <= rounds + close_rounds && SECONDS < close_until; round++)); do
		run_rounds load "$round" "$round" none finding
	done
}

machine() {
	echo "cpu $(sed -n 's/^model name[^:]*: //p;T;q' /proc/cpuinfo)"
	echo "cpus $(nproc)"
	echo "kernel $(uname -r)"
	echo "rounds $rounds"
	echo "close_rounds $close_rounds"
	echo "connections $count"
	local name version
	for name in "${tracer_names[@]}"; do
		version=$(tracer_version "$name")
		[ -z "$version" ] || echo "version.$name $version"
	done
}

main() {
	local part
	needs
	mount_tracefs
	mount_own
	ulimit -l "$(ulimit -H -l)"
	# Ahead of whatever else runs here; load and tracers are equals.
	renice -n -15 $$ >/dev/null
	rm -rf "$work" && mkdir -p "$work"
	trap clean_up EXIT
	trap 'exit 130' INT TERM
	choose_tracers
	: >"$figures"
	machine >"$bench/machine"
	for part in "${parts[@]}"; do run_rounds "$part" 1 "$rounds" "${tracer_names[@]}"; done
	if [ "${parts[0]}" = load ]; then run_close_rounds; fi
	awk -f "$here/figures.awk" -f "$here/json.awk" "$bench/machine" "$figures" >"$build/bench.json"
	awk -f "$here/figures.awk" -f "$here/table.awk" "$bench/machine" "$figures"
}

main
