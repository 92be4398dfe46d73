# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# shellcheck disable=SC2154 # bench, work, count, *_rounds and the tracers: set by run.sh, tracer.sh
# Part event: nanoseconds in the kernel for each event, by BPF's run-time statistics.

stats_pid=

stats_ready() {
	grep -qs ready "$work/stats"
}

stats_on() {
	setpriv --pdeathsig KILL "$bench/stats" >"$work/stats" </dev/null &
	stats_pid=$!
	until_true 20 stats_ready
}

stats_off() {
	[ -n "$stats_pid" ] || return 0
	kill "$stats_pid" && wait "$stats_pid" 2>/dev/null
	stats_pid=
	rm -f "$work/stats"
}

programs_between() {
	awk 'NR == FNR { runs[$1] = $2; ns[$1] = $3; next }
		{ print $1, $2 - runs[$1], $3 - ns[$1] }' "$work/before" "$work/after" |
		awk '$2 > 0'
}

note_programs() {
	local program runs ns
	note event "$1" one "$2" connections "$count"
	programs_between | while read -r program runs ns; do
		note event "$1" one "$2" "runs.$program" "$runs"
		note event "$1" one "$2" "ns.$program" "$ns"
	done
}

# Runs and nanoseconds of every program of a tracer, by the kernel's own count.
event_of() { # ROUND TRACER
	load_open || return 1
	if tracer_start "$2"; then
		until_true 20 load_quiet
		stats_on
		tracer_programs >"$work/before"
		load_run one "$count" >/dev/null
		tracer_programs >"$work/after"
		stats_off
		note_programs "$1" "$2"
		tracer_stop
	fi
	load_release
}

measure_event() {
	local round name names
	for ((round = 1; round <= event_rounds; round++)); do
		mapfile -t names < <(chosen "${our_tracers[@]}")
		if [ "$round" -le "$peer_rounds" ]; then mapfile -t names < <(chosen "${our_tracers[@]}" "${peer_tracers[@]}"); fi
		for name in "${names[@]}"; do
			case $name in
			none | ss) ;; # no program of theirs
			*) event_of "$round" "$name" ;;
			esac
		done
		say "event: round $round of $event_rounds"
	done
}
