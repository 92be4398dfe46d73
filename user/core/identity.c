// SPDX-License-Identifier: GPL-2.0
#include "identity.h"

#include <string.h>
#include "event.h"

uint64_t tct_identity_key(uint64_t cookie, uint64_t address)
{
	return cookie ? cookie : address | TCT_KEY_ADDRESS;
}

struct tct_socket *tct_identity_find(struct tct_mirror *mirror, uint64_t cookie, uint64_t address,
				     bool mini)
{
	struct tct_socket *sock = tct_mirror_find(mirror, tct_identity_key(cookie, address), mini);

	if (sock || !cookie || !mirror->by_address)
		return sock;
	sock = tct_mirror_find(mirror, tct_identity_key(0, address), mini);
	if (sock)
		tct_mirror_rekey(mirror, sock, cookie);
	return sock;
}

bool tct_identity_same_tuple(const struct tct_socket *a, const struct tct_socket *b)
{
	return a->netns == b->netns && a->family == b->family && a->lport == b->lport &&
	       a->rport == b->rport && !memcmp(a->laddr, b->laddr, sizeof(a->laddr)) &&
	       !memcmp(a->raddr, b->raddr, sizeof(a->raddr));
}
