// SPDX-License-Identifier: GPL-2.0
/* A recording: what a live run printed, its replay prints, byte for byte, as nobody. */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <inttypes.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "bpffs.h"
#include "command.h"
#include "crowd.h"
#include "deadline.h"
#include "fatal.h"
#include "netns.h"
#include "sockets.h"

#define PATIENCE_MS 15000
#define NOBODY 65534
#define EXIT_FINDINGS 3
#define ARGS_MAX 16
#define STORM_US 500000
#define HERE "192.0.2.77"	/* not loopback: that is kept as it is */

/* A directory with the recording and what the runs print. */
struct room {
	char dir[64];
	char file[96];
	struct command live;
	int leaked;	/* an end in CLOSE_WAIT */
};

static int setup(void **state)
{
	struct room *room = calloc(1, sizeof(*room));

	snprintf(room->dir, sizeof(room->dir), "/tmp/tct-replay-XXXXXX");
	fatal_unless(mkdtemp(room->dir), "mkdtemp");
	chmod(room->dir, 0755);
	snprintf(room->file, sizeof(room->file), "%s/file", room->dir);
	room->leaked = -1;
	*state = room;
	return 0;
}

static int teardown(void **state)
{
	struct room *room = *state;

	if (room->live.err)
		command_close(&room->live);
	if (room->leaked >= 0)
		close(room->leaked);
	unlink(room->file);
	rmdir(room->dir);
	free(room);
	netns_leave();
	return 0;
}

static void add_here(void)
{
	char line[96];

	netns_enter();
	snprintf(line, sizeof(line), "ip addr add %s/32 dev lo", HERE);
	fatal_unless(!system(line), "ip addr add");
}

/* Appended to, so that reading it does not move the writer. */
static FILE *scratch(void)
{
	FILE *file = tmpfile();

	fatal_unless(file, "temporary file");
	fcntl(fileno(file), F_SETFL, O_APPEND);
	return file;
}

static bool is_ready(const void *arg)
{
	const struct command *c = arg;

	return command_said(c->out, "\"ready\"") || command_said(c->err, "mirroring");
}

static void start(struct room *room, const char *const args[])
{
	const char *all[COMMAND_ARGS_MAX], *with[ARGS_MAX + 3];
	FILE *out = scratch();
	int n = 0;

	while (args[n] && n < ARGS_MAX) {
		with[n] = args[n];
		n++;
	}
	with[n++] = "--record";
	with[n++] = room->file;
	with[n] = NULL;
	command_args(all, with);
	room->live = command_start(all, fileno(out), NULL);
	room->live.out = out;
	assert_true(deadline_until(is_ready, &room->live, PATIENCE_MS));
}

static void stop(struct room *room)
{
	kill(room->live.pid, SIGINT);
	assert_int_equal(command_wait(&room->live, PATIENCE_MS), 0);
	chmod(room->file, 0644);
}

/* The four classic ends, a half-close, and one that nobody closes. */
static void make_connections(struct room *room)
{
	struct pair p = sockets_pair(HERE);

	sockets_close_in_order(&p.client, &p.server);
	p = sockets_pair(HERE);
	sockets_close_in_order(&p.server, &p.client);
	p = sockets_pair(HERE);
	sockets_abort_and_close(p.client.fd, p.server.fd);
	p = sockets_pair(HERE);
	fatal_unless(send(p.client.fd, "x", 1, MSG_NOSIGNAL) == 1, "send");
	shutdown(p.client.fd, SHUT_WR);
	sockets_wait_state(p.server.fd, TCP_CLOSE_WAIT);
	close(p.server.fd);	/* unread data */
	close(p.client.fd);
	p = sockets_pair(HERE);
	close(p.client.fd);
	sockets_wait_state(p.server.fd, TCP_CLOSE_WAIT);
	room->leaked = p.server.fd;
}

static bool become_nobody(void)
{
	return !setgroups(0, NULL) && !setresgid(NOBODY, NOBODY, NOBODY) &&
	       !setresuid(NOBODY, NOBODY, NOBODY) && !access(command_binary(), X_OK);
}

/* args and the file: as nobody, whom the whole machine tells nothing. Returns its exit code. */
static int replay(const struct room *room, const char *const args[], struct command *c)
{
	const char *with[ARGS_MAX + 3];
	int n = 0, code;

	while (args[n] && n < ARGS_MAX) {
		with[n] = args[n];
		n++;
	}
	with[n++] = "--replay";
	with[n++] = room->file;
	with[n] = NULL;
	*c = command_start(with, -1, become_nobody);
	code = command_wait(c, PATIENCE_MS);
	if (code == COMMAND_UNPREPARED) {
		print_message("nobody may not run %s\n", command_binary());
		skip();
	}
	return code;
}

