/* SPDX-License-Identifier: GPL-2.0 */
/* The addresses of a few kernel symbols. Reading them all is slow: once a run. */
#ifndef TCT_KALLSYMS_H
#define TCT_KALLSYMS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include "../core/end.h"

struct tct_kallsyms {
	struct tct_end_symbol ends[TCT_END_SYMBOLS_MAX];	/* what is not there stays 0 */
	int found;			/* of these; 0 when addresses are hidden (CAP_SYSLOG) */
	uint64_t tw_timer_handler;	/* 0 likewise */
};

/* 0, or a negative errno when the file cannot be read; `out` is set in any case. */
int tct_kallsyms_read(struct tct_kallsyms *out);

/* The same of an open file in that format, which stays the caller's. */
void tct_kallsyms_parse(FILE *file, struct tct_kallsyms *out);

/* Whether the kernel or a module has this symbol; its address is 0 when addresses are hidden. */
bool tct_kallsyms_find(const char *name, uint64_t *address);

#endif
