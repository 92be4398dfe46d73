# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# shellcheck disable=SC2154 # bench, work, core_*: set by run.sh
# Part core: what the reading side costs without a kernel, by number of sockets.

measure_core() {
	local records family sockets name value
	patiently "$bench/core" -j -r "$core_rounds" -n "$core_transitions" >"$work/core" || return
	jq -r 'select(.ns) | . as $row | ["ns", "bytes_resident", "bytes_counted"][]
		| [$row.records, $row.family, $row.sockets, ., $row[.]] | @tsv' "$work/core" |
		while IFS=$'\t' read -r records family sockets name value; do
			note core 0 "$sockets" "$records-$family" "$name" "$value"
		done
	jq -r 'select(.two_shards) | . as $row | ["two_shards", "two_apart"][]
		| [$row.records, $row.sockets, ., $row[.]] | @tsv' "$work/core" |
		while IFS=$'\t' read -r records sockets name value; do
			note core 0 "$sockets" "$records" "$name" "$value"
		done
}
