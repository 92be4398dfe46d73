/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where in an array the element of a key is: one look, however many there are. Elements begin with
 * their key, 64 bits, and the array stays as it is while it has an index.
 */
#ifndef TCT_INDEX_H
#define TCT_INDEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* All zero: empty. A slot has a place and one more; 0: nothing is here. */
struct tct_index {
	uint32_t *slots;
	uint32_t bits;
	const char *elements;
	size_t size;		/* of an element */
};

/*
 * Of `count` elements; of those with one key the first is found, and `*several` is set. 0, or
 * -ENOMEM: then nothing will be found.
 */
int tct_index_make(struct tct_index *index, const void *elements, size_t size, size_t count,
		   bool *several);

/* NULL: none has this key. */
const void *tct_index_find(const struct tct_index *index, uint64_t key);

void tct_index_fini(struct tct_index *index);

#endif
