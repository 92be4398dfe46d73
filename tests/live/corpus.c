// SPDX-License-Identifier: GPL-2.0
/* Plays the scenarios, and compares what the tracer told with what must be told. */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "confusion.h"
#include "corpus.h"
#include "coverage.h"
#include "deadline.h"
#include "event.h"
#include "fatal.h"
#include "fields.h"
#include "peer.h"
#include "stage.h"
#include "told.h"
#include "tracer.h"

#define TESTS_MAX 128
#define BEHIND_MS 30000
#define TOLD_MS 4000		/* for what comes after the sockets have gone */
#define ENTRIES_MAX (5 * CORPUS_SOCKETS_MAX)
/*
 * README, Limits: now and then a kernel runs no program for an event, and counts nothing. What went
 * wrong with such a gap is played once more, and said; a fault of the tool would show again.
 */
#define MISSING_MAX 3

static struct confusion kinds = { .title = "kind" };
static struct confusion closers = { .title = "closer" };
static struct confusion ends = { .title = "end of TIME_WAIT" };
static struct confusion verdicts = { .title = "verdict" };

/* For a confusion table. */
struct entry {
	struct confusion *table;
	const char *expected, *reported;
};

/* One run of a scenario. */
struct act {
	const struct scenario *scenario;
	struct child child;
	bool started;
	int shown;
	struct end sockets[CORPUS_SOCKETS_MAX];
	const char *verdicts[CORPUS_SOCKETS_MAX];
	struct entry entries[ENTRIES_MAX];
	int entry_count;
	int wrong;
};

static struct tracer *tracer;
static struct act acts[TESTS_MAX];
static int act_count;
static int played_again;

static const char *text_or_null(const json_t *event, const char *field)
{
	return event ? json_string_value(json_object_get(event, field)) : NULL;
}

