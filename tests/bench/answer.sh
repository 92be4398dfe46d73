# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# shellcheck disable=SC2154 # tool, bench, work, rounds, answer_*: set by run.sh
# Part answer: the time to "who holds the CLOSE_WAIT sockets", and whether ss names the same owners.

# A line for each owner: pid and number of sockets.
owners_told() {
	awk '$1 == "did" { print $2, $4 }' "$work/crowd" | sort
}

owners_by_stuck() {
	jq -r 'select(.type == "finding" and .state == "CLOSE_WAIT") | .owners[] | "\(.pid) \(.count)"' "$1" |
		awk '{ n[$1] += $2 } END { for (pid in n) print pid, n[pid] }' | sort
}

owners_by_ss() {
	grep -oE 'pid=[0-9]+' "$1" | cut -c 5- | sort | uniq -c | awk '{ print $2, $1 }' | sort
}

# Runs a command, and notes its seconds and whether it named the owners that there are.
answer_of() { # PART ROUND NAME OWNERS_FUNCTION COMMAND...
	local where=("$1" "$2" - "$3")
	patiently "$bench/stopwatch" "$work/report" "${@:5}" >"$work/answer" 2>"$work/err"
	note "${where[@]}" seconds "$(watch_seconds "$work/report")"
	note "${where[@]}" cpu_seconds "$(watch_cpu_seconds "$work/report")"
	if [ "$4" != - ]; then
		"$4" "$work/answer" >"$work/owners.$3"
		note "${where[@]}" same_owners "$(cmp -s "$work/owners.$3" "$work/owners" && echo 1 || echo 0)"
		note "${where[@]}" owners "$(wc -l <"$work/owners.$3")"
		note "${where[@]}" held "$(awk '{ n += $2 } END { print n + 0 }' "$work/owners.$3")"
	fi
}

# ss is slow: it has two rounds, with as many of ours on both sides of each.
asks_ss() { # ROUND SECONDS_THAT_IT_HAS_USED
	local middle=$(((rounds + 1) / 2))
	[ "$2" -lt "$answer_ss_seconds" ] && { [ "$rounds" -lt 3 ] || [ $((($1 - middle) ** 2)) -eq 1 ]; }
}

measure_answer() {
	local round asked=0 inside=(nsenter -n)
	if ! crowd_start "$answer_pairs"; then
		crowd_stop
		return
	fi
	inside+=(-t "$crowd_pid")
	note answer 0 - crowd sockets $((2 * answer_pairs))
	note answer 0 - crowd seconds "$(awk '$1 == "ready" { print $3 }' "$work/crowd")"
	say "answer: $((2 * answer_pairs)) sockets are there"
	if ! crowd_ask leak "$answer_leak" "$answer_processes"; then
		say "answer: left out: the sockets did not leak"
	else
		owners_told >"$work/owners"
		for ((round = 1; round <= rounds; round++)); do
			answer_of answer "$round" stuck owners_by_stuck \
				"$tool" stuck --json -s close-wait --older-than 1ms --netns "$crowd_pid"
			answer_of answer "$round" ss-without-owners - "${inside[@]}" ss -tan state close-wait
			if asks_ss "$round" "$asked"; then
				asked=$((asked - SECONDS))
				answer_of answer "$round" ss owners_by_ss "${inside[@]}" ss -tanp state close-wait
				asked=$((asked + SECONDS))
			fi
			say "answer: round $round of $rounds"
		done
	fi
	crowd_stop
}
