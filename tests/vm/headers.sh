# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# shellcheck disable=SC2154 # vm_select of table.sh sets the selected kernel's variables
# What builds a module for a kernel: its headers, and the compiler of its suite. Sourced, not run.

# what a build needs beside the compiler that the headers name
VM_BUILD_PACKAGES=(gcc make pahole base-files bash dash coreutils sed grep findutils mawk
	diffutils gzip xz-utils libc-bin libc6-dev perl-base kmod dpkg)

# vm_headers_packages SUITE: the headers, and what of the kernel's they depend on.
vm_headers_packages() {
	echo "linux-headers-$vm_release"
	vm_apt "$1" "$vm_arch" apt-cache show "linux-headers-$vm_release" 2>/dev/null |
		grep '^Depends:' | grep -oE 'linux-(headers|kbuild)-[^ ,]+'
}

# vm_headers_fetch WORK: Debian's are made for /usr/src; these lie in the cache. Of kbuild's
# programs, those that run here. Bookworm's compiler builds bullseye's kernel as well.
vm_headers_fetch() {
	local suite packages headers kbuild build=usr/src/linux-headers-$vm_release
	suite=$(<"$vm_dir/suite")
	vm_apt_update "$suite" "$vm_arch" && vm_apt_update "$suite" "$vm_host" || return 1
	packages=$(vm_headers_packages "$suite")
	mapfile -t headers < <(grep '^linux-headers' <<<"$packages")
	mapfile -t kbuild < <(grep '^linux-kbuild' <<<"$packages")
	[ ${#kbuild[@]} -gt 0 ] ||
		{ vm_say "$suite has no headers for $vm_release"; return 1; }
	vm_unpack "$suite" "$vm_arch" "$1/new" "${headers[@]}" &&
		vm_unpack "$suite" "$vm_host" "$1/new" "${kbuild[@]}" || return 1
	sed -i "s# */usr/src/# $vm_headers/usr/src/#; s#=/usr/src/#=$vm_headers/usr/src/#" \
		"$1/new/$build/Makefile" || return 1
	[ "$suite" != bullseye ] || sed -i 's/gcc-10$/gcc-12/' "$1/new/$build/.kernelvariables"
}

# vm_headers_get: sets vm_headers, and vm_kdir for make -C. The kernel must have been fetched.
vm_headers_get() {
	vm_headers=$vm_cache/headers-$vm_name-$vm_arch
	vm_kdir=$vm_headers/usr/src/linux-headers-$vm_release
	[ "$vm_arch" = "$vm_host" ] || [ "$vm_arch" = arm64 ] ||
		vm_unavailable "nothing here builds modules for $vm_arch"
	if [ "$vm_suites" = here ]; then
		vm_headers=$vm_dir vm_kdir=$vm_dir/build
		return
	fi
	vm_once "$vm_headers" vm_headers_fetch ||
		vm_unavailable "no headers to be had for kernel $vm_name (see above)"
	[ -d "$vm_kdir" ] || vm_unavailable "$vm_headers is of another release than $vm_release"
}

# vm_build_suite: the suite whose compiler builds for the selected kernel.
vm_build_suite() {
	local suite
	suite=$(<"$vm_dir/suite")
	[ "$suite" != bullseye ] || suite=bookworm
	echo "${suite%-backports}"
}

# vm_build_root_fetch SUITE COMPILER WORK: unpacked and no more. Nothing in it is ever configured;
# a compiler does not need that, and it takes seconds where debootstrap takes minutes.
vm_build_root_fetch() {
	local suite=$1 compiler=$2 work=$3 deb

	mkdir -p "$work/debs/partial" "$work/new" && vm_apt_update "$suite" "$vm_host" || return 1
	vm_apt "$suite" "$vm_host" apt-get -qq -y -o Dir::Cache::archives="$work/debs" \
		--no-install-recommends -d install "$compiler" "${VM_BUILD_PACKAGES[@]}" \
		>"$work/log" 2>&1 ||
		{ vm_say "$suite: $(grep -m 1 '^E:' "$work/log")"; return 1; }
	# base-files first: it has the links that make /bin /usr/bin
	for deb in "$work/debs"/base-files_*.deb "$work/debs"/*.deb; do
		dpkg -x "$deb" "$work/new" || return 1
	done
	ln -s mawk "$work/new/usr/bin/awk"
}

# vm_in_root ROOT DIR COMMAND...: with DIR and the headers where they are outside. The mounts live
# in a namespace of their own and go with it, however it ends.
vm_in_root() {
	# shellcheck disable=SC2016 # the inner shell expands these
	unshare --mount --propagation private -- bash -euc '
		root=$1 dir=$2 headers=$3
		shift 3
		mount -t tmpfs tmpfs "$root/tmp"
		mount -t proc proc "$root/proc"
		mount --rbind /dev "$root/dev"
		mkdir -p "$root$headers" "$root$dir"
		mount --bind "$headers" "$root$headers"
		mount --bind "$dir" "$root$dir"
		exec chroot "$root" /bin/sh -c "cd \"\$0\" && exec \"\$@\"" "$dir" "$@"
	' vm_in_root "$1" "$2" "$vm_headers" "${@:3}"
}

# vm_build_in DIR COMMAND...: runs it in DIR with KDIR set, with the compiler that fits. A make
# that calls this shares neither its jobs nor its flags.
vm_build_in() {
	local suite compiler root here=''
	local clean=(env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL LC_ALL=C "KDIR=$vm_kdir")

	[ "$vm_arch" = "$vm_host" ] || clean+=(CROSS_COMPILE=aarch64-linux-gnu-)
	suite=$(vm_build_suite)
	# shellcheck source=/dev/null
	here=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
	if [ "$here" = "$suite" ] || [ "$suite" = here ]; then
		[ "$vm_arch" = "$vm_host" ] || install_missing "${VM_CROSS_PACKAGES[@]}" || exit 1
		(cd "$1" && "${clean[@]}" "${@:2}")
		return
	fi
	compiler=$(grep -oE 'gcc-[0-9]+$' "$vm_kdir/.kernelvariables")
	[ "$vm_arch" = "$vm_host" ] || compiler+=-aarch64-linux-gnu
	root=$vm_cache/root-$suite-$compiler
	vm_once "$root" vm_build_root_fetch "$suite" "$compiler" ||
		vm_unavailable "no build root of $suite to be had (see above)"
	vm_in_root "$root" "$1" "${clean[@]}" PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root \
		TMPDIR=/tmp "${@:2}"
}
