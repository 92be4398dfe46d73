# SPDX-License-Identifier: GPL-2.0
# Reads the machine file and the figures, and knows medians. Shared by the table and the JSON file.

BEGIN { FS = "\t" }

FILENAME ~ /machine$/ {
	space = index($0, " ")
	machine_order[++machine_count] = substr($0, 1, space - 1)
	machine[substr($0, 1, space - 1)] = substr($0, space + 1)
	next
}

{
	part = $1; round = $2; load = $3; tracer = $4; name = $5
	figure[part, round, load, tracer, name] = $6
	figure_order[++figure_count] = part SUBSEP round SUBSEP load SUBSEP tracer SUBSEP name
	if (round > rounds) rounds = round
	if (!(tracer in known)) { known[tracer] = 1; tracers[++tracer_count] = tracer }
	if (load != "-" && !(load in loads_known)) { loads_known[load] = 1; loads[++load_count] = load }
	if (name ~ /^runs\./ && !((tracer, name) in known)) {
		known[tracer, name] = 1
		program[tracer, ++program_count[tracer]] = substr(name, 6)
	}
}

# Sorts list[1..n] in place: n is small.
function sort(list, n,   i, j, item) {
	for (i = 2; i <= n; i++) {
		item = list[i]
		for (j = i - 1; j >= 1 && list[j] > item; j--) list[j + 1] = list[j]
		list[j + 1] = item
	}
}

# Sets middle, lowest and highest of list[1..n].
function spread(list, n) {
	sort(list, n)
	lowest = list[1]; highest = list[n]
	middle = n % 2 ? list[(n + 1) / 2] : (list[n / 2] + list[n / 2 + 1]) / 2
	return n
}

# Whether others took over a tenth of the processors, or traced at the same time.
function disturbed(r, load, tracer) {
	return figure["load", r, load, tracer, "foreign"] > 10 || figure["load", r, "-", tracer, "others"] > 0
}

# Rounds that count: the undisturbed ones, or all if there are fewer than three of them.
function counting(load, tracer,   r, clean) {
	for (r = 1; r <= rounds; r++) {
		counts[r] = has("load", r, load, tracer, "rate") && !disturbed(r, load, tracer) && !disturbed(r, load, "none")
		clean += counts[r]
	}
	if (clean < 3) for (r = 1; r <= rounds; r++) counts[r] = 1
}

function has(part, r, load, tracer, name) {
	return ((part, r, load, tracer, name) in figure)
}

# One figure of the load over all rounds; 0 if no round has it.
function over_rounds(load, tracer, name,   r, n, list) {
	counting(load, tracer)
	for (r = 1; r <= rounds; r++)
		if (counts[r] && has("load", r, load, tracer, name)) list[++n] = figure["load", r, load, tracer, name] + 0
	middle = lowest = highest = 0
	return n ? spread(list, n) : 0
}

# As counting(), for what is counted over both loads of a round.
function counting_all(tracer,   r, l, ok) {
	for (l = 1; l <= load_count; l++) {
		counting(loads[l], tracer)
		for (r = 1; r <= rounds; r++) ok[r] += counts[r]
	}
	for (r = 1; r <= rounds; r++) counts[r] = ok[r] == load_count
}

# Events that a tracer said it lost.
function lost(tracer,   r, sum) {
	counting_all(tracer)
	for (r = 1; r <= rounds; r++) if (counts[r]) sum += figure["load", r, "-", tracer, "lost"]
	return sum + 0
}

# A figure over what the same round had with nothing attached; of nothing itself, over its own median: the noise.
function over_nothing(load, tracer, name,   r, n, list, base, usual) {
	over_rounds(load, "none", name)
	usual = middle
	counting(load, tracer)
	for (r = 1; r <= rounds; r++) {
		base = tracer == "none" ? usual : figure["load", r, load, "none", name]
		if (base > 0 && counts[r] && has("load", r, load, tracer, name))
			list[++n] = figure["load", r, load, tracer, name] / base
	}
	middle = lowest = highest = 0
	return n ? spread(list, n) : 0
}

# Nanoseconds a run of one program, and runs and nanoseconds for each connection.
function program_cost(tracer, name,   r, n, list, each) {
	for (r = 1; r <= rounds; r++) {
		if (!has("stats", r, "one", tracer, "runs." name)) continue
		list[++n] = figure["stats", r, "one", tracer, "ns." name] / figure["stats", r, "one", tracer, "runs." name]
		each[n] = figure["stats", r, "one", tracer, "runs." name] / figure["stats", r, "one", tracer, "connections"]
	}
	runs_per_connection = 0
	if (!n) return 0
	spread(each, n)
	runs_per_connection = middle
	spread(list, n)
	return middle
}

# Seconds of the tracer's own processor time for a million transitions.
function tracer_seconds(tracer,   r, l, ticks, connections) {
	for (l = 1; l <= load_count; l++) {
		counting(loads[l], tracer)
		for (r = 1; r <= rounds; r++) if (counts[r]) {
			ticks += figure["load", r, loads[l], tracer, "ticks"]
			connections += figure["load", r, loads[l], tracer, "connections"]
		}
	}
	return connections ? ticks / 100 / (connections * transitions()) * 1e6 : 0
}

# Transitions of one connection, both ends, as the empty program counts them.
function transitions() {
	program_cost("empty", "bench_empty")
	return runs_per_connection ? runs_per_connection : 10
}

# The share of all transitions that the tracer's output has; -1 if it does not print each.
function shown_share(tracer,   r, n, list) {
	counting_all(tracer)
	for (r = 1; r <= rounds; r++)
		if (counts[r] && figure["load", r, "-", tracer, "shown"] != "")
			list[++n] = figure["load", r, "-", tracer, "shown"] / figure["load", r, "-", tracer, "total"] / transitions()
	if (!n) return -1
	spread(list, n)
	return middle
}

# Nanoseconds for one transition: all programs on that tracepoint, each of which runs once.
function event_cost(tracer,   i, ns) {
	for (i = 1; i <= program_count[tracer]; i++)
		if (program[tracer, i] ~ /set_s/ || tracer == "empty") ns += program_cost(tracer, program[tracer, i])
	return ns + 0
}
