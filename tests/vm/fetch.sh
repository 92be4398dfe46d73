# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# shellcheck disable=SC2154 # vm_select of table.sh sets the selected kernel's variables
# Gets Debian's packages of any suite and architecture with the system's own apt, and touches
# nothing of the system's: sources, lists, cache and status are private. Sourced, not run.

# vm_mirror: the URI of the Debian archive that this machine uses, in whichever format it is
# configured. Apt knows whose archive it is only after an update: until then by its name.
vm_mirror() {
	# shellcheck disable=SC2016 # apt expands these
	apt-get indextargets --format '$(ORIGIN)|$(LABEL)|$(COMPONENT)|$(REPO_URI)' \
		'Created-By: Packages' 2>/dev/null |
		sed -n 's/^Debian|Debian|main|//p' | grep -v -m 1 '^cdrom:' ||
		apt-get update --print-uris 2>/dev/null | sed -nE "s/^'([^']*)\/dists\/.*/\1/p" |
		grep -m 1 -E '^[^c].*/debian(\.list|/[0-9]+T[0-9]+Z)?/?$'
}

# vm_apt SUITE ARCH PROGRAM ARGUMENTS...: apt-get or apt-cache with a state of its own.
vm_apt() {
	local dir=$vm_cache/apt/$1-$2 arch=$2 program=$3
	shift 3
	"$program" -o Dir::Etc::sourcelist="$dir/sources.list" -o Dir::Etc::sourceparts=- \
		-o Dir::State="$dir" -o Dir::State::status="$dir/status" \
		-o Dir::Cache="$dir/cache" -o APT::Architecture="$arch" \
		-o APT::Architectures::="$arch" -o APT::Sandbox::User=root \
		-o APT::Default-Release= -o Dir::Etc::preferences=- -o Dir::Etc::preferencesparts=- \
		-o Acquire::Check-Valid-Until=false -o Acquire::Languages=none \
		-o Acquire::Retries=2 "$@"
}

# vm_apt_update SUITE ARCH: the lists of that suite. Fails when the mirror has it no longer.
vm_apt_update() {
	local dir=$vm_cache/apt/$1-$2 mirror

	mirror=$(vm_mirror) || { vm_say "apt is configured with no Debian mirror"; return 1; }
	mkdir -p "$dir/lists/partial" "$dir/cache/archives/partial"
	: >"$dir/status"
	echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $1 main" \
		>"$dir/sources.list"
	vm_apt "$1" "$2" apt-get -qq --error-on=any update >"$dir/log" 2>&1 ||
		{ vm_say "$1 $2: $(grep -m 1 '^[EW]:' "$dir/log")"; return 1; }
}

# vm_unpack SUITE ARCH DIR PACKAGE...: their files, unpacked into DIR.
vm_unpack() {
	local suite=$1 arch=$2 dir=$3 deb
	shift 3
	mkdir -p "$dir.debs"
	(cd "$dir.debs" && vm_apt "$suite" "$arch" apt-get -qq download "$@") >"$dir.log" 2>&1 ||
		{ vm_say "$suite: $(grep -m 1 '^E:' "$dir.log")"; return 1; }
	for deb in "$dir.debs"/*.deb; do
		dpkg -x "$deb" "$dir" || return 1
	done
	rm -rf "$dir.debs" "$dir.log"
}

# vm_versions SUITE: the releases of the selected series there, newest first.
vm_versions() {
	local suite=$1 start=${vm_series//./\\.}

	[ "$vm_series" != any ] || start='[0-9]'
	vm_apt "$suite" "$vm_arch" apt-cache pkgnames linux-image- |
		sed -nE "s/^linux-image-($start.*-cloud-$vm_arch)\$/\1/p" | sort -Vr
}

# vm_image_packages SUITE RELEASE: from 6.19 on the image is a meta package, and what was in it
# is in three others.
vm_image_packages() {
	local suite=$1 release=$2 part

	for part in image binary modules base; do
		echo "linux-$part-$release"
	done | grep -xF -f <(vm_apt "$suite" "$vm_arch" apt-cache pkgnames linux-)
}

# vm_arrange TREE RELEASE DIR: the four things of a kernel, wherever its packages put them.
vm_arrange() {
	local tree=$1 release=$2 dir=$3 lib=$1/lib/modules/$2

	[ -d "$lib" ] || lib=$tree/usr/lib/modules/$release
	mkdir -p "$dir/lib/modules" && mv "$lib" "$dir/lib/modules/" || return 1
	lib=$dir/lib/modules/$release
	mv "$tree/boot/vmlinuz-$release" "$dir/vmlinuz" 2>/dev/null ||
		mv "$lib/vmlinuz" "$dir/vmlinuz" || return 1
	mv "$tree/boot/config-$release" "$dir/config" 2>/dev/null ||
		mv "$lib/config" "$dir/config" || return 1
	depmod -b "$dir" "$release" || return 1
	echo "$release" >"$dir/release"
}

# vm_fetch_from SUITE: the newest of the series that is complete; a suite in the middle of an
# upload may name an image whose parts are not there yet.
vm_fetch_from() {
	local suite=$1 work=$2 release packages

	vm_apt_update "$suite" "$vm_arch" || return 1
	for release in $(vm_versions "$suite"); do
		rm -rf "${work:?}"/*
		mkdir "$work/new"
		mapfile -t packages < <(vm_image_packages "$suite" "$release")
		vm_unpack "$suite" "$vm_arch" "$work/tree" "${packages[@]}" || continue
		vm_arrange "$work/tree" "$release" "$work/new" || continue
		echo "$suite" >"$work/new/suite"
		vm_say "fetched $vm_name for $vm_arch: $release of $suite"
		return 0
	done
	vm_say "$suite has no linux-image ${vm_series/any/}* for cloud-$vm_arch"
	return 1
}

# vm_once DIR FUNCTION [ARGUMENT...]: DIR is there, made by FUNCTION ARGUMENT... WORK as WORK/new.
# Whoever comes second waits; what is seen under the name is always whole.
vm_once() {
	local dir=$1 status=1
	shift
	[ ! -d "$dir" ] || return 0
	mkdir -p "$vm_cache" || return 1
	exec {vm_lock}>"$dir.lock"
	flock "$vm_lock"
	if [ -d "$dir" ]; then
		status=0
	else
		vm_new=$(mktemp -d "$vm_cache/.new.XXXXXX") && chmod 755 "$vm_new" &&
			"$@" "$vm_new" && mv -T "$vm_new/new" "$dir" && status=0
		vm_discard
	fi
	exec {vm_lock}>&-
	return $status
}

vm_discard() {	# what was being made, and is not needed or was not finished
	[ -z "${vm_new:-}" ] || rm -rf "$vm_new"
	vm_new=
}

vm_fetch_any() {	# vm_fetch_any WORK: from the first suite that has it
	local suite

	for suite in ${vm_suites//,/ }; do
		! vm_fetch_from "$suite" "$1" || return 0
	done
	return 1
}

# vm_fetch: the selected kernel is in $vm_dir, its release in $vm_release.
# shellcheck disable=SC2034
vm_fetch() {
	[ "$vm_suites" != here ] || [ -d "$vm_dir" ] ||
		vm_unavailable "kernel $vm_name/$vm_arch is not built: make debug-kernel does (amd64)"
	vm_once "$vm_dir" vm_fetch_any ||
		vm_unavailable "kernel $vm_name for $vm_arch cannot be fetched (see above)"
	vm_release=$(<"$vm_dir/release")
}
