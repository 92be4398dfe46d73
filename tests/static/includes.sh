#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# Data flows one way, and so do includes: bpf never includes user; user includes of bpf only
# record.h; the skeletons have one includer each; the core knows no kernel, clock or output;
# sinks never see a socket.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1
bad=0

# deny WHAT PATTERN FILES...
deny() {
	local what=$1 pattern=$2
	shift 2
	if grep -nE "#include [<\"]($pattern)" "$@"; then
		echo "  ^ $what"
		bad=1
	fi
}

deny "bpf includes user" '.*user/' bpf/*
deny "user includes more of bpf than record.h" '.*bpf/[a-z]*\.bpf|.*vmlinux\.h' user/*.[ch] user/*/*.[ch]
deny "the core is pure" 'bpf/|time\.h|unistd\.h|.*source/|.*sink/|.*cmd/|.*live/|.*session/|.*record/|.*log\.h' user/core/*.[ch]
deny "a session knows no kernel, clock or output" 'bpf/|time\.h|unistd\.h|.*source/|.*cmd/|.*live/|.*log\.h' user/session/*.[ch]
deny "a recording knows no kernel or output" 'bpf/|.*sink/|.*cmd/|.*live/|.*log\.h' user/record/*.[ch]
deny "sinks see no socket" '.*core/(mirror|tracker|stuck|teardown|decode)|bpf/|.*source/|.*cmd/' user/sink/*.[ch] user/explain/*.[ch]
deny "sources know neither sinks nor commands" '.*sink/|.*cmd/|.*live/|.*session/|.*record/|.*core/(mirror|tracker)' user/source/*.[ch]
deny "only commands know the daemon" '.*serve/' user/{core,session,source,sink,record,live,explain}/*.[ch]
for skel in tcpclose snapshot; do
	count=$(grep -l "$skel.skel.h" user/*.[ch] user/*/*.[ch] | wc -l)
	[ "$count" -eq 1 ] || { echo "$skel.skel.h has $count includers"; bad=1; }
done
exit $bad
