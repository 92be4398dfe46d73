/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The filters that live the kernel decides (ports, family, namespace), for the records of a
 * recording. As there, a connect() whose port is not chosen yet waits for its next event.
 */
#ifndef TCT_SIFT_H
#define TCT_SIFT_H

#include "../session/input.h"
#include "../source/filter.h"

#define TCT_SIFT_HELD 4096	/* a power of two; a newer one takes an older one's place */

struct tct_sift {
	const struct tct_filter_config *config;	/* NULL: everything passes */
	struct tct_record_sock *held;
};

typedef int (*tct_sift_fn)(void *ctx, const struct tct_input *input);

/* One number for what it decides, ports, family and namespace; 0: everything passes. */
uint32_t tct_sift_filter(const struct tct_filter_config *config);

/*
 * For a recording of a run with the filter `recorded`, by that number: with the same one all that
 * is in it passes. `config` must outlive it. 0 or -ENOMEM.
 */
int tct_sift_init(struct tct_sift *sift, const struct tct_filter_config *config,
		  uint32_t recorded);
void tct_sift_fini(struct tct_sift *sift);

/* Hands on what passes, and what waited for it before. Returns what `fn` does, or 0. */
int tct_sift_pass(struct tct_sift *sift, const struct tct_input *input, tct_sift_fn fn, void *ctx);

#endif
