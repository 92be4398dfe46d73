# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# A package again, as its next version would be. Sourced, not run.

# later_make DEB OUT VERSION LATER: the same with another version in all that names it, and with a
# new line in its configuration.
later_make() {
	local dir conf=etc/tcpclose-trace/tcpclose-trace.conf

	dir=$(mktemp -d) || return 1
	dpkg-deb -R "$1" "$dir" || return 1
	grep -rlF "$3" "$dir/DEBIAN" "$dir"/usr/src 2>/dev/null | xargs -r sed -i "s/${3//./\\.}/$4/g"
	[ ! -d "$dir/usr/src" ] || mv "$dir/usr/src/tcpclose-$3" "$dir/usr/src/tcpclose-$4"
	[ ! -e "$dir/$conf" ] || echo '# later' >>"$dir/$conf"
	(cd "$dir" && find . -path ./DEBIAN -prune -o -type f -printf '%P\0' |
		xargs -0 md5sum >DEBIAN/md5sums)
	dpkg-deb --root-owner-group -Znone -b "$dir" "$2" >/dev/null || return 1
	rm -rf "$dir"
}
