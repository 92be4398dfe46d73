// SPDX-License-Identifier: GPL-2.0
#include "story.h"

#include <errno.h>
#include <stdlib.h>

#define LOOKS 16		/* at the oldest, to make room */
#define REST_NS 20000000ull	/* longer than the ring's reader sleeps between two batches */

/* The upper bits, as many as there are buckets. */
static uint32_t hash(uint64_t value)
{
	return (uint32_t)(value * 0x9e3779b97f4a7c15ull >> 52);
}

static uint64_t sum_of(const struct tct_endpoint *end)
{
	uint64_t sum = end->port;

	for (size_t i = 0; i < sizeof(end->address); i++)
		sum = sum * 31 + end->address[i];
	return sum;
}

/* The same from either end. */
static struct tct_story_list *tuple_list(struct tct_stories *stories, const struct tct_tuple *tuple)
{
	struct tct_endpoint local = tct_endpoint_local(tuple), remote = tct_endpoint_remote(tuple);

	return &stories->tuples[hash(sum_of(&local) + sum_of(&remote))];
}

static const struct tct_numbers *opening(const struct tct_story_end *end)
{
	const struct tct_story_step *step = &end->entered[TCT_ESTABLISHED];

	return step->counted ? &step->numbers : NULL;
}

/* What began after the other was there is not its peer. */
static bool was_before(const struct tct_story_end *opened, const struct tct_story_end *other)
{
	return opened->entered[TCT_ESTABLISHED].at_ns <= other->first_ns;
}

/* Its beginning was seen, and by then the other had ended. */
static bool came_after(const struct tct_story_end *end, const struct tct_story_end *other)
{
	bool began = end->entered[TCT_SYN_SENT].at_ns || end->entered[TCT_SYN_RECV].at_ns;

	return began && other->entered[TCT_CLOSE].at_ns &&
	       other->entered[TCT_CLOSE].at_ns < end->first_ns;
}

static bool are_ends(const struct tct_story_end *a, const struct tct_story_end *b)
{
	const struct tct_numbers *an = opening(a), *bn = opening(b);

	if (a == b || !tct_endpoint_equal_tuples(&a->who.tuple, &b->who.tuple, true))
		return false;
	if (an && bn)
		return an->snd_una == bn->rcv_nxt && an->rcv_nxt == bn->snd_una;
	if (a->who.netns != b->who.netns || came_after(a, b) || came_after(b, a))
		return false;
	if (!an && !bn)
		return true;
	return an ? was_before(a, b) : was_before(b, a);
}

/* Of several that could be, one that is torn: its addresses may be in use again. */
static struct tct_story_end *peer_of(struct tct_stories *stories, const struct tct_story_end *end)
{
	struct tct_story_end *peer, *found = NULL;

	LIST_FOREACH(peer, tuple_list(stories, &end->who.tuple), by_tuple) {
		if (are_ends(end, peer) && (!found || (peer->torn && !found->torn)))
			found = peer;
	}
	return found;
}

static void drop(struct tct_stories *stories, struct tct_story_end *end)
{
	LIST_REMOVE(end, by_key);
	LIST_REMOVE(end, by_tuple);
	TAILQ_REMOVE(&stories->ages, end, by_age);
	if (end->resting)
		TAILQ_REMOVE(&stories->resting, end, by_rest);
	stories->count--;
	free(end);
}

static bool passed(const struct tct_story_end *end, uint32_t states)
{
	for (int s = TCT_NONE + 1; s < TCT_STATES; s++) {
		if (states >> s & 1 && (end->entered[s].at_ns || end->state == (enum tct_state)s))
			return true;
	}
	return false;
}

static bool is_wanted(const struct tct_stories *stories, const struct tct_story *story)
{
	bool picked = false, through = !stories->config.states;

	for (int i = 0; i < 2 && story->ends[i]; i++) {
		picked |= tct_pick_is(&stories->config.pick, &story->ends[i]->who);
		through |= passed(story->ends[i], stories->config.states);
	}
	return picked && through;
}

static void tell(struct tct_stories *stories, struct tct_story_end *end,
		 struct tct_story_end *peer, uint64_t now_ns)
{
	const struct tct_story story = { .ends = { end, peer }, .now_ns = now_ns };

	if (is_wanted(stories, &story))
		stories->config.tell(stories->config.ctx, &story);
	drop(stories, end);
	if (peer)
		drop(stories, peer);
}

