/* SPDX-License-Identifier: GPL-2.0 */
/* A set of namespaces, by their inodes. */
#ifndef TCT_INODES_H
#define TCT_INODES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct tct_inodes {
	uint32_t *list;		/* ascending, each once */
	size_t count;
	size_t room;
};

bool tct_inodes_has(const struct tct_inodes *inodes, uint32_t inode);

/* 1 when it is new, 0 when it was there, -ENOMEM. */
int tct_inodes_add(struct tct_inodes *inodes, uint32_t inode);

/* Empties it and keeps its memory. */
void tct_inodes_clear(struct tct_inodes *inodes);
void tct_inodes_fini(struct tct_inodes *inodes);

#endif
