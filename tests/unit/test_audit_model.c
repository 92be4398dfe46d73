// SPDX-License-Identifier: GPL-2.0
/*
 * Audits of a small kernel that goes on meanwhile. Whatever was lost, one audit puts the mirror
 * right; while nothing is lost none finds a difference; and no finding is about a socket that is not
 * in that state.
 */
#include "test.h"

#include "model.h"

#define SEEDS 3000
#define PER_MS 6	/* slots that a survey reads in a millisecond */

struct run {
	struct model *model;
	struct stream *stream;
	struct tct_sink told;
	uint32_t drift;
	uint32_t seeded;
	uint32_t audits;
};

static void on_audit(void *ctx, const struct tct_audit *ev)
{
	struct run *run = ctx;

	run->audits++;
	run->seeded += ev->seeded;
	for (int d = 0; d < TCT_DRIFTS; d++)
		run->drift += ev->drift[d];
}

static struct tct_shards *shards_of(const struct run *run)
{
	return &run->stream->shards;
}

/* What is there at the start, in two of the three namespaces. */
static void seed(struct run *run)
{
	struct tct_shards *shards = shards_of(run);

	for (uint64_t i = 0; i < 300; i++)
		model_tick(run->model);
	model_calm(run->model);
	run->model->queued = 0;
	tct_shards_scan_begin(shards, run->model->now_ms * MODEL_MS);
	for (size_t i = 0; i < MODEL_SLOTS; i++) {
		if (run->model->slots[i].shown.netns != 3 &&
		    !(run->model->slots[i].shown.mini && run->model->brief))
			model_feed_found(run->model, i, tct_shards_feed);
	}
	for (uint32_t netns = 1; netns <= 2; netns++)
		tct_shards_scan_namespace(shards, netns);
	tct_shards_scan_end(shards, run->model->now_ms * MODEL_MS);
	assert_int_equal(tct_shards_seeded(shards), 0);
}

static void begin_bounded(struct run *run, uint64_t number, uint32_t max_sockets)
{
	struct tct_tracker_config config = { .sees_segments = true, .max_sockets = max_sockets };

	*run = (struct run){ .model = model_new(number) };
	run->model->brief = number % 4 == 1;
	run->model->shows_listener = number % 4 == 2;
	config.brief = run->model->brief;
	tct_stuck_defaults(&config.stuck);
	for (int s = 0; s < TCT_STATES; s++)
		config.stuck.threshold_ns[s] = config.stuck.threshold_ns[s] ? 60 * MODEL_MS : 0;
	config.stuck.scan_ns = 20 * MODEL_MS;
	run->stream = run->model->stream = stream_new(&config);
	run->told = (struct tct_sink){ .ctx = run, .audit = on_audit };
	run->stream->shards.sink = &run->told;
	seed(run);
}

static void begin(struct run *run, uint64_t number)
{
	begin_bounded(run, number, 0);
}

static void end(struct run *run)
{
	stream_free(run->stream);
	model_free(run->model);
}

static bool is_in_finding(struct tct_shards *shards, size_t slot, const struct model *model)
{
	const struct model_look *shown = &model->slots[slot].shown;
	const struct tct_socket *sock = tct_mirror_find(&shards->shard[0].mirror, shown->cookie,
							shown->mini);

	return sock && sock->group;
}

static uint32_t in_findings(const struct tct_shards *shards)
{
	uint32_t all = 0;

	for (uint32_t i = shards->stuck.groups.first; i;) {
		const struct tct_group *group = tct_groups_at(&shards->stuck.groups, i);

		all += tct_group_count(group);
		i = group->next;
	}
	return all;
}

/* Each that has joined a finding was seen in its state by this scan, and there are no others. */
static void expect_true_findings(struct run *run, const bool *before, uint32_t count)
{
	for (size_t i = 0; i < MODEL_SLOTS; i++) {
		const struct model_look *shown = &run->model->slots[i].shown;
		const struct tct_socket *sock;

		if (before[i] || !is_in_finding(shards_of(run), i, run->model))
			continue;
		count++;
		sock = tct_mirror_find(&shards_of(run)->shard[0].mirror, shown->cookie, shown->mini);
		assert_true(shown->there);
		assert_int_equal(sock->state, shown->state);
	}
	assert_int_equal(in_findings(shards_of(run)), count);
}

