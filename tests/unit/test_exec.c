// SPDX-License-Identifier: GPL-2.0
/* The command that is run for findings: what it gets, how often, and that nobody waits for it. */
#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "../../user/log.h"
#include "../../user/serve/argv.h"
#include "../../user/serve/exec.h"
#include "../../user/source/clock.h"
#include "alarm.h"

#define PATIENCE_S 20

static struct tct_exec *exec;
static struct tct_sink sink;
static struct alarm alarm_;
static char dir[] = "/tmp/tct-exec-XXXXXX";
static char script[256];
static char text[65536];
static const char *argv[] = { "/bin/sh", "-c", script, NULL };

static struct tct_exec_config config_of(uint64_t timeout_ns, uint64_t interval_ns)
{
	return (struct tct_exec_config){
		.argv = (char **)argv,
		.timeout_ns = timeout_ns,
		.remind = { .least = TCT_WARNING, .first_ns = interval_ns, .max_ns = interval_ns },
	};
}

static int setup(void **state)
{
	const struct tct_exec_config config = config_of(10 * SECOND, 60 * SECOND);

	(void)state;
	strcpy(dir + strlen(dir) - 6, "XXXXXX");
	assert_non_null(mkdtemp(dir));
	assert_int_equal(chdir(dir), 0);
	signal(SIGPIPE, SIG_IGN);
	exec = tct_exec_new(&config, &sink);
	assert_non_null(exec);
	alarm_init(&alarm_, 3, 62 * SECOND);
	return 0;
}

static int teardown(void **state)
{
	char command[128];

	(void)state;
	tct_exec_free(exec);
	snprintf(command, sizeof(command), "rm -rf %s", dir);
	return system(command);
}

static uint64_t total(void)
{
	uint64_t sum = 0;

	for (int r = TCT_EXEC_OK; r < TCT_EXEC_LIMITED; r++)
		sum += tct_exec_count(exec, r);
	return sum;
}

/* Ticks when it is due, until so many have ended. */
static void run_until(uint64_t ended)
{
	uint64_t give_up_ns = tct_clock_mono_ns() + PATIENCE_S * SECOND;

	while (total() < ended) {
		uint64_t now_ns = tct_clock_mono_ns(), at = tct_exec_deadline(exec);

		assert_true(now_ns < give_up_ns);
		assert_true(at != TCT_EXEC_NEVER);
		if (at <= now_ns)
			tct_exec_tick(exec, now_ns);
		else
			usleep(1000);
	}
}

static const char *read_file(const char *name)
{
	int fd = open(name, O_RDONLY);
	ssize_t len = fd < 0 ? 0 : read(fd, text, sizeof(text) - 1);

	text[len > 0 ? len : 0] = '\0';
	if (fd >= 0)
		close(fd);
	return text;
}

static void test_what_it_gets(void **state)
{
	(void)state;
	setenv("NOTIFY_SOCKET", "@nobody", 1);
	strcpy(script, "cat >out; env >env; ls -l /proc/self/fd >fds; grep SigIgn /proc/self/status "
		       ">ignored");
	alarm_tell(&alarm_, &sink, TCT_OPEN, 100 * SECOND);
	assert_int_equal(tct_exec_deadline(exec), 0);
	run_until(1);
	assert_int_equal(tct_exec_count(exec, TCT_EXEC_OK), 1);
	assert_int_equal(tct_exec_deadline(exec), TCT_EXEC_NEVER);
	read_file("out");
	assert_memory_equal(text, "{\"v\":1,\"type\":\"finding\"", 23);
	assert_non_null(strstr(text, "\"status\":\"open\""));
	assert_non_null(strstr(text, "\"pid\":42,\"comm\":\"nginx\""));
	assert_ptr_equal(strchr(text, '\n'), text + strlen(text) - 1);
	read_file("env");
	assert_non_null(strstr(text, "TCPCLOSE_STATUS=open\n"));
	assert_non_null(strstr(text, "TCPCLOSE_RULE=stuck-close-wait\n"));
	assert_non_null(strstr(text, "TCPCLOSE_SEVERITY=warning\n"));
	assert_non_null(strstr(text, "TCPCLOSE_SERVICE=nginx.service\n"));
	assert_non_null(strstr(text, "TCPCLOSE_ID=1\n"));
	assert_non_null(strstr(text, "PATH="));
	assert_null(strstr(text, "NOTIFY_SOCKET"));
	read_file("fds");
	assert_non_null(strstr(text, " 2 -> "));
	assert_null(strstr(text, " 4 -> "));	/* 3 is ls's own */
	/* but for two that the C library keeps for itself */
	assert_int_equal(strtoull(read_file("ignored") + strlen("SigIgn:"), NULL, 16) &
			 ~(1ull << 31 | 1ull << 32), 0);
	unsetenv("NOTIFY_SOCKET");
}

