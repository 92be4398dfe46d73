# SPDX-License-Identifier: GPL-2.0
# From the figures (part, round, load, tracer, name, value) to bench.json: machine, method, medians and ratios, aims,
# and every figure as it was read. A ratio is taken within a round, then the median over the rounds.

def number: if test("^-?[0-9]+([.][0-9]+)?$") then tonumber elif . == "" then null else . end;

def spread:
	map(select(type == "number")) | sort
	| if length == 0 then null
	  else {median: ((.[(length - 1) / 2 | floor] + .[length / 2 | floor]) / 2), min: .[0], max: .[-1], n: length} end;

def key: "\(.part)/\(.round)/\(.load)/\(.tracer)/\(.name)";

def per(a; b): if a == null or b == null or b == 0 then null else a / b end;

def unique_in_order: reduce .[] as $x ([]; if index([$x]) then . else . + [$x] end);

# All values of a name, over the rounds.
def values(part; load; tracer; name):
	map(select(.part == part and .load == load and .tracer == tracer and .name == name) | .value);

def names(part; tracer): map(select(.part == part and .tracer == tracer) | .name) | unique_in_order;

def tracers(part):
	(map(select(.part == part) | .tracer) | unique) as $there
	| ["none", "empty", "unaudited", "finding", "summary", "stream", "tcplife", "tcpstates", "bpftrace", "ss"]
	| map(select(. as $t | any($there[]; . == $t)));

# That run on each transition; names of peers' are cut off at 15 characters.
def on_transition: test("set_s|tp_state|empty|^tct_tp_count(_second)?$");

