# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# shellcheck disable=SC2154 # work, bench, tool, here, load_pid: set by run.sh and load.sh
# The tracers that are compared: how each is started, known to be attached, measured and stopped.

# shellcheck disable=SC2034 # both read by run.sh
our_tracers=(none empty finding summary stream)
# shellcheck disable=SC2034
peer_tracers=(tcplife tcpstates bpftrace ss)
tracer_pid=

# The command line goes into the array `command`.
tracer_command() {
	case $1 in
	none) command=() ;;
	empty) command=("$bench/empty" "$bench/empty.bpf.o") ;;
	finding) command=("$tool" trace --json -e finding) ;;
	unaudited) command=("$tool" trace --json -e finding --audit off) ;;
	summary) command=("$tool" trace --json --mode=summary) ;;
	stream) command=("$tool" trace --json) ;;
	record) command=("$tool" trace --json --record "$work/recording") ;;
	tcpstates | tcplife) command=("$1") ;;
	bpftrace) command=(bpftrace "$here/tcpstates.bt") ;;
	ss) command=(nsenter -t "$load_pid" -n ss -tnE) ;; # knows only its own namespace
	*) command=("no tracer of that name") ;;
	esac
}

tracer_installed() {
	local command
	case $1 in
	none) return 0 ;;
	summary) "$tool" -h | grep -e --mode >/dev/null && return ;;
	ss) command -v ss >/dev/null && return ;;
	*) tracer_command "$1" && command -v "${command[0]}" >/dev/null && return ;;
	esac
}

tracer_version() {
	case $1 in
	finding) "$tool" -V 2>/dev/null | head -n 1 ;;
	tcpstates) dpkg-query -W -f '${Package} ${Version}' libbpf-tools 2>/dev/null ;;
	bpftrace) bpftrace --version 2>/dev/null ;;
	ss) ss -V 2>/dev/null | sed 's/.*, //' ;;
	esac
}

# Ours and the empty program say so; ss is in its multicast group; of the others the kernel knows which program hangs
# on their perf event.
tracer_attached() {
	case $1 in
	none) true ;;
	empty) grep -qs '^ready$' "$work/out.$1" ;;
	finding | unaudited | summary | stream | record)
		head -n 1 "$work/out.$1" 2>/dev/null | grep '"type": *"ready"' >/dev/null
		;;
	ss) awk '$2 == 4 && $4 !~ /^0+$/ { found = 1 } END { exit !found }' "/proc/$tracer_pid/net/netlink" ;;
	*) bpftool perf show 2>/dev/null | grep "^pid $tracer_pid .*inet_sock_set_state" >/dev/null ;;
	esac
}

tracer_alive() {
	[ -n "$tracer_pid" ] && kill -0 "$tracer_pid" 2>/dev/null
}

tracer_attached_or_dead() {
	tracer_attached "$1" || ! tracer_alive
}

# Fails, and says why, if it is not attached after half a minute.
tracer_start() {
	local command
	tracer_pid=
	tracer_command "$1"
	[ ${#command[@]} -gt 0 ] || return 0
	rm -f "$work/out.$1" "$work/err.$1" # the last one's "ready" is not this one's
	# bash starts what runs in the background with INT ignored.
	setpriv --pdeathsig KILL env --default-signal=INT "${command[@]}" >"$work/out.$1" 2>"$work/err.$1" </dev/null &
	tracer_pid=$!
	until_true 300 tracer_attached_or_dead "$1"
	if tracer_attached "$1" && tracer_alive; then
		return 0
	fi
	tracer_stop
	echo "$1: did not attach: $(tail -n 1 "$work/err.$1")" >&2
	return 1
}

# Nanoseconds of processor time, of all threads that it has.
tracer_cpu_ns() {
	[ -n "$tracer_pid" ] || { echo 0 && return; }
	{ cat /proc/"$tracer_pid"/task/*/schedstat 2>/dev/null || true; } | awk '{ ns += $1 } END { printf "%.0f\n", ns }'
}

# Times that one of its threads was waiting, and was woken.
tracer_wakeups() {
	{ cat /proc/"$tracer_pid"/task/*/status 2>/dev/null || true; } |
		awk '$1 == "voluntary_ctxt_switches:" { n += $2 } END { print n + 0 }'
}

# It has caught up when it uses no more processor time.
tracer_caught_up() {
	local before
	before=$(tracer_cpu_ns)
	sleep 0.05
	[ $(($(tracer_cpu_ns) - before)) -lt 1000000 ]
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

# Tracing programs that are not of this measurement: they would cost every round.
programs_of_others() {
	bpftool prog show | awk -v ids=" $(tracer_program_ids | tr '\n' ' ')" '
		$2 ~ /^(tracing|tracepoint|raw_tracepoint|kprobe|perf_event)$/ {
			id = " " substr($1, 1, length($1) - 1) " "
			if (!index(ids, id)) others++
		}
		END { print others + 0 }'
}

# Events shown: lines of output that stand for a transition. Only of tracers that print each.
tracer_shown() {
	case $1 in
	stream) grep -c '"type": *"transition"' "$work/out.$1" ;;
	tcpstates) awk 'END { print NR - 1 }' "$work/out.$1" ;;
	bpftrace) grep -c -- '->' "$work/out.$1" ;;
	esac
}

# Events it says it lost.
tracer_lost() {
	case $1 in
	finding | summary | stream)
		tail -n 1 "$work/out.$1" | sed -n 's/.*"type": *"summary".*"lost": *\([0-9]*\).*/\1/p'
		;;
	tcpstates | tcplife | bpftrace)
		grep -hioE '^lost [0-9]+ events' "$work/out.$1" "$work/err.$1" |
			awk '{ lost += $2 } END { print lost + 0 }'
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
