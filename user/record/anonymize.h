/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What is recorded, with other addresses. In one recording equal addresses stay equal, different
 * ones different, and their family stays; the key is drawn when it begins and kept nowhere.
 *
 * Kept: addresses that name no host of anybody's (unspecified, loopback, multicast, broadcast),
 * the prefix of v4-mapped ones, ports, cookies, inodes, pids, names of programs (comm). Replaced:
 * all other addresses; those of kernel objects; names of cgroups. A kernel stack keeps only what it
 * tells about the end of a TIME_WAIT.
 */
#ifndef TCT_ANONYMIZE_H
#define TCT_ANONYMIZE_H

#include "../core/end.h"
#include "cipher.h"

struct tct_anonymize {
	struct tct_cipher cipher;
	struct tct_end_symbol symbols[TCT_END_SYMBOLS_MAX];	/* this kernel's */
};

/* 0, or a negative errno when there is no randomness to be had. */
int tct_anonymize_init(struct tct_anonymize *anonymize, const struct tct_end_symbol *symbols);

/* What stands for the kernel's symbols in the recording: those that are not resolved stay 0. */
void tct_anonymize_symbols(const struct tct_anonymize *anonymize, struct tct_end_symbol *out);

/* One whole record, in place. Bytes that are no record stay. */
void tct_anonymize_record(const struct tct_anonymize *anonymize, void *data, size_t len);

struct tct_memo;
void tct_anonymize_memo(const struct tct_anonymize *anonymize, struct tct_memo *memo);

#define TCT_ANONYMOUS_CGROUP_LEN 32

void tct_anonymize_cgroup(const struct tct_anonymize *anonymize, const char *name, size_t len,
			  char out[TCT_ANONYMOUS_CGROUP_LEN]);

/* `address` as in struct tct_record_id. */
void tct_anonymize_address(const struct tct_anonymize *anonymize, uint8_t family,
			   uint8_t address[16]);

#endif
