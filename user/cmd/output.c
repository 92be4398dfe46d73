// SPDX-License-Identifier: GPL-2.0
#include "output.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>
#include "../log.h"
#include "../source/clock.h"
#include "queue.h"
#include "signals.h"

#define QUEUE_SIZE (32 << 20)
#define COLUMNS 80
#define QUIET_NS 2000000000ull	/* nothing taken for so long: nobody reads */
#define PATIENCE_NS 4000000000ull	/* with one that reads slowly, once a signal has come */
#define LOOK_MS 50
#define DIFFERENCES 10	/* of an audit nobody asked for, to be named */

/* Of stdout. Without one of our own setvbuf(3) ignores the size: glibc takes a block, 4 KiB. */
static char buffer[256 << 10];

/* What stdout is, and what it was before: there is one a process. NULL: written at once. */
static struct tct_queue *queue;
static FILE *direct;

/* The same of stderr where it is a pipe, which may be the same one. */
static struct tct_queue *messages_queue;
static FILE *messages;

static bool wants_color(void)
{
	const char *no_color = getenv("NO_COLOR");

	return isatty(STDOUT_FILENO) && !(no_color && *no_color);
}

static size_t waiting(void *ctx)
{
	(void)ctx;
	if (queue && tct_queue_is_full(queue))
		return QUEUE_SIZE;
	return (queue ? tct_queue_waiting(queue) : 0) +
	       (messages_queue ? tct_queue_waiting(messages_queue) : 0);
}

void tct_output_init(struct tct_output *output, const struct tct_options *options)
{
	struct tct_text_config config = {
		.out = stdout,
		.messages = messages ? messages : stderr,
		.wide = options->wide,
		.clock = options->clock,
		.seconds = options->seconds,
		.color = wants_color(),
		.audits = options->command == TCT_CMD_AUDIT,
		.differences = options->command == TCT_CMD_AUDIT ? UINT32_MAX : DIFFERENCES,
	};

	if (!queue)
		setvbuf(stdout, buffer, _IOFBF, sizeof(buffer));
	tct_sink_text_init(&output->text, &config, &output->messages);
	output->printed = output->messages;
	if (options->json)
		tct_sink_json_init(&output->json, stdout, 0,
				   &output->printed);
	output->gate = (struct tct_gate){
		.next = &output->printed, .waiting = waiting, .room = queue ? QUEUE_SIZE : 0,
	};
	tct_gate_init(&output->gate, &output->sink);
}

static FILE *start(int fd, void (*broken)(void), struct tct_queue **out)
{
	struct tct_queue *made = tct_queue_new(fd, broken);
	FILE *file = made ? tct_queue_open(made) : NULL;

	if (file)
		*out = made;
	else if (made)
		tct_queue_free(made);
	return file;
}

static bool is_pipe(int fd)
{
	struct stat what;

	return !fstat(fd, &what) && (S_ISFIFO(what.st_mode) || S_ISSOCK(what.st_mode));
}

/* Where there is no thread to be had, as without. */
static void start_queues(void)
{
	FILE *file = start(STDOUT_FILENO, tct_signals_wake, &queue);

	if (!file)
		return;
	direct = stdout;
	stdout = file;
	if (is_pipe(STDERR_FILENO))
		messages = start(STDERR_FILENO, NULL, &messages_queue);
	tct_log_to(messages);
}

void tct_output_init_live(struct tct_output *output, const struct tct_options *options)
{
	if (!options->replay)
		start_queues();
	tct_output_init(output, options);
}

bool tct_output_admits(struct tct_output *output, uint64_t mono_ns)
{
	return tct_gate_admits(&output->gate, mono_ns);
}

void tct_output_wait(struct tct_output *output)
{
	output->gate.room = 0;
	if (queue)
		tct_queue_bound(queue, QUEUE_SIZE);
	tct_signals_bound_wait();
}

void tct_output_start(struct tct_output *output, uint64_t real_offset_ns, uint64_t start_mono_ns)
{
	output->text.config.start_mono_ns = start_mono_ns;
	tct_output_set_clock(output, real_offset_ns);
}

void tct_output_set_clock(struct tct_output *output, uint64_t real_offset_ns)
{
	output->text.config.real_offset_ns = real_offset_ns;
	output->json.real_offset_ns = real_offset_ns;
}

bool tct_output_is_written(void)
{
	return !waiting(NULL);
}

enum tct_exit tct_output_flush(void)
{
	int failed = fflush(stdout) || ferror(stdout) ? errno : 0;

	if (messages)
		fflush(messages);
	if (queue && tct_queue_error(queue))
		failed = tct_queue_error(queue);
	if (!failed)
		return TCT_EXIT_OK;
	if (failed == EPIPE)
		tct_log_error("the reader of the output is gone: stopped");
	else
		tct_log_error("writing the output failed: %s", strerror(failed));
	return TCT_EXIT_FAILURE;
}

static void drain(bool patient)
{
	uint64_t now_ns = tct_clock_mono_ns(), moved_ns = now_ns, stopped_ns = 0;
	size_t left = tct_queue_waiting(queue), before = left;

	while (!tct_queue_wait(queue, LOOK_MS)) {
		if (patient)
			continue;
		now_ns = tct_clock_mono_ns();
		left = tct_queue_waiting(queue);
		if (left != before)
			moved_ns = now_ns;
		before = left;
		if (tct_signals_stop() && !stopped_ns)
			stopped_ns = now_ns;
		if (now_ns - moved_ns >= QUIET_NS ||
		    (stopped_ns && now_ns - stopped_ns >= PATIENCE_NS))
			return;
	}
}

/* Everything that is printed from here on is printed at once. Returns the lines that were left. */
static size_t stop_queue(void)
{
	struct tct_queue *last = queue;

	queue = NULL;
	fclose(stdout);
	stdout = direct;
	return tct_queue_free(last);
}

/* Who reads neither gets no more patience. */
static void stop_messages(void)
{
	if (!messages)
		return;
	fflush(messages);
	tct_queue_wait(messages_queue, QUIET_NS / 1000000);
	tct_log_to(NULL);
	fclose(messages);
	messages = NULL;
	tct_queue_free(messages_queue);
	messages_queue = NULL;
}

enum tct_exit tct_output_end(struct tct_output *output, enum tct_exit status)
{
	bool patient = !output->gate.room;
	size_t lines;

	if (!queue)
		return status;
	if (!status)
		status = tct_output_flush();
	else
		fflush(stdout);
	drain(patient);
	if (!status)
		status = tct_output_flush();
	lines = stop_queue();
	if (lines && !status)
		tct_log_error("the reader of the output takes nothing: %zu lines that waited were "
			      "dropped, and %llu events before", lines,
			      (unsigned long long)output->gate.dropped);
	stop_messages();
	return status;
}

int tct_output_columns(void)
{
	struct winsize size;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) || size.ws_col < 40)
		return COLUMNS;
	return size.ws_col;
}
