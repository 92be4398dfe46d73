# SPDX-License-Identifier: GPL-2.0
# The figures as one JSON object: machine, medians, and every figure of every round. Needs figures.awk before it.

function quoted(text) {
	gsub(/[\\"]/, "\\\\&", text)
	return "\"" text "\""
}

function value(text) {
	return text ~ /^-?[0-9]+(\.[0-9]+)?$/ ? text + 0 "" : text == "" ? "null" : quoted(text)
}

function spread_json() {
	return sprintf("{\"median\":%.4f,\"min\":%.4f,\"max\":%.4f}", middle, lowest, highest)
}

function machine_json(   i) {
	printf "{\"machine\":{"
	for (i = 1; i <= machine_count; i++)
		printf "%s%s:%s", (i > 1 ? "," : ""), quoted(machine_order[i]), value(machine[machine_order[i]])
	printf "},\n"
}

function rates_json(   l, t, comma) {
	printf "\"rates\":["
	for (l = 1; l <= load_count; l++) for (t = 1; t <= tracer_count; t++) {
		if (!over_rounds(loads[l], tracers[t], "rate")) continue
		printf "%s\n {\"load\":%s,\"tracer\":%s,\"rate\":%s", comma, quoted(loads[l]), quoted(tracers[t]), spread_json()
		over_nothing(loads[l], tracers[t], "rate")
		printf ",\"rate_ratio\":%s", spread_json()
		over_nothing(loads[l], tracers[t], "load_us")
		printf ",\"load_us_ratio\":%s}", spread_json()
		comma = ","
	}
	printf "],\n"
}

function programs_json(   t, i, ns, comma) {
	printf "\"programs\":["
	for (t = 1; t <= tracer_count; t++) for (i = 1; i <= program_count[tracers[t]]; i++) {
		ns = program_cost(tracers[t], program[tracers[t], i])
		printf "%s\n {\"tracer\":%s,\"program\":%s,\"ns_per_run\":%s,\"runs_per_connection\":%.3f}", comma, \
			quoted(tracers[t]), quoted(program[tracers[t], i]), spread_json(), runs_per_connection
		comma = ","
	}
	printf "],\n"
}

function readers_json(   t, comma) {
	printf "\"readers\":["
	for (t = 1; t <= tracer_count; t++) {
		if (tracers[t] == "none") continue
		printf "%s\n {\"tracer\":%s,\"cpu_seconds_per_million_events\":%.4f,\"shown\":%.4f}", comma, \
			quoted(tracers[t]), tracer_seconds(tracers[t]), shown_share(tracers[t])
		comma = ","
	}
	printf "],\n"
}

function rounds_json(   i, part, comma) {
	printf "\"figures\":["
	for (i = 1; i <= figure_count; i++) {
		split(figure_order[i], part, SUBSEP)
		printf "%s\n {\"part\":%s,\"round\":%d,\"load\":%s,\"tracer\":%s,\"name\":%s,\"value\":%s}", comma, \
			quoted(part[1]), part[2], quoted(part[3]), quoted(part[4]), quoted(part[5]), value(figure[figure_order[i]])
		comma = ","
	}
	printf "]}\n"
}

END {
	machine_json()
	rates_json()
	programs_json()
	readers_json()
	rounds_json()
}
