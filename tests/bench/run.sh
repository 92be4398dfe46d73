#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The measuring bench: what each tracer costs, part by part, in alternating rounds. Needs root, bpftool and jq.
set -uo pipefail

here=$(dirname "$(readlink -f "$0")")
self=("$(readlink -f "$0")" "$@")
all_parts=(event idle core sink answer million provider rate)	# rate takes the time that is left

# What a full run does; -s makes all of it small, to try the bench itself.
parts=("${all_parts[@]}")
only=()
loads=(one all)
rounds=7
event_rounds=3
peer_rounds=2	# of rates, and of programs' times
close_rounds=9	# more rounds of only nothing and ours with -e finding
bench_seconds=800	# the build comes before, and what began has to end
count=20000	# connections of a measurement
idle_seconds=60
core_rounds=3
core_transitions=1000000
sink_rounds=3
answer_pairs=200000
answer_leak=9900
answer_processes=20
answer_ss_seconds=75	# ss is asked no more when it has used so many
million_pairs=500000
million_leak=500
million_processes=20
million_starts=3
million_rounds=5
million_threshold=10	# seconds; above what a scan of so many takes
million_seconds=70	# no further round of findings begins after that time
provider_kernel=6.12
provider_rounds=3
provider_connections=1000
provider_seconds=300	# for all of them

small() {
	rounds=2 event_rounds=1 peer_rounds=1 close_rounds=0 count=4000 idle_seconds=5
	core_rounds=1 core_transitions=100000 sink_rounds=1
	answer_pairs=25000 answer_leak=4000 answer_processes=2 answer_ss_seconds=1
	million_pairs=20000 million_leak=100 million_processes=2 million_starts=1 million_rounds=2 million_threshold=2
	provider_rounds=1 provider_connections=200
}

usage() {
	cat >&2 <<-END
		usage: run.sh [-s] [-P PARTS] [-t TRACERS] [-r ROUNDS] [-n CONNECTIONS] BUILD_DIR
		  -P  only these parts, comma separated: ${all_parts[*]}; of the others
		      bench.json keeps the figures of the run before
		  -t  only these tracers: ${our_tracers[*]} ${peer_tracers[*]}
		  -r  rounds (default $rounds)
		  -n  connections of a measurement (default $count)
		  -s  few and small, to try the bench itself
	END
	exit 2
}

number_or_usage() {
	[[ $1 =~ ^[1-9][0-9]{0,5}$ ]] || usage
	echo "$1"
}

# shellcheck source=tracer.sh
. "$here/tracer.sh"
# shellcheck source=load.sh
. "$here/load.sh"
# shellcheck source=rate.sh
. "$here/rate.sh"
# shellcheck source=event.sh
. "$here/event.sh"
# shellcheck source=crowd.sh
. "$here/crowd.sh"
# shellcheck source=answer.sh
. "$here/answer.sh"
# shellcheck source=million.sh
. "$here/million.sh"
# shellcheck source=idle.sh
. "$here/idle.sh"
# shellcheck source=core.sh
. "$here/core.sh"
# shellcheck source=sink.sh
. "$here/sink.sh"
# shellcheck source=provider.sh
. "$here/provider.sh"

while getopts sP:t:r:n: option; do
	case $option in
	s) small ;;
	P) IFS=, read -ra parts <<<"$OPTARG" ;;
	t) IFS=, read -ra only <<<"$OPTARG" ;;
	r) rounds=$(number_or_usage "$OPTARG") || exit ;;
	n) count=$(number_or_usage "$OPTARG") || exit ;;
	*) usage ;;
	esac
done
shift $((OPTIND - 1))
[ $# -eq 1 ] || usage
for part in "${parts[@]}"; do [[ " ${all_parts[*]} " == *" $part "* ]] || usage; done

build=$(readlink -m "$1")
bench=$build/bench
work=$bench/work
tool=$build/tcpclose-trace

say() {
	printf '%(%H:%M:%S)T %s\n' -1 "$*" >&2
}

# Every figure is a line: part, round, load, tracer, name, value.
note() {
	(
		IFS=$'\t'
		echo "$*"
	) >>"$work/figures"
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

# Runs a command that takes long. A signal ends the bench at once, and the command with it.
patiently() {
	setpriv --pdeathsig KILL "$@" &
	wait $!
}

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
	local program
	[ "$(id -u)" -eq 0 ] || { echo "bench: needs root" >&2 && exit 4; }
	for program in bpftool jq ss "$tool"; do
		command -v "$program" >/dev/null || { echo "bench: needs $program" >&2 && exit 1; }
	done
	make -s -C "$here" -f bench.mk BUILD="$build" bench-programs || exit 1
}

# Nothing that was started or made outlives the run; what only a descriptor holds (statistics, hooks) goes with it.
clean_up() {
	idle_stop
	tracer_stop
	watch_stop
	load_release
	stats_off
	crowd_stop
	rm -rf "$work"
}

chosen() { # TRACER...: those of them that are measured, a line each
	local name
	for name in "$@"; do
		if [[ " ${installed[*]} " == *" $name "* ]]; then echo "$name"; fi
	done
}

# A tracer that is missing or does not attach is one line, and left out.
choose_tracers() {
	local name
	installed=()
	load_open
	for name in "${our_tracers[@]}" "${peer_tracers[@]}"; do
		if [ ${#only[@]} -gt 0 ] && [[ " ${only[*]} " != *" $name "* ]]; then continue; fi
		if ! tracer_installed "$name"; then
			say "skip $name: not installed, or not an option of this version"
		elif tracer_start "$name"; then
			installed+=("$name")
			tracer_stop
		fi
	done
	load_release
	installed+=(unaudited)
}

machine() {
	local name version
	printf 'cpu\t%s\n' "$(sed -n 's/^model name[^:]*: //p;T;q' /proc/cpuinfo)"
	printf 'cpus\t%s\n' "$(nproc)"
	printf 'memory_mib\t%s\n' "$(awk '$1 == "MemTotal:" { print int($2 / 1024) }' /proc/meminfo)"
	printf 'kernel\t%s\n' "$(uname -r)"
	printf 'descriptors\t%s\n' "$(ulimit -H -n)"
	for name in "${our_tracers[@]}" "${peer_tracers[@]}"; do
		version=$(tracer_version "$name")
		[ -z "$version" ] || printf 'version.%s\t%s\n' "$name" "$version"
	done
}

# What a part has measured takes the place of what it measured before only when it is complete.
run_part() {
	local start=$SECONDS
	say "$1"
	: >"$work/figures"
	"measure_$1"
	note "$1" 0 - bench took_seconds $((SECONDS - start))
	mv "$work/figures" "$bench/figures/$1.tsv"
}

main() {
	local part
	needs
	mount_tracefs
	mount_own
	ulimit -l "$(ulimit -H -l)"
	ulimit -n "$(ulimit -H -n)"
	# Ahead of whatever else runs here; load and tracers are equals.
	renice -n -15 $$ >/dev/null
	rm -rf "$work" && mkdir -p "$work" "$bench/figures"
	trap clean_up EXIT
	trap 'exit 130' INT TERM HUP
	choose_tracers
	machine >"$bench/machine"
	for part in "${parts[@]}"; do run_part "$part"; done
	"$here/report.sh" "$build"
	say "all figures: $build/bench.json; for the README: $here/readme.sh"
}

main
