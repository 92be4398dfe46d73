#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# tests/fuzz/run.sh SECONDS [TARGET...]: each target for so long, from its corpus in
# tests/fuzz/corpus; all of them when none is named. Prints a verdict a target. What makes one
# crash stays in build/fuzz/found; KEEP=1 takes what is new and finds more into the corpus.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1
seconds=${1:?usage: tests/fuzz/run.sh SECONDS [TARGET...]}
shift
out=build/fuzz
found=$out/found
failed=0

# clang counts a field left out of a designated initializer as missing, gcc does not
make -s -j"$(nproc)" BUILD=$out CC=clang CFLAGS='-O1 -g -Wno-missing-field-initializers' \
	SANITIZE='-fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all' fuzz || exit 1

targets=("$@")
if [ ${#targets[@]} -eq 0 ]; then
	for source in tests/fuzz/fuzz_*.c; do
		name=${source##*/fuzz_}
		targets+=("${name%.c}")
	done
fi

# real recordings, as the fuzzer of replays takes them: raw
mkdir -p "$found" "$out/corpus/replay"
for recording in tests/replay/*.tct; do
	[ "$(stat -c %s "$recording")" -gt 20000 ] ||
		printf '\0\0\0\0' | cat - "$recording" >"$out/corpus/replay/$(basename "$recording")"
done
for target in "${targets[@]}"; do
	program=$out/tests/fuzz/fuzz_$target
	corpus=tests/fuzz/corpus/$target
	new=$out/corpus/$target
	log=$found/$target.log
	mkdir -p "$corpus" "$new"
	if "$program" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=1024 -close_fd_mask=3 \
		-print_final_stats=1 -use_value_profile=1 -artifact_prefix="$found/$target-" \
		"$new" "$corpus" >"$log" 2>&1; then
		runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
		printf 'ok   fuzz %s\n' "$target"
		echo "     $runs executions" >&2
	else
		printf 'FAIL fuzz %s\n' "$target"
		grep -aE 'ERROR|SUMMARY|^ +#[0-9] |Test unit written' "$log" | head -n 12 | sed 's/^/     | /'
		failed=1
	fi
	[ -z "${KEEP:-}" ] || "$program" -set_cover_merge=1 -use_counters=0 -close_fd_mask=3 "$corpus" "$new" >>"$log" 2>&1
done
exit $failed