/* Nothing more is to come of it. */
static bool is_over(const struct tct_story_end *end)
{
	return end->torn && end->state != TCT_TIME_WAIT;
}

static void note_rest(struct tct_stories *stories, struct tct_story_end *end, uint64_t now_ns)
{
	if (end->resting || !is_over(end))
		return;
	end->resting = true;
	end->rest_ns = now_ns;
	TAILQ_INSERT_TAIL(&stories->resting, end, by_rest);
}

/* Its peer, if that waited for it, is told without it. */
static void give_up(struct tct_stories *stories, struct tct_story_end *end, uint64_t now_ns)
{
	struct tct_story_end *peer = peer_of(stories, end);

	drop(stories, end);
	if (peer)
		note_rest(stories, peer, now_ns);
}

/* The one that was chosen, and what is half over. */
static bool is_to_stay(struct tct_stories *stories, const struct tct_story_end *end)
{
	const struct tct_pick *pick = &stories->config.pick;
	const struct tct_story_end *peer = peer_of(stories, end);

	if (pick->by == TCT_PICK_COOKIE && tct_pick_is(pick, &end->who))
		return true;
	return peer && peer->torn != end->torn;
}

/* Where many are to stay, one of them is not. */
static struct tct_story_end *oldest(struct tct_stories *stories)
{
	struct tct_story_end *end;

	for (int i = 0; i < LOOKS; i++) {
		end = TAILQ_FIRST(&stories->ages);
		if (!is_to_stay(stories, end))
			break;
		TAILQ_REMOVE(&stories->ages, end, by_age);
		TAILQ_INSERT_TAIL(&stories->ages, end, by_age);
	}
	return TAILQ_FIRST(&stories->ages);
}

static void make_room(struct tct_stories *stories, uint64_t now_ns)
{
	struct tct_story_end *end = oldest(stories);

	if (end->torn) {
		tell(stories, end, peer_of(stories, end), now_ns);
		return;
	}
	stories->given_up++;
	give_up(stories, end, now_ns);
}

static struct tct_story_end *add(struct tct_stories *stories, const struct tct_subject *who,
				 uint64_t now_ns)
{
	struct tct_story_end *end;

	if (stories->count >= stories->config.max)
		make_room(stories, now_ns);
	end = calloc(1, sizeof(*end));
	if (!end) {
		stories->given_up++;
		return NULL;
	}
	end->who = *who;
	end->first_ns = now_ns;
	LIST_INSERT_HEAD(&stories->keys[hash(who->cookie)], end, by_key);
	LIST_INSERT_HEAD(tuple_list(stories, &who->tuple), end, by_tuple);
	TAILQ_INSERT_TAIL(&stories->ages, end, by_age);
	stories->count++;
	return end;
}

static bool same_socket(const struct tct_story_end *end, const struct tct_subject *who)
{
	return end->who.netns == who->netns &&
	       tct_endpoint_equal_tuples(&end->who.tuple, &who->tuple, false);
}

/* Without cookies a mini-socket has another address than its socket had: its tuple tells. */
static struct tct_story_end *find_mini(struct tct_stories *stories, const struct tct_subject *who)
{
	struct tct_story_end *end;

	if (!TCT_KEY_IS_ADDRESS(who->cookie))
		return NULL;
	LIST_FOREACH(end, tuple_list(stories, &who->tuple), by_tuple) {
		if ((end->state == TCT_TIME_WAIT || end->state == TCT_FIN_WAIT2) &&
		    same_socket(end, who))
			return end;
	}
	return NULL;
}

static struct tct_story_end *find(struct tct_stories *stories, const struct tct_subject *who)
{
	struct tct_story_end *end;

	LIST_FOREACH(end, &stories->keys[hash(who->cookie)], by_key) {
		if (end->who.cookie == who->cookie)
			return end;
	}
	return find_mini(stories, who);
}

/* Later events know more: the port that was chosen, the owner that was found. */
static void learn(struct tct_stories *stories, struct tct_story_end *end,
		  const struct tct_subject *who)
{
	LIST_REMOVE(end, by_tuple);
	end->who.tuple = who->tuple;
	if (who->task.pid)
		end->who.task = who->task;
	LIST_INSERT_HEAD(tuple_list(stories, &who->tuple), end, by_tuple);
}

