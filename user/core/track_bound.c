// SPDX-License-Identifier: GPL-2.0
/*
 * The mirror's bound, which is lower when there is no memory for as many. A socket that begins when
 * it is reached finds no room, unless it is in a state that can last too long: then the youngest of
 * those that matter least goes.
 */
#include "tracker_internal.h"

#define LOOKS 16	/* at mini-sockets that are still part of a hand-over */

static bool lingers(enum tct_state state)
{
	switch (state) {
	case TCT_SYN_RECV:
	case TCT_FIN_WAIT1:
	case TCT_FIN_WAIT2:
	case TCT_CLOSE_WAIT:
	case TCT_LAST_ACK:
	case TCT_CLOSING:
	case TCT_NEW_SYN_RECV:
		return true;
	case TCT_NONE:
	case TCT_ESTABLISHED:
	case TCT_SYN_SENT:
	case TCT_TIME_WAIT:
	case TCT_CLOSE:
	case TCT_LISTEN:
	case TCT_STATES:
		break;
	}
	return false;
}

/* Its full socket's CLOSE, which tells the hand-over, is still to come. */
static bool is_handed_over(const struct tct_socket *mini)
{
	return !(mini->flags & (TCT_SOCK_ANNOUNCED | TCT_SOCK_SEEDED));
}

static struct tct_socket *youngest_mini(struct tct_tracker *tracker)
{
	struct tct_mirror *mirror = &tracker->mirror;
	struct tct_socket *mini = tct_mirror_at(mirror, mirror->lists[1][TCT_TIME_WAIT].tail);

	for (int i = 0; mini && is_handed_over(mini); i++)
		mini = i < LOOKS ? tct_mirror_at(mirror, mini->prev) : NULL;
	return mini;
}

/* NULL when all that is left can be stuck. */
static struct tct_socket *least_important(struct tct_tracker *tracker)
{
	static const enum tct_state order[] = { TCT_ESTABLISHED, TCT_SYN_SENT, TCT_LISTEN };
	struct tct_mirror *mirror = &tracker->mirror;
	struct tct_socket *sock = youngest_mini(tracker);

	for (size_t i = 0; !sock && i < sizeof(order) / sizeof(order[0]); i++)
		sock = tct_mirror_at(mirror, mirror->lists[0][order[i]].tail);
	return sock;
}

static struct tct_socket *choose(struct tct_tracker *tracker, struct tct_socket *added)
{
	struct tct_socket *other = NULL;

	if (lingers(added->state))
		other = least_important(tracker);
	else if (added->flags & TCT_SOCK_MINI && is_handed_over(added))
		other = youngest_mini(tracker);
	return other ? other : added;
}

static void miss_again(struct tct_tracker *tracker)
{
	tracker->beyond++;
	tct_audit_short(tracker);
}

void tct_tracker_miss(struct tct_tracker *tracker)
{
	tracker->unmirrored++;
	miss_again(tracker);
}

/* Room for the next one has to be left: its events are to be told, whether it stays or not. */
static bool is_over_bound(struct tct_tracker *tracker)
{
	struct tct_pool *pool = &tracker->mirror.pool;

	return (tracker->config.max_sockets && pool->live > tracker->config.max_sockets) ||
	       !tct_pool_has_room(pool);
}

void tct_tracker_trim(struct tct_tracker *tracker, struct tct_socket *sock, uint64_t now_ns)
{
	struct tct_socket *least;

	if (!is_over_bound(tracker))
		return;
	least = choose(tracker, sock);
	if (least->flags & TCT_SOCK_MISSED)
		miss_again(tracker);
	else
		tct_tracker_miss(tracker);
	tct_tracker_forget(tracker, least, now_ns);
}

bool tct_tracker_has_room(const struct tct_tracker *tracker, enum tct_state state)
{
	return !tracker->config.max_sockets || lingers(state) ||
	       tracker->mirror.pool.live < tracker->config.max_sockets;
}
