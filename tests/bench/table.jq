# SPDX-License-Identifier: GPL-2.0
# bench.json as tables of 80 columns.

include "format";

def event:
	if length == 0 then empty else
	"", "Kernel time of the programs (BPF run-time statistics)",
	("tracer" | left(11)) + ("program" | left(25)) + ("ns/run" | right(8)) + ("runs/conn" | right(11))
		+ ("ns/event" | right(10)) + ("of empty" | right(10)),
	(.[] | .tracer as $t | . as $row | .programs | to_entries[]
	 | ((if .key == 0 then $t else "" end) | left(11)) + (.value.program | .[0:24] | left(25))
		+ (.value.ns_per_run | mid(0) | right(8)) + (.value.runs_per_connection | fixed(2) | right(11))
		+ ((if .key == 0 then $row.ns_per_event | fixed(0) else "" end) | right(10))
		+ ((if .key == 0 then $row.of_empty | fixed(2) else "" end) | right(10)))
	end;

def rates:
	(map(.load) | unique | reverse)[] as $load
	| "", "Connections a second, " + (if $load == "one" then "a pair of processes on one CPU"
		else "a pair of processes on every CPU" end),
	("tracer" | left(11)) + ("rate/s" | right(8)) + ("of none" | right(9)) + ("min..max" | right(15))
		+ ("CPU s/million" | right(15)) + ("shown" | right(9)) + ("lost" | right(8)),
	(.[] | select(.load == $load)
	 | (.tracer | left(11)) + (.rate | mid(0) | right(8)) + (.of_none | mid(3) | right(9))
		+ (.of_none | range(3) | right(15))
		+ ((if .tracer == "none" or .tracer == "empty" then "-" else .cpu_s_per_million | mid(3) end) | right(15))
		+ ((if .shown then (.shown.median * 100 | fixed(1)) + "%" else "-" end) | right(9))
		+ ((.lost // "-") | right(8)) + (if .disturbed then " *" else "" end));

def answer:
	if . == null then empty else
	"", "Who holds \(.held) sockets in CLOSE_WAIT, of \(.sockets): seconds",
	(["stuck", .stuck_s, .stuck_cpu_s], ["ss -tanp", .ss_s, .ss_cpu_s], ["ss -tan (no owners)", .ss_without_owners_s, null]
	 | (.[0] | left(22)) + (.[1] | mid(3) | right(9)) + (.[1] | range(3) | right(20)) + "   CPU " + (.[2] | mid(3))),
	"stuck, the first look: \(.stuck_first_s | fixed(3))",
	"ss over stuck: \(.ss_over_stuck | mid(0)); the same \(.owners) owners: \(if .same_owners then "yes" else "NO" end)"
	end;

def million:
	if . == null or .mirrored == null then empty else
	"", "\(.mirrored) sockets mirrored",
	"start to the ready line, s         " + (.start_s | mid(2)) + "  (\(.start_s | range(2)))",
	"bytes a socket                     " + (.bytes_per_socket | fixed(0))
		+ ", after audits " + (.bytes_per_socket_after_audit | fixed(0)),
	"audit, s; differences              " + (.audit_s | mid(2)) + "; \(.audit_differences)",
	"stuck, s                           " + (.stuck_s | mid(2)),
	"findings, resolved                 \(.findings), \(.resolved)",
	"owner wrong, not known at first    \(.wrong_owners), \(.unowned)",
	"a finding's line is late by, ms    " + (.late_ms | mid(1)) + "  (\(.late_ms | range(1)))",
	"  by its own words; to its reader  " + (.own_late_ms | mid(1)) + "; " + (.line_ms | mid(1)),
	"events lost                        \(.lost)"
	end;

def idle:
	if length == 0 then empty else
	"", "A minute in which nothing happens (but for what `events` says)",
	("tracer" | left(11)) + ("wake-ups" | right(10)) + ("CPU %" | right(10)) + ("events" | right(10)),
	(sort_by(.wakeups_per_minute)[] | (.tracer | left(11)) + (.wakeups_per_minute | fixed(0) | right(10))
		+ (.cpu_percent | fixed(4) | right(10)) + ((.events // "-") | right(10)))
	end;

def core:
	if length == 0 then empty else
	"", "The reading side alone, one core: million transitions a second, bytes a socket",
	("records" | left(14)) + ("sockets" | right(10)) + ("M/s" | right(9)) + ("ns" | right(9)) + ("bytes" | right(9)),
	(.[] | (.records | left(14)) + (.sockets | right(10)) + (.mega_per_s | fixed(2) | right(9))
		+ (.ns | fixed(0) | right(9)) + ((if .sockets < 1000000 then "-" else .bytes_resident | fixed(0) end) | right(9)))
	end;

def sink:
	if length == 0 then empty else
	"", "A replay of \(.[0].transitions) transitions to a file, processor time",
	("sink" | left(20)) + ("M/s" | right(9)) + ("ns" | right(9)) + ("of that user" | right(14)),
	(.[] | (.sink | left(20)) + (.mega_per_s | fixed(2) | right(9)) + (.ns | fixed(0) | right(9))
		+ (.user_ns | fixed(0) | right(14)))
	end;

def two_shards:
	if length == 0 then empty else
	"", "Two shards on two cores over one",
	(.[] | (.records | left(20)) + (.sockets | right(10)) + (.of_one | fixed(2) | right(9)))
	end;

def provider:
	if length == 0 then empty else
	"", "By provider, in a guest with Linux \(.[0].kernel): thousand instructions a connection",
	("provider" | left(14)) + ("added" | right(9)) + ("of tracepoint" | right(16)),
	(.[] | (.provider | left(14)) + ((.added_us // .us) | mid(1) | right(9))
		+ (.of_tracepoint | mid(2) | right(16)) + (if .us then "  the load alone" else "" end))
	end;

def aims:
	"", "Aims",
	(.[] | (.aim | left(58)) + (.value | fixed(3) | right(11)) + (if .met then "  met" else "  NOT met" end));

(.machine | to_entries[] | (.key | left(20)) + (.value | tostring)),
(.event | event), (.rate | rates),
(if any(.rate[]; .disturbed) then "* others used over a tenth of the processors, or traced" else empty end),
(.ended[] | "note: \(.tracer), \(.load): ended by itself under the load, \(.times) times"),
(.rate | map(select(.limited_by - ["cpu", "wakeups"] != [])) | .[]
 | "note: \(.tracer), \(.load): the load was limited by \(.limited_by | join(", "))"),
(.answer | answer), (.million | million), (.idle | idle), (.core | core),
(.two_shards | two_shards), (.sink | sink), (.provider | provider), (.aims | aims),
"", "took, s: " + (.took_s | to_entries | map("\(.key) \(.value)") | join(", "))