/* Both ends of one connection. */
static bool has_opened(const void *file)
{
	return command_said((FILE *)file, "\"from\":\"SYN_RECV\",\"to\":\"ESTABLISHED\"");
}

static char *read_whole(FILE *from, size_t *size)
{
	char *text = NULL;

	*size = 0;
	rewind(from);
	do {
		text = realloc(text, *size + 65536);
		*size += fread(text + *size, 1, 65536, from);
	} while (!feof(from) && !ferror(from));
	return text;
}

static void expect_same(FILE *live, FILE *replayed)
{
	size_t a_size, b_size, at = 0;
	char *a = read_whole(live, &a_size), *b = read_whole(replayed, &b_size);

	while (at < a_size && at < b_size && a[at] == b[at])
		at++;
	if (at < a_size || at < b_size)
		fail_msg("differs at byte %zu of %zu and %zu: '%.60s' '%.60s'", at, a_size, b_size,
			 a + at, b + at);
	assert_true(a_size > 0);
	free(a);
	free(b);
}

static bool has_finding(const void *file)
{
	return command_said((FILE *)file, "stuck-close-wait") ||
	       command_said((FILE *)file, "CLOSE_WAIT: 1 socket");
}

/* Only what happens here: others may do more than the output takes. Returns `with`. */
static const char *const *only_here(const char *const args[], const char *with[ARGS_MAX])
{
	static char inode[32];
	int n = 0;

	snprintf(inode, sizeof(inode), "net:[%" PRIu64 "]", netns_inode());
	while (args[n] && n < ARGS_MAX - 3) {
		with[n] = args[n];
		n++;
	}
	with[n++] = "--netns";
	with[n++] = inode;
	with[n] = NULL;
	return with;
}

/* A run with these options, its load, and the same options on what it recorded. */
static void check_same(struct room *room, const char *const options[], bool finds)
{
	const char *with[ARGS_MAX];
	const char *const *args;
	struct command again;

	add_here();
	args = only_here(options, with);
	start(room, args);
	make_connections(room);
	if (finds)
		assert_true(deadline_until(has_finding, room->live.out, PATIENCE_MS));
	stop(room);
	assert_int_equal(replay(room, args, &again), 0);
	expect_same(room->live.out, again.out);
	command_close(&again);
}

static void test_same_json(void **state)
{
	check_same(*state, (const char *[]){ "--json", "--older-than", "200ms", NULL }, true);
}

static void test_same_text(void **state)
{
	check_same(*state, (const char *[]){ "-T", "-t", "-w", "--older-than", "200ms", NULL },
		   true);
}

static void test_same_brief(void **state)
{
	check_same(*state, (const char *[]){ "-e", "finding", "--older-than", "200ms", NULL },
		   true);
}

static void test_same_hist(void **state)
{
	check_same(*state, (const char *[]){ "hist", "established", NULL }, false);
}

static void test_same_hist_json(void **state)
{
	check_same(*state, (const char *[]){ "hist", "fin-wait1", "--json", NULL }, false);
}

static void test_same_explain(void **state)
{
	check_same(*state, (const char *[]){ "explain", NULL }, false);
}

static void test_same_explain_json(void **state)
{
	check_same(*state, (const char *[]){ "explain", "--json", NULL }, false);
}

/* Live it needs a duration, and is stopped before. */
static void test_same_fsm(void **state)
{
	check_same(*state, (const char *[]){ "fsm", "--live", "-d", "60", "--json", NULL }, false);
}

static void test_same_of_one_process(void **state)
{
	char pid[16];

	snprintf(pid, sizeof(pid), "%d", getpid());
	check_same(*state, (const char *[]){ "--json", "-p", pid, "-s", "close-wait", NULL },
		   false);
}

/*
 * Two rings, read side by side while connections come and go: in what order, only the recording
 * knows. Whatever else this host does is part of it.
 */
static void test_same_of_two_shards(void **state)
{
	const char *const args[] = { "--json", "--shards", "2", "--ring", "256M", NULL };
	const struct crowd crowd = { .namespaces = 4, .sockets = 100, .starts_idle = true };
	struct crowd_run *run = crowd_start(&crowd);
	struct room *room = *state;
	struct command again;

	start(room, args);
	crowd_churn(run);
	usleep(STORM_US);	/* a load's length, no condition */
	crowd_stop(run);
	stop(room);
	crowd_end(run);
	assert_true(command_said(room->live.out, "\"shards\":2"));
	assert_int_equal(replay(room, args, &again), 0);
	expect_same(room->live.out, again.out);
	command_close(&again);
}

