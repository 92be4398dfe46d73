// SPDX-License-Identifier: GPL-2.0
#include "identity.h"

#include <string.h>

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
	return a->place == b->place && a->lport == b->lport && a->rport == b->rport &&
	       !memcmp(a->raddr, b->raddr, sizeof(a->raddr));
}

bool tct_identity_has_tuple(const struct tct_mirror *mirror, const struct tct_socket *sock,
			    const struct tct_record_id *id)
{
	const struct tct_place *place = tct_mirror_place(mirror, sock);

	return place->netns == id->netns && place->family == id->family &&
	       sock->lport == id->lport && sock->rport == id->rport &&
	       !memcmp(place->laddr, id->laddr, sizeof(id->laddr)) &&
	       !memcmp(sock->raddr, id->raddr, sizeof(id->raddr));
}
