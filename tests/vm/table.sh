# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# shellcheck disable=SC2034 # what vm_select sets is used by the other pieces
# Which kernels there are, where each comes from, and where it lies once fetched. Sourced, not run.

# name, suites to look in (the first that has it), start of the version ("any": newest there is).
# "debug" is in no suite: `make debug-kernel` builds it here.
VM_TABLE='
5.10      bullseye              5.10.
6.1       bookworm              6.1.
6.12      trixie                6.12.
6.17      trixie-backports      6.17.
6.18      trixie-backports      6.18.
7.2       sid,trixie-backports  7.2.
backports trixie-backports      any
debug     here                  6.1.
'

# what the emulator shows as a processor of amd64: without cmpxchg16b, which failed in it now and then,
# and without the instructions that copy bytes, which are the slowest way to do so there
VM_CPU='max,cx16=off,erms=off,fsrm=off'

vm_host=$(dpkg --print-architecture)
vm_cache=$(realpath -m "${TCT_VM_CACHE:-/var/cache/tcpclose-trace/vm}")

vm_row() {	# vm_row NAME: its row of the table
	awk -v name="$1" '$1 == name { print; found = 1 } END { exit !found }' <<<"$VM_TABLE"
}

vm_names() {
	awk 'NF { print $1 }' <<<"$VM_TABLE"
}

# vm_select NAME[/ARCH] [ARCH]: sets vm_name, vm_arch, vm_suites, vm_series, vm_dir, vm_mb, vm_slow.
vm_select() {
	local row

	vm_name=${1%%/*}
	vm_arch=amd64
	[[ $1 != */* ]] || vm_arch=${1#*/}
	[ -z "${2:-}" ] || vm_arch=$2
	row=$(vm_row "$vm_name") || vm_usage "no such kernel: $1 (there are: $(vm_names | xargs))"
	case $vm_arch in
	amd64 | arm64) ;;
	*) vm_usage "no such architecture: $vm_arch (there are: amd64 arm64)" ;;
	esac
	read -r _ vm_suites vm_series <<<"$row"
	vm_dir=$vm_cache/$vm_name-$vm_arch
	vm_mb=1024 vm_slow=1
	[ "$vm_name" != debug ] || vm_mb=2048 vm_slow=4	# KASAN's shadow, lockdep's tables
}

vm_say() {
	echo "vm: $*" >&2
}

vm_usage() {	# a mistake of the caller's
	vm_say "$*"
	exit 2
}

vm_unavailable() {	# callers make a skip of it
	vm_say "$*"
	exit 77
}

# vm_list: the table, and the release of what is cached.
vm_list() {
	local name suites series arch release

	while read -r name suites series; do
		[ -n "$name" ] || continue
		for arch in amd64 arm64; do
			release=-
			[ ! -s "$vm_cache/$name-$arch/release" ] ||
				release=$(<"$vm_cache/$name-$arch/release")
			printf '%-10s %-6s %-22s %-6s %s\n' "$name" "$arch" "$suites" "$series" "$release"
		done
	done <<<"$VM_TABLE"
}
