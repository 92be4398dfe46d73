/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One running tracer: started as a child with --json, its stream kept line by line. Whatever a
 * test waits for is a condition on that stream, with a deadline.
 */
#ifndef LIVE_TRACER_H
#define LIVE_TRACER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <jansson.h>

#define TRACER_PATIENCE_MS 10000

/*
 * README, Limits: on some machine the kernel now and then runs no program for the events of one
 * softirq, and counts nothing; it may be one, or some hundred. For tests of many events, or of
 * others' programs; those that look at each event of a socket would fail by that. Nothing else is
 * lost in them: not in the ring, the mirror, or the sink.
 */
#define TRACER_UNSEEN_MAX 150

struct tracer;

/* args ends with NULL and has neither the program's name nor --json. Returns after `ready`. */
struct tracer *tracer_start(const char *const args[]);

/*
 * The same for a stream that is too fast or too large to be kept: it goes to a file, so that
 * reading it never holds the tracer up, and keep() sees each event once and says whether it
 * stays. `ready` and `summary` always stay.
 */
struct tracer *tracer_start_to_file(const char *const args[],
				    bool (*keep)(const json_t *event, void *arg), void *arg);

pid_t tracer_pid(const struct tracer *t);

/* What /proc/PID/status says of its memory, in kB: "VmRSS", "VmData". */
long tracer_memory_kb(const struct tracer *t, const char *what);
const json_t *tracer_ready(const struct tracer *t);

/* What was kept so far: an array, in order. Owned by the tracer. */
const json_t *tracer_events(const struct tracer *t);

/* Reads on until done(t, arg); false when the deadline or the stream's end came first. */
bool tracer_until(struct tracer *t, bool (*done)(struct tracer *t, void *arg), void *arg,
		  int timeout_ms);

/* The first kept event that matches, waiting for it; NULL when it does not come. */
const json_t *tracer_wait(struct tracer *t, bool (*match)(const json_t *event, const void *arg),
			  const void *arg, int timeout_ms);

/* SIGINT, reads what is left, reaps. Returns the exit code, or minus the signal. Keeps the events. */
int tracer_stop(struct tracer *t);
bool tracer_is_running(const struct tracer *t);

/* SIGKILL, reads what it had written, reaps. Keeps the events; its end is as the test wanted it. */
void tracer_kill(struct tracer *t);

/* After tracer_stop(): NULL when no summary came. */
const json_t *tracer_summary(const struct tracer *t);

/* Lines of its stderr so far that contain that text. */
int tracer_said(const struct tracer *t, const char *text);

/* Stops it and asserts what holds for every good run: exit 0, a summary, nothing lost, nothing
 * illegal, nothing repaired. */
void tracer_finish(struct tracer *t);

/* The same, but so many events may have been lost. */
void tracer_finish_losing(struct tracer *t, int lost_max);

/* The same, but TRACER_UNSEEN_MAX may have been lost, where the kernel ran no program. */
void tracer_finish_but_unseen(struct tracer *t);

/* The same, but so many illegal transitions must have been told. */
void tracer_finish_accusing(struct tracer *t, int illegal);

/* Frees it. One that tracer_finish() did not see is taken for a failed test: it is killed and
 * its last events and its stderr are shown. */
void tracer_free(struct tracer *t);

#endif
