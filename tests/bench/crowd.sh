# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# shellcheck disable=SC2154 # bench, work: set by run.sh
# Many real connections, told what to do, and what watches them under a stopwatch.

crowd_pid=
crowd_in=
watch_pid=
socket_bytes=8192 # of the kernel, for each, generously: TCP, inode, dentry and file are some 4 KB

# Fails, and says why, if the kernel has not twice the memory that so many sockets take.
crowd_has_room() { # SOCKETS
	local have need=$(($1 * socket_bytes / 1024)) files
	have=$(awk '$1 == "MemAvailable:" { print $2 }' /proc/meminfo)
	files=$(($(cat /proc/sys/fs/file-max) - $(cut -f 1 /proc/sys/fs/file-nr)))
	if [ "$have" -lt $((2 * need)) ]; then
		echo "skip: $1 sockets need $((need / 1024)) MiB, and half of what is free is $((have / 2048))"
	elif [ "$files" -lt $(($1 + 10000)) ]; then
		echo "skip: $1 sockets are more than the $files files that fs.file-max leaves"
	else
		return 0
	fi >&2
	return 1
}

crowd_answered() {
	tail -n 1 "$work/crowd" | grep -qE '^(ready|end|failed)' || ! kill -0 "$crowd_pid" 2>/dev/null
}

crowd_start() { # CONNECTIONS
	crowd_has_room $(($1 * 2)) || return 1
	rm -f "$work/orders"
	mkfifo "$work/orders"
	: >"$work/crowd"
	"$bench/crowd" "$1" <"$work/orders" >>"$work/crowd" &
	crowd_pid=$!
	exec {crowd_in}>"$work/orders"
	until_true 1200 crowd_answered
	grep -q '^ready' "$work/crowd"
}

# What it answers is in $work/crowd, the last order's only.
crowd_ask() { # ORDER...
	: >"$work/crowd"
	kill -0 "$crowd_pid" 2>/dev/null || return 1
	echo "$*" >&"$crowd_in"
	until_true 1200 crowd_answered
	grep -q '^end' "$work/crowd"
}

crowd_stop() {
	local pid=$crowd_pid
	[ -n "$pid" ] || return 0
	crowd_pid= # a signal that comes now finds nothing more to stop
	kill -0 "$pid" 2>/dev/null && echo quit >&"$crowd_in"
	exec {crowd_in}>&-
	wait "$pid"
}

# Seconds that a command took, by the stopwatch's report.
watch_seconds() { # REPORT
	awk '$1 == "start" { start = $2 } $1 == "exit" { printf "%.4f\n", ($2 - start) / 1e9 }' "$1"
}

watch_cpu_seconds() { # REPORT
	awk '$1 == "exit" { printf "%.4f\n", $4 + $5 }' "$1"
}

# watch_start REPORT COMMAND...: its pid goes into watch_pid.
watch_start() {
	rm -f "$1"
	setpriv --pdeathsig KILL env --default-signal=INT "$bench/stopwatch" -l "$@" 2>"$work/err.watch" </dev/null &
	watch_job=$!
	until_true 50 grep -qs '^start [0-9]* [0-9]' "$1"
	watch_pid=$(awk '$1 == "start" { print $3 }' "$1")
}

watch_stop() {
	[ -n "$watch_pid" ] || return 0
	kill -INT "$watch_pid" 2>/dev/null
	wait "$watch_job" 2>/dev/null
	watch_pid=
}
