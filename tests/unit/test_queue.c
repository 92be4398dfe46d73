// SPDX-License-Identifier: GPL-2.0
/* What waits for a reader: nobody who prints waits, nothing is torn, and what is left is known. */
#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include "../../user/cmd/queue.h"

#define PATIENCE_MS 10000
#define LINE 100
#define SMALL_PIPE 4096

static int ends[2];
static struct tct_queue *queue;
static FILE *out;
static volatile int broken;

static void on_broken(void)
{
	broken++;
}

static int setup(void **state)
{
	(void)state;
	broken = 0;
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	assert_int_equal(fcntl(ends[1], F_SETPIPE_SZ, SMALL_PIPE), SMALL_PIPE);
	queue = tct_queue_new(ends[1], on_broken);
	assert_non_null(queue);
	out = tct_queue_open(queue);
	assert_non_null(out);
	return 0;
}

static size_t finish(void)
{
	size_t lines;

	fclose(out);
	lines = tct_queue_free(queue);
	queue = NULL;
	return lines;
}

static int teardown(void **state)
{
	(void)state;
	if (queue)
		finish();
	close(ends[0]);
	close(ends[1]);
	return 0;
}

static void print_lines(int count)
{
	for (int i = 0; i < count; i++)
		fprintf(out, "%0*d\n", LINE - 1, i);
	fflush(out);
}

/* Until the writer is gone, or so many bytes came. */
static size_t read_all(char *text, size_t size)
{
	size_t used = 0;
	ssize_t n = 1;

	for (; n > 0 && used < size; used += (size_t)n) {
		n = read(ends[0], text + used, size - used);
		assert_true(n >= 0);
	}
	return used;
}

static void test_at_once(void **state)
{
	char text[16];

	(void)state;
	fputs("hello\n", out);
	fflush(out);
	assert_int_equal(read(ends[0], text, sizeof(text)), 6);
	assert_memory_equal(text, "hello\n", 6);
	assert_true(tct_queue_wait(queue, PATIENCE_MS));
	assert_int_equal(finish(), 0);
}

/* The thread is not woken for each few lines: they go when they are many, or are flushed. */
static void test_in_large_pieces(void **state)
{
	(void)state;
	for (int i = 0; i < 600; i++)
		fprintf(out, "%0*d\n", LINE - 1, i);
	assert_int_equal(tct_queue_waiting(queue), 0);
	assert_int_equal(fcntl(ends[0], F_SETFL, O_NONBLOCK), 0);
	assert_int_equal(read(ends[0], &(char){ 0 }, 1), -1);
	fflush(out);
	assert_in_range(tct_queue_waiting(queue), 600 * LINE - SMALL_PIPE, 600 * LINE);
}

/* Far more than the pipe holds, and nobody reads: printing goes on. */
static void test_nobody_reads(void **state)
{
	(void)state;
	print_lines(50000);
	assert_in_range(tct_queue_waiting(queue), 50000 * LINE - SMALL_PIPE, 50000 * LINE);
	assert_false(tct_queue_wait(queue, 20));
}

static void test_all_arrive_in_order(void **state)
{
	static char text[50000 * LINE];
	char expected[LINE + 1];

	(void)state;
	print_lines(50000);
	assert_int_equal(read_all(text, sizeof(text)), sizeof(text));
	for (int i = 0; i < 50000; i++) {
		snprintf(expected, sizeof(expected), "%0*d\n", LINE - 1, i);
		assert_memory_equal(text + i * LINE, expected, LINE);
	}
	assert_true(tct_queue_wait(queue, PATIENCE_MS));
	assert_int_equal(tct_queue_waiting(queue), 0);
}

/* What is in the pipe and what is left are all lines, none of them torn. */
static void test_given_up(void **state)
{
	int waiting = 0;
	size_t lines;

	(void)state;
	print_lines(3000);
	while (waiting < SMALL_PIPE / 2)
		assert_int_equal(ioctl(ends[0], FIONREAD, &waiting), 0);
	assert_false(tct_queue_wait(queue, 20));
	lines = finish();
	assert_int_equal(ioctl(ends[0], FIONREAD, &waiting), 0);
	assert_int_equal(waiting % LINE, 0);
	assert_int_equal(lines + (size_t)waiting / LINE, 3000);
}

/* The last line may lack its end. */
static void test_no_newline_at_the_end(void **state)
{
	char text[8];

	(void)state;
	fputs("a\nb", out);
	fflush(out);
	assert_true(tct_queue_wait(queue, PATIENCE_MS));
	assert_int_equal(read(ends[0], text, sizeof(text)), 3);
}

static void test_line_longer_than_the_pipe(void **state)
{
	static char text[3 * SMALL_PIPE];

	(void)state;
	memset(text, 'x', sizeof(text));
	text[sizeof(text) - 1] = '\n';
	fwrite(text, sizeof(text), 1, out);
	fflush(out);
	assert_int_equal(read_all(text, sizeof(text)), sizeof(text));
	assert_int_equal(text[sizeof(text) - 1], '\n');
	assert_int_equal(text[sizeof(text) - 2], 'x');
}

static void test_reader_gone(void **state)
{
	(void)state;
	close(ends[0]);
	print_lines(1);
	assert_true(tct_queue_wait(queue, PATIENCE_MS));
	assert_int_equal(tct_queue_error(queue), EPIPE);
	assert_int_equal(broken, 1);
	fputs("more\n", out);
	assert_int_equal(fflush(out), EOF);
	ends[0] = open("/dev/null", O_RDONLY | O_CLOEXEC);
}

static void test_full_disk(void **state)
{
	int full = open("/dev/full", O_WRONLY | O_CLOEXEC);

	(void)state;
	finish();
	queue = tct_queue_new(full, on_broken);
	out = tct_queue_open(queue);
	print_lines(1);
	assert_true(tct_queue_wait(queue, PATIENCE_MS));
	assert_int_equal(tct_queue_error(queue), ENOSPC);
	finish();
	close(full);
}

/* Others may have made the descriptor so: it is waited for all the same. */
static void test_nonblocking(void **state)
{
	static char text[1000 * LINE];

	(void)state;
	assert_int_equal(fcntl(ends[1], F_SETFL, O_NONBLOCK), 0);
	print_lines(1000);
	assert_int_equal(read_all(text, sizeof(text)), sizeof(text));
	assert_int_equal(tct_queue_error(queue), 0);
}

static void *read_them(void *text)
{
	read_all(text, 5000 * LINE);
	return NULL;
}

/* With a bound who prints waits: no more than that and one buffer is ever there. */
static void test_bound(void **state)
{
	static char text[5000 * LINE];
	pthread_t reader;

	(void)state;
	tct_queue_bound(queue, 1);
	assert_int_equal(pthread_create(&reader, NULL, read_them, text), 0);
	for (int i = 0; i < 500; i++) {
		print_lines(10);
		assert_in_range(tct_queue_waiting(queue), 0, 10 * LINE + 1);
	}
	pthread_join(reader, NULL);
	assert_int_equal(text[sizeof(text) - 1], '\n');
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_at_once),
		TEST(test_in_large_pieces),
		TEST(test_nobody_reads),
		TEST(test_all_arrive_in_order),
		TEST(test_given_up),
		TEST(test_no_newline_at_the_end),
		TEST(test_line_longer_than_the_pipe),
		TEST(test_reader_gone),
		TEST(test_full_disk),
		TEST(test_nonblocking),
		TEST(test_bound),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