# Nanoseconds and runs of each program, and of all that run on a transition.
def event_of($tracer):
	def ratio($a; $b; $t):
		[. as $all | ($all | map(select(.part == "event" and .tracer == $t) | .round) | unique)[] as $r
		 | ($all | map(select(.part == "event" and .tracer == $t and .round == $r))) as $of
		 | per(($of | map(select(.name == $a) | .value) | add); ($of | map(select(.name == $b) | .value) | add))]
		| spread;
	. as $all
	| [names("event"; $tracer)[] | select(startswith("ns.")) | .[3:] as $program
	   | {program: $program,
	      ns_per_run: ($all | ratio("ns." + $program; "runs." + $program; $tracer)),
	      runs_per_connection: (($all | ratio("runs." + $program; "connections"; $tracer)) // {median: null}).median}]
	| map(select(.program | on_transition) | .ns_per_run.median) as $each
	| {tracer: $tracer, programs: ., ns_per_event: ($each | add), ns_each: $each,
	   ns_per_connection: (map(.ns_per_run.median * .runs_per_connection) | add)};

def event:
	. as $all | [tracers("event")[] as $t | $all | event_of($t)]
	| ((map(select(.tracer == "empty"))[0]) // {}) as $empty
	| ((map(select(.tracer == "tcpstates"))[0]) // {}) as $tcpstates
	| map(. + {of_empty: per(.ns_per_event; $empty.ns_per_event),
		   tcpstates_over_it: per($tcpstates.ns_per_event; .ns_per_event)});

# Rounds in which nobody else took over a tenth of the processors, or traced; all if those are fewer than three.
def clean($index; $load; $tracer):
	def disturbed($t): ($index["rate/\(.)/\($load)/\($t)/foreign"] // 0) > 10
		or ($index["rate/\(.)/-/\($t)/others"] // 0) > 0;
	map(select($index["rate/\(.)/\($load)/\($tracer)/rate"] and $index["rate/\(.)/\($load)/none/rate"])) as $both
	| ($both | map(select((disturbed($tracer) or disturbed("none")) | not))) as $clean
	| if ($clean | length) < 3 then {rounds: $both, disturbed: (($both | length) > ($clean | length))}
	  else {rounds: $clean, disturbed: false} end;

def rate($index; $transitions):
	(map(select(.part == "rate") | .round) | unique) as $rounds
	| (map(select(.part == "rate" and .load != "-") | .load) | unique_in_order) as $loads
	| [$loads[] as $load | tracers("rate")[] as $t
	   | ($rounds | clean($index; $load; $t)) as $clean
	   | select($clean.rounds | length > 0)
	   | def value($r; $name): $index["rate/\($r)/\($load)/\($t)/\($name)"];
	     def none($r; $name): $index["rate/\($r)/\($load)/none/\($name)"];
	     {load: $load, tracer: $t, disturbed: $clean.disturbed,
	      rate: [$clean.rounds[] | value(.; "rate")] | spread,
	      of_none: [$clean.rounds[] | per(value(.; "rate"); none(.; "rate"))] | spread,
	      load_us: [$clean.rounds[] | value(.; "load_us")] | spread,
	      load_of_none: [$clean.rounds[] | per(value(.; "load_us"); none(.; "load_us"))] | spread,
	      cpu_s_per_million: [$clean.rounds[] | per(value(.; "tracer_ns"); value(.; "connections"))
		  | if . then . * 1e6 / $transitions / 1e9 else null end] | spread,
	      shown: [$clean.rounds[] | per($index["rate/\(.)/-/\($t)/shown"]; $index["rate/\(.)/-/\($t)/total"])
		  | if . then . / $transitions else null end] | spread,
	      lost: ([$clean.rounds[] | $index["rate/\(.)/-/\($t)/lost"] // empty] | add),
	      limited_by: [$clean.rounds[] | value(.; "limited_by")] | unique}];

# ss against the median of ours in its round and in two before and after it; of the first look alone it is told, too: it
# makes the sockets' cookies, where nobody had asked for them.
def answer($index):
	def seconds($name): values("answer"; "-"; $name; "seconds") | spread;
	def stuck($round): $index["answer/\($round)/-/stuck/seconds"];
	if any(.[]; .part == "answer") then
		(map(select(.part == "answer") | .round) | max) as $last
		| {sockets: (values("answer"; "-"; "crowd"; "sockets")[0]),
		   held: (values("answer"; "-"; "stuck"; "held")[0]), owners: (values("answer"; "-"; "stuck"; "owners")[0]),
		   stuck_s: seconds("stuck"), stuck_first_s: stuck(1),
		   ss_s: seconds("ss"), ss_without_owners_s: seconds("ss-without-owners"),
		   stuck_cpu_s: (values("answer"; "-"; "stuck"; "cpu_seconds") | spread),
		   ss_cpu_s: (values("answer"; "-"; "ss"; "cpu_seconds") | spread),
		   ss_over_stuck: ([range(1; $last + 1)
			| per($index["answer/\(.)/-/ss/seconds"]; [range(. - 2; . + 3) | stuck(.)] | (spread // {}).median)] | spread),
		   same_owners: (values("answer"; "-"; "stuck"; "same_owners") + values("answer"; "-"; "ss"; "same_owners")
			| if length == 0 then null else all(. == 1) end)}
	else null end;

# Of what a run with many sockets takes more than one with few; of no use where the host had many itself.
def bytes_each($rss_kb; $base_kb; $many; $few):
	if $rss_kb and $base_kb and $many and $few * 4 < $many then ($rss_kb - $base_kb) * 1024 / ($many - $few)
	else null end;

def million:
	def of($tracer; $name): values("million"; "-"; $tracer; $name);
	if any(.[]; .part == "million") then
		(of("base"; "rss_kb")[0]) as $base | (of("base"; "mirrored")[0]) as $few
		| (of("start"; "mirrored") | max) as $many
		| {sockets: of("crowd"; "sockets")[0], mirrored: $many, start_s: (of("start"; "seconds") | spread),
		   base_rss_kb: $base, rss_kb: (of("start"; "rss_kb") | spread),
		   bytes_per_socket: (of("start"; "rss_kb") | spread | .median? | bytes_each(.; $base; $many; $few)),
		   bytes_per_socket_after_audit: bytes_each(of("audit"; "rss_kb")[0]; $base; $many; $few),
		   audit_s: (of("audit"; "seconds") | spread), audit_differences: (of("audit"; "differences") | add),
		   findings: (of("finding"; "opened") | add), resolved: (of("finding"; "resolved") | add),
		   unresolved: ((of("finding"; "leaks") | add) as $leaks
			| if $leaks then $leaks - (of("finding"; "resolved") | add) else null end),
		   late_ms: (of("finding"; "late_ms") | spread), own_late_ms: (of("finding"; "own_late_ms") | spread),
		   line_ms: (of("finding"; "line_ms") | spread), wrong_owners: (of("finding"; "wrong_owner") | add),
		   unowned: (of("finding"; "unowned") | add),
		   stuck_s: (of("stuck"; "seconds") | spread),
		   stuck_same_owners: (of("stuck"; "same_owners") | all(. == 1)), lost: of("crowd"; "lost")[0]}
	else null end;

# Transitions a second and bytes a socket, by what is read and how many sockets there are.
def core($index):
	(map(select(.part == "core" and .name == "ns"))) as $of
	| ($of | map({("\(.tracer)/\(.load)"): .value}) | add) as $ns
	| [$of[] | def other($name): $index["core/0/\(.load)/\(.tracer)/\($name)"];
	   {records: .tracer, sockets: (.load | tonumber), ns: .value, mega_per_s: per(1000; .value),
	    of_thousand: per(.value; $ns["\(.tracer)/1000"]),
	    bytes_resident: other("bytes_resident"), bytes_counted: other("bytes_counted")}];

# Two shards, each with a reader on a core of its own, over one.
def two_shards:
	map(select(.part == "core" and .name == "two_shards")
		| {records: .tracer, sockets: (.load | tonumber), of_one: .value});

# What it costs to tell a transition to a file, by a replay.
def sink($index):
	[.[] | select(.part == "sink" and .name == "ns")
	 | def other($name): $index["sink/0/-/\(.tracer)/\($name)"];
	   {sink: .tracer, ns: .value, user_ns: other("user_ns"), mega_per_s: per(other("per_s"); 1000000),
	    transitions: other("transitions")}];

def idle($index):
	(values("idle"; "-"; "all"; "seconds")[0]) as $seconds
	| [tracers("idle")[] as $t
	   | def used($name): $index["idle/1/-/\($t)/after.\($name)"] - $index["idle/1/-/\($t)/before.\($name)"];
	     select($index["idle/1/-/\($t)/after.wakeups"] != null)
	   | {tracer: $t, wakeups_per_minute: (used("wakeups") * 60 / $seconds),
	      cpu_percent: (used("cpu_ns") / 1e9 / $seconds * 100), events: $index["idle/1/-/\($t)/events"]}];

# What each adds to a connection, and of what stock tracepoints add, in a guest.
def provider($index):
	map(select(.part == "provider" and .name == "us")) as $of
	| ($of | map(.round) | unique) as $rounds
	| [($of | map({load, tracer}) | unique_in_order)[] as $p
	   | def us($r; $t): $index["provider/\($r)/\($p.load)/\($t)/us"];
	     def added($r; $t): if us($r; $t) and us($r; "none") then us($r; $t) - us($r; "none") else null end;
	     {kernel: $p.load, provider: $p.tracer}
	     + if $p.tracer == "none" then {us: [$rounds[] | us(.; "none")] | spread}
	       else {added_us: [$rounds[] | added(.; $p.tracer)] | spread,
		     of_tracepoint: [$rounds[] | per(added(.; $p.tracer); added(.; "tracepoint"))] | spread} end];

def aim($what; $value; $met): select($value != null) | {aim: $what, value: $value, met: $met};

# How our tracers of a transition are called.
def ours: {finding: "-e finding", stream: "full stream", summary: "summary"}[.];

# `aim` of the issue that the bench answers to; what was not measured is not listed.
def aims:
	[ (.event[]? | (.tracer | ours) as $ours | select($ours)
	   | aim("ns an event, \($ours), of empty: at most 3"; .of_empty; .of_empty <= 3),
	     aim("tcpstates ns an event, of \($ours): at least 30"; .tcpstates_over_it; .tcpstates_over_it >= 30)),
	  (.rate[]? | (.tracer | ours) as $ours | select($ours and .of_none)
	   | aim("rate, \($ours), \(.load): at least 0.98"; .of_none.median; .of_none.median >= 0.98)),
	  (.rate[]? | select(.tracer == "tcpstates" and .of_none)
	   | aim("rate with tcpstates, \(.load): about half"; .of_none.median; .of_none.median <= 0.6)),
	  (.answer // empty | select(.ss_over_stuck)
	   | aim("ss -tanp over stuck, CLOSE_WAIT: at least 100"; .ss_over_stuck.median; .ss_over_stuck.median >= 100),
	     aim("the same owners: 1"; (if .same_owners then 1 else 0 end); .same_owners)),
	  (.core[]? | select(.records == "full-ipv4" and .sockets == 1000)
	   | aim("core, 1,000 sockets, M/s: at least 10"; .mega_per_s; .mega_per_s >= 10)),
	  (.core[]? | select(.records == "full-ipv4" and .sockets == 1000000)
	   | aim("core, 1,000,000 sockets, M/s: at least 5"; .mega_per_s; .mega_per_s >= 5),
	     aim("core, ns of that with 1,000: at most 1.5"; .of_thousand; .of_thousand <= 1.5),
	     aim("core, bytes a socket: at most 96"; .bytes_resident; .bytes_resident <= 96)),
	  (.sink[]? | select(.sink == "json" or .sink == "text")
	   | aim("\(.sink) to a file, M/s: at least 1"; .mega_per_s; .mega_per_s >= 1)),
	  (.two_shards[]? | select(.records == "full-two-shards")
	   | aim("core, two shards over one, \(.sockets): at least 1.7"; .of_one; .of_one >= 1.7)),
	  (.million // empty
	   | aim("bytes a socket: at most 96"; .bytes_per_socket; .bytes_per_socket <= 96),
	     aim("start with \(.mirrored) sockets, s: under 2"; .start_s.median; .start_s.median < 2),
	     aim("audit: 0 differences"; .audit_differences; .audit_differences == 0),
	     aim("finding late, ms, the latest: at most 50"; .late_ms.max?; .late_ms.max <= 50),
	     aim("leaks not found, or not resolved: 0"; .unresolved; .unresolved == 0)),
	  (.idle[]? | select(.tracer == "unaudited")
	   | aim("idle, no audit, wake-ups a minute: 0"; .wakeups_per_minute; .wakeups_per_minute <= 1)),
	  (.idle[]? | select(.tracer == "finding")
	   | aim("idle, CPU %: 0.0"; .cpu_percent; .cpu_percent < 0.05)) ];

[inputs | split("\t")
 | {part: .[0], round: (.[1] | tonumber), load: .[2], tracer: .[3], name: .[4], value: ((.[5] // "") | number)}] as $figures
| ($figures | map({(key): .value}) | add) as $index
| ($figures | event) as $event
| ((($event | map(select(.tracer == "empty"))[0] // {programs: []}).programs[0].runs_per_connection) // 10) as $transitions
| {v: 1,
   machine: ($machine | split("\n") | map(select(. != "") | split("\t") | {(.[0]): (.[1] | number)}) | add),
   method: {
	event: "BPF run-time statistics, one pair of processes on one CPU; median of rounds",
	rate: "pairs of processes in a namespace of their own, alternating rounds; ratios within a round",
	core: "a ring in memory, CPU time of decoder, mirror and detectors on one core; medians of rounds",
	sink: "replay of a recording of the load into a file: user and system time; the best of rounds",
	answer: "wall clock of the whole command; ss over the median of ours, in its round, two before, two after",
	million: "late_ms: the line's arrival less the clock before the first shutdown() of that process less the threshold",
	idle: "all at once, voluntary context switches and run time of all threads",
	provider: "processor time of the load in a guest whose emulator counts instructions; alternating rounds"},
   transitions_per_connection: $transitions,
   took_s: ($figures | map(select(.tracer == "bench") | {(.part): .value}) | add),
   event: $event, rate: ($figures | rate($index; $transitions)),
   ended: ($figures | map(select(.part == "rate" and .name == "ended") | {tracer, load}) | group_by(.)
	| map(.[0] + {times: length})),
   answer: ($figures | answer($index)),
   million: ($figures | million), idle: ($figures | idle($index)),
   sink: ($figures | sink($index)),
   core: ($figures | core($index)), two_shards: ($figures | two_shards), provider: ($figures | provider($index))}
| . + {aims: aims, figures: $figures}
