// SPDX-License-Identifier: GPL-2.0
#include "kernel.h"

#include <bpf/btf.h>
#include <stdio.h>
#include <sys/utsname.h>
#include <unistd.h>

bool tct_kernel_has_btf(void)
{
	return !access("/sys/kernel/btf/vmlinux", R_OK);
}

/* typedef void (*btf_trace_NAME)(void *, arguments ...) */
int tct_kernel_tracepoint_args(const char *tracepoint)
{
	struct btf *btf = btf__load_vmlinux_btf();
	const struct btf_type *type;
	char name[128];
	int id, args = -1;

	if (!btf)
		return -1;
	snprintf(name, sizeof(name), "btf_trace_%s", tracepoint);
	id = btf__find_by_name_kind(btf, name, BTF_KIND_TYPEDEF);
	type = id > 0 ? btf__type_by_id(btf, btf__type_by_id(btf, id)->type) : NULL;
	if (type)
		type = btf__type_by_id(btf, type->type);
	if (type && btf_is_func_proto(type))
		args = btf_vlen(type) - 1;
	btf__free(btf);
	return args;
}

const char *tct_kernel_release(void)
{
	static struct utsname uts;

	return uname(&uts) ? "unknown" : uts.release;
}
