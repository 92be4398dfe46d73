# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# shellcheck disable=SC2154 # who sources it sets top
# A guest is one busy CPU: no more of them at once than there are CPUs, whoever starts them.
# Sourced, not run.

# slot_take: waits for one, and has it until this shell and what it started have ended.
slot_take() {
	local i

	mkdir -p "$top/build/vm/slots"
	while true; do
		for ((i = $(nproc); i > 0; i--)); do
			exec {slot}>"$top/build/vm/slots/$i"
			! flock -n "$slot" || return 0
			exec {slot}>&-
		done
		sleep 0.5
	done
}
