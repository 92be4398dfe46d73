# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# shellcheck disable=SC2034 # the lists are used by the scripts that source this
# The one list of Debian packages, and how to get what is missing. Sourced, not run.

# to build and run
RUN_PACKAGES=(
	gcc libc6-dev make pkgconf   # the C side
	clang bpftool                # the BPF side and its skeletons
	libbpf-dev                   # loading, attaching, CO-RE, ring buffer
	libelf-dev zlib1g-dev        # what libbpf reads objects with
	libcap-ng-dev                # which capability is missing, and dropping those left over
	libinih-dev                  # serve: its configuration
	libsystemd-dev               # serve: readiness, watchdog, sockets, journal
	libmicrohttpd-dev            # serve: metrics and page
)

# to test: the above and these
TEST_PACKAGES=(
	libcmocka-dev                # unit and live tests
	libjansson-dev               # reads back every line of JSON
	iproute2                     # the live tests' own network
	clang-tidy shellcheck sparse # static checks, the last of the module
	graphviz                     # the state diagram still draws
	nftables                     # segments that the kernel itself loses
	libclang-rt-dev              # libFuzzer and the sanitizers of clang
	jq                           # what the bench makes of its figures
	spin                         # the model of RFC 9293 that the table is compared with
)

# real programs that must not be called leaky; a test whose program is not there is skipped
REAL_PACKAGES=(nginx-light haproxy socat redis-server curl python3)

# to test the service end to end
SERVE_PACKAGES=(
	prometheus                   # scrapes and evaluates the rules that are shipped; promtool
	prometheus-alertmanager      # gets what fires, and sends it on; amtool
	curl python3 iproute2        # asks them; receives alerts, leaks; a fleet's namespaces
)

# to look at the page as a person does: tests/serve/page
PAGE_PACKAGES=(
	chromium                     # told what to do over a pipe: neither a driver nor a library
	fonts-dejavu-core            # what it writes with
	python3                      # who tells it
)

# to compare with peers
BENCH_PACKAGES=(libbpf-tools bpftrace iproute2 jq)

# to run on other kernels: scripts/vm
VM_PACKAGES=(
	qemu-system-x86              # the emulator
	busybox-static bash-static   # what the guest boots into
	cpio                         # and what packs it
	kmod xz-utils zstd           # which modules a module needs; newer kernels compress theirs
	debian-archive-keyring       # what the kernels' suites are signed with
)
VM_ARM_PACKAGES=(qemu-system-arm)
VM_CROSS_PACKAGES=(gcc-aarch64-linux-gnu)   # what builds for such a guest

# to make Debian's packages: scripts/package
PACKAGE_PACKAGES=(
	build-essential debhelper    # what builds them, and dpkg asks for
	dh-dkms                      # and the module's
)
# to test them: tests/serve/packages, tests/serve/systemd
PACKAGE_TEST_PACKAGES=(
	lintian                      # what Debian says of them
	systemd                      # systemd-analyze, of the unit
	mandoc man-db groff          # what others say of the man pages
	bash-completion zsh          # the completions, run
	python3-yaml                 # the manifest is YAML
	mmdebstrap                   # a clean Debian to install them in
	e2fsprogs                    # and a disk of it to boot
)

# to build the debug kernel: make debug-kernel
DEBUG_KERNEL_PACKAGES=(
	gcc-12 libc6-dev make        # bookworm's compiler, for bookworm's kernel
	flex bison bc perl-base      # what a kernel's build runs
	libelf-dev zlib1g-dev pahole # objtool, and the types that CO-RE reads
	xz-utils kmod                # its source is packed; depmod
)

enabled_services() {
	find /etc/systemd/system -name '*.service' -type l -printf '%f\n' 2>/dev/null | sort -u
}

# without_services COMMAND...: what it installs starts no service, now or at the next boot.
without_services() (
	policy=/usr/sbin/policy-rc.d
	before=$(enabled_services)
	trap 'rm -f $policy; [ ! -e $policy.kept ] || mv $policy.kept $policy' EXIT
	trap 'exit 130' INT TERM
	[ ! -e $policy ] || mv $policy $policy.kept
	printf '#!/bin/sh\nexit 101\n' >$policy && chmod 755 $policy
	code=0
	"$@" || code=$?
	comm -13 <(echo "$before") <(enabled_services) | xargs -r systemctl --quiet disable
	exit $code
)

# install_missing PACKAGE...: quiet when all are there.
install_missing() {
	local missing=() package

	for package in "$@"; do
		dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null |
			grep -qx installed || missing+=("$package")
	done
	[ ${#missing[@]} -gt 0 ] || return 0
	echo "installing: ${missing[*]}" >&2
	if ! { apt-get -qq update &&
		without_services env DEBIAN_FRONTEND=noninteractive apt-get -qq -y \
			--no-install-recommends install "${missing[@]}"; } >/dev/null; then
		echo "could not install: ${missing[*]} (see apt-get's words above)" >&2
		return 1
	fi
}

# become_root SCRIPT ARGUMENTS...: goes on as root, or says what to do. Exit 4 is the tool's own
# code for a missing privilege.
become_root() {
	[ "$(id -u)" -ne 0 ] || return 0
	if command -v sudo >/dev/null; then
		exec sudo -- "$@"
	fi
	echo "$1: needs root, and sudo is not installed: run it as root" >&2
	exit 4
}

# What a build as root through sudo made belongs to the user who asked for it.
give_back() {
	[ -z "${SUDO_UID:-}" ] || [ ! -d "$1" ] || chown -R "$SUDO_UID:${SUDO_GID:-}" "$1"
}
