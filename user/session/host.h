/* SPDX-License-Identifier: GPL-2.0 */
/* What a run knows of the kernel that it watches: a recording begins with it. */
#ifndef TCT_HOST_H
#define TCT_HOST_H

#include <stdbool.h>
#include "../core/end.h"
#include "../core/stuck.h"

#define TCT_NAME_LEN 64

struct tct_host {
	char kernel[TCT_NAME_LEN];	/* uname -r */
	char set_state[TCT_NAME_LEN];	/* the providers, "" for none */
	char time_wait[TCT_NAME_LEN];
	char time_wait_end[TCT_NAME_LEN];
	char reset[TCT_NAME_LEN];
	uint64_t start_ns;		/* when its hooks were attached */
	uint64_t real_offset_ns;	/* CLOCK_REALTIME minus CLOCK_MONOTONIC at the start */
	uint32_t hz;
	uint32_t max_sockets;		/* the mirror's bound */
	uint32_t shards;		/* of the mirror; 0: one */
	uint32_t filter;		/* tct_sift_filter() of its options; 0: it has none */
	bool cookieless;		/* these are as in struct tct_tracker_config */
	bool sees_resets;
	bool sees_segments;
	bool minis_need_socket;
	bool holds_back;
	bool brief;			/* transitions come brief, mini-sockets are only counted */
	bool continued;			/* as in struct tct_ready */
	struct tct_end_symbol end_symbols[TCT_END_SYMBOLS_MAX];
	/* What this kernel's number for a reset's reason means, NULL: not known. */
	const char *(*reset_reason)(uint32_t reason);
};

#endif
