#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# tests/serve/alerts/fleet.sh, in network and mount namespaces of its own: ten hosts, one Prometheus.
#
#   prometheus --- 10.9.N.1 veth 10.9.N.2 --- namespace hostN: daemon --netns hostN, port 9929
#
# Each host has a service that keeps a bounded pool in CLOSE_WAIT, host3 has half-closes that still
# send, and host7 leaks. The rules name host7 and its service, and no other.
# shellcheck disable=SC2317 # check and until_true call them
set -uo pipefail
# shellcheck source=lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
HOSTS=10
LEAKS=7
HALF_CLOSED=3

cat >"$work/fleet.conf" <<-EOF
	[trace]
	ring = 1M
	[stuck]
	close-wait = 2s
EOF

make_host() {	# make_host N
	ip netns add "host$1" &&
		ip link add "veth$1" type veth peer name eth0 netns "host$1" &&
		ip addr add "10.9.$1.1/24" dev "veth$1" && ip link set "veth$1" up &&
		ip -n "host$1" addr add "10.9.$1.2/24" dev eth0 &&
		ip -n "host$1" link set eth0 up && ip -n "host$1" link set lo up
}

# has_pool N: a pool that fills under the daemon's eyes, slowly, would be taken for a leak at first.
has_pool() {
	in_background "pool$1" in_service pool \
		nsenter --net="/run/netns/host$1" python3 "$here/holder.py" pool pool
	until_true grep -q ready "$work/pool$1.log"
}

start_daemon() {	# start_daemon N
	in_background "host$1" nsenter --net="/run/netns/host$1" "$program" serve \
		--config "$work/fleet.conf" --netns "host$1" --web.listen-address="10.9.$1.2:9929"
}

start() {
	local n targets=

	mount -t tmpfs tmpfs /run/netns || return 1
	make_group pool
	make_group orders
	make_group tunnel
	for ((n = 1; n <= HOSTS; n++)); do
		make_host "$n" && has_pool "$n" && start_daemon "$n" || return 1
		targets+=${targets:+, }10.9.$n.2:9929
	done
	in_background tunnel in_service tunnel \
		nsenter --net="/run/netns/host$HALF_CLOSED" python3 "$here/holder.py" tunnel half-close
	start_prometheus "$targets"
	until_true query "sum(tcpclose_ready) == $HOSTS"
}

leaks() {
	in_background orders in_service orders \
		nsenter --net="/run/netns/host$LEAKS" python3 "$here/holder.py" orders leaks
	until_true query 'ALERTS{alertname="TcpcloseCloseWaitLeak", alertstate="firing"}'
}

# Five evaluations after everything that might be taken for a leak has been seen.
has_seen_all() {
	query "
		count(min_over_time(tcpclose_finding_sockets{service=\"$(service pool)\", severity=\"info\"}[5s]) > 0
			and count_over_time(tcpclose_finding_sockets[5s]) >= 4) == $HOSTS
			and
		count(tcpclose_finding_sockets{service=\"$(service tunnel)\", severity=\"info\"}) == 1"
}

names_one() {
	local leaker

	leaker="instance=\"10.9.$LEAKS.2:9929\".*service=\"$(service orders)\""
	until_true has_seen_all || return 1
	promtool query instant "$prometheus" "count by (alertname, instance, service) (
		max_over_time(ALERTS{alertstate=\"firing\", alertname!~\"$HASTY\"}[1h]))" >"$work/fleet-alerts"
	cat "$work/fleet-alerts"
	grep -q "TcpcloseCloseWaitLeak.*$leaker" "$work/fleet-alerts" &&
		! grep -v "$leaker" "$work/fleet-alerts"
}

trap stop_all EXIT
ip link set lo up
check "fleet: ten daemons under one Prometheus" start || exit 1
check "fleet: one service leaks on one host" leaks || exit 1
check "fleet: that host and that service are named, no other" names_one
exit $failed