static bool same(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

static void compare(struct act *act, int i, struct confusion *table, const char *expected,
		    const char *reported)
{
	act->entries[act->entry_count++] = (struct entry){ table, expected, reported };
	if (same(expected, reported))
		return;
	print_error("socket %d: %s %s, not %s\n", i, table->title, reported ? reported : "(none)",
		    expected);
	act->wrong++;
}

static void check_fields(struct act *act, int i, const json_t *teardown)
{
	char words[256];

	if (fields_hold(teardown, act->scenario->expected[i].more, tracer_ready(tracer), words,
			sizeof(words)))
		return;
	print_error("socket %d: %s\n", i, words);
	act->wrong++;
}

/* How many of the sockets shown before are the same one, connected once more. */
static int earlier(const struct act *act, int i)
{
	int j, n = 0;

	for (j = 0; j < i; j++)
		n += act->sockets[i].cookie && act->sockets[j].cookie == act->sockets[i].cookie;
	return n;
}

static void check_teardown(struct act *act, int i)
{
	const struct expected *e = &act->scenario->expected[i];
	const json_t *teardown;

	if (!strcmp(e->kind, "none"))
		return;		/* expect_once() */
	teardown = told_event(tracer, "teardown", &act->sockets[i], earlier(act, i), TOLD_MS);
	compare(act, i, &kinds, e->kind, text_or_null(teardown, "kind"));
	if (e->closer)
		compare(act, i, &closers, e->closer, text_or_null(teardown, "closer"));
	if (teardown && e->more)
		check_fields(act, i, teardown);
}

static int told_rearms(const struct expected *e)
{
	return e->rearmed[!event_has_text(event_part(tracer_ready(tracer), "probes"),
					  "time_wait", "tracepoint")];
}

static void check_ends(struct act *act, int i)
{
	const struct expected *e = &act->scenario->expected[i];
	const json_t *record = NULL;
	int n;

	for (n = 0; n < 2 && e->ends[n]; n++) {
		record = told_event(tracer, "time_wait", &act->sockets[i], n, TOLD_MS);
		compare(act, i, &ends, e->ends[n], text_or_null(record, "end"));
	}
	if (!record || event_number(record, "rearmed") >= told_rearms(e))
		return;
	print_error("socket %d: rearmed %" PRId64 " times\n", i, event_number(record, "rearmed"));
	act->wrong++;
}

static void hear_verdicts(struct act *act)
{
	int i;

	for (i = 0; i < act->shown; i++)
		if (act->scenario->expected[i].verdict)
			act->verdicts[i] = text_or_null(
				told_event(tracer, "finding", &act->sockets[i], 0,
					   TRACER_PATIENCE_MS), "verdict");
	child_signal(act->child.link);
}

static void start(struct act *act)
{
	if (act->started)
		return;
	act->started = true;
	act->child = stage_start(act->scenario->run, act->scenario->at_home);
}

/* Until it has ended. Skips the test when it says so. */
static void hear(struct act *act)
{
	struct stage_note note;

	while ((note = stage_hear(&act->child)).type != STAGE_DONE) {
		if (note.type == STAGE_SKIPPED) {
			child_wait(&act->child);
			act->shown = 0;
			print_message("%s\n", note.why);
			skip();
		}
		if (note.type == STAGE_HELD)
			hear_verdicts(act);
		else if (act->shown < CORPUS_SOCKETS_MAX)
			act->sockets[act->shown++] = note.end;
	}
	assert_int_equal(child_wait(&act->child), 0);
}

static int expected_count(const struct scenario *scenario)
{
	int n = 0;

	while (n < CORPUS_SOCKETS_MAX && scenario->expected[n].kind)
		n++;
	return n;
}

static void examine(struct act *act)
{
	int i;

	for (i = 0; i < act->shown; i++) {
		check_teardown(act, i);
		check_ends(act, i);
		if (act->scenario->expected[i].verdict)
			compare(act, i, &verdicts, act->scenario->expected[i].verdict,
				act->verdicts[i]);
	}
}

static bool has_gap(const struct act *act)
{
	int i;

	for (i = 0; i < act->shown; i++)
		if (told_with_gap(tracer, &act->sockets[i]))
			return true;
	return false;
}

/* Until the tracer has told of something that came later. It may be behind when others flood it. */
static void catch_up(void)
{
	struct end end = sockets_end(sockets_listen(CORPUS_HOME, 0, 1));

	close(end.fd);
	if (!told_event(tracer, "transition", &end, 1, BEHIND_MS))
		fail_msg("listen and close of the fence was not shown");
}

static void perform(struct act *act)
{
	start(act);
	hear(act);
	catch_up();
	assert_int_equal(act->shown, expected_count(act->scenario));
	examine(act);
}

static void settle(const struct act *act)
{
	int i;

	for (i = 0; i < act->entry_count; i++)
		confusion_enter(act->entries[i].table, act->entries[i].expected,
				act->entries[i].reported);
	for (i = 0; act->wrong && i < act->shown; i++)
		told_show(tracer, &act->sockets[i]);
}

static void play(void **state)
{
	struct act *act = *state;

	perform(act);
	if (act->wrong && has_gap(act) && played_again < MISSING_MAX) {
		print_message("an event was not shown: once more\n");
		played_again++;
		*act = (struct act){ .scenario = act->scenario };
		perform(act);
	}
	settle(act);
	assert_int_equal(act->wrong, 0);
}

static int connections_of(const struct act *act, const struct end *end)
{
	int i, count = 0;

	for (i = 0; i < act->shown; i++)
		count += told_same(&act->sockets[i], end) &&
			 strcmp(act->scenario->expected[i].kind, "none");
	return count;
}

static int more_or_less(const struct act *act)
{
	int i, told_times, wrong = 0;

	for (i = 0; i < act->shown; i++) {
		told_times = told_count(tracer, "teardown", &act->sockets[i]);
		if (told_times == connections_of(act, &act->sockets[i]))
			continue;
		print_error("%s, socket %d: %d teardowns\n", act->scenario->name, i, told_times);
		wrong++;
	}
	return wrong;
}

static bool is_of_act(const json_t *event, const void *arg)
{
	const struct act *act = arg;
	int i;

	for (i = 0; i < act->shown; i++)
		if (told_is_about(event, &act->sockets[i]))
			return true;
	return false;
}

/* Whatever else comes has come when the tracer ends. */
static void every_connection_ends_once(void **state)
{
	int i, wrong = 0;

	(void)state;
	tracer_finish_losing(tracer, MISSING_MAX);
	for (i = 0; i < act_count; i++) {
		wrong += more_or_less(&acts[i]);
		if (!acts[i].wrong)
			coverage_note(tracer_events(tracer), acts[i].scenario->name, is_of_act,
				      &acts[i]);
	}
	assert_int_equal(wrong, 0);
}

/* Others may flood this host meanwhile. */
static bool keep(const json_t *event, void *arg)
{
	static const char *const ours[] = { CORPUS_HOME, CORPUS_V4, CORPUS_V6, PEER_US, PEER };
	size_t i;

	(void)arg;
	for (i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
		if (event_has_text(event, "laddr", ours[i]) ||
		    event_has_text(event, "raddr", ours[i]))
			return true;
	return false;
}

static int open_corpus(void **state)
{
	const char *const args[] = { "--stuck", "close-wait=1s", NULL };
	int i;

	(void)state;
	tracer = tracer_start_to_file(args, keep, NULL);
	for (i = 0; i < act_count; i++)
		if (acts[i].scenario->waits)
			start(&acts[i]);
	return 0;
}

static int close_corpus(void **state)
{
	int i;

	(void)state;
	for (i = 0; i < act_count; i++)
		child_kill(&acts[i].child);
	tracer_free(tracer);
	confusion_print(&kinds);
	confusion_print(&closers);
	confusion_print(&ends);
	confusion_print(&verdicts);
	return 0;
}

/* One by name alone, or with those of its family: $TCT_ONLY. */
static bool is_wanted(const struct scenario *scenario)
{
	const char *only = getenv("TCT_ONLY");

	return !only || strstr(scenario->name, only);
}

int corpus_run(const struct scenario *const families[], int count)
{
	struct CMUnitTest tests[TESTS_MAX + 1];
	const struct scenario *scenario;
	int i;

	for (i = 0; i < count; i++)
		for (scenario = families[i]; scenario->name; scenario++) {
			if (!is_wanted(scenario))
				continue;
			acts[act_count].scenario = scenario;
			tests[act_count] = (struct CMUnitTest){
				.name = scenario->name, .test_func = play,
				.initial_state = &acts[act_count] };
			act_count++;
		}
	tests[act_count] = (struct CMUnitTest)cmocka_unit_test(every_connection_ends_once);
	return _cmocka_run_group_tests("corpus", tests, act_count + 1, open_corpus, close_corpus);
}
