#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# tests/serve/alerts/leak.sh, in a network namespace of its own: a service leaks under the eyes of the
# daemon, Prometheus and Alertmanager, each as it is shipped but for how long they wait. Whoever is to
# know is told whose leak it is and what to do, then that it is over. Then the host has too many in
# TIME_WAIT.
# shellcheck disable=SC2317 # check and until_true call them
set -uo pipefail
# shellcheck source=lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
MANY=100000	# descriptors: enough for hours
FEW=5000	# for less than one
metrics=http://127.0.0.1:9929/metrics
told=$work/receiver.log

cat >"$work/leak.conf" <<-EOF
	[trace]
	netns = /proc/$$/ns/net
	audit = 5s
	bpf-stats = yes
	[stuck]
	close-wait = 2s
EOF

start() {
	sed -E 's/^( *(group_wait|group_interval)): .*/\1: 1s/' \
		"$packaging/alertmanager/alertmanager.yml" >"$work/alertmanager.yml"
	rm -rf "$work/alertmanager"
	in_background receiver python3 "$here/receiver.py" 9095
	in_background alertmanager prometheus-alertmanager --config.file="$work/alertmanager.yml" \
		--storage.path="$work/alertmanager" --web.listen-address="${alertmanager#http://}" \
		--cluster.listen-address= --log.level=warn
	in_background daemon "$program" serve --config "$work/leak.conf" \
		--web.listen-address=127.0.0.1:9929
	start_prometheus localhost:9929
	until_true query 'tcpclose_ready == 1'
	until_true curl -sf "$alertmanager/-/ready"
}

# was_told WORDS: whether a line begins with them.
was_told() {
	grep -E "^$*( |$)" "$told"
}

is_told() {	# is_told STATUS: the leak, in the chat, with whose it is and what to do
	was_told "chat $1 TcpcloseCloseWaitLeak warning localhost:9929 $leaker" |
		grep -F "$leaker on localhost:9929 leaks sockets in CLOSE_WAIT" |
		grep -F "Run \`tcpclose-trace stuck -s close-wait\` on that host" |
		grep -F 'README.md#tcpcloseclosewaitleak'
}

leaks() {
	make_group orders
	leaker=$(service orders)
	ulimit -n "$MANY" 2>/dev/null || ulimit -n "$(ulimit -Hn)"
	in_background holder in_service orders python3 "$here/holder.py" orders leaks
	holder=${pids[-1]}
	until_true is_told firing
}

# Nobody is told of anything else: no other service, no other alert but what follows from the leak.
is_alone() {
	! grep -Ev -e "^chat firing Tcpclose(CloseWaitLeak|DescriptorsRunOut) warning localhost:9929 $leaker " \
		-e "^chat [a-z]+ $HASTY " "$told"
}

# Few descriptors: in less than an hour there are none.
gets_critical() {
	prlimit --pid "$holder" --nofile="$FEW"
	until_true was_told "pager firing TcpcloseDescriptorsRunOut critical localhost:9929 $leaker"
}

is_inhibited() {
	amtool --alertmanager.url="$alertmanager" alert query --inhibited TcpcloseCloseWaitLeak |
		grep TcpcloseCloseWaitLeak
}

resolves() {
	kill -USR1 "$holder"
	until_true was_told "pager resolved TcpcloseDescriptorsRunOut critical localhost:9929 $leaker"
	until_true is_told resolved
	until_true has_none
}

has_none() {
	! query 'ALERTS{alertstate="firing"}'
}

# Each waits for a minute.
crowds_ports() {
	in_background client python3 "$here/holder.py" client hurries
	until_true was_told "pager firing TcpclosePortsInTimeWait critical localhost:9929 -"
}

# Room for fifty, and ports for more.
overflows() {
	sysctl -qw net.ipv4.tcp_max_tw_buckets=50 net.ipv4.ip_local_port_range='40000 49999'
	until_true was_told "chat firing TcpcloseTimeWaitOverflow warning localhost:9929 -"
}

# lints: what the daemon tells while it has something to tell.
lints() {
	curl -sf "$metrics" >"$work/metrics.txt" && promtool check metrics <"$work/metrics.txt"
}

is_openmetrics() {
	curl -sf -H 'Accept: application/openmetrics-text; version=1.0.0' "$metrics" | tail -n 1 |
		grep -x '# EOF'
}

trap stop_all EXIT
ip link set lo up
sysctl -qw net.ipv4.tcp_tw_reuse=0 net.ipv4.ip_local_port_range='40000 40999'
check "daemon, Prometheus and Alertmanager run" start || exit 1
check "rules: evaluated, all that an alert must tell, a heading each" \
	python3 "$here/rules.py" "$prometheus" "$top/README.md"
check "a leak fires and is told, with its service and what to do" leaks || exit 1
check "nothing else is told" is_alone
check "promtool check metrics" lints
check "OpenMetrics ends as it must" is_openmetrics
check "dashboard: every query on Prometheus" \
	python3 "$here/dashboard.py" "$packaging/grafana/tcpclose-trace.json" "$prometheus"
check "a limit that comes near goes to the pager" gets_critical || exit 1
check "the pager's alert inhibits the chat's" until_true is_inhibited
check "closed: all is resolved, and told so" resolves
check "ports that wait fire" crowds_ports
check "TIME_WAIT that finds no room fires" overflows
exit $failed
