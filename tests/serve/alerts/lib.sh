# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# shellcheck disable=SC2034 # some names are for those that source this
# What the tests of alerting have in common: verdicts as scripts/test prints them, waiting, and what
# runs in the background until stop_all. Sourced, not run. The caller has set -uo pipefail.

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
top=$(cd "$here/../../.." && pwd)
packaging=$top/scripts/packaging
work=$top/build/serve/alerts	# logs, and what was made of what is shipped
program=${TCT_BIN:-$top/build/tcpclose-trace}
prometheus=http://127.0.0.1:9090
alertmanager=http://127.0.0.1:9093
# what fires after two seconds without a scrape: at the start, and on a machine that is busy
HASTY='TcpcloseTracer(Down|Absent|NotReady)'
failed=0
pids=()
groups=()

verdict() {	# verdict ok|FAIL|skip NAME [REASON]
	printf '%-4s alerts %s%s\n' "$1" "$2" "${3:+: $3}"
	[ "$1" != FAIL ] || failed=1
}

# check NAME COMMAND...: one verdict; what it printed is shown only when it fails.
check() {
	local name=$1 log=$work/${1//[ \/]/-}.log

	shift
	if "$@" >"$log" 2>&1; then
		verdict ok "$name"
	else
		verdict FAIL "$name"
		tail -n 20 "$log" | sed 's/^/     | /'
		return 1
	fi
}

# until_true COMMAND...: waits for it, for as long as a machine that is busy may need. Exits 1 after what it
# printed last.
until_true() {
	local end=$((SECONDS + 90)) said

	until said=$("$@" 2>&1); do
		if [ $SECONDS -ge "$end" ]; then
			echo "waited in vain for: $*"
			echo "$said"
			return 1
		fi
		sleep 0.2
	done
}

# in_background LOG COMMAND...: its number is in pids.
in_background() {
	local log=$work/$1.log

	shift
	"$@" >"$log" 2>&1 &
	pids+=($!)
}

# in_service NAME COMMAND...: becomes it, in a cgroup that is called so, where one can be made.
in_service() {
	local group

	group=$(group_of "$1")
	shift
	[ -z "$group" ] || echo $BASHPID >"$group/cgroup.procs"
	exec "$@"
}

# group_of NAME: where make_group has made it.
group_of() {
	local group

	for group in "${groups[@]}"; do
		[ "${group##*/}" != "$1.service" ] || echo "$group"
	done
}

# make_group NAME: its service is NAME.service, or NAME, the program's own, where cgroups are not ours.
make_group() {
	local root

	root=$(findmnt -nt cgroup2 -o TARGET | head -n 1)
	[ -n "$root" ] && mkdir -p "$root/tcpclose-test-$$/$1.service" 2>/dev/null || return 0
	groups+=("$root/tcpclose-test-$$/$1.service")
}

service() {
	[ -z "$(group_of "$1")" ] && echo "$1" || echo "$1.service"
}

stop_all() {
	local group

	[ ${#pids[@]} -eq 0 ] || kill "${pids[@]}" 2>/dev/null
	wait
	for group in "${groups[@]}"; do
		rmdir "$group"
	done
	[ ${#groups[@]} -eq 0 ] || rmdir "${groups[0]%/*}"
}

# The rules as they are shipped, but for how long they wait.
write_rules() {
	sed -E 's/^( +(keep_firing_for|for)): .*/\1: 2s/' \
		"$packaging/prometheus/tcpclose-trace.rules.yml" >"$work/tcpclose-trace.rules.yml"
}

# start_prometheus TARGETS: the configuration that is shipped, with these targets, each second.
start_prometheus() {
	write_rules
	sed -E -e 's/^( *(scrape|evaluation)_interval): [0-9a-z]+/\1: 1s/' \
		-e "s/localhost:9929/$1/" "$packaging/prometheus/prometheus.yml" >"$work/prometheus.yml"
	rm -rf "$work/prometheus"
	in_background prometheus prometheus --config.file="$work/prometheus.yml" --log.level=warn \
		--storage.tsdb.path="$work/prometheus" --web.listen-address="${prometheus#http://}"
}

# query EXPRESSION: what it results in; fails when that is nothing.
query() {
	curl -sfG "$prometheus/api/v1/query" --data-urlencode "query=$1" | grep -F '"result":[{'
}
