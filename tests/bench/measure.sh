# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# shellcheck disable=SC2154 # bench, work, figures, count, loads, tracer_pid: set by run.sh and tracer.sh
# What is measured of one tracer in one round. Every figure is a line: part, round, load, tracer, name, value.

stats_pid=
disturbed_percent=10
tries_max=3

note() {
	printf '%s\t' "${@:1:$#-1}" >>"$figures"
	printf '%s\n' "${@: -1}" >>"$figures"
}

# The processor time that neither the load nor the tracer used, in percent of the time that there was.
foreign_percent() {
	awk -v ticks="$(getconf CLK_TCK)" -v busy="$1" -v all="$2" -v load="$3" -v tracer="$4" \
		'BEGIN { printf "%.0f\n", (all > 0 ? 100 * (busy - load * ticks - tracer) / all : 0) }'
}

# One load, once. Fills the array `seen` from churn's report.
load_once() {
	local kind=$1 idle all idle_after all_after ticks ticks_after key value report
	until_true 20 load_quiet
	ticks=$(tracer_ticks)
	read -r idle all < <(load_idle_and_all)
	report=$(load_run "$kind" "$count") || return 1
	read -r idle_after all_after < <(load_idle_and_all)
	ticks_after=$(tracer_ticks)
	while read -r key value; do seen[$key]=$value; done <<<"$report"
	seen[foreign]=$(foreign_percent $((all_after - all - idle_after + idle)) $((all_after - all)) \
		"${seen[cpu_seconds]}" $((ticks_after - ticks)))
	until_true 40 tracer_caught_up
	seen[ticks]=$(($(tracer_ticks) - ticks))
}

# Again while somebody else used the processors, a few times at most.
load_undisturbed() {
	local try
	for ((try = 1; try <= tries_max; try++)); do
		load_once "$1" || return 1
		seen[tries]=$try
		total=$((total + seen[connections]))
		[ "${seen[foreign]}" -gt "$disturbed_percent" ] || return 0
	done
}

# Rates, processor time of the load, processor time of the tracer.
measure_load() {
	local round=$1 name=$2 kind key total=0
	local -A seen
	tracer_start "$name" || return 0
	load_open
	note load "$round" - "$name" others "$(programs_of_others)"
	for kind in "${loads[@]}"; do
		load_undisturbed "$kind" || continue
		for key in "${!seen[@]}"; do note load "$round" "$kind" "$name" "$key" "${seen[$key]}"; done
	done
	tracer_stop
	note load "$round" - "$name" total "$total"
	note load "$round" - "$name" shown "$(tracer_shown "$name")"
	note load "$round" - "$name" lost "$(tracer_lost "$name")"
	load_release
	rm -f "$work/out"
}

stats_ready() {
	grep -qs ready "$work/stats"
}

stats_on() {
	"$bench/stats" >"$work/stats" </dev/null &
	stats_pid=$!
	until_true 20 stats_ready
}

stats_off() {
	[ -n "$stats_pid" ] || return 0
	kill "$stats_pid" && wait "$stats_pid" 2>/dev/null
	stats_pid=
	rm -f "$work/stats"
}

# Runs and nanoseconds of every program of a tracer, by the kernel's own count.
measure_stats() {
	local round=$1 name=$2 pid
	[ "$name" != none ] && [ "$name" != stream ] || return 0
	tracer_start "$name" || return 0
	load_open
	until_true 20 load_quiet
	stats_on
	tracer_programs >"$work/before"
	pid=$(load_run one "$count" | sed -n "s/^pid //p")
	tracer_programs >"$work/after"
	note_programs "$round" "$name"
	if [ "$round" = 1 ] && [ "$name" = finding ]; then measure_ends "$pid"; fi
	stats_off
	tracer_stop
	load_release
}

note_programs() {
	local round=$1 name=$2 program runs ns
	note stats "$round" one "$name" connections "$count"
	programs_between | while read -r program runs ns; do
		note stats "$round" one "$name" "runs.$program" "$runs"
		note stats "$round" one "$name" "ns.$program" "$ns"
	done
}

time_wait_over() {
	grep -q "^TCP:.* tw 0 " "/proc/$1/net/sockstat"
}

# The bill a minute later: what the natural end of every TIME_WAIT costs, as a tracer of its own in the figures.
measure_ends() {
	until_true 750 time_wait_over "$1"
	mv "$work/after" "$work/before"
	tracer_programs >"$work/after"
	if others_connected; then echo "bench: other connections in that minute: its end of TIME_WAIT left out" >&2 && return; fi
	note_programs 1 "finding+60s"
}

# Transitions while the load only waits are not ours.
others_connected() {
	[ "$(programs_between | awk '$1 ~ /set_state/ { runs += $2 } END { print 10 * runs }')" -gt "$count" ]
}

programs_between() {
	awk 'NR == FNR { runs[$1] = $2; ns[$1] = $3; next }
		{ print $1, $2 - runs[$1], $3 - ns[$1] }' "$work/before" "$work/after" |
		awk '$2 > 0'
}

# Tracing programs that are not of this measurement: they would cost every round.
programs_of_others() {
	bpftool prog show | awk -v ids=" $(tracer_program_ids | tr '\n' ' ')" '
		$2 ~ /^(tracing|tracepoint|raw_tracepoint|kprobe|perf_event)$/ {
			id = " " substr($1, 1, length($1) - 1) " "
			if (!index(ids, id)) others++
		}
		END { print others + 0 }'
}
