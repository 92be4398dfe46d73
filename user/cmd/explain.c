// SPDX-License-Identifier: GPL-2.0
#include "../core/subject.h"
#include "../log.h"
#include "../sink/collect.h"
#include "../explain/explain_text.h"
#include "cmd.h"
#include "output.h"
#include "run.h"

struct run {
	const struct tct_options *options;
	struct tct_stories stories;
	struct tct_output output;
	bool enough;		/* the one that was chosen is told */
};

static void tell(void *ctx, const struct tct_story *story)
{
	struct run *run = ctx;
	struct tct_explain explain = { 0 };

	run->enough = tct_pick_is_one(&run->options->pick);
	if (!tct_output_admits(&run->output, story->now_ns))
		return;
	tct_explain_make(story, &explain);
	if (run->options->json)
		tct_explain_json(&explain, &run->output.json, story->now_ns);
	else if (run->options->format == TCT_FSM_MERMAID)
		tct_explain_mermaid(&explain, stdout);
	else
		tct_explain_text(&explain, &run->output.text.config);
}

static uint64_t settle(void *ctx, uint64_t now_ns)
{
	return tct_stories_settle(&((struct run *)ctx)->stories, now_ns);
}

static bool is_in(const struct tct_pick *pick, const struct tct_mirror *mirror)
{
	for (int s = TCT_NONE + 1; s < TCT_STATES; s++) {
		uint32_t i = mirror->lists[0][s].head;

		while (i) {
			const struct tct_socket *sock = tct_mirror_at(mirror, i);
			const struct tct_subject who =
				tct_subject_of(mirror, sock, (struct tct_task){ 0 });

			if (tct_pick_is(pick, &who))
				return true;
			i = sock->next;
		}
	}
	return false;
}

static bool is_there(const struct tct_pick *pick, const struct tct_shards *shards)
{
	for (unsigned int i = 0; i < shards->count; i++) {
		if (is_in(pick, &shards->shard[i].mirror))
			return true;
	}
	return false;
}

static void look_for_it(void *ctx, struct tct_session *session)
{
	const struct tct_pick *pick = &((struct run *)ctx)->options->pick;

	if (tct_pick_is_one(pick) && !is_there(pick, &session->shards))
		tct_log_error("no open socket is that connection's: waiting for one");
}

static void finish(void *ctx, uint64_t now_ns)
{
	struct run *run = ctx;

	tct_output_wait(&run->output);
	tct_stories_flush(&run->stories, now_ns);
	if (run->stories.given_up)
		tct_log_error("%llu sockets open for long were forgotten to make room: their "
			      "beginnings, or their ends, are not told",
			      (unsigned long long)run->stories.given_up);
	if (run->stories.left_open)
		tct_log_error("%llu connection%s still open, not drawn",
			      (unsigned long long)run->stories.left_open,
			      run->stories.left_open == 1 ? "" : "s");
}

enum tct_exit tct_cmd_explain(const struct tct_options *options)
{
	struct tct_options all = *options;
	struct run run = { .options = options };
	struct tct_collect collect = { .print = finish, .ctx = &run };
	const struct tct_stories_config stories = {
		.pick = options->pick, .states = options->states, .tell = tell, .ctx = &run,
	};
	struct tct_sink sink;
	const struct tct_run_config config = {
		.options = &all,
		.output = &run.output,
		.sink = &sink,
		.messages = &run.output.messages,
		.hooks = {
			.settle = settle,
			.seeded = look_for_it,
			.enough = &run.enough,
			.ctx = &run,
		},
	};
	enum tct_exit status;

	all.states = 0;		/* -s is about whole stories */
	tct_output_init_live(&run.output, options);
	if (tct_stories_init(&run.stories, &stories, &collect.events)) {
		tct_log_error("out of memory");
		return TCT_EXIT_FAILURE;
	}
	collect.messages = run.output.sink;
	tct_collect_init(&collect, &sink);
	status = tct_output_end(&run.output, tct_run(&config));
	tct_stories_fini(&run.stories);
	return status;
}
