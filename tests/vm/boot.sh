# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# shellcheck disable=SC2154 # vm_select of table.sh sets the selected kernel's variables
# Boots the guest, and makes one verdict of how the command ended and what the kernel said.
# Sourced, not run.

# exit statuses of our own; any other is the command's
VM_COMPLAINED=123	# the kernel's log has a complaint
VM_TIMEOUT=124		# the wall clock limit was reached
VM_NO_VERDICT=125	# the guest ended before the command did, or could not start it

# A kernel that says any of these has failed the run, whatever the command thought of it.
VM_COMPLAINTS='WARNING:|BUG:|Oops|KASAN|UBSAN|KCSAN|possible circular locking|INFO: possible recursive'
VM_COMPLAINTS+='|inconsistent lock state|suspicious RCU|unreferenced object|sleeping function called'
VM_COMPLAINTS+='|general protection|Call Trace|refcount_t|Kernel panic'

# A panic with one of the first and none of the second is the emulation's own: it came in about 4
# of 100 boots with two emulated CPUs, and is the reason for there being one.
VM_EMULATION='double fault|int3'
VM_OURS='tcpclose|bpf_prog_|sysrq'

# vm_qemu WORK DIR SECONDS MB APPEND: becomes the guest; ends after SECONDS with timeout's 124.
vm_qemu() {
	local work=$1 dir=$2 seconds=$3 mb=$4 append=$5 machine

	case $vm_arch in
	amd64) machine=(qemu-system-x86_64 -cpu "$VM_CPU") ;;
	arm64) machine=(qemu-system-aarch64 -M virt -cpu 'max,pauth-impdef=on') ;;
	esac
	# loglevel after quiet: warnings are wanted on the console, for a guest that dies
	append="console=$([ "$vm_arch" = arm64 ] && echo ttyAMA0 || echo ttyS0) quiet loglevel=5 \
panic=-1 log_buf_len=4M random.trust_cpu=on $append"
	cd "$dir" || return 1	# no path among qemu's options: a comma in one would part it
	exec timeout -k 5 "$seconds" "${machine[@]}" -accel tcg "${vm_time[@]}" -smp 1 -m "$mb" \
		-nodefaults \
		-display none -no-reboot -kernel "$vm_dir/vmlinuz" -initrd "$work/initrd" \
		-append "$append" -serial file:console.log -device virtio-serial-pci \
		-chardev file,id=output,path=output \
		-device virtserialport,chardev=output,name=output \
		-chardev file,id=results,path=results.tar \
		-device virtserialport,chardev=results,name=results \
		</dev/null >qemu.log 2>&1
}

# vm_boot WORK DIR SECONDS MB APPEND: runs the guest, shows its output as it comes, and leaves
# everything that came back in DIR, with "status" last.
vm_boot() {
	local dir=$2 ended=0 follower

	find "$dir" -mindepth 1 -delete
	: >"$dir/output" && echo $VM_NO_VERDICT >"$dir/status" || return 1
	vm_qemu "$@" &
	vm_guest=$!
	tail -s 0.2 -c +1 -f --pid=$vm_guest "$dir/output" 2>/dev/null &
	follower=$!
	wait $vm_guest || ended=$?
	vm_guest=
	wait $follower
	[ -s "$dir/qemu.log" ] || rm -f "$dir/qemu.log"
	if [ $ended -eq 124 ] || [ $ended -eq 137 ]; then
		echo $VM_TIMEOUT >"$dir/status"
	elif ! tar -C "$dir" --no-same-owner --exclude=./output --exclude=./console.log \
		-xf "$dir/results.tar" 2>/dev/null; then
		echo $VM_NO_VERDICT >"$dir/status"
	fi
	rm -f "$dir/results.tar"
}

# vm_complaints DIR: what the kernel complained of, each line once.
vm_complaints() {
	cat "$1/dmesg" "$1/console.log" 2>/dev/null | tr -d '\r' | grep -aE "$VM_COMPLAINTS" | awk '!seen[$0]++'
}

vm_emulation_died() {	# vm_emulation_died DIR
	grep -aq 'Kernel panic' "$1/console.log" &&
		grep -aqE "$VM_EMULATION" "$1/console.log" &&
		! grep -aqE "$VM_OURS" "$1/console.log"
}

# vm_verdict DIR SECONDS: says what went wrong, and returns what to exit with.
vm_verdict() {
	local dir=$1 status complaints

	status=$(<"$dir/status")
	complaints=$(vm_complaints "$dir")
	case $status in
	"$VM_TIMEOUT") [ -s "$dir/dmesg" ] || vm_say "kernel $vm_release: killed after $2 s" ;;
	"$VM_NO_VERDICT") [ -s "$dir/dmesg" ] || {
		vm_say "kernel $vm_release: the guest ended without a verdict"
		tail -n 5 "$dir/console.log" "$dir/qemu.log" 2>/dev/null >&2
	} ;;
	esac
	[ -n "$complaints" ] || return "$status"
	vm_say "kernel $vm_release complained (and the command's status is $status):"
	printf '     | %s\n' "${complaints//$'\n'/$'\n     | '}" >&2
	return $VM_COMPLAINED
}
