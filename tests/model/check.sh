#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# The table's RFC edges are the transitions that the model reaches, and a row's sources are sections
# that make it; and what the model claims holds. Every search is exhaustive. `deep` searches
# further: 2 GB, some minutes.
set -euo pipefail
tool=$(realpath "$1")
depth=${2:-}
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
work=$(dirname "$tool")/model
export LC_ALL=C

memory=600
[ "$depth" != deep ] || memory=3000
COMMON=(-O2 -w -DNOREDUCE -DNOFAIR "-DMEMLIM=$memory")

# search NAME "PAN'S MACROS" "PAN'S OPTIONS" MODEL'S MACRO...: every state, or it fails. NOREDUCE,
# since a reduction may leave out what is printed on the way.
search() {
	local dir=$work/$1 macros options
	read -ra macros <<<"$2"
	read -ra options <<<"$3"
	shift 3
	rm -rf "$dir"
	mkdir -p "$dir"
	cd "$dir"
	cp "$here/tcp.pml" .
	spin "$@" -a tcp.pml
	"${CC:-gcc}" "${COMMON[@]}" "${macros[@]}" -o pan pan.c
	./pan -m100000 -w22 "${options[@]}" >out 2>&1 || true
	if ! grep -q 'errors: 0' out || grep -qE 'not completed|depth too small' out; then
		grep -v '^reached' out | head -n 30
		echo "the way there: cd $dir && ./pan -r"
		return 1
	fi
}

# What pan says of one search.
figure() {	# figure NAME SED-EXPRESSION
	sed -nE "$2" "$work/$1/out" | head -n 1
}

tell() {
	printf '%-8s %s states, depth %s, %s MB, %s s\n' "$1" \
		"$(figure "$1" 's/^ *([0-9.e+]+) states, stored.*/\1/p')" \
		"$(figure "$1" 's/.*depth reached ([0-9]+).*/\1/p')" \
		"$(figure "$1" 's/^ *([0-9]+)[0-9.]*\ttotal actual memory usage.*/\1/p')" \
		"$(figure "$1" 's/.*elapsed time ([0-9.e+]+) seconds.*/\1/p')"
}

# Connections after each other; segments under way behind each other; every run's end. The model has
# no progress labels, so to -l every cycle is a wrong one: a run that need not end.
names=(twice flight ends)
search twice '-DSAFETY' '' -DOPENS=2 -DWIRE=1 & jobs=($!)
search flight '-DSAFETY' '' -DOPENS=1 -DWIRE=2 & jobs+=($!)
search ends '-DNP' '-l' -DENDS & jobs+=($!)
failed=0
for job in "${jobs[@]}"; do
	wait "$job" || failed=1
done
if [ "$failed" -eq 0 ] && [ "$depth" = deep ]; then
	names+=(both longer)
	search both '-DSAFETY' '' -DOPENS=2 -DWIRE=2 || failed=1
	search longer '-DNP' '-l' -DENDS -DWIRE=2 -DR2=2 || failed=1
fi
[ "$failed" -eq 0 ] || exit 1
for name in "${names[@]}"; do
	tell "$name"
done

# Nothing in the model is dead.
if grep '^	tcp.pml:' "$work/twice/out" | grep -v '"-end-"'; then
	echo "never reached"
	exit 1
fi

cd "$work"
outs=("${names[@]/%//out}")
sed -n 's/^reached //p' "${outs[@]}" | sort -u >sections
cut -d ' ' -f 1,2 sections | sort -u >reached
"$tool" fsm --json | grep -oE '\{"from":[^}]*\}' |
	sed -E 's/.*"from":"([^"]*)","to":"([^"]*)","kind":"([^"]*)".*"source":"([^"]*)".*/\3 \1 \2 \4/' |
	sed -nE 's/^rfc(-only)? //p' >rows
cut -d ' ' -f 1,2 rows | sort >table
sed 's/RFC 9293 //; s/,//g' rows | while read -r from to sources; do
	for source in $sources; do
		echo "$from $to $source"
	done
done | sort >named

unlike() {	# unlike "WORDS" LINES...
	[ -z "$2" ] || { printf '%s:\n%s\n' "$1" "$2"; failed=1; }
}

unlike "reached in the model, no RFC edge in the table" "$(comm -13 table reached)"
unlike "an RFC edge in the table, never reached in the model" "$(comm -23 table reached)"
unlike "named as a source in the table, and no section that makes it" "$(comm -23 named sections)"
unlike "more than once in the table" "$(uniq -d table)"
echo "the model: $(wc -l <reached) edges, made in $(wc -l <sections) ways;" \
	"the table: $(wc -l <table) RFC edges, $(wc -l <named) sources"
exit "$failed"
