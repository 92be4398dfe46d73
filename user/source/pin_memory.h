/* SPDX-License-Identifier: GPL-2.0 */
/* Memory that outlives the process: array maps, mapped here and pinned by name. */
#ifndef TCT_PIN_MEMORY_H
#define TCT_PIN_MEMORY_H

#include <stddef.h>
#include "pin_dir.h"

struct tct_pin_mapping {
	void *at;
	size_t size;
};

/* All that is mapped; zero at first. */
struct tct_pin_memory {
	struct tct_pin_mapping *mappings;
	size_t count;
};

/* Zeroed and without a name yet: the descriptor, for the caller to pin and to close, or -errno. */
int tct_pin_memory_create(struct tct_pin_memory *memory, size_t size, void **out);

/* What is pinned by that name. -ENOENT; -EBADMSG when it has another size; another -errno. */
int tct_pin_memory_get(struct tct_pin_memory *memory, const struct tct_pin_dir *dir,
		       const char *name, size_t size, void **out);

/* The same, or zeroed memory that gets the name. 0 or -errno. */
int tct_pin_memory_open(struct tct_pin_memory *memory, const struct tct_pin_dir *dir,
			const char *name, size_t size, void **out);

void tct_pin_memory_close(struct tct_pin_memory *memory);

#endif
