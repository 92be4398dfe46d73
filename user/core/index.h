/* SPDX-License-Identifier: GPL-2.0 */
/* Where in an array the element of a key is: one look, however many there are. */
#ifndef TCT_INDEX_H
#define TCT_INDEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct tct_index_slot {
	uint64_t key;
	uint32_t place;		/* and one more; 0: nothing is here */
};

/* All zero: empty. */
struct tct_index {
	struct tct_index_slot *slots;
	uint32_t bits;
};

/* Forgets all, and has room for so many keys. 0 or -ENOMEM: then nothing will be found. */
int tct_index_reset(struct tct_index *index, size_t count);

/* Of a key that comes again the first place stays: false. */
bool tct_index_put(struct tct_index *index, uint64_t key, size_t place);

bool tct_index_find(const struct tct_index *index, uint64_t key, size_t *place);

void tct_index_fini(struct tct_index *index);

#endif
