/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What outlives the daemon (--pin): the programs' maps and links, and the mirror, whose elements
 * live in maps of their own. Programs come in generations: a new one is complete before one store
 * makes it the current, so whatever moment a kill comes at, one is.
 */
#ifndef TCT_PIN_H
#define TCT_PIN_H

#include <stdint.h>
#include "../core/journal.h"
#include "../core/pending.h"
#include "../exit.h"
#include "hooks.h"

/* What the elements of the mirror mean. A change of any of them raises it. */
#define TCT_PIN_MIRROR_VERSION 2

struct tct_pin;

/* Of one generation. */
struct tct_pin_programs {
	uint64_t object;		/* a hash of the BPF object */
	uint64_t config;		/* a hash of what it was loaded with */
	uint32_t points;		/* one bit each */
	uint32_t chosen[TCT_POINTS];	/* enum tct_provider */
	uint32_t pad;
};

/* What two versions have to agree on: numbers that differ where that does. */
struct tct_pin_layout {
	uint64_t programs;			/* of the memory that they share */
	uint64_t elements[TCT_JOURNAL_POOLS];	/* sizes */
};

/*
 * Opens the directory, or makes it. Refuses with one line what another version has laid out
 * otherwise, and where another daemon runs; nothing is changed then.
 */
enum tct_exit tct_pin_open(struct tct_pin **out, const char *path,
			   const struct tct_pin_layout *layout);

/* Everything stays, if a run has begun; of one that failed before, or was ended, nothing does. */
void tct_pin_close(struct tct_pin *pin);

/* Removes all that is ours there, whatever version made it. Logs one line if it cannot. */
enum tct_exit tct_pin_remove(const char *path);

/* The current generation; NULL when there is none. */
const struct tct_pin_programs *tct_pin_programs(const struct tct_pin *pin);

/* A map of the programs, by its name there. A descriptor or a negative errno. */
int tct_pin_get_map(const struct tct_pin *pin, const char *map);
int tct_pin_put_map(const struct tct_pin *pin, const char *map, int fd);
void tct_pin_drop_map(const struct tct_pin *pin, const char *map);

/* The link of a program of the current generation; pinning one of the next. */
int tct_pin_get_link(const struct tct_pin *pin, const char *program);
int tct_pin_put_link(const struct tct_pin *pin, const char *program, int fd);

/* The next generation becomes the current, the one before is detached. */
void tct_pin_switch(struct tct_pin *pin, const struct tct_pin_programs *next);

/* Detaches what is of no current generation: a start that was killed. */
void tct_pin_tidy(const struct tct_pin *pin);

/* What keeps the mirror whole. */
struct tct_journal *tct_pin_journal(struct tct_pin *pin);

/* For tct_restore_watch(); `pin` is a struct tct_pin. */
void *tct_pin_chunk(void *pin, enum tct_journal_pools which, uint32_t number);

/* The endings that waited at the last commit; room for those of the next. */
const struct tct_ending *tct_pin_pending(const struct tct_pin *pin);
struct tct_ending *tct_pin_next_pending(struct tct_pin *pin);

/* The mirror is not to be relied on: it is read anew. */
void tct_pin_forget_mirror(struct tct_pin *pin);

#endif
