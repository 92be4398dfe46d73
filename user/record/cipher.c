// SPDX-License-Identifier: GPL-2.0
#include "cipher.h"

#include <string.h>

#define ROUNDS 8

static uint64_t rotate(uint64_t x, int by)
{
	return x << by | x >> (64 - by);
}

static void mix(uint64_t v[4], int rounds)
{
	for (int i = 0; i < rounds; i++) {
		v[0] += v[1];
		v[2] += v[3];
		v[1] = rotate(v[1], 13) ^ v[0];
		v[3] = rotate(v[3], 16) ^ v[2];
		v[0] = rotate(v[0], 32);
		v[2] += v[1];
		v[0] += v[3];
		v[1] = rotate(v[1], 17) ^ v[2];
		v[3] = rotate(v[3], 21) ^ v[0];
		v[2] = rotate(v[2], 32);
	}
}

static void take(uint64_t v[4], uint64_t word)
{
	v[3] ^= word;
	mix(v, 2);
	v[0] ^= word;
}

/* Aumasson, Bernstein: SipHash, a fast short-input PRF. */
uint64_t tct_cipher_hash(const struct tct_cipher *cipher, const void *data, size_t len)
{
	uint64_t v[4] = { cipher->key[0] ^ 0x736f6d6570736575ull,
			  cipher->key[1] ^ 0x646f72616e646f6dull,
			  cipher->key[0] ^ 0x6c7967656e657261ull,
			  cipher->key[1] ^ 0x7465646279746573ull };
	const uint8_t *bytes = data;
	uint64_t word, last = (uint64_t)len << 56;
	size_t at;

	for (at = 0; at + sizeof(word) <= len; at += sizeof(word)) {
		memcpy(&word, bytes + at, sizeof(word));
		take(v, word);
	}
	for (size_t i = at; i < len; i++)
		last |= (uint64_t)bytes[i] << 8 * (i - at);
	take(v, last);
	v[2] ^= 0xff;
	mix(v, 4);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}

/* Both halves have `bits` bits. The width goes into each round: no width tells of another. */
static void turn(const struct tct_cipher *cipher, int bits, uint64_t *left, uint64_t *right)
{
	uint64_t mask = bits < 64 ? (1ull << bits) - 1 : UINT64_MAX;

	for (uint64_t round = 0; round < ROUNDS; round++) {
		const uint64_t in[2] = { *right, round << 8 | (uint64_t)bits };
		uint64_t next = *left ^ (tct_cipher_hash(cipher, in, sizeof(in)) & mask);

		*left = *right;
		*right = next;
	}
}

uint32_t tct_cipher_32(const struct tct_cipher *cipher, uint32_t number)
{
	uint64_t left = number >> 16, right = number & 0xffff;

	turn(cipher, 16, &left, &right);
	return (uint32_t)(left << 16 | right);
}

uint64_t tct_cipher_64(const struct tct_cipher *cipher, uint64_t number)
{
	uint64_t left = number >> 32, right = number & 0xffffffff;

	turn(cipher, 32, &left, &right);
	return left << 32 | right;
}

void tct_cipher_128(const struct tct_cipher *cipher, uint64_t number[2])
{
	turn(cipher, 64, &number[0], &number[1]);
}
