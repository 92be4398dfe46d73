/* SPDX-License-Identifier: GPL-2.0 */
/* Shared by what writes the text format (exposition.c) and what is in it (families.c). */
#ifndef TCT_EXPOSITION_INTERNAL_H
#define TCT_EXPOSITION_INTERNAL_H

#include "exposition.h"

struct tct_page {
	const struct tct_snapshot *snapshot;
	const uint64_t *codes;
	bool openmetrics;
	FILE *out;
	const char *name;	/* of the family that is being written */
	const char *suffix;	/* of its samples */
};

struct tct_family {
	const char *name;	/* a counter's is without the _total that its samples have */
	const char *type;
	const char *unit;	/* NULL: none */
	const char *help;
	void (*put)(const struct tct_page *page);
	size_t field;		/* put is NULL: one number, that uint64_t of the snapshot */
};

extern const struct tct_family tct_families[];
extern const size_t tct_family_count;

/* key="value": names of programs and cgroups are bytes of the user's choice. */
void tct_expose_label(FILE *out, const char *key, const char *value);

/* A sample with up to two labels; a key that is NULL: none. */
void tct_expose_u64(const struct tct_page *page, const char *key, const char *value,
		    const char *key2, const char *value2, uint64_t number);
void tct_expose_real(const struct tct_page *page, const char *key, const char *value,
		     double number);
void tct_expose_histogram(const struct tct_page *page, const char *key, const char *value,
			  const struct tct_bars *bars, const double *bounds_s, size_t count);

#endif
