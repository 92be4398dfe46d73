# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# shellcheck disable=SC2154 # vm_select of table.sh sets the selected kernel's variables
# Puts together what the guest boots from: busybox, init, modules in the order to insert them,
# the given files with their libraries, and the command. Sourced, not run.

# what a test may need, where the kernel has it; the first two carry the results
VM_CHANNEL_MODULES=(virtio_pci virtio_console)
VM_MODULES=(tcp_diag tun veth nf_tables nft_counter nft_limit nft_reject_inet
	nft_reject_ipv4 nft_reject_ipv6)

vm_root_make() {	# vm_root_make ROOT: the bare system
	local root=$1

	mkdir -p "$root"/{bin,dev,etc,modules,proc,results,root,run,sys,tct,tmp,usr,var} \
		"$root"/usr/{bin,sbin,lib,lib64} || return 1
	ln -s usr/lib "$root/lib"
	ln -s usr/lib64 "$root/lib64"
	ln -s /run "$root/var/run"
	chmod 1777 "$root/tmp"
	printf '%s\n' root:x:0:0:root:/root:/bin/sh nobody:x:65534:65534::/:/bin/sh \
		>"$root/etc/passwd"
	printf '%s\n' root:x:0: nogroup:x:65534: >"$root/etc/group"
	printf '%s\n' '127.0.0.1 localhost' '::1 localhost' >"$root/etc/hosts"
	vm_programs_add "$root" && cp "$vm_here/init" "$root/init"
}

# vm_programs_add ROOT: a shell and the usual small programs. Debian's busybox prefers its own
# applets to what PATH has, in its shell and in those that start others: a test's "ip" would never
# run. So there is a real shell, and where they run in the guest, the host's real starters.
vm_programs_add() {
	local root=$1 static=/ program

	if [ "$vm_arch" != "$vm_host" ]; then
		static=$vm_cache/static-$vm_arch
		vm_once "$static" vm_static_fetch || return 1
	fi
	cp "$static/bin/busybox" "$root/bin/busybox" &&
		cp "$static/bin/bash-static" "$root/bin/bash" && ln -s bash "$root/bin/sh" || return 1
	[ "$static" = / ] || return 0
	for program in env nice nohup setsid timeout xargs; do
		vm_file_add "$root" "$(command -v $program):/bin/$program" || return 1
	done
}

vm_static_fetch() {	# vm_static_fetch WORK
	local suite=bookworm

	vm_apt_update "$suite" "$vm_arch" &&
		vm_unpack "$suite" "$vm_arch" "$1/new" busybox-static bash-static || return 1
	[ -e "$1/new/bin/busybox" ] || cp "$1/new/usr/bin/busybox" "$1/new/bin/"
}

# vm_module_files MODULE: it and what it needs, in the order to insert them; nothing if built in.
vm_module_files() {
	modprobe -d "$vm_dir" -S "$vm_release" --show-depends "$1" 2>/dev/null |
		awk '$1 == "insmod" { print $2 }'
	return "${PIPESTATUS[0]}"
}

vm_module_copy() {	# vm_module_copy FILE DIR: uncompressed, as busybox inserts it
	local name=${1##*/}

	name=${name%%.ko*}.ko
	case $1 in
	*.xz) xz -dc "$1" ;;
	*.zst) zstd -dc "$1" ;;
	*.gz) gzip -dc "$1" ;;
	*) cat "$1" ;;
	esac >"$2/$name" && echo "$name"
}

# vm_modules_add ROOT WANTED...: the usual modules where there are such, the wanted ones always.
vm_modules_add() {
	local root=$1 module files=() file names
	shift
	for module in "${VM_CHANNEL_MODULES[@]}" "${VM_MODULES[@]}"; do
		mapfile -t -O ${#files[@]} files < <(vm_module_files "$module")
	done
	for module in "$@"; do
		names=$(vm_module_files "$module") ||
			vm_usage "kernel $vm_release has no module $module"
		[ -z "$names" ] || mapfile -t -O ${#files[@]} files <<<"$names"
	done
	for file in "${files[@]}"; do
		[ -e "$root/modules/$(basename "${file%%.ko*}").ko" ] ||
			vm_module_copy "$file" "$root/modules" || return 1
	done >"$root/modules/order"
}

vm_is_elf() {
	local magic

	LC_ALL=C IFS= read -r -d '' -N 4 magic <"$1" && [ "$magic" = $'\x7fELF' ]
}

# vm_libraries ROOT FILE: the interpreter and every library, where the loader looks for them.
# libgcc_s is opened by libc itself when a thread is cancelled.
vm_libraries() {
	local root=$1 file=$2 out library

	if [ "$vm_arch" != "$vm_host" ]; then
		vm_foreign_libraries "$root" "$file"
		return
	fi
	out=$(ldd "$file" 2>/dev/null) || return 0	# static, or a module
	if [[ $out == *"not found"* ]]; then
		vm_usage "$file: $(grep -m 1 'not found' <<<"$out" | xargs)"
	fi
	for library in $(grep -oE '/[^ ]+' <<<"$out") /lib/"$(uname -m)"-linux-gnu/libgcc_s.so.1; do
		[ ! -e "$library" ] || [ -e "$root$library" ] || {
			mkdir -p "$root${library%/*}" && cp -L "$library" "$root$library"
		} || return 1
	done
}

# vm_file_add ROOT HOSTPATH[:GUESTPATH]: a file or directory, by default into /tct.
vm_file_add() {
	local root=$1 from=${2%%:*} to file

	to=/tct/$(basename "$from")
	[[ $2 != *:* ]] || to=${2#*:}
	[ -e "$from" ] || vm_usage "no such file: $from"
	[[ $to == /* ]] || vm_usage "not an absolute path in the guest: $to"
	[ "$to" != /bin/busybox ] || vm_usage "the guest needs its own $to"
	mkdir -p "$root${to%/*}" && cp -RL -T "$from" "$root$to" || return 1
	while IFS= read -r file; do
		! vm_is_elf "$file" || vm_libraries "$root" "$file" || return 1
	done < <(find -L "$from" -type f -size +3c)
}

vm_command_add() {	# vm_command_add ROOT COMMAND...: quoted, so that it arrives as it was given
	local root=$1 word
	shift
	{
		printf exec
		for word in "$@"; do
			printf " '%s'" "${word//\'/\'\\\'\'}"
		done
		echo
	} >"$root/command"
}

# vm_pack ROOT FILE: not compressed, as unpacking costs the guest more than reading costs us.
vm_pack() {
	(cd "$1" && find . -mindepth 1 -print0 | cpio -0 -o -H newc --quiet -R 0:0) >"$2"
}
