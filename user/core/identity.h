/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which mirrored socket a record is about. A socket is known by its cookie; on kernels and with
 * providers that make none, by its address until somebody else asks the kernel for its cookie.
 */
#ifndef TCT_IDENTITY_H
#define TCT_IDENTITY_H

#include "../../bpf/record.h"
#include "mirror.h"

/* The cookie, or else the address, marked as such: TCT_KEY_IS_ADDRESS(). */
static inline uint64_t tct_identity_key(uint64_t cookie, uint64_t address)
{
	return cookie ? cookie : address | TCT_KEY_ADDRESS;
}

/* The mirrored socket, NULL when there is none. One that has got a cookie goes on under it. */
struct tct_socket *tct_identity_find(struct tct_mirror *mirror, uint64_t cookie, uint64_t address,
				     bool mini);

/* The connection of both is the same: namespace, family, addresses and ports. */
bool tct_identity_same_tuple(const struct tct_socket *a, const struct tct_socket *b);
bool tct_identity_has_tuple(const struct tct_mirror *mirror, const struct tct_socket *sock,
			    const struct tct_record_id *id);

#endif
