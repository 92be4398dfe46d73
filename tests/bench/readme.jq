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
	["tracer", "kernel ns per event", "of empty", "per connection, us", "connections/s, 1 CPU", "of none", "all CPUs, of none",
	 "CPU s per million events"] | row,
	"| --- | --- | --- | --- | --- | --- | --- | --- |",
	("none", "empty", "finding", "summary", "stream", "tcplife", "tcpstates", "bpftrace", "ss") as $t
	| (($event | map(select(.tracer == $t))[0]) // {}) as $e
	| rate_of($t; "one") as $one | rate_of($t; "all") as $all
	| select($e.tracer or $one.tracer)
	| [($t | title), (($e.ns_each // []) | map(thousands) | join(" + ")),
	   (if $e.of_empty then $e.of_empty | fixed(1) else "" end),
	   (if $e.ns_per_connection then $e.ns_per_connection / 1000 | fixed(1) else "" end),
	   (if $one.rate then $one.rate.median | thousands else "" end),
	   ($one.of_none | mid(3)), ($all.of_none | mid(3)),
	   (if $t == "none" or $t == "empty" then "" else $one.cpu_s_per_million | mid(2) end)] | row;

def rounds:
	map(select(.load == "one" and .of_none)) | select(length > 0)
	| "", "Rates are medians of so many rounds: "
	+ (group_by(.of_none.n) | map((map(.tracer | title) | join(", ")) + " \(.[0].of_none.n)") | reverse | join("; ")) + ".";

def answer:
	select(. != null)
	| "", "Who holds \(.held | thousands) of \(.sockets | thousands) sockets, in CLOSE_WAIT, in \(.owners) processes: `stuck` "
	+ "\(.stuck_s | mid(2)) s (the first look, which makes their cookies, \(.stuck_first_s | fixed(2)) s), `ss -tanp state close-wait` \(.ss_s | mid(1)) s: \(.ss_over_stuck | mid(0)) times, "
	+ "\(if .same_owners then "the same owners and counts" else "OTHER OWNERS" end); without owners (`-tan`) ss takes "
	+ "\(.ss_without_owners_s | mid(2)) s.";

def million:
	select(. != null and .mirrored != null)
	| "", "\(.mirrored | thousands) real sockets: from the start to `ready` \(.start_s | mid(2)) s; "
	+ "\(.bytes_per_socket | fixed(0)) bytes of ours a socket, \(.bytes_per_socket_after_audit | fixed(0)) with what audits keep; "
	+ "an audit \(.audit_s | mid(2)) s, \(.audit_differences) differences; `stuck` \(.stuck_s | mid(2)) s. "
	+ "\(.findings) leaks were found and \(.resolved) resolved, \(.lost) events lost; a finding's line came "
	+ "\(.late_ms | mid(1)) ms after its threshold (\(.late_ms.min | fixed(1)) to \(.late_ms.max | fixed(1))).";

# What is read and how many sockets there are.
def core($two_shards):
	def of($records; $sockets): map(select(.records == $records and .sockets == $sockets))[0] // {};
	def two($records; $sockets): $two_shards | of($records; $sockets).of_one | fixed(2);
	select(length > 0)
	| "", "The reading side alone (ring reader, decoder, mirror, detectors), on one core:", "",
	(["sockets mirrored", "full records", "brief (`-e finding`)", "two shards over one, full and brief", "resident"] | row),
	"| --- | --- | --- | --- | --- |",
	((map(.sockets) | unique)[] as $n
	 | of("full-ipv4"; $n) as $full | of("brief-ipv4"; $n) as $brief
	 | ([$two_shards[].sockets] | index([$n])) as $compared
	 | [($n | thousands),
	    ($full, $brief | "\(.mega_per_s | fixed(1)) million/s, \(.ns | fixed(0)) ns"),
	    (if $compared then "\(two("full-two-shards"; $n)) and \(two("brief-two-shards"; $n)) times" else "" end),
	    (if $n < 1000000 then "" else "\($full.bytes_resident | fixed(0)) bytes a socket" end)] | row);

def sink:
	select(length > 0)
	| "", "A replay of \(.[0].transitions | thousands) transitions to a file, processor time: "
	+ (map("\(.sink | {json: "JSON with teardowns and ends of TIME_WAIT", "json-transitions": "JSON of transitions",
		text: "text", "text-transitions": "text of transitions", empty: "`hist`, which prints nothing meanwhile"}[.]) "
	       + "\(.ns | fixed(0)) ns a transition (\(.mega_per_s | fixed(2)) million/s)") | join("; ")) + ".";

def provider:
	select(length > 0)
	| "", "By each provider, in a guest with Linux \(.[0].kernel), in instructions that a connection gets more: "
	+ (map(select(.added_us) | "\(.provider) \(.added_us | mid(1)) thousand, \(.of_tracepoint | mid(2)) of stock tracepoints'")
	   | join("; ")) + "; the connection alone takes \(map(select(.us))[0].us | mid(1)) thousand.";

def missed:
	map(select(.met | not)) | select(length > 0)
	| "", "Aims that are missed: " + (map("\(.aim) (\(.value | fixed(3)))") | join("; ")) + ".";

def idle:
	select(length > 0)
	| "", "A minute in which nothing happens, wake-ups and CPU: "
	+ (map("\(.tracer | title) \(.wakeups_per_minute | fixed(0)), \(.cpu_percent | fixed(3)) %") | join("; ")) + ".";

"On \(.machine.cpu), \(.machine.cpus) CPUs, Linux \(.machine.kernel), \([.machine | to_entries[]
	| select((.key | startswith("version.")) and .key != "version.finding") | .value] | join(", ")):", "",
costs, (.rate | rounds), (.answer | answer), (.million | million), (.two_shards as $two | .core | core($two)), (.sink | sink), (.idle | idle),
(.provider | provider), (.aims | missed)
