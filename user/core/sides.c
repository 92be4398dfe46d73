// SPDX-License-Identifier: GPL-2.0
#include "sides.h"

#include <errno.h>
#include <stdlib.h>

struct counts {
	uint32_t local[65536];
	uint32_t remote[65536];
};

void tct_sides_listens(struct tct_sides *sides, uint16_t port)
{
	__atomic_fetch_or(&sides->listening[port / 8], (uint8_t)(1 << port % 8), __ATOMIC_RELAXED);
}

static bool listens(const struct tct_sides *sides, uint16_t port)
{
	return sides->listening[port / 8] >> port % 8 & 1;
}

bool tct_sides_guess(const struct tct_sides *sides, uint16_t lport, uint16_t rport)
{
	if (listens(sides, lport) != listens(sides, rport))
		return listens(sides, lport);
	return lport < rport;
}

/* A full socket of the mirror, by its place: in that order memory is read as it lies. */
static struct tct_socket *socket_at(const struct tct_mirror *mirror, uint32_t index)
{
	struct tct_socket *sock = tct_mirror_at(mirror, index);

	return sock->state == TCT_NONE || sock->flags & TCT_SOCK_MINI ? NULL : sock;
}

static void count(const struct tct_mirror *mirror, struct counts *counts)
{
	for (uint32_t i = 1; i < mirror->pool.used; i++) {
		const struct tct_socket *sock = socket_at(mirror, i);

		if (!sock)
			continue;
		counts->local[sock->lport]++;
		counts->remote[sock->rport]++;
	}
}

static bool is_local(const struct tct_sides *sides, const struct counts *counts,
		     const struct tct_socket *sock)
{
	uint32_t local = counts->local[sock->lport], remote = counts->remote[sock->rport];

	if (listens(sides, sock->lport) == listens(sides, sock->rport) && local != remote)
		return local > remote;
	return tct_sides_guess(sides, sock->lport, sock->rport);
}

static void mark(const struct tct_sides *sides, const struct tct_mirror *mirror,
		 const struct counts *counts)
{
	for (uint32_t i = 1; i < mirror->pool.used; i++) {
		struct tct_socket *sock = socket_at(mirror, i);

		if (sock && sock->flags & TCT_SOCK_SEEDED && is_local(sides, counts, sock))
			sock->flags |= TCT_SOCK_LOCAL_PORT;
	}
}

int tct_sides_infer(const struct tct_sides *sides, const struct tct_mirrors *mirrors)
{
	struct counts *counts = calloc(1, sizeof(*counts));

	if (!counts)
		return -ENOMEM;
	for (unsigned int i = 0; i < mirrors->count; i++)
		count(mirrors->mirror[i], counts);
	for (unsigned int i = 0; i < mirrors->count; i++)
		mark(sides, mirrors->mirror[i], counts);
	free(counts);
	return 0;
}