/* One recording, other questions. */
static void test_record_and_ask_later(void **state)
{
	struct room *room = *state;
	const char *args[] = { "record", room->file, NULL };
	struct command c;

	add_here();
	room->live = command_start(args, -1, NULL);
	assert_true(deadline_until(is_ready, &room->live, PATIENCE_MS));
	make_connections(room);
	stop(room);
	assert_true(command_said(room->live.err, "recorded: "));
	assert_true(command_said(room->live.err, "events in"));
	assert_int_equal(command_lines(room->live.out), 0);

	assert_int_equal(replay(room, (const char *[]){ "--json", NULL }, &c), 0);
	assert_true(command_said(c.out, "\"orderly"));
	assert_true(command_said(c.out, "\"reset-received\""));
	command_close(&c);
	assert_int_equal(replay(room, (const char *[]){ "explain", NULL }, &c), 0);
	assert_true(command_said(c.out, "FIN_WAIT2"));
	command_close(&c);
	assert_int_equal(replay(room, (const char *[]){ "stuck", "--older-than", "1ms", NULL }, &c),
			 EXIT_FINDINGS);
	assert_true(has_finding(c.out));
	assert_true(command_said(c.out, "test_replay"));
	command_close(&c);
	assert_int_equal(replay(room, (const char *[]){ "stuck", "--older-than", "1h", NULL }, &c),
			 0);
	command_close(&c);
}

/* One that ends by itself, with that code. */
static void check_once(struct room *room, const char *const options[], int code)
{
	const char *only[ARGS_MAX], *with[ARGS_MAX + 3], *const *args;
	struct command again;
	int n = 0;

	add_here();
	make_connections(room);
	args = only_here(options, only);
	while (args[n]) {
		with[n] = args[n];
		n++;
	}
	with[n++] = "--record";
	with[n++] = room->file;
	with[n] = NULL;
	assert_int_equal(command_run(&room->live, with, PATIENCE_MS), code);
	chmod(room->file, 0644);
	assert_int_equal(replay(room, args, &again), code);
	expect_same(room->live.out, again.out);
	command_close(&again);
}

static void test_same_stuck(void **state)
{
	check_once(*state, (const char *[]){ "stuck", "--older-than", "1ms", NULL },
		   EXIT_FINDINGS);
}

static void test_same_stuck_json(void **state)
{
	check_once(*state, (const char *[]){ "stuck", "--json", "--older-than", "1ms", NULL },
		   EXIT_FINDINGS);
}

static void test_same_audit(void **state)
{
	check_once(*state, (const char *[]){ "audit", "--json", "-d", "0.1", NULL }, 0);
}

static void test_no_audit_recorded(void **state)
{
	struct room *room = *state;
	struct command again;
	const char *const args[] = { "record", room->file, "-d", "0.1", NULL };

	assert_int_equal(command_run(&room->live, args, PATIENCE_MS), 0);
	chmod(room->file, 0644);
	assert_int_equal(replay(room, (const char *[]){ "audit", NULL }, &again), 1);
	assert_true(command_said(again.err, "has no audit"));
	command_close(&again);
}

/* Brief transitions have no addresses: they are not shown as if they had. */
static void test_brief_has_findings_only(void **state)
{
	struct room *room = *state;
	struct command again;

	add_here();
	start(room, (const char *[]){ "--json", "-e", "finding", NULL });
	make_connections(room);
	stop(room);
	assert_int_equal(replay(room, (const char *[]){ "--json", NULL }, &again), 0);
	assert_false(command_said(again.out, "\"transition\""));
	assert_true(command_said(again.err, "has findings only"));
	command_close(&again);
	assert_int_equal(replay(room, (const char *[]){ "explain", NULL }, &again), 1);
	assert_int_equal(command_lines(again.out), 0);
	assert_int_equal(command_lines(again.err), 1);
	command_close(&again);
}