static void scan(struct run *run)
{
	struct tct_shards *shards = shards_of(run);
	uint64_t now_ns = run->model->now_ms * MODEL_MS;
	bool before[MODEL_SLOTS];
	uint32_t count;

	if (!tct_shards_tick(shards, now_ns))
		return;
	for (size_t i = 0; i < MODEL_SLOTS; i++)
		before[i] = is_in_finding(shards, i, run->model);
	count = in_findings(shards);
	tct_shards_scan_begin(shards, now_ns);
	for (size_t i = 0; i < MODEL_SLOTS; i++)
		model_feed_found(run->model, i, tct_shards_feed);
	for (uint32_t netns = 1; netns <= 3; netns++)
		tct_shards_scan_namespace(shards, netns);
	tct_shards_scan_end(shards, now_ns);
	expect_true_findings(run, before, count);
}

/* Time passes; now and then events are read and what is due is looked at. */
static void live(struct run *run, uint32_t ms)
{
	for (uint32_t i = 0; i < ms; i++) {
		model_tick(run->model);
		if (!model_random(run->model, 5))
			model_deliver(run->model);
		if (!model_random(run->model, 10))
			scan(run);
	}
}

static void tell_namespaces(struct tct_shards *shards)
{
	for (uint32_t netns = 1; netns <= 3; netns++)
		tct_audit_namespace(shards, netns);
}

static void read_first(struct run *run)
{
	struct tct_record_present recs[MODEL_SLOTS];
	size_t count = 0;

	for (size_t i = 0; i < MODEL_SLOTS; i++) {
		count += model_present(run->model, i, &recs[count]);
		if (i % PER_MS == 0)
			live(run, 1);
	}
	live(run, model_random(run->model, 20));
	model_deliver(run->model);
	tell_namespaces(shards_of(run));
	for (size_t i = 0; i < count; i++)
		assert_int_equal(tct_audit_feed(shards_of(run), &recs[i], sizeof(recs[i])),
				 sizeof(recs[i]));
	while (tct_audit_sweep(shards_of(run), true, 300))
		live(run, model_random(run->model, 2));
}

/* Each slot's record is kept with the time at which it was read. */
static struct model looked[MODEL_SLOTS];

static void read_again(struct run *run)
{
	size_t at = 0;
	struct tct_suspect suspect;

	if (!tct_audit_suspect(shards_of(run), &at, &suspect))
		return;
	while (run->model->now_ms * MODEL_MS < tct_audit_again_at(shards_of(run)))
		live(run, 1);
	tct_audit_again(shards_of(run));
	for (size_t i = 0; i < MODEL_SLOTS; i++) {
		looked[i].now_ms = run->model->now_ms;
		looked[i].stream = run->stream;
		looked[i].slots[i] = run->model->slots[i];
		if (i % PER_MS == 0)
			live(run, 1);
	}
	model_deliver(run->model);
	tell_namespaces(shards_of(run));
	for (size_t i = 0; i < MODEL_SLOTS; i++)
		model_feed_found(&looked[i], i, tct_audit_feed);
}

static void audit(struct run *run)
{
	uint32_t before = run->audits;

	tct_audit_begin(shards_of(run), run->model->now_ms * MODEL_MS, false);
	read_first(run);
	read_again(run);
	while (tct_audit_settle(shards_of(run), run->model->now_ms * MODEL_MS, true, 3))
		live(run, model_random(run->model, 2));
	assert_int_equal(run->audits, before + 1);
}

/* What was just leaving while it looked is left to the next one. */
static void audit_until_sure(struct run *run)
{
	audit(run);
	for (int i = 0; i < 3 && !tct_audit_at(shards_of(run)); i++)
		audit(run);
	assert_false(shards_of(run)->stuck.degraded);
}

