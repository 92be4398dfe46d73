# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# shellcheck disable=SC2154 # tool, work, here, million_*: set by run.sh
# Part million: so many real sockets mirrored, audited, found when they leak, and resolved.

watched=()	# what is run, set by measure_million

lines_of() { # TYPE: of the run that is watched, its time of arrival in front of each
	grep -s "\"type\":\"$1\"" "$work/watch" | sed -n 's/^line \([0-9]*\) /\1\t/p'
}

watch_has() { # TYPE NUMBER [WORD]
	[ "$(lines_of "$1" | grep -c "${3:-}")" -ge "$2" ] || ! kill -0 "$watch_pid" 2>/dev/null
}

watch_rss_kb() {
	awk '$1 == "VmRSS:" { print $2 }' "/proc/$watch_pid/status"
}

# Starts ours, waits for its ready line, and notes what that took. The last one stays.
million_starts() {
	local round start
	for ((round = 1; round <= million_starts; round++)); do
		watch_stop
		watch_start "$work/watch" "$tool" trace "${watched[@]}"
		until_true 600 watch_has ready 1
		start=$(awk '$1 == "start" { print $2 }' "$work/watch")
		note million "$round" - start seconds \
			"$(lines_of ready | awk -v start="$start" '{ printf "%.4f\n", ($1 - start) / 1e9 }')"
		note million "$round" - start mirrored "$(lines_of ready | cut -f 2 | jq .mirrored)"
		note million "$round" - start rss_kb "$(watch_rss_kb)"
	done
}

million_audits() {
	local round
	for ((round = 1; round <= million_rounds; round++)); do
		kill -USR1 "$watch_pid"
		until_true 600 watch_has audit "$round" '"asked":true'
		lines_of audit | grep '"asked":true' | tail -n 1 | cut -f 2 |
			jq -r '"seconds \(.duration_ns / 1e9)", "differences \(.missing + .ghost + .state)"' |
			while read -r name value; do note million "$round" - audit "$name" "$value"; done
	done
	note million 0 - audit rss_kb "$(watch_rss_kb)"
}

# What each finding of a round was late: against the clock of the process that leaked, which is read before the
# first socket changed, and in its own words.
million_late() { # ROUND
	lines_of finding | grep '"status":"open"' | tail -n "+$((found_before + 1))" |
		jq -Rr --rawfile crowd "$work/crowd" --argjson threshold "${million_threshold}e9" '
			($crowd | split("\n") | map(split(" ") | select(.[0] == "did") | {(.[2]): (.[4] | tonumber)}) | add) as $leaked
			| split("\t") | (.[0] | tonumber) as $came | (.[1] | fromjson) as $finding
			| $leaked[$finding.service_lport | tostring] as $since | select($since)
			| "late_ms \(($came - $since - $threshold) / 1e6)",
			  "own_late_ms \(($finding.oldest_ns - $threshold) / 1e6)",
			  "line_ms \(($came - $finding.mono_ns) / 1e6)",
			  "unowned \(if $finding.owners == [] then 1 else 0 end)",
			  "wrong_owner \([$finding.owners[].count] | if . == [] or add == $finding.count then 0 else 1 end)"' |
		while read -r name value; do note million "$1" - finding "$name" "$value"; done
}

# Each of some processes leaks, is found, is mended; the same again, while there is time.
million_findings() {
	local round found_before resolved_before end=$((SECONDS + million_seconds))
	for ((round = 1; round <= million_rounds && SECONDS < end; round++)); do
		found_before=$(lines_of finding | grep -c '"status":"open"')
		resolved_before=$(lines_of finding | grep -c '"status":"resolved"')
		crowd_ask leak "$million_leak" "$million_processes" || return 1
		until_true 400 watch_has finding $((found_before + million_processes)) '"status":"open"'
		million_late "$round"
		note million "$round" - finding leaks "$million_processes"
		note million "$round" - finding opened $(($(lines_of finding | grep -c '"status":"open"') - found_before))
		if [ "$round" -le 3 ]; then
			owners_told >"$work/owners"
			answer_of million "$round" stuck owners_by_stuck "$tool" stuck --json -s close-wait \
				--older-than 1ms --netns "$crowd_pid"
		fi
		crowd_ask mend || return 1
		until_true 400 watch_has finding $((resolved_before + million_processes)) '"status":"resolved"'
		note million "$round" - finding resolved \
			$(($(lines_of finding | grep -c '"status":"resolved"') - resolved_before))
		say "million: $million_leak sockets of $million_processes processes found and resolved, round $round"
	done
}

# Before there are many sockets: what is taken for none.
million_base() {
	watch_start "$work/watch" "$tool" trace "${watched[@]}"
	until_true 600 watch_has ready 1
	note million 0 - base rss_kb "$(watch_rss_kb)"
	note million 0 - base mirrored "$(lines_of ready | cut -f 2 | jq .mirrored)"
	watch_stop
}

measure_million() {
	watched=(--json -e finding --stuck "close-wait=${million_threshold}s")
	million_base
	if ! crowd_start "$million_pairs"; then
		crowd_stop
		return
	fi
	note million 0 - crowd sockets $((2 * million_pairs))
	note million 0 - crowd seconds "$(awk '$1 == "ready" { print $3 }' "$work/crowd")"
	say "million: $((2 * million_pairs)) sockets are there"
	million_starts
	say "million: mirrored"
	million_audits
	say "million: audited"
	million_findings
	watch_stop
	note million 0 - crowd lost "$(lines_of summary | cut -f 2 | jq .lost)"
	crowd_stop
}