/* What live the kernel leaves out. */
static void test_filters(void **state)
{
	struct room *room = *state;
	struct pair kept, other;
	char port[8], line[32];
	struct command c;

	add_here();
	start(room, (const char *[]){ "--json", NULL });
	kept = sockets_pair(HERE);
	other = sockets_pair(HERE);
	sockets_close_in_order(&kept.client, &kept.server);
	sockets_close_in_order(&other.client, &other.server);
	stop(room);

	snprintf(port, sizeof(port), "%u", kept.client.lport);
	assert_int_equal(replay(room, (const char *[]){ "--json", "-L", port, NULL }, &c), 0);
	snprintf(line, sizeof(line), "\"rport\":%u", kept.client.lport);
	assert_false(command_said(c.out, line));
	snprintf(line, sizeof(line), "\"lport\":%u", other.client.lport);
	assert_false(command_said(c.out, line));
	assert_true(command_said(c.out, "\"from\":\"CLOSE\",\"to\":\"SYN_SENT\""));
	command_close(&c);

	assert_int_equal(replay(room, (const char *[]){ "--json", "-6", NULL }, &c), 0);
	assert_false(command_said(c.out, "\"ipv4\""));
	command_close(&c);

	assert_int_equal(replay(room, (const char *[]){ "--json", "--netns", "net:[1]", NULL }, &c),
			 0);
	assert_false(command_said(c.out, HERE));
	command_close(&c);
}

static void test_anonymized(void **state)
{
	const char *all[ARGS_MAX], *with[ARGS_MAX], *const *args;
	struct room *room = *state;
	struct command c;

	add_here();
	args = only_here((const char *[]){ "--json", "--older-than", "200ms", NULL }, with);
	start(room, only_here((const char *[]){ "--json", "--older-than", "200ms", "--anonymize",
						NULL }, all));
	make_connections(room);
	assert_true(deadline_until(has_finding, room->live.out, PATIENCE_MS));
	stop(room);
	assert_int_equal(replay(room, args, &c), 0);
	assert_true(command_said(room->live.out, HERE));
	assert_false(command_said(c.out, HERE));
	assert_int_equal(command_lines(c.out), command_lines(room->live.out));
	assert_true(command_said(c.err, "not the real ones"));
	command_close(&c);
}

/* A recording of this namespace's connections alone, its size in `st`; returns the arguments. */
static const char *const *record_here(struct room *room, const char *with[], struct stat *st)
{
	const char *const *args;

	add_here();
	args = only_here((const char *[]){ "--json", NULL }, with);
	start(room, args);
	make_connections(room);
	stop(room);
	assert_int_equal(stat(room->file, st), 0);
	return args;
}

static void test_cut_off(void **state)
{
	const char *with[ARGS_MAX], *const *args;
	struct room *room = *state;
	struct stat st;
	struct command c;

	args = record_here(room, with, &st);
	assert_int_equal(truncate(room->file, st.st_size - 1), 0);
	assert_int_equal(replay(room, args, &c), 0);
	assert_true(command_said(c.err, "the recording ends early"));
	assert_true(command_said(c.out, "\"summary\""));
	command_close(&c);
}

static void test_damaged(void **state)
{
	const char *with[ARGS_MAX], *const *args;
	struct room *room = *state;
	struct stat st;
	struct command c;
	int fd;

	args = record_here(room, with, &st);
	fd = open(room->file, O_WRONLY | O_CLOEXEC);
	assert_int_equal(pwrite(fd, "\xff\xff\xff\xff\xff\xff\xff\xff", 8, st.st_size - 64), 8);
	close(fd);
	assert_int_equal(replay(room, args, &c), 1);
	assert_true(command_said(c.err, "is replayed no further: it is damaged at byte"));
	assert_int_equal(command_lines(c.err), 1);
	command_close(&c);
}

static void test_not_a_recording(void **state)
{
	struct room *room = *state;
	struct command c;

	assert_int_equal(replay(room, (const char *[]){ NULL }, &c), 1);
	assert_true(command_said(c.err, "No such file"));
	command_close(&c);
	fclose(fopen(room->file, "we"));
	assert_int_equal(replay(room, (const char *[]){ NULL }, &c), 1);
	assert_true(command_said(c.err, "it is empty"));
	command_close(&c);
	assert_int_equal(command_run(&c, (const char *[]){ "--replay", "/", NULL }, PATIENCE_MS), 1);
	assert_true(command_said(c.err, "Is a directory"));
	command_close(&c);
}

static void test_overwrites_nothing(void **state)
{
	struct room *room = *state;
	struct stat st;

	fclose(fopen(room->file, "we"));
	assert_int_equal(command_run(&room->live, (const char *[]){ "record", room->file, NULL },
				     PATIENCE_MS), 1);
	assert_true(command_said(room->live.err, "overwrites nothing"));
	assert_int_equal(stat(room->file, &st), 0);
	assert_int_equal(st.st_size, 0);
}