static void take_step(struct tct_story_end *end, const struct tct_transition *ev)
{
	end->state = ev->to;
	end->entered[ev->to] = (struct tct_story_step){
		.at_ns = ev->mono_ns,
		.after_ns = ev->dwell_ns,
		.from = ev->from,
		.counted = ev->counted,
		.numbers = ev->numbers,
	};
}

static bool is_connection(const struct tct_transition *ev)
{
	return ev->to != TCT_LISTEN && !(ev->from == TCT_LISTEN && ev->to == TCT_CLOSE) &&
	       ev->from != ev->to;
}

/* A socket may connect again after its connection ended. */
static bool begins(const struct tct_transition *ev)
{
	return ev->from == TCT_LISTEN || ev->from == TCT_CLOSE;
}

static void on_transition(void *ctx, const struct tct_transition *ev)
{
	struct tct_stories *stories = ctx;
	struct tct_story_end *end;

	if (!is_connection(ev) || !tct_pick_may_be(&stories->config.pick, &ev->who))
		return;
	end = find(stories, &ev->who);
	if (end && begins(ev)) {
		if (end->torn)
			tell(stories, end, peer_of(stories, end), ev->mono_ns);
		else
			give_up(stories, end, ev->mono_ns);
		end = NULL;
	}
	if (!end && ev->counted)	/* not of a mini-socket whose socket was not seen */
		end = add(stories, &ev->who, ev->mono_ns);
	if (!end)
		return;
	learn(stories, end, &ev->who);
	take_step(end, ev);
	note_rest(stories, end, ev->mono_ns);
}

static void on_time_wait(void *ctx, const struct tct_time_wait *ev)
{
	struct tct_stories *stories = ctx;
	struct tct_story_end *end = find(stories, &ev->who);

	if (!end)
		return;
	end->time_wait = *ev;
	end->waited = true;
}

static void on_teardown(void *ctx, const struct tct_teardown *ev)
{
	struct tct_stories *stories = ctx;
	struct tct_story_end *end = find(stories, &ev->who);

	if (!end)
		return;
	learn(stories, end, &ev->who);
	end->teardown = *ev;
	end->torn = true;
	note_rest(stories, end, ev->mono_ns);
}

uint64_t tct_stories_settle(struct tct_stories *stories, uint64_t now_ns)
{
	struct tct_story_end *end, *peer;

	while ((end = TAILQ_FIRST(&stories->resting)) && end->rest_ns + REST_NS <= now_ns) {
		TAILQ_REMOVE(&stories->resting, end, by_rest);
		end->resting = false;
		peer = peer_of(stories, end);
		if (!peer || is_over(peer))
			tell(stories, end, peer, now_ns);
	}
	return end ? end->rest_ns + REST_NS : UINT64_MAX;
}

void tct_stories_flush(struct tct_stories *stories, uint64_t now_ns)
{
	bool all = tct_pick_is_one(&stories->config.pick);
	struct tct_story_end *end, *peer;

	while ((end = TAILQ_FIRST(&stories->ages))) {
		const struct tct_story story = { .ends = { end, peer = peer_of(stories, end) } };

		if (all || end->torn || (peer && peer->torn)) {
			tell(stories, end, peer, now_ns);
			continue;
		}
		stories->left_open += is_wanted(stories, &story);
		drop(stories, end);
		if (peer)
			drop(stories, peer);
	}
}

int tct_stories_init(struct tct_stories *stories, const struct tct_stories_config *config,
		     struct tct_sink *ops)
{
	*stories = (struct tct_stories){
		.config = *config,
		.keys = calloc(TCT_STORIES_BUCKETS, sizeof(*stories->keys)),
		.tuples = calloc(TCT_STORIES_BUCKETS, sizeof(*stories->tuples)),
	};
	if (!config->max)
		stories->config.max = TCT_STORIES_MAX;
	TAILQ_INIT(&stories->ages);
	TAILQ_INIT(&stories->resting);
	*ops = (struct tct_sink){
		.ctx = stories,
		.transition = on_transition,
		.time_wait = on_time_wait,
		.teardown = on_teardown,
	};
	if (stories->keys && stories->tuples)
		return 0;
	tct_stories_fini(stories);
	return -ENOMEM;
}

void tct_stories_fini(struct tct_stories *stories)
{
	struct tct_story_end *end;

	while ((end = TAILQ_FIRST(&stories->ages)))
		drop(stories, end);
	free(stories->keys);
	free(stories->tuples);
}
