// SPDX-License-Identifier: GPL-2.0
/* Thresholds that change while the detector runs. */
#include "stuck_internal.h"

#include <string.h>

/* It waits for its threshold again, which may have passed already. */
static void put_back(struct tct_mirror *mirror, struct tct_list *fresh, struct tct_socket *sock)
{
	tct_list_remove(mirror, fresh, sock);
	sock->flags &= (uint16_t)~TCT_SOCK_UNLISTED;
	tct_list_insert(mirror, tct_mirror_list(mirror, sock), sock);
}

/* Of those that wait for a scan. */
static void put_back_state(struct tct_stuck *stuck, unsigned int shard, int state)
{
	struct tct_mirror *mirror = stuck->mirrors.mirror[shard];
	struct tct_list *fresh = &stuck->part[shard].fresh;
	uint32_t next;

	for (uint32_t i = fresh->head; i; i = next) {
		struct tct_socket *sock = tct_mirror_at(mirror, i);

		next = sock->next;
		if (sock->state == state)
			put_back(mirror, fresh, sock);
	}
}

/* No scan has looked for what is in it. */
static void mark_unread(struct tct_stuck *stuck, unsigned int shard, int state)
{
	struct tct_mirror *mirror = stuck->mirrors.mirror[shard];

	tct_list_read(mirror, &mirror->lists[0][state], 0);
	tct_list_read(mirror, &mirror->lists[1][state], 0);
}

static void set_threshold(struct tct_stuck *stuck, int state, uint64_t threshold_ns)
{
	uint64_t before_ns = stuck->config.threshold_ns[state];
	bool later = before_ns && (!threshold_ns || threshold_ns > before_ns);
	bool begins = threshold_ns && !before_ns;

	for (unsigned int i = 0; i < stuck->mirrors.count; i++) {
		if (later)
			put_back_state(stuck, i, state);
		if (begins)
			mark_unread(stuck, i, state);
	}
	stuck->config.threshold_ns[state] = threshold_ns;
	if (threshold_ns)
		stuck->judged_ns[state] = threshold_ns;
}

void tct_stuck_set_thresholds(struct tct_stuck *stuck, const uint64_t threshold_ns[TCT_STATES])
{
	for (int state = 0; state < TCT_STATES; state++)
		set_threshold(stuck, state, threshold_ns[state]);
}
