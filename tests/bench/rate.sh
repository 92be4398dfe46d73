# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# shellcheck disable=SC2154 # count, loads, *_rounds, rounds, bench_seconds and the tracers: set by run.sh, tracer.sh
# Part rate: connections a second with each tracer attached, and what the tracer itself uses.

disturbed_percent=10
tries_max=3

# The processor time that neither the load nor the tracer used, in percent of the time that there was.
foreign_percent() { # BUSY_TICKS ALL_TICKS LOAD_SECONDS TRACER_NS
	awk -v hz="$(getconf CLK_TCK)" -v busy="$1" -v all="$2" -v load="$3" -v tracer="$4" \
		'BEGIN { printf "%.0f\n", (all > 0 ? 100 * (busy - load * hz - tracer / 1e9 * hz) / all : 0) }'
}

# One load, once. Fills the array `seen` from churn's report.
load_once() {
	local kind=$1 idle all idle_after all_after cpu cpu_after key value report
	until_true 20 load_quiet
	cpu=$(tracer_cpu_ns)
	read -r idle all < <(load_idle_and_all)
	report=$(load_run "$kind" "$count") || return 1
	read -r idle_after all_after < <(load_idle_and_all)
	cpu_after=$(tracer_cpu_ns)
	while read -r key value; do seen[$key]=$value; done <<<"$report"
	seen[foreign]=$(foreign_percent $((all_after - all - idle_after + idle)) $((all_after - all)) \
		"${seen[cpu_seconds]}" $((cpu_after - cpu)))
	until_true 40 tracer_caught_up
	seen[tracer_ns]=$(($(tracer_cpu_ns) - cpu))
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

rate_of() { # ROUND TRACER
	local round=$1 name=$2 kind key total=0
	local -A seen
	load_open || return 1
	if tracer_start "$name"; then
		note rate "$round" - "$name" others "$(programs_of_others)"
		for kind in "${loads[@]}"; do
			load_undisturbed "$kind" || continue
			if [ "$name" != none ] && ! tracer_alive; then
				note rate "$round" "$kind" "$name" ended 1 # by itself: what was measured is not its cost
				break
			fi
			for key in "${!seen[@]}"; do note rate "$round" "$kind" "$name" "$key" "${seen[$key]}"; done
		done
		tracer_stop
		note rate "$round" - "$name" total "$total"
		note rate "$round" - "$name" shown "$(tracer_shown "$name")"
		note rate "$round" - "$name" lost "$(tracer_lost "$name")"
		rm -f "$work/out.$name"
	fi
	load_release
}

# Each round starts one further along the list, so that drift hits all alike.
rate_round() { # ROUND TRACER...
	local round=$1 i
	local names=("${@:2}") n=$(($# - 1))
	for ((i = 0; i < n; i++)); do rate_of "$round" "${names[(round + i) % n]}"; done
	say "rate: round $round: ${names[*]}"
}

# The peers' differences are large: few rounds show them. Nothing attached and ours with -e finding differ by less than
# the noise of a few rounds: those two have more, and first of all what time there is; each has had `rounds` in the end
# unless the time is over.
rate_names() { # ROUND SECONDS_LEFT: one a line
	local round=$1 left=$2 pair=${pair_seconds:-0}
	if [ "$round" -gt "$rounds" ] || [ "$left" -lt $(((rounds - round + 2) * pair + others_seconds)) ]; then
		chosen none finding
	elif [ "$round" -le "$peer_rounds" ]; then
		chosen "${our_tracers[@]}" "${peer_tracers[@]}"
	else
		chosen "${our_tracers[@]}"
	fi
}

measure_rate() {
	local round names start pair_seconds=0 others_seconds=0
	for ((round = 1; round <= rounds + close_rounds && (round == 1 || SECONDS < bench_seconds); round++)); do
		mapfile -t names < <(rate_names "$round" $((bench_seconds - SECONDS)))
		[ ${#names[@]} -gt 0 ] || break
		start=$SECONDS
		rate_round "$round" "${names[@]}"
		# what all took in the last round that had all, and of that these two
		if [ ${#names[@]} -gt 2 ]; then
			others_seconds=$((SECONDS - start))
			pair_seconds=$((2 * others_seconds / ${#names[@]}))
		fi
	done
}
