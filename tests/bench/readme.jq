# SPDX-License-Identifier: GPL-2.0
# bench.json as the Markdown of the README's "What it costs".

include "format";

def title:
	{none: "none", empty: "empty program", finding: "ours, `-e finding`", summary: "ours, `--mode=summary`",
	 stream: "ours, full JSON to a file", unaudited: "ours, `-e finding --audit off`", ss: "`ss -E`"}[.] // .;

def row: "| " + join(" | ") + " |";

def costs:
	.event as $event | .rate as $rate
	| def rate_of($tracer; $load): ($rate | map(select(.tracer == $tracer and .load == $load))[0]) // {};
	["tracer", "kernel ns per event", "of empty", "connections/s, 1 CPU", "of none", "all CPUs, of none",
	 "CPU s per million events"] | row,
	"| --- | --- | --- | --- | --- | --- | --- |",
	("none", "empty", "finding", "summary", "stream", "tcplife", "tcpstates", "bpftrace", "ss") as $t
	| (($event | map(select(.tracer == $t))[0]) // {}) as $e
	| rate_of($t; "one") as $one | rate_of($t; "all") as $all
	| select($e.tracer or $one.tracer)
	| [($t | title), (if $e.ns_per_event then $e.ns_per_event | thousands else "" end),
	   (if $e.of_empty then $e.of_empty | fixed(1) else "" end),
	   (if $one.rate then $one.rate.median | thousands else "" end),
	   ($one.of_none | mid(3)), ($all.of_none | mid(3)),
	   (if $t == "none" or $t == "empty" then "" else $one.cpu_s_per_million | mid(2) end)] | row;

def answer:
	select(. != null)
	| "", "Who holds \(.held | thousands) of \(.sockets | thousands) sockets, in CLOSE_WAIT, in \(.owners) processes: `stuck` "
	+ "\(.stuck_s | mid(2)) s, `ss -tanp state close-wait` \(.ss_s | mid(1)) s: \(.ss_over_stuck | mid(0)) times, "
	+ "\(if .same_owners then "the same owners and counts" else "OTHER OWNERS" end); without owners (`-tan`) ss takes "
	+ "\(.ss_without_owners_s | mid(2)) s.";

def million:
	select(. != null and .mirrored != null)
	| "", "\(.mirrored | thousands) real sockets: from the start to `ready` \(.start_s | mid(2)) s; "
	+ "\(.bytes_per_socket | fixed(0)) bytes of ours a socket, \(.bytes_per_socket_after_audit | fixed(0)) with what audits keep; "
	+ "an audit \(.audit_s | mid(2)) s, \(.audit_differences) differences; `stuck` \(.stuck_s | mid(2)) s. "
	+ "\(.findings) leaks were found and \(.resolved) resolved, \(.lost) events lost; a finding's line came "
	+ "\(.late_ms | mid(1)) ms after its threshold (\(.late_ms.min | fixed(1)) to \(.late_ms.max | fixed(1))).";

def core:
	map(select(.records == "full-ipv4")) | select(length > 0)
	| "", "The reading side alone (decoder, mirror, detectors), on one core: "
	+ (map("\(.mega_per_s | fixed(1)) million transitions a second with \(.sockets | thousands) sockets") | join(", ")) + ".";

def missed:
	map(select(.met | not)) | select(length > 0)
	| "", "Aims that are missed: " + (map("\(.aim) (\(.value | fixed(2)))") | join("; ")) + ".";

def idle:
	select(length > 0)
	| "", "A minute in which nothing happens, wake-ups and CPU: "
	+ (map("\(.tracer | title) \(.wakeups_per_minute | fixed(0)), \(.cpu_percent | fixed(3)) %") | join("; ")) + ".";

"On \(.machine.cpu), \(.machine.cpus) CPUs, Linux \(.machine.kernel), \([.machine | to_entries[]
	| select((.key | startswith("version.")) and .key != "version.finding") | .value] | join(", ")):", "",
costs, (.answer | answer), (.million | million), (.core | core), (.idle | idle), (.aims | missed)
