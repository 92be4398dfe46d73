#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# tests/replay/make.sh [BINARY]: makes the recordings of this directory anew, after their format or
# the records' layout has changed, and what is expected of them. Look at the difference before you
# believe it. Needs root.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cd "$here/../.."
tool=$(realpath "${1:-build/tcpclose-trace}")

if [ -z "${TCT_IN_NETNS:-}" ]; then
	make -s build/tests/replay/play
	exec env TCT_IN_NETNS=1 unshare --net "$here/make.sh" "$tool"
fi
ip link set lo up
ip addr add 192.0.2.77/32 dev lo
ip addr add 2001:db8::77/128 dev lo nodad
work=$(mktemp -d)
tracer=
trap '[ -z "$tracer" ] || kill "$tracer" 2>/dev/null; rm -rf "$work"' EXIT

# until FILE has TEXT
until_has() {
	for ((i = 0; i < 1000; i++)); do
		grep -qF "$2" "$1" && return 0
		sleep 0.02
	done
	echo "make.sh: '$2' did not come" >&2
	cat "$work/err" >&2
	return 1
}

# scene NAME WHAT OPTIONS...: ends once the tracer has told WHAT
scene() {
	local name=$1 what=$2 player
	shift 2
	rm -f "tests/replay/$name.tct"
	: >"$work/out"
	: >"$work/played"
	mkfifo "$work/hold"
	"$tool" --json --record "tests/replay/$name.tct" --anonymize \
		--netns "net:[$(stat -Lc %i /proc/self/ns/net)]" "$@" >>"$work/out" 2>"$work/err" &
	tracer=$!
	until_has "$work/out" '"ready"'
	build/tests/replay/play "$name" "$tracer" <"$work/hold" >"$work/played" &
	player=$!
	exec 3>"$work/hold"
	until_has "$work/played" played
	until_has "$work/out" "$what"
	kill -INT "$tracer"
	wait "$tracer"
	tracer=
	exec 3>&-
	wait "$player"
	rm "$work/hold"
	chmod 644 "tests/replay/$name.tct"
	ls -l "tests/replay/$name.tct"
}

scene closes '"half_close_ns":'
scene leak '"count":5' --older-than 100ms
scene reuse '"reused-'
scene resets '"refused"'
scene loss '"where":"ring"' --ring 64K
"$here/check.sh" "$tool" --accept