/* One that goes on where another was killed: what that one knew is in the recording. */
static void test_same_continued(void **state)
{
	struct room *room = *state;
	char dir[256];
	const char *args[] = { "--json", "--pin", dir, NULL }, *with[ARGS_MAX];
	const char *const *all;
	struct pair p;
	struct command again;

	bpffs_path(dir, "replay");
	add_here();
	all = only_here(args, with);
	start(room, all);
	p = sockets_pair(HERE);
	assert_true(deadline_until(has_opened, room->live.out, PATIENCE_MS));
	kill(room->live.pid, SIGKILL);
	assert_int_equal(command_wait(&room->live, PATIENCE_MS), -SIGKILL);
	command_close(&room->live);
	unlink(room->file);

	start(room, all);
	assert_true(command_said(room->live.out, "\"continued\":true"));
	sockets_close_in_order(&p.client, &p.server);
	stop(room);
	assert_int_equal(command_run(&again, (const char *[]){ "--pin", dir, "--unpin", NULL },
				     PATIENCE_MS), 0);
	command_close(&again);
	assert_int_equal(replay(room, (const char *[]){ "--json", NULL }, &again), 0);
	assert_true(command_said(again.out, "\"from\":\"ESTABLISHED\",\"to\":\"FIN_WAIT1\""));
	expect_same(room->live.out, again.out);
	command_close(&again);
}

static bool has_flown(const void *arg)
{
	return command_said(((const struct room *)arg)->live.err, "what led to a finding is in '");
}

/* The run's own words tell the name. */
static void find_flown(struct room *room)
{
	char text[4096], *name;

	command_text(room->live.err, text, sizeof(text));
	name = strstr(text, " is in '");
	assert_non_null(name);
	name += strlen(" is in '");
	name[strcspn(name, "'")] = '\0';
	assert_int_equal(rename(name, room->file), 0);
	chmod(room->file, 0644);
}

/* What led to a finding, its socket there from before the run's first second on. */
static void test_flight(void **state)
{
	struct room *room = *state;
	const char *args[] = { "--json", "--older-than", "300ms", "--flight", room->dir, NULL };
	const char *all[COMMAND_ARGS_MAX], *with[ARGS_MAX];
	struct command c;

	add_here();
	command_args(all, only_here(args, with));
	room->live.out = scratch();
	c = command_start(all, fileno(room->live.out), NULL);
	c.out = room->live.out;
	room->live = c;
	assert_true(deadline_until(is_ready, &room->live, PATIENCE_MS));
	make_connections(room);
	assert_true(deadline_until(has_flown, room, PATIENCE_MS));
	kill(room->live.pid, SIGINT);
	assert_int_equal(command_wait(&room->live, PATIENCE_MS), 0);
	find_flown(room);
	assert_int_equal(replay(room, (const char *[]){ "--json", "--older-than", "300ms", NULL },
				&c), 0);
	assert_true(command_said(c.out, "\"rule\":\"stuck-"));
	assert_true(command_said(c.out, "\"summary\""));
	command_close(&c);
}

/* As a full disk, but for this process alone. */
static bool limit_files(void)
{
	const struct rlimit limit = { 16384, 16384 };

	return signal(SIGXFSZ, SIG_IGN) != SIG_ERR && !setrlimit(RLIMIT_FSIZE, &limit);
}

static void test_full_disk(void **state)
{
	struct room *room = *state;
	const char *args[] = { "record", room->file, NULL };
	struct pair p;

	add_here();
	room->live = command_start(args, -1, limit_files);
	assert_true(deadline_until(is_ready, &room->live, PATIENCE_MS));
	for (int i = 0; i < 100; i++) {
		p = sockets_pair(HERE);
		sockets_close_in_order(&p.client, &p.server);
	}
	assert_int_equal(command_wait(&room->live, PATIENCE_MS), 1);
	assert_true(command_said(room->live.err, "File too large"));
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_same_json),
		TEST(test_same_text),
		TEST(test_same_brief),
		TEST(test_same_hist),
		TEST(test_same_hist_json),
		TEST(test_same_explain),
		TEST(test_same_explain_json),
		TEST(test_same_fsm),
		TEST(test_same_of_one_process),
		TEST(test_same_of_two_shards),
		TEST(test_record_and_ask_later),
		TEST(test_same_stuck),
		TEST(test_same_stuck_json),
		TEST(test_same_audit),
		TEST(test_no_audit_recorded),
		TEST(test_brief_has_findings_only),
		TEST(test_filters),
		TEST(test_anonymized),
		TEST(test_cut_off),
		TEST(test_damaged),
		TEST(test_not_a_recording),
		TEST(test_overwrites_nothing),
		TEST(test_same_continued),
		TEST(test_flight),
		TEST(test_full_disk),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests_name("replay", tests, bpffs_setup, bpffs_teardown);
}
