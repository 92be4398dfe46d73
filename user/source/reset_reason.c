// SPDX-License-Identifier: GPL-2.0
#include "reset_reason.h"

#include <bpf/btf.h>
#include <ctype.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include "kernel.h"

#define REASONS_MAX 64
#define NAME_LEN 40
#define PREFIX "SK_RST_REASON_"

static char names[REASONS_MAX][NAME_LEN];

static void spell(const char *symbol, char name[NAME_LEN])
{
	size_t len = 0;

	if (!strncmp(symbol, PREFIX, strlen(PREFIX)))
		symbol += strlen(PREFIX);
	for (; symbol[len] && len < NAME_LEN - 1; len++)
		name[len] = symbol[len] == '_' ? '-' : (char)tolower((unsigned char)symbol[len]);
	name[len] = '\0';
}

static void read_names(void)
{
	const struct btf *btf = tct_kernel_btf();
	int id = btf ? btf__find_by_name_kind(btf, "sk_rst_reason", BTF_KIND_ENUM) : -1;
	const struct btf_type *type = id > 0 ? btf__type_by_id(btf, (__u32)id) : NULL;

	for (int i = 0; type && i < btf_vlen(type); i++) {
		const struct btf_enum *value = &btf_enum(type)[i];

		if (value->val >= 0 && value->val < REASONS_MAX)
			spell(btf__name_by_offset(btf, value->name_off), names[value->val]);
	}
}

const char *tct_reset_reason(uint32_t reason)
{
	static bool known;

	if (!known) {
		read_names();
		known = true;
	}
	return reason < REASONS_MAX && names[reason][0] ? names[reason] : NULL;
}
