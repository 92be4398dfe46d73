# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# shellcheck disable=SC2154 # bench, work, core_*: set by run.sh
# Part core: what the reading side costs without a kernel, by number of sockets.

measure_core() {
	local sockets records name value
	patiently "$bench/core" -j -r "$core_rounds" -n "$core_transitions" >"$work/core" || return
	jq -r '. as $row
		| if .ns then ["\(.records)-\(.family)", "ns", "bytes_resident", "bytes_counted"]
		  else ["\(.records)-two-shards", "two_shards", "two_apart"] end
		| .[0] as $records | .[1:][] | [$row.sockets, $records, ., $row[.]] | @tsv' "$work/core" |
		while IFS=$'\t' read -r sockets records name value; do
			note core 0 "$sockets" "$records" "$name" "$value"
		done
}
