// SPDX-License-Identifier: GPL-2.0
#include "anonymize.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include "../core/decode.h"
#include "../core/event.h"
#include "../core/memo.h"

#define KERNEL_HALF (1ull << 63)
#define SYMBOL_STEP 0x1000
#define NO_SYMBOL 1	/* a frame that tells nothing; 0 would end the stack */

static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };

int tct_anonymize_init(struct tct_anonymize *anonymize, const struct tct_end_symbol *symbols)
{
	ssize_t got = getrandom(anonymize->cipher.key, sizeof(anonymize->cipher.key), 0);

	if (got != (ssize_t)sizeof(anonymize->cipher.key))
		return got < 0 ? -errno : -EIO;
	memcpy(anonymize->symbols, symbols, sizeof(anonymize->symbols));
	return 0;
}

static uint64_t start_of(size_t symbol)
{
	return (symbol + 1) * SYMBOL_STEP;
}

void tct_anonymize_symbols(const struct tct_anonymize *anonymize, struct tct_end_symbol *out)
{
	for (size_t i = 0; i < TCT_END_SYMBOLS_MAX; i++) {
		bool known = anonymize->symbols[i].start;

		out[i].start = known ? start_of(i) : 0;
		out[i].stop = known ? start_of(i) + SYMBOL_STEP - 1 : 0;
	}
}

/* As tct_end_of_stack() looks at it. */
static uint64_t frame(const struct tct_anonymize *anonymize, uint64_t address)
{
	for (size_t i = 0; i < TCT_END_SYMBOLS_MAX; i++) {
		const struct tct_end_symbol *symbol = &anonymize->symbols[i];

		if (symbol->start && address > symbol->start && address <= symbol->stop)
			return start_of(i) + 1;
	}
	return NO_SYMBOL;
}

/* 0/8 and 127/8; and from 224/4 to broadcast. */
static bool is_special_v4(uint32_t address)
{
	uint32_t first = address >> 24;

	return first == 0 || first == 127 || first >= 224;
}

/*
 * What a permutation makes of an address may be one that has to stay: then it is permuted on. Since
 * it never starts at one of those, this is a bijection of the others.
 */
static uint32_t other_v4(const struct tct_cipher *cipher, uint32_t address)
{
	if (is_special_v4(address))
		return address;
	do
		address = tct_cipher_32(cipher, address);
	while (is_special_v4(address));
	return address;
}

static void replace_v4(const struct tct_cipher *cipher, uint8_t bytes[4])
{
	uint32_t address;

	memcpy(&address, bytes, sizeof(address));
	address = htonl(other_v4(cipher, ntohl(address)));
	memcpy(bytes, &address, sizeof(address));
}

static bool is_mapped(const uint8_t address[16])
{
	return !memcmp(address, mapped, sizeof(mapped));
}

/* Unspecified, loopback, multicast. */
static bool is_special_v6(const uint8_t address[16])
{
	static const uint8_t zeros[15];

	return address[0] == 0xff || (!memcmp(address, zeros, sizeof(zeros)) && address[15] <= 1);
}

static void replace_v6(const struct tct_cipher *cipher, uint8_t address[16])
{
	uint64_t halves[2];

	if (is_special_v6(address))
		return;
	memcpy(halves, address, sizeof(halves));
	do {
		tct_cipher_128(cipher, halves);
		memcpy(address, halves, sizeof(halves));
	} while (is_special_v6(address) || is_mapped(address));
}

void tct_anonymize_address(const struct tct_anonymize *anonymize, uint8_t family,
			   uint8_t address[16])
{
	if (family == AF_INET)
		replace_v4(&anonymize->cipher, address);
	else if (is_mapped(address))
		replace_v4(&anonymize->cipher, address + sizeof(mapped));
	else
		replace_v6(&anonymize->cipher, address);
}

/* 0 is none; all others stay in the half that the kernel's are in. */
static void replace_object(const struct tct_anonymize *anonymize, __u64 *address)
{
	uint64_t other = *address;

	if (!other)
		return;
	do
		other = tct_cipher_64(&anonymize->cipher, other);
	while ((other & KERNEL_HALF) != (*address & KERNEL_HALF) || !other);
	*address = other;
}

static void replace_id(const struct tct_anonymize *anonymize, struct tct_record_id *id)
{
	tct_anonymize_address(anonymize, id->family, id->laddr);
	tct_anonymize_address(anonymize, id->family, id->raddr);
	replace_object(anonymize, &id->address);
}

static void replace_stack(const struct tct_anonymize *anonymize, struct tct_record_tw_cancel *rec)
{
	for (int i = 0; i < TCT_STACK_DEPTH && rec->stack[i]; i++)
		rec->stack[i] = frame(anonymize, rec->stack[i]);
}

void tct_anonymize_record(const struct tct_anonymize *anonymize, void *data, size_t len)
{
	struct tct_record_sock *sock = data;	/* each kind begins with its header */
	struct tct_record_tw_cancel *cancel = data;
	struct tct_decoded rec;

	if (tct_decode(data, len, &rec) < 0)
		return;
	switch (rec.tag) {
	case TCT_REC_STATE:
	case TCT_REC_SOCK:
	case TCT_REC_FOUND:
	case TCT_REC_STAYS:
		replace_id(anonymize, &sock->id);
		break;
	case TCT_REC_TW_CANCEL:
	case TCT_REC_TW_END:
		replace_id(anonymize, &cancel->tw.id);
		replace_stack(anonymize, cancel);
		break;
	case TCT_REC_TW_START:
	case TCT_REC_TW_REARM:
	case TCT_REC_TW_SEGMENT:
	case TCT_REC_TW_SOCK:
		replace_id(anonymize, &((struct tct_record_tw *)data)->id);
		break;
	case TCT_REC_STEP:
		replace_object(anonymize, &((struct tct_record_step *)data)->address);
		break;
	case TCT_REC_RESET:
		replace_id(anonymize, &((struct tct_record_reset *)data)->id);
		break;
	case TCT_REC_OWNER:
		replace_object(anonymize, &((struct tct_record_owner *)data)->address);
		break;
	case TCT_REC_PRESENT:
		replace_object(anonymize, &((struct tct_record_present *)data)->address);
		break;
	case TCT_REC_HOLDER:
		break;
	}
}

void tct_anonymize_memo(const struct tct_anonymize *anonymize, struct tct_memo *memo)
{
	__u64 key = memo->cookie;

	tct_anonymize_address(anonymize, memo->family, memo->laddr);
	tct_anonymize_address(anonymize, memo->family, memo->raddr);
	if (TCT_KEY_IS_ADDRESS(key))
		replace_object(anonymize, &key);
	memo->cookie = key;
}

void tct_anonymize_cgroup(const struct tct_anonymize *anonymize, const char *name, size_t len,
			  char out[TCT_ANONYMOUS_CGROUP_LEN])
{
	uint64_t hash = tct_cipher_hash(&anonymize->cipher, name, len);

	snprintf(out, TCT_ANONYMOUS_CGROUP_LEN, "/cgroup-%08llx",
		 (unsigned long long)(hash & 0xffffffff));
}
