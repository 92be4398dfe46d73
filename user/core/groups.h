/* SPDX-License-Identifier: GPL-2.0 */
/* All groups of stuck sockets, found by what they are about. */
#ifndef TCT_GROUPS_H
#define TCT_GROUPS_H

#include "group.h"

#define TCT_GROUPS_BUCKETS 4096

struct tct_groups {
	struct tct_pool pool;
	uint32_t first;		/* of all, by `next` */
	uint32_t buckets[TCT_GROUPS_BUCKETS];
	uint32_t services[TCT_GROUPS_BUCKETS];
};

void tct_groups_init(struct tct_groups *groups);
void tct_groups_fini(struct tct_groups *groups);

/* NULL for 0. */
struct tct_group *tct_groups_at(const struct tct_groups *groups, uint32_t index);

/* The one of the same state, namespace, process and port; 0: there is none. */
uint32_t tct_groups_find(const struct tct_groups *groups, const struct tct_group *key);

/* Whether there is one of the same state, namespace and port, whatever its process. */
bool tct_groups_has_service(const struct tct_groups *groups, const struct tct_group *key);

/* A copy of what is in none yet; 0 when there is no memory. */
uint32_t tct_groups_add(struct tct_groups *groups, const struct tct_group *group);
void tct_groups_remove(struct tct_groups *groups, uint32_t index);

#endif
