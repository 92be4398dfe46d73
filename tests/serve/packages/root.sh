# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# shellcheck disable=SC2154,SC2034 # vm_cache and vm_host of scripts/vm's pieces; its users'
# A clean Debian to install packages in, made once and kept in the cache; and a throw-away copy of
# it to run something in. Sourced, not run.

root_scripts=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../../scripts" && pwd)
# shellcheck source=../../../scripts/packages.sh
. "$root_scripts/packages.sh"
# shellcheck source=../../vm/table.sh
. "$root_scripts/../tests/vm/table.sh"
# shellcheck source=../../vm/fetch.sh
. "$root_scripts/../tests/vm/fetch.sh"

ROOT_SUITE=bookworm
ROOT_INCLUDE=systemd,systemd-sysv,kmod
# the kernel's headers, and what builds a module for them
ROOT_INCLUDE_DKMS=kmod,dkms,linux-headers-cloud-$vm_host

# root_make INCLUDE WANTED WORK: WORK/new with its lists of packages, and with the files of the
# packages WANTED, not installed, so that apt gets them later without a network.
root_make() {
	local include=$1 wanted=$2 work=$3 mirror

	mirror=$(vm_mirror) || { vm_say "apt is configured with no Debian mirror"; return 1; }
	# shellcheck disable=SC2016 # mmdebstrap sets $1 for its hooks
	mmdebstrap --quiet --variant=minbase --include="$include" --skip=cleanup/apt \
		--aptopt='APT::Sandbox::User "root"' --aptopt='Acquire::Languages "none"' \
		--dpkgopt=force-unsafe-io \
		--customize-hook='chroot "$1" apt-get clean' \
		--customize-hook="[ -z '$wanted' ] || chroot \"\$1\" \
			apt-get -qq -y --no-install-recommends -d install $wanted" \
		"$ROOT_SUITE" "$work/new" "$mirror" >"$work/log" 2>&1 ||
		{ vm_say "mmdebstrap: $(grep -m 1 '^E:' "$work/log")"; return 1; }
}

# root_get INCLUDE [WANTED]: sets root; one for each pair. Returns 1 when it is not to be had.
root_get() {
	local key

	key=$(printf '%s\n' "$ROOT_SUITE" "$1" "${2:-}" | sha256sum | cut -c1-8)
	root=$vm_cache/packages-root-$key
	vm_once "$root" root_make "$1" "${2:-}"
}

# root_depends DEB: what it depends on, the first of each choice, for root_make.
root_depends() {
	dpkg-deb -f "$1" Depends | tr , '\n' | sed 's/ *|.*//; s/ *(.*//; s/^ *//' | xargs
}

# root_get_ready DEB: sets root; in it is all that the package depends on, and what tests of it run.
root_get_ready() {
	local wanted

	wanted=$(root_depends "$1")
	root_get "$ROOT_INCLUDE,perl-base,iproute2,${wanted// /,}"
}

# root_run ROOT SHARE COMMAND...: in a copy that is gone afterwards, with SHARE at /mnt. No network,
# no systemd that runs, no other process in sight.
root_run() {
	# shellcheck disable=SC2016 # the inner shell expands these
	unshare --mount --pid --fork --net --propagation private -- bash -euc '
		lower=$1 share=$2
		shift 2
		mount -t tmpfs -o size=4g tmpfs /mnt
		mkdir /mnt/upper /mnt/work /mnt/root
		mount -t overlay overlay \
			-o "lowerdir=$lower,upperdir=/mnt/upper,workdir=/mnt/work" /mnt/root
		root=/mnt/root
		mount -t proc proc $root/proc
		mount -t sysfs -o ro sysfs $root/sys
		mount --rbind /dev $root/dev
		mount -t tmpfs tmpfs $root/tmp
		mount -t tmpfs tmpfs $root/run
		mount --bind "$share" $root/mnt
		printf "#!/bin/sh\nexit 101\n" >$root/usr/sbin/policy-rc.d
		chmod 755 $root/usr/sbin/policy-rc.d
		exec chroot $root /usr/bin/env -i LC_ALL=C DEBIAN_FRONTEND=noninteractive \
			HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin TMPDIR=/tmp "$@"
	' root_run "$@"
}
