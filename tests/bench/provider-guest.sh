#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# In the guest of provider.sh: alternating rounds of the same load, without a tracer and with each provider. Prints
# "PROVIDER ROUND SECONDS": processor time of the load, hooks included, the reader's excluded.
set -uo pipefail
rounds=$1
connections=$2
tool=/tct/tcpclose-trace
providers=(none)

wait_ready() {
	until grep -qs '"ready"' /tmp/out; do
		kill -0 "$tracer" 2>/dev/null || return 1
		sleep 0.05
	done
}

start() {
	rm -f /tmp/out
	$tool --json --probes="$1" >/tmp/out 2>/tmp/err &
	tracer=$!
	wait_ready
}

stop() {
	kill -INT "$tracer" 2>/dev/null
	wait "$tracer"
}

# The hooks run in the load's own processes, and in the softirq that interrupts them.
measure() { # PROVIDER ROUND
	[ "$1" = none ] || start "$1" || return
	/tct/churn -n "$connections" -c same -N >/tmp/churn
	[ "$1" = none ] || stop
	awk -v name="$1" -v round="$2" '$1 == "cpu_seconds" { print name, round, $2 }' /tmp/churn
}

[ ! -e /tct/tcpclose.ko ] || insmod /tct/tcpclose.ko
for provider in kmod fentry kprobe tracepoint; do
	if start "$provider"; then
		stop
		providers+=("$provider")
	else
		echo "left out: $provider: $(tail -n 1 /tmp/err)" >&2
	fi
done
for ((round = 0; round < rounds; round++)); do
	for ((i = 0; i < ${#providers[@]}; i++)); do
		measure "${providers[$(((i + round) % ${#providers[@]}))]}" "$round"
	done
done
