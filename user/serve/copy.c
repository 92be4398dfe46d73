// SPDX-License-Identifier: GPL-2.0
#include "copy.h"

#include <stdlib.h>
#include <string.h>

/* What precedes the holders, which precede their strings. */
struct piece {
	struct tct_finding ev;
	struct tct_subject who;
	struct tct_lingering why;
	struct tct_outlook outlook;
	struct tct_holder holders[];
};

static size_t size_of(const char *text)
{
	return text ? strlen(text) + 1 : 0;
}

static size_t size_of_strings(const struct tct_finding *ev)
{
	size_t size = 0;

	for (size_t i = 0; i < ev->holder_count; i++)
		size += size_of(ev->holders[i].cgroup) + size_of(ev->holders[i].fds);
	return size;
}

static const char *put(char **at, const char *text)
{
	const char *begin = *at;

	if (!text)
		return NULL;
	*at = stpcpy(*at, text) + 1;
	return begin;
}

static void copy_holders(struct piece *piece, const struct tct_finding *ev)
{
	char *at = (char *)&piece->holders[ev->holder_count];

	for (size_t i = 0; i < ev->holder_count; i++) {
		piece->holders[i] = ev->holders[i];
		piece->holders[i].cgroup = put(&at, ev->holders[i].cgroup);
		piece->holders[i].fds = put(&at, ev->holders[i].fds);
	}
	piece->ev.holders = ev->holder_count ? piece->holders : NULL;
}

struct tct_finding *tct_finding_copy(const struct tct_finding *ev)
{
	struct piece *piece = malloc(sizeof(*piece) +
				     ev->holder_count * sizeof(piece->holders[0]) +
				     size_of_strings(ev));

	if (!piece)
		return NULL;
	piece->ev = *ev;
	copy_holders(piece, ev);
	if (ev->socket) {
		piece->who = *ev->socket;
		piece->ev.socket = &piece->who;
	}
	if (ev->why) {
		piece->why = *ev->why;
		piece->ev.why = &piece->why;
	}
	if (ev->outlook) {
		piece->outlook = *ev->outlook;
		piece->ev.outlook = &piece->outlook;
	}
	return &piece->ev;
}
