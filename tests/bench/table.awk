# SPDX-License-Identifier: GPL-2.0
# The figures as tables of 80 columns. Needs figures.awk before it.

function rates(load,   t, name, rate, low, high, ratio) {
	printf "\nConnections a second, %s\n", load == "one" ? \
		"a client and a server on one CPU" : "a client and a server on every CPU"
	printf "%-10s %8s %7s %14s %12s %7s %14s\n", "tracer", "rate/s", "ratio", "min..max", "load us/conn", "ratio", "min..max"
	for (t = 1; t <= tracer_count; t++) {
		name = tracers[t]
		if (!over_rounds(load, name, "rate")) continue
		rate = middle
		over_nothing(load, name, "rate")
		printf "%-10s %8.0f %7.3f   %.3f..%.3f", name, rate, middle, lowest, highest
		over_rounds(load, name, "load_us")
		rate = middle
		over_nothing(load, name, "load_us")
		printf " %12.2f %7.3f   %.3f..%.3f\n", rate, middle, lowest, highest
	}
}

function programs(   t, i, name, ns, total) {
	printf "\nKernel time of the programs, by run-time statistics\n"
	printf "%-10s %-30s %9s %8s %9s\n", "tracer", "program", "runs/conn", "ns/run", "ns/conn"
	for (t = 1; t <= tracer_count; t++) {
		name = tracers[t]
		total = 0
		for (i = 1; i <= program_count[name]; i++) {
			ns = program_cost(name, program[name, i])
			total += ns * runs_per_connection
			printf "%-10s %-30s %9.2f %8.0f %9.0f\n", name, program[name, i], runs_per_connection, ns, ns * runs_per_connection
		}
		if (program_count[name] > 1) printf "%-10s %-30s %9s %8s %9.0f\n", name, "all", "", "", total
	}
}

function readers(   t, name, share) {
	printf "\nThe tracer's own processor time, and what it showed\n"
	printf "%-10s %18s %12s %10s\n", "tracer", "s/million events", "shown", "lost"
	for (t = 1; t <= tracer_count; t++) {
		name = tracers[t]
		if (name == "none" || name == "empty" || !over_rounds(loads[1], name, "rate")) continue
		share = shown_share(name)
		printf "%-10s %18.2f %12s %10d\n", name, tracer_seconds(name), \
			share < 0 ? "-" : sprintf("%.1f %%", share * 100), lost(name)
	}
}

function goal(what, value, met) {
	printf "%-58s %8s  %s\n", what, value, met ? "met" : "NOT met"
}

function goals(   empty, ours, peer, l) {
	printf "\nGoals\n"
	empty = event_cost("empty")
	ours = event_cost("finding")
	peer = event_cost("tcpstates")
	if (empty && ours) goal("ns/event over the empty program: at most 4", sprintf("%.2f", ours / empty), ours <= 4 * empty)
	if (peer && ours) goal("tcpstates' ns/event over ours: at least 25", sprintf("%.1f", peer / ours), peer >= 25 * ours)
	for (l = 1; l <= load_count; l++)
		if (over_nothing(loads[l], "finding", "rate"))
			goal("rate with -e finding, load " loads[l] ": at least 0.970", sprintf("%.3f", middle), middle >= 0.97)
}

# What makes the figures doubtful is said with them.
function doubts(   r, l, t, key, doubtful, limits) {
	for (r = 1; r <= rounds; r++) for (t = 1; t <= tracer_count; t++) {
		for (l = 1; l <= load_count; l++) {
			if (disturbed(r, loads[l], tracers[t])) doubtful++
			key = figure["load", r, loads[l], tracers[t], "limited_by"]
			if (key != "" && key != "cpu" && key != "wakeups") limits++
		}
	}
	if (doubtful) printf "note: %d measurements left out: others used over 10 %% of the processors, or traced\n", doubtful
	if (limits) printf "note: %d measurements were limited by something else than the processor\n", limits
}

END {
	for (i = 1; i <= machine_count; i++) printf "%-20s %s\n", machine_order[i], machine[machine_order[i]]
	for (l = 1; l <= load_count; l++) rates(loads[l])
	programs()
	readers()
	goals()
	doubts()
}
