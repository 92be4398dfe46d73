# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# shellcheck disable=SC2154 # build, bench, tool, work, here, provider_*: set by run.sh
# Part provider: what a connection costs by each provider, in a guest with a kernel that has them all. Its emulator
# counts instructions, not cache misses: the ratios tell, the times do not.

top=$(readlink -f "$here/../..")

# Without the kernel's headers there is no module, and kmod is left out.
provider_module() { # RELEASE: prints where it is
	local module=$build/kmod/$1/tcpclose.ko
	[ -e "$module" ] || "$top/scripts/vm" build-in "$provider_kernel" "$top" -- \
		make -s kmod PKG_CONFIG=true BUILD="$build" >"$work/err" 2>&1
	if [ -e "$module" ]; then echo "$module"; fi
}

measure_provider() {
	local directory module name round seconds
	local files=(-f "$tool" -f "$bench/churn" -f "$here/provider-guest.sh")
	if ! directory=$("$top/scripts/vm" fetch "$provider_kernel" 2>"$work/err"); then
		say "provider: left out: $(tail -n 1 "$work/err")"
		return
	fi
	module=$(provider_module "$(cat "$directory/release")")
	[ -z "$module" ] || files+=(-f "$module")
	patiently "$top/scripts/vm" run "$provider_kernel" -i -t "$provider_seconds" -m 1500 "${files[@]}" \
		-o "$work/guest" -- /tct/provider-guest.sh "$provider_rounds" "$provider_connections" \
		>"$work/providers" 2>"$work/err" || say "provider: $(tail -n 1 "$work/err")"
	awk 'NF == 3 && $3 + 0 > 0' "$work/providers" | while read -r name round seconds; do
		note provider "$round" "$provider_kernel" "$name" us \
			"$(awk -v s="$seconds" -v n="$provider_connections" 'BEGIN { print 1e6 * s / n }')"
	done
}
