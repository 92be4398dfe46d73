/* SPDX-License-Identifier: GPL-2.0 */
/* The descriptors that one scan found, by socket: who holds a cookie, all processes that do. */
#ifndef TCT_OWNERS_H
#define TCT_OWNERS_H

#include <stddef.h>
#include <stdint.h>
#include "../../bpf/record.h"
#include "index.h"

struct tct_held {
	uint64_t cookie;	/* first, for the index: of the socket, or its address: identity.h */
	uint32_t pid;
	uint32_t fd;
	char comm[TCT_COMM_LEN];
};

struct tct_owners {
	struct tct_held *held;
	size_t count;
	size_t room;
	struct tct_index by_cookie;
};

void tct_owners_clear(struct tct_owners *owners);
void tct_owners_fini(struct tct_owners *owners);

/* 0 or -ENOMEM. */
int tct_owners_add(struct tct_owners *owners, const struct tct_record_owner *rec);

/*
 * Before any look-up: those of one socket come together, by pid, then by descriptor. 0 or -ENOMEM:
 * nothing will be found.
 */
int tct_owners_order(struct tct_owners *owners);

/* The first of `*count` descriptors of this socket; NULL when nobody holds it. */
const struct tct_held *tct_owners_find(const struct tct_owners *owners, uint64_t cookie,
				       size_t *count);

#endif
