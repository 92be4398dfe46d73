# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# shellcheck disable=SC2154 # vm_select of table.sh sets the selected kernel's variables
# What programs for a guest of another architecture are built with and run on: Debian's libraries
# and headers, unpacked. The system's own apt knows nothing of that architecture. Sourced, not run.

VM_SYSROOT_SUITE=bookworm
VM_SYSROOT_PACKAGES=(libc6 libc6-dev linux-libc-dev libgcc-s1 libbpf1 libbpf-dev libelf1 libelf-dev
	zlib1g zlib1g-dev libcap-ng0 libcap-ng-dev libjansson4 libjansson-dev libcmocka0
	libcmocka-dev
	libinih1 libinih-dev libsystemd0 libsystemd-dev libmicrohttpd12 libmicrohttpd-dev
	# what the last two need in their turn
	libcap2 libgcrypt20 libgpg-error0 liblz4-1 liblzma5 libzstd1
	libgnutls30 libgnutls28-dev libgmp10 libhogweed6 libidn2-0 libnettle8 libp11-kit0
	libp11-kit-dev libidn2-dev nettle-dev libgmp-dev libtasn1-6 libtasn1-6-dev libunistring2
	libffi8)

vm_sysroot_fetch() {	# vm_sysroot_fetch WORK
	local root=$1/new link

	vm_apt_update "$VM_SYSROOT_SUITE" "$vm_arch" &&
		vm_unpack "$VM_SYSROOT_SUITE" "$vm_arch" "$root" "${VM_SYSROOT_PACKAGES[@]}" ||
		return 1
	while read -r link; do	# absolute ones would point into this machine
		ln -sfnr "$root$(readlink "$link")" "$link" || return 1
	done < <(find "$root" -type l -lname '/*')
}

# vm_sysroot_get: sets vm_sysroot. Of another list of packages it is another.
vm_sysroot_get() {
	local list

	list=$(printf '%s\n' "${VM_SYSROOT_PACKAGES[@]}" | sha256sum)
	vm_sysroot=$vm_cache/sysroot-$vm_arch-${list:0:8}
	vm_once "$vm_sysroot" vm_sysroot_fetch ||
		vm_unavailable "no libraries for $vm_arch to be had (see above)"
}

# vm_foreign_needs FILE: the path of the interpreter and the names of the libraries that it wants.
vm_foreign_needs() {
	LC_ALL=C readelf -Wld "$1" 2>/dev/null |
		sed -nE 's/.*program interpreter: ([^]]+)\].*/\1/p; s/.*\(NEEDED\).*\[([^]]+)\].*/\1/p'
}

# vm_foreign_libraries ROOT FILE: as vm_libraries, from the sysroot.
vm_foreign_libraries() {
	local root=$1 file=$2 needs need to from

	mapfile -t needs < <(vm_foreign_needs "$file")
	[ ${#needs[@]} -gt 0 ] || return 0	# static, or a module
	vm_sysroot_get </dev/null
	for need in "${needs[@]}" libgcc_s.so.1; do
		to=$root/lib/$need
		[[ $need != /* ]] || to=$root$need
		[ ! -e "$to" ] || continue
		from=$(find -L "$vm_sysroot/lib" "$vm_sysroot/usr/lib" -name "${need##*/}" -print -quit)
		[ -n "$from" ] || vm_usage "$file: $need not found for $vm_arch"
		cp -L "$from" "$to" && vm_foreign_libraries "$root" "$from" || return 1
	done
}
