# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# shellcheck disable=SC2154 # tool, here, work, count, sink_rounds: set by run.sh
# Part sink: what it costs to tell each event to a file, by a replay of what the load makes.

measure_sink() {
	local sink per_s ns user_ns transitions
	load_open || return
	if tracer_start record; then
		load_run one "$count" >/dev/null
		until_true 40 tracer_caught_up
		tracer_stop
		patiently "$here/replay.sh" "$tool" "$work/recording" "$sink_rounds" >"$work/sinks"
		while IFS=$'\t' read -r sink per_s ns user_ns transitions; do
			note sink 0 - "$sink" per_s "$per_s"
			note sink 0 - "$sink" ns "$ns"
			note sink 0 - "$sink" user_ns "$user_ns"
			note sink 0 - "$sink" transitions "$transitions"
		done <"$work/sinks"
	fi
	load_release
}
