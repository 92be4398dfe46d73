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

static void count_list(struct tct_mirror *mirror, uint32_t index, struct counts *counts)
{
	for (; index; index = tct_mirror_at(mirror, index)->next) {
		const struct tct_socket *sock = tct_mirror_at(mirror, index);

		counts->local[sock->lport]++;
		counts->remote[sock->rport]++;
	}
}

static void count(struct tct_mirror *mirror, struct counts *counts)
{
	for (int state = 0; state < TCT_STATES; state++)
		count_list(mirror, mirror->lists[0][state].head, counts);
}

static bool is_local(const struct tct_sides *sides, const struct counts *counts,
		     const struct tct_socket *sock)
{
	uint32_t local = counts->local[sock->lport], remote = counts->remote[sock->rport];

	if (listens(sides, sock->lport) == listens(sides, sock->rport) && local != remote)
		return local > remote;
	return tct_sides_guess(sides, sock->lport, sock->rport);
}

static void mark_list(const struct tct_sides *sides, struct tct_mirror *mirror, uint32_t index,
		      const struct counts *counts)
{
	for (; index; index = tct_mirror_at(mirror, index)->next) {
		struct tct_socket *sock = tct_mirror_at(mirror, index);

		if (sock->flags & TCT_SOCK_SEEDED && is_local(sides, counts, sock))
			sock->flags |= TCT_SOCK_LOCAL_PORT;
	}
}

static void mark(const struct tct_sides *sides, struct tct_mirror *mirror,
		 const struct counts *counts)
{
	for (int state = 0; state < TCT_STATES; state++)
		mark_list(sides, mirror, mirror->lists[0][state].head, counts);
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
