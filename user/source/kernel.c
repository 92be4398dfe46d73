// SPDX-License-Identifier: GPL-2.0
#include "kernel.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <linux/bpf.h>
#include <unistd.h>
#include "kallsyms.h"

#define KERNEL_BTF "/sys/kernel/btf/vmlinux"

bool tct_kernel_has_btf(void)
{
	return !access(KERNEL_BTF, R_OK);
}

int tct_kernel_check_btf(const char *path)
{
	libbpf_print_fn_t print;
	struct btf *btf;

	if (access(path, R_OK))
		return -errno;
	print = libbpf_set_print(NULL);		/* the caller says it in one line */
	btf = btf__parse(path, NULL);
	libbpf_set_print(print);
	if (!btf)
		return -EINVAL;
	btf__free(btf);
	return 0;
}

const struct btf *tct_kernel_btf(void)
{
	static struct btf *btf;

	if (!btf && tct_kernel_has_btf())
		btf = btf__parse(KERNEL_BTF, NULL);
	return btf;
}

/* typedef void (*btf_trace_NAME)(void *, arguments ...) */
int tct_kernel_tracepoint_args(const char *tracepoint)
{
	const struct btf *btf = tct_kernel_btf();
	const struct btf_type *type;
	char name[128];
	int id;

	if (!btf)
		return -1;
	snprintf(name, sizeof(name), "btf_trace_%s", tracepoint);
	id = btf__find_by_name_kind(btf, name, BTF_KIND_TYPEDEF);
	type = id > 0 ? btf__type_by_id(btf, btf__type_by_id(btf, id)->type) : NULL;
	if (type)
		type = btf__type_by_id(btf, type->type);
	return type && btf_is_func_proto(type) ? btf_vlen(type) - 1 : -1;
}

bool tct_kernel_has_function(const char *name)
{
	const struct btf *btf = tct_kernel_btf();
	uint64_t address;

	if (btf)
		return btf__find_by_name_kind(btf, name, BTF_KIND_FUNC) > 0;
	return tct_kallsyms_find(name, &address);
}

/* A helper is a function by this name; the kernel has no better way to ask for these two. */
bool tct_kernel_makes_cookies(void)
{
	return tct_kernel_has_function("bpf_get_socket_ptr_cookie");
}

bool tct_kernel_shows_child(void)
{
	const struct btf *btf = tct_kernel_btf();
	int id = btf ? btf__find_by_name_kind(btf, "inet_connection_sock", BTF_KIND_STRUCT) : -1;
	const struct btf_type *type = id > 0 ? btf__type_by_id(btf, (__u32)id) : NULL;

	for (int i = 0; type && i < btf_vlen(type); i++) {
		const char *name = btf__name_by_offset(btf, btf_members(type)[i].name_off);

		if (!strcmp(name, "icsk_timeout"))
			return false;
	}
	return type;
}

bool tct_kernel_has_sock_from_file(void)
{
	return tct_kernel_has_function("bpf_sock_from_file");
}

bool tct_kernel_has_module(void)
{
	return !access("/sys/module/tcpclose", F_OK);
}

bool tct_kernel_has_kprobes(void)
{
	return !access("/sys/bus/event_source/devices/kprobe", F_OK) ||
	       !access("/sys/kernel/tracing/kprobe_events", F_OK);
}

/* The verifier knows instructions that this architecture's compiler may not. */
static bool is_compiled(int program_fd)
{
	struct bpf_prog_info info = { 0 };
	__u32 len = sizeof(info);

	return !bpf_obj_get_info_by_fd(program_fd, &info, &len) && info.jited_prog_len;
}

bool tct_kernel_has_fetch(void)
{
	static const struct bpf_insn add[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0 },
		{ .code = BPF_STX | BPF_MEM | BPF_DW, .dst_reg = BPF_REG_10, .src_reg = BPF_REG_0,
		  .off = -8 },
		{ .code = BPF_STX | BPF_ATOMIC | BPF_DW, .dst_reg = BPF_REG_10,
		  .src_reg = BPF_REG_0, .off = -8, .imm = BPF_ADD | BPF_FETCH },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	static enum { UNKNOWN, NO, YES } has;
	int program;

	if (has)
		return has == YES;
	program = bpf_prog_load(BPF_PROG_TYPE_SOCKET_FILTER, "tct_try", "GPL", add,
				sizeof(add) / sizeof(add[0]), NULL);
	has = program >= 0 && is_compiled(program) ? YES : NO;
	if (program >= 0)
		close(program);
	return has == YES;
}

int tct_kernel_try_fentry(const char *function)
{
	static const struct bpf_insn nothing[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	LIBBPF_OPTS(bpf_prog_load_opts, options, .expected_attach_type = BPF_TRACE_FENTRY);
	const struct btf *btf = tct_kernel_btf();
	int id = btf ? btf__find_by_name_kind(btf, function, BTF_KIND_FUNC) : -ENOENT;
	int program, link, err = 0;

	if (id < 0)
		return id;
	options.attach_btf_id = (__u32)id;
	program = bpf_prog_load(BPF_PROG_TYPE_TRACING, "tct_try", "GPL", nothing, 2, &options);
	if (program < 0)
		return program;
	link = bpf_raw_tracepoint_open(NULL, program);
	if (link < 0)
		err = link;
	else
		close(link);
	close(program);
	return err;
}

const char *tct_kernel_release(void)
{
	static struct utsname uts;

	return uname(&uts) ? "unknown" : uts.release;
}

void tct_kernel_port_range(uint16_t *first, uint16_t *last)
{
	FILE *file = fopen("/proc/sys/net/ipv4/ip_local_port_range", "re");
	char line[64] = "", *end;
	unsigned long from, to;

	if (file) {
		if (!fgets(line, sizeof(line), file))
			line[0] = '\0';
		fclose(file);
	}
	from = strtoul(line, &end, 10);
	to = strtoul(end, NULL, 10);
	if (!from || to < from || to > UINT16_MAX) {
		from = 32768;
		to = 60999;
	}
	*first = (uint16_t)from;
	*last = (uint16_t)to;
}