static void test_group(void **state)
{
	int pid, group;

	(void)state;
	strcpy(script, "echo $$ $(cut -d' ' -f5 /proc/$$/stat) >group");
	alarm_tell(&alarm_, &sink, TCT_OPEN, 100 * SECOND);
	run_until(1);
	assert_int_equal(sscanf(read_file("group"), "%d %d", &pid, &group), 2);
	assert_int_equal(pid, group);
	assert_int_not_equal(group, getpgrp());
}

/* Once a finding and interval; when it is worse, and when it is over, at once. */
static void test_rate(void **state)
{
	(void)state;
	strcpy(script, "echo $TCPCLOSE_STATUS $TCPCLOSE_SEVERITY >>runs");
	alarm_tell(&alarm_, &sink, TCT_OPEN, 100 * SECOND);
	run_until(1);
	alarm_tell(&alarm_, &sink, TCT_UPDATE, 101 * SECOND);
	assert_int_equal(tct_exec_deadline(exec), TCT_EXEC_NEVER);
	alarm_tell(&alarm_, &sink, TCT_UPDATE, 160 * SECOND);
	run_until(2);
	alarm_tell(&alarm_, &sink, TCT_RESOLVED, 161 * SECOND);
	run_until(3);
	assert_string_equal(read_file("runs"), "open warning\nupdate warning\nresolved warning\n");
	assert_int_equal(tct_exec_count(exec, TCT_EXEC_LIMITED), 0);
}

static void test_failures(void **state)
{
	(void)state;
	strcpy(script, "exit 3");
	tct_log_to(fopen("log", "we"));
	alarm_tell(&alarm_, &sink, TCT_OPEN, 100 * SECOND);
	run_until(1);
	strcpy(script, "kill -9 $$");
	alarm_.ev.id++;
	alarm_tell(&alarm_, &sink, TCT_OPEN, 100 * SECOND);
	run_until(2);
	tct_log_to(NULL);
	assert_int_equal(tct_exec_count(exec, TCT_EXEC_FAILED), 2);
	assert_string_equal(read_file("log"),
			    "tcpclose-trace: the alert's command ended with 3\n");
}

static void test_no_such_program(void **state)
{
	static const char *nothing[] = { "/nowhere/at/all", NULL };
	struct tct_exec_config config = config_of(SECOND, SECOND);

	(void)state;
	config.argv = (char **)nothing;
	tct_exec_set(exec, &config);
	alarm_tell(&alarm_, &sink, TCT_OPEN, 100 * SECOND);
	run_until(1);
	assert_int_equal(tct_exec_count(exec, TCT_EXEC_FAILED), 1);
}

/* With all that it has started. */
static void test_timeout(void **state)
{
	const struct tct_exec_config config = config_of(SECOND / 5, SECOND);
	int pid;

	(void)state;
	tct_exec_set(exec, &config);
	strcpy(script, "sleep 100 & echo $! >pid; wait");
	alarm_tell(&alarm_, &sink, TCT_OPEN, 100 * SECOND);
	run_until(1);
	assert_int_equal(tct_exec_count(exec, TCT_EXEC_TIMEOUT), 1);
	assert_int_equal(sscanf(read_file("pid"), "%d", &pid), 1);
	for (int i = 0; i < 1000 && !kill(pid, 0); i++) {
		char stat[64];

		snprintf(stat, sizeof(stat), "/proc/%d/stat", pid);
		if (strstr(read_file(stat), ") Z "))	/* nobody here reaps orphans, perhaps */
			break;
		usleep(10000);
	}
	assert_true(kill(pid, 0) || strstr(text, ") Z "));
}

static void test_deaf_to_sigterm(void **state)
{
	const struct tct_exec_config config = config_of(SECOND / 5, SECOND);
	uint64_t begin_ns = tct_clock_mono_ns();

	(void)state;
	tct_exec_set(exec, &config);
	strcpy(script, "trap '' TERM; while :; do sleep 0.1; done");
	alarm_tell(&alarm_, &sink, TCT_OPEN, 100 * SECOND);
	run_until(1);
	assert_int_equal(tct_exec_count(exec, TCT_EXEC_TIMEOUT), 1);
	assert_true(tct_clock_mono_ns() - begin_ns >= 2 * SECOND);
}