static void expect_equal(struct run *run)
{
	model_calm(run->model);
	model_deliver(run->model);
	model_expect_mirrored(run->model);
}

/* Audits at any moment, of all that goes on. */
static void test_races_are_no_drift(void **state)
{
	(void)state;
	for (uint64_t number = 0; number < SEEDS / 3; number++) {
		struct run run;

		begin(&run, number);
		for (int i = 0; i < 4; i++) {
			live(&run, model_random(run.model, 50));
			audit(&run);
			assert_int_equal(run.drift, 0);
		}
		expect_equal(&run);
		assert_false(shards_of(&run)->stuck.degraded);
		end(&run);
	}
}

static void test_one_audit_puts_it_right(void **state)
{
	uint64_t drift = 0;

	(void)state;
	for (uint64_t number = 0; number < SEEDS; number++) {
		struct run run;

		begin(&run, number);
		run.model->loss_percent = model_random(run.model, 100);
		live(&run, 50 + model_random(run.model, 300));
		run.model->loss_percent = 0;
		live(&run, 30);		/* what was lost is noted by then */
		model_deliver(run.model);
		live(&run, 12);
		audit_until_sure(&run);
		drift += run.drift;
		run.drift = 0;
		expect_equal(&run);
		audit(&run);
		assert_int_equal(run.drift, 0);
		expect_equal(&run);
		end(&run);
	}
	assert_true(drift > SEEDS);	/* it had something to do */
}

/* Losses that go on: nothing is certain, and when they end the next audit puts it right. */
static void test_losses_during_audits(void **state)
{
	(void)state;
	for (uint64_t number = 0; number < SEEDS / 3; number++) {
		struct run run;

		begin(&run, number);
		run.model->loss_percent = 1 + model_random(run.model, 60);
		live(&run, 100);
		audit(&run);
		run.model->loss_percent = 0;
		model_deliver(run.model);
		live(&run, 12);
		assert_true(tct_audit_at(shards_of(&run)) <= run.model->now_ms * MODEL_MS ||
			    !shards_of(&run)->stuck.degraded);
		audit_until_sure(&run);
		expect_equal(&run);
		end(&run);
	}
}

/* Those that find no room are no drift, whoever leaves when; and it stays a part of what is there. */
static void test_bound(void **state)
{
	uint64_t beyond = 0;

	(void)state;
	for (uint64_t number = 0; number < SEEDS / 3; number++) {
		uint32_t bound = 4 + number % 40;
		struct run run;

		begin_bounded(&run, number, bound);
		for (int i = 0; i < 4; i++) {
			live(&run, model_random(run.model, 80));
			audit(&run);
			assert_int_equal(run.drift, 0);
			assert_true(shards_of(&run)->shard[0].mirror.pool.live <= bound);
		}
		model_calm(run.model);
		model_deliver(run.model);
		model_expect_some_mirrored(run.model);
		beyond += shards_of(&run)->shard[0].unmirrored;
		end(&run);
	}
	assert_true(beyond > SEEDS);
}

static void flood(struct run *run, bool on)
{
	model_deliver(run->model);
	run->model->thinned = on;
	tct_shards_flood(shards_of(run), on, run->model->now_ms * MODEL_MS);
}

/* Nothing that a flood hid is drift; the audit after it has it all. */
static void test_floods(void **state)
{
	(void)state;
	for (uint64_t number = 0; number < SEEDS / 3; number++) {
		struct run run;

		begin(&run, number);
		live(&run, 50);
		audit(&run);
		flood(&run, true);
		live(&run, model_random(run.model, 200));
		if (number % 3)
			audit(&run);
		live(&run, model_random(run.model, 50));
		flood(&run, false);
		live(&run, 12 + model_random(run.model, 50));
		audit_until_sure(&run);
		assert_int_equal(run.drift, 0);
		assert_false(shards_of(&run)->thinned);
		expect_equal(&run);
		end(&run);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_races_are_no_drift),
		cmocka_unit_test(test_one_audit_puts_it_right),
		cmocka_unit_test(test_losses_during_audits),
		cmocka_unit_test(test_bound),
		cmocka_unit_test(test_floods),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
