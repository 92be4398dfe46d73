# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# shellcheck disable=SC2154 # work, bench, tool, here: set by run.sh
# The tracers that are compared: how each is started, known to be attached, measured and stopped.

# shellcheck disable=SC2034 # read by run.sh
tracer_names=(none empty finding stream tcpstates tcplife bpftrace)
tracer_pid=

# The command line goes into the array `command`.
tracer_command() {
	case $1 in
	none) command=() ;;
	empty) command=("$bench/empty" "$bench/empty.bpf.o") ;;
	finding) command=("$tool" trace --json -e finding) ;;
	stream) command=("$tool" trace --json) ;;
	tcpstates | tcplife) command=("$1") ;;
	bpftrace) command=(bpftrace "$here/tcpstates.bt") ;;
	*) command=("no tracer of that name") ;;
	esac
}

tracer_installed() {
	local command
	tracer_command "$1"
	[ ${#command[@]} -eq 0 ] || command -v "${command[0]}" >/dev/null
}

tracer_version() {
	case $1 in
	finding) "$tool" -V 2>/dev/null | head -n 1 ;;
	tcpstates | tcplife) dpkg-query -W -f '${Package} ${Version}' libbpf-tools 2>/dev/null ;;
	bpftrace) bpftrace --version 2>/dev/null ;;
	esac
}

# Ours and the empty program say so; of the others the kernel knows which program hangs on their perf event.
tracer_attached() {
	case $1 in
	none) true ;;
	empty) grep -qs '^ready$' "$work/out" ;;
	finding | stream) head -n 1 "$work/out" 2>/dev/null | grep -qs '"type": *"ready"' ;;
	*) bpftool perf show 2>/dev/null | grep -q "^pid $tracer_pid .*inet_sock_set_state" ;;
	esac
}

tracer_alive() {
	[ -n "$tracer_pid" ] && kill -0 "$tracer_pid" 2>/dev/null
}

# Fails, and says why, if it is not attached after half a minute.
tracer_start() {
	local command
	tracer_pid=
	tracer_command "$1"
	[ ${#command[@]} -gt 0 ] || return 0
	rm -f "$work/out" "$work/err" # the last one's "ready" is not this one's
	setpriv --pdeathsig KILL "${command[@]}" >"$work/out" 2>"$work/err" </dev/null &
	tracer_pid=$!
	until_true 300 tracer_attached_or_dead "$1"
	if tracer_attached "$1" && tracer_alive; then
		return 0
	fi
	tracer_stop
	echo "$1: did not attach: $(tail -n 1 "$work/err")" >&2
	return 1
}

tracer_attached_or_dead() {
	tracer_attached "$1" || ! tracer_alive
}

# Clock ticks of processor time, user and system, all threads.
tracer_ticks() {
	[ -n "$tracer_pid" ] || { echo 0 && return; }
	sed 's/.*) //' "/proc/$tracer_pid/stat" | awk '{ print $12 + $13 }'
}

# It has caught up when it uses no more processor time.
tracer_caught_up() {
	local before
	before=$(tracer_ticks)
	sleep 0.05
	[ "$(tracer_ticks)" = "$before" ]
}

tracer_program_ids() {
	cat /proc/"$tracer_pid"/fdinfo/* 2>/dev/null | awk '$1 == "prog_id:" && !seen[$2]++ { print $2 }'
}

# A line for each program: name, runs, nanoseconds.
tracer_programs() {
	bpftool prog show | awk -v ids="$(tracer_program_ids | tr '\n' ' ')" '
		BEGIN { n = split(ids, id); for (i = 1; i <= n; i++) ours[id[i] ":"] = 1 }
		$1 in ours {
			value["run_cnt"] = value["run_time_ns"] = 0
			for (i = 2; i < NF; i++) value[$i] = $(i + 1)
			print value["name"], value["run_cnt"], value["run_time_ns"]
		}'
}

# Events shown: lines of output that stand for a transition. Only of tracers that print each.
tracer_shown() {
	case $1 in
	stream) grep -c '"type": *"transition"' "$work/out" ;;
	tcpstates) awk 'END { print NR - 1 }' "$work/out" ;;
	bpftrace) grep -c -- '->' "$work/out" ;;
	esac
}

# Events it says it lost.
tracer_lost() {
	case $1 in
	finding | stream) tail -n 1 "$work/out" | sed -n 's/.*"type": *"summary".*"lost": *\([0-9]*\).*/\1/p' ;;
	tcpstates | tcplife | bpftrace)
		grep -hioE '^lost [0-9]+ events' "$work/out" "$work/err" | awk '{ lost += $2 } END { print lost + 0 }'
		;;
	esac
}

tracer_dead() {
	! tracer_alive
}

tracer_stop() {
	tracer_alive || return 0
	kill -INT "$tracer_pid"
	until_true 100 tracer_dead || kill -KILL "$tracer_pid"
	wait "$tracer_pid" 2>/dev/null
	return 0
}