/* More than a pipe holds, to one that does not read it for a while, or never. */
static void test_slow_reader(void **state)
{
	static char fds[300000];
	struct stat st;

	(void)state;
	memset(fds, '5', sizeof(fds) - 1);
	alarm_.holder.fds = fds;
	strcpy(script, "sleep 0.3; cat >out");
	alarm_tell(&alarm_, &sink, TCT_OPEN, 100 * SECOND);
	run_until(1);
	assert_int_equal(stat("out", &st), 0);
	assert_true(st.st_size > (off_t)sizeof(fds));
	strcpy(script, "exec <&-; sleep 0.1");
	alarm_.ev.id++;
	alarm_tell(&alarm_, &sink, TCT_OPEN, 100 * SECOND);
	run_until(2);
	assert_int_equal(tct_exec_count(exec, TCT_EXEC_OK), 2);
}

/* No more than four at once; sixty-four wait; the rest is counted. */
static void test_many(void **state)
{
	(void)state;
	strcpy(script, "n=$(ls -d run.* 2>/dev/null | wc -l); mkdir run.$$; echo $n >>running; "
		       "sleep 0.02; rmdir run.$$");
	for (uint32_t id = 1; id <= 80; id++) {
		alarm_.ev.id = id;
		alarm_tell(&alarm_, &sink, TCT_OPEN, 100 * SECOND);
	}
	assert_int_equal(tct_exec_count(exec, TCT_EXEC_LIMITED), 80 - TCT_EXEC_WAITING);
	run_until(TCT_EXEC_WAITING);
	assert_int_equal(tct_exec_count(exec, TCT_EXEC_OK), TCT_EXEC_WAITING);
	assert_null(strpbrk(read_file("running"), "456789"));
}

/* An update that waits is overtaken. */
static void test_overtaken(void **state)
{
	const struct tct_exec_config config = config_of(10 * SECOND, SECOND);

	(void)state;
	tct_exec_set(exec, &config);
	strcpy(script, "echo $TCPCLOSE_STATUS >>runs");
	alarm_tell(&alarm_, &sink, TCT_OPEN, 100 * SECOND);
	run_until(1);
	alarm_tell(&alarm_, &sink, TCT_UPDATE, 200 * SECOND);
	alarm_tell(&alarm_, &sink, TCT_UPDATE, 300 * SECOND);
	alarm_tell(&alarm_, &sink, TCT_RESOLVED, 301 * SECOND);
	run_until(2);
	assert_int_equal(tct_exec_deadline(exec), TCT_EXEC_NEVER);
	assert_string_equal(read_file("runs"), "open\nresolved\n");
}

static void test_what_is_less(void **state)
{
	(void)state;
	alarm_.ev.severity = TCT_INFO;
	alarm_tell(&alarm_, &sink, TCT_OPEN, 100 * SECOND);
	alarm_tell(&alarm_, &sink, TCT_RESOLVED, 101 * SECOND);
	assert_int_equal(tct_exec_deadline(exec), TCT_EXEC_NEVER);
}

/* What runs at the end is ended, too: see teardown. */
static void test_freed_while_it_runs(void **state)
{
	(void)state;
	strcpy(script, "sleep 100");
	for (uint32_t id = 1; id <= 10; id++) {
		alarm_.ev.id = id;
		alarm_tell(&alarm_, &sink, TCT_OPEN, 100 * SECOND);
	}
	tct_exec_tick(exec, tct_clock_mono_ns());
}

static void split(const char *line, const char *wanted)
{
	char joined[256] = "", **words;

	assert_int_equal(tct_argv_split(line, &words), 0);
	for (char **word = words; *word; word++)
		strcat(strcat(joined, *word), "|");
	assert_string_equal(joined, wanted);
	free(words);
}

static void test_split(void **state)
{
	char **words;

	(void)state;
	split("/bin/a", "/bin/a|");
	split("  /bin/a\tb  c ", "/bin/a|b|c|");
	split("/a \"b c\" d\"e f\"g", "/a|b c|de fg|");
	split("/a \"\" \"\\\"\\\\n\\n\"", "/a||\"\\n\\n|");
	split("a b c d e f g", "a|b|c|d|e|f|g|");
	split("/a $HOME 'x y' \\z", "/a|$HOME|'x|y'|\\z|");
	assert_int_equal(tct_argv_split("", &words), -EINVAL);
	assert_int_equal(tct_argv_split("  ", &words), -EINVAL);
	assert_int_equal(tct_argv_split("/a \"b", &words), -EINVAL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_what_it_gets),
		TEST(test_group),
		TEST(test_rate),
		TEST(test_failures),
		TEST(test_no_such_program),
		TEST(test_timeout),
		TEST(test_deaf_to_sigterm),
		TEST(test_slow_reader),
		TEST(test_many),
		TEST(test_overtaken),
		TEST(test_what_is_less),
		TEST(test_freed_while_it_runs),
		cmocka_unit_test(test_split),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
