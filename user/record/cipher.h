/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Keyed bijections of numbers of 32, 64 and 128 bits: Luby-Rackoff networks around SipHash. Who
 * does not have the key learns of two results no more than whether their origins were equal.
 */
#ifndef TCT_CIPHER_H
#define TCT_CIPHER_H

#include <stddef.h>
#include <stdint.h>

struct tct_cipher {
	uint64_t key[2];
};

/* SipHash-2-4 of `len` bytes. */
uint64_t tct_cipher_hash(const struct tct_cipher *cipher, const void *data, size_t len);

uint32_t tct_cipher_32(const struct tct_cipher *cipher, uint32_t number);
uint64_t tct_cipher_64(const struct tct_cipher *cipher, uint64_t number);
void tct_cipher_128(const struct tct_cipher *cipher, uint64_t number[2]);

#endif
