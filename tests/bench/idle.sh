# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# shellcheck disable=SC2154 # work, idle_seconds and the tracers: set by run.sh, tracer.sh
# Part idle: what each tracer does in the same minute in which nothing happens.

idle_pids=()

# Notes what a tracer has used so far.
idle_read() { # WHEN
	local name
	for name in "${!idle_of[@]}"; do
		tracer_pid=${idle_of[$name]}
		note idle 1 - "$name" "$1.wakeups" "$(tracer_wakeups)"
		note idle 1 - "$name" "$1.cpu_ns" "$(tracer_cpu_ns)"
	done
}

# Those of ours say how many events there were: a host that others use is not idle.
idle_events() {
	tail -n 1 "$work/out.$1" | sed -n 's/.*"type": *"summary".*"events": *\([0-9]*\).*/\1/p'
}

measure_idle() {
	local name
	local -A idle_of=()
	for name in $(chosen unaudited finding summary stream tcplife tcpstates bpftrace); do
		if tracer_start "$name"; then
			idle_of[$name]=$tracer_pid
			idle_pids+=("$tracer_pid")
		fi
	done
	# What starting left to do is done, and the first audit or look of a start is over.
	sleep 3
	note idle 1 - all seconds "$idle_seconds"
	idle_read before
	say "idle: ${#idle_of[@]} tracers for $idle_seconds seconds"
	patiently sleep "$idle_seconds"
	idle_read after
	for name in "${!idle_of[@]}"; do
		tracer_pid=${idle_of[$name]}
		tracer_stop
		note idle 1 - "$name" events "$(idle_events "$name")"
	done
	idle_pids=()
}

idle_stop() {
	for tracer_pid in "${idle_pids[@]}"; do tracer_stop; done
	idle_pids=()
}
