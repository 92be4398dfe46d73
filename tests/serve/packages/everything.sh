# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Verdicts, and what there is on a system: for what runs in a chroot or in a guest. Sourced, not run.

verdict() {	# verdict ok|FAIL NAME [REASON]; what they are of is in $of
	printf '%-4s %s %s%s\n' "$1" "${of:-packages}" "$2" "${3:+: $3}"
}

# step NAME COMMAND...: what it says is shown when it fails.
step() {
	local name=$1 said
	shift
	if said=$("$@" 2>&1); then
		verdict ok "$name"
	else
		verdict FAIL "$name" "$1"
		tail -n 20 <<<"$said" | sed 's/^/     | /'
	fi
}

# Every file, its kind and owner, and every account; but for what apt and dpkg know, logs, caches,
# and the copies that tools keep of accounts.
everything() {
	find / -xdev \( -path /var/lib/dpkg -o -path /var/lib/apt -o -path /var/cache -o \
		-path /var/log -o -path /tmp \) -prune -o \
		! -path '/etc/*-' ! -path /etc/ld.so.cache ! -path /etc/.pwd.lock \
		! -path '/etc/sub?id' ! -name __pycache__ -printf '%y %m %u %p\n' | sort
	sort /etc/passwd /etc/group
}
