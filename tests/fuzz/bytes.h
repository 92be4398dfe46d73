/* SPDX-License-Identifier: GPL-2.0 */
/* A fuzzer's input, taken piece by piece. Past its end everything is 0. */
#ifndef FUZZ_BYTES_H
#define FUZZ_BYTES_H

#include <stddef.h>
#include <stdint.h>

struct bytes {
	const uint8_t *next;
	size_t left;
};

uint8_t bytes_u8(struct bytes *bytes);

/* Small numbers mostly, in one byte; any number behind a byte of 255. */
uint64_t bytes_number(struct bytes *bytes);

void bytes_copy(struct bytes *bytes, void *out, size_t len);

#endif
