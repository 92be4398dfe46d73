// SPDX-License-Identifier: GPL-2.0
/* The command line: what it sets, and which mistakes are told with exit code 2, 5 or none. */
#include "test.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "../../user/options.h"
#include "../../user/sink/select.h"
#include "capture.h"

#define ARGS_MAX 16

struct result {
	struct tct_options options;
	enum tct_exit status;
	bool done;
	char output[8192];
	char errors[1024];
};

static struct result result;

/* `line` is split at blanks; the program's name is put first. */
static const struct result *parse(const char *line)
{
	static char words[512];
	char *argv[ARGS_MAX + 1] = { (char *)"tcpclose-trace" };
	struct capture output, errors;
	int argc = 1;

	snprintf(words, sizeof(words), "%s", line);
	for (char *word = strtok(words, " "); word && argc < ARGS_MAX; word = strtok(NULL, " "))
		argv[argc++] = word;
	optind = 0;	/* getopt() starts anew */
	memset(&result, 0xff, sizeof(result));
	capture_begin(&output, STDOUT_FILENO);
	capture_begin(&errors, STDERR_FILENO);
	result.status = tct_options_parse(argc, argv, &result.options, &result.done);
	capture_end(&errors, result.errors, sizeof(result.errors));
	capture_end(&output, result.output, sizeof(result.output));
	return &result;
}

static const struct tct_options *good(const char *line)
{
	parse(line);
	if (result.status != TCT_EXIT_OK || result.done)
		fail_msg("'%s' gave %d: %s", line, result.status, result.errors);
	assert_string_equal(result.output, "");
	assert_string_equal(result.errors, "");
	return &result.options;
}

/* Refused with one line that names `word`, and nothing on stdout. */
static void bad(const char *line, enum tct_exit status, const char *word)
{
	parse(line);
	if (result.status != status)
		fail_msg("'%s' gave %d, not %d", line, result.status, status);
	assert_false(result.done);
	assert_string_equal(result.output, "");
	assert_ptr_equal(strchr(result.errors, '\n'), result.errors + strlen(result.errors) - 1);
	assert_memory_equal(result.errors, "tcpclose-trace: ", 16);
	if (!strstr(result.errors, word))
		fail_msg("'%s' is not named in: %s", word, result.errors);
}

static void test_defaults(void **state)
{
	const struct tct_options *options = good("");

	(void)state;
	assert_int_equal(options->command, TCT_CMD_TRACE);
	assert_int_equal(options->types, TCT_SELECT_ALL);
	assert_int_equal(options->pid, 0);
	assert_int_equal(options->states, 0);
	assert_int_equal(options->duration_ns, 0);
	assert_int_equal(options->threshold_ns[TCT_CLOSE_WAIT], 60 * SECOND);
	assert_int_equal(options->threshold_ns[TCT_ESTABLISHED], 0);
	assert_int_equal(options->filter.filter.family, 0);
	assert_false(options->filter.filter.by_lport || options->filter.filter.by_rport);
	assert_false(options->json || options->wide || options->clock || options->seconds);
}

static void test_commands(void **state)
{
	(void)state;
	assert_int_equal(good("trace")->command, TCT_CMD_TRACE);
	assert_int_equal(good("stuck")->command, TCT_CMD_STUCK);
	assert_int_equal(good("hist")->command, TCT_CMD_HIST);
	assert_int_equal(good("fsm")->command, TCT_CMD_FSM);
	assert_int_equal(good("check")->command, TCT_CMD_CHECK);
	assert_int_equal(good("explain")->command, TCT_CMD_EXPLAIN);
	/* options may come before it too */
	assert_int_equal(good("--json check")->command, TCT_CMD_CHECK);
}

static void test_commands_refused(void **state)
{
	(void)state;
	bad("bogus", TCT_EXIT_USAGE, "bogus");
	bad("Trace", TCT_EXIT_USAGE, "Trace");
	bad("trac", TCT_EXIT_USAGE, "trac");
	bad("trace extra", TCT_EXIT_USAGE, "extra");
	bad("stuck 80", TCT_EXIT_USAGE, "80");
	bad("check check", TCT_EXIT_USAGE, "check");
}

static void test_hist_state(void **state)
{
	(void)state;
	assert_int_equal(good("hist")->hist_state, TCT_TIME_WAIT);
	assert_int_equal(good("hist time-wait")->hist_state, TCT_TIME_WAIT);
	assert_int_equal(good("hist CLOSE_WAIT")->hist_state, TCT_CLOSE_WAIT);
	assert_int_equal(good("hist -i 5 last-ack -d 10")->hist_state, TCT_LAST_ACK);
	bad("hist bogus", TCT_EXIT_USAGE, "bogus");
	bad("hist time-wait close-wait", TCT_EXIT_USAGE, "close-wait");
}

static void test_explain(void **state)
{
	(void)state;
	assert_int_equal(good("explain")->pick.by, TCT_PICK_ALL);
	assert_int_equal(good("explain 1234")->pick.cookie, 1234);
	assert_int_equal(good("explain sk:4d2")->pick.cookie, 1234);
	assert_int_equal(good("explain 127.0.0.1:80 -d 5")->pick.by, TCT_PICK_ENDPOINT);
	assert_int_equal(good("-w explain [::1]:80-[::1]:4000")->pick.ends[1].port, 4000);
	assert_int_equal(good("explain --mermaid -p 42 -L 80")->format, TCT_FSM_MERMAID);
	bad("explain bogus", TCT_EXIT_USAGE, "'bogus'");
	bad("explain 127.0.0.1", TCT_EXIT_USAGE, "'127.0.0.1'");
	bad("explain 127.0.0.1:80 81", TCT_EXIT_USAGE, "81");
	bad("explain --dot", TCT_EXIT_USAGE, "dot");
}

static void test_filters(void **state)
{
	const struct tct_options *options;

	(void)state;
	options = good("-p 42 -L 80,8000-8010 -D 443 -6 -s close-wait,LAST_ACK");
	assert_int_equal(options->pid, 42);
	assert_int_equal(options->states, 1u << TCT_CLOSE_WAIT | 1u << TCT_LAST_ACK);
	assert_int_equal(options->filter.filter.family, 10);
	assert_int_equal(options->filter.filter.by_lport, 1);
	assert_int_equal(options->filter.filter.by_rport, 1);
	assert_int_equal(options->filter.lports[80 / 64], 1ull << 80 % 64);
	assert_int_equal(options->filter.lports[8000 / 64], 0x7ffull);
	assert_int_equal(options->filter.rports[443 / 64], 1ull << 443 % 64);
	assert_int_equal(options->filter.rports[80 / 64], 0);
	assert_int_equal(good("stuck -4")->filter.filter.family, 2);
}

static void test_long_names(void **state)
{
	const struct tct_options *options;

	(void)state;
	options = good("trace --pid=42 --localport=80 --remoteport 443 --ipv4 --state=close "
		       "--wide --time --verbose --json --duration=5");
	assert_int_equal(options->pid, 42);
	assert_int_equal(options->filter.filter.family, 2);
	assert_int_equal(options->states, 1u << TCT_CLOSE);
	assert_int_equal(options->duration_ns, 5 * SECOND);
	assert_true(options->wide && options->clock && options->verbose && options->json);
	assert_false(options->seconds);
}

static void test_pid_limits(void **state)
{
	(void)state;
	assert_int_equal(good("-p 4194304")->pid, 4194304);
	bad("-p 0", TCT_EXIT_USAGE, "pid");
	bad("-p -1", TCT_EXIT_USAGE, "pid");
	bad("-p 4194305", TCT_EXIT_USAGE, "4194305");
	bad("-p 1e3", TCT_EXIT_USAGE, "1e3");
	bad("-p curl", TCT_EXIT_USAGE, "curl");
}

static void test_bad_arguments(void **state)
{
	(void)state;
	bad("-L 0", TCT_EXIT_USAGE, "localport");
	bad("-L 65536", TCT_EXIT_USAGE, "65536");
	bad("-D 80,", TCT_EXIT_USAGE, "remoteport");
	bad("-s bogus", TCT_EXIT_USAGE, "bogus");
	bad("-d 0", TCT_EXIT_USAGE, "duration");
	bad("-d -1", TCT_EXIT_USAGE, "duration");
	bad("-d 1e3", TCT_EXIT_USAGE, "1e3");
	bad("hist -i 0", TCT_EXIT_USAGE, "interval");
	bad("--older-than never", TCT_EXIT_USAGE, "never");
	bad("--stuck close-wait", TCT_EXIT_USAGE, "stuck");
	bad("--stuck established=5s", TCT_EXIT_USAGE, "established");
	bad("--cgroup=/nonexistent/cgroup", TCT_EXIT_USAGE, "cgroup");
	bad("--netns=/nonexistent/netns", TCT_EXIT_USAGE, "netns");
}

static void test_files(void **state)
{
	(void)state;
	assert_string_equal(good("record F --anonymize")->record, "F");
	assert_string_equal(good("--flight D --anonymize")->flight, "D");
	assert_string_equal(good("stuck --replay F")->replay, "F");
	bad("record", TCT_EXIT_USAGE, "needs the name of a file");
	bad("--anonymize", TCT_EXIT_USAGE, "--record FILE");
	bad("--replay F --record G", TCT_EXIT_USAGE, "--record makes one");
	bad("--replay F --flight D", TCT_EXIT_USAGE, "--flight makes some");
	bad("hist --flight D", TCT_EXIT_USAGE, "hist does not take --flight");
	bad("check --replay F", TCT_EXIT_USAGE, "check does not take --replay");
	bad("fsm --replay F", TCT_EXIT_USAGE, "need --live");
	bad("fsm --record F", TCT_EXIT_USAGE, "need --live");
	bad("fsm --pin D", TCT_EXIT_USAGE, "need --live");
	assert_string_equal(good("fsm --live --replay F")->replay, "F");
	assert_string_equal(good("fsm --unpin --pin D")->pin, "D");
}

static void test_mode(void **state)
{
	static const char *const refused[] = { "-p 1", "-L 80", "-D 80", "-s close", "--pin D",
					       "--record F", "--flight D", "--audit 1s",
					       "--shards 2" };

	(void)state;
	assert_false(good("-d 1")->summary);
	assert_false(good("--mode=full")->summary);
	assert_true(good("--mode=summary -e finding -4")->summary);
	assert_true(good("hist close-wait --mode=summary")->summary);
	assert_true(good("fsm --live -d 1 --mode=summary")->summary);
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		char line[64];

		good(refused[i]);
		snprintf(line, sizeof(line), "--mode=summary %s", refused[i]);
		bad(line, TCT_EXIT_USAGE, "--mode=summary takes no --");
	}
	bad("--mode=summary --probes=kprobe", TCT_EXIT_USAGE, "by tracepoint, not by --probes=kprobe");
	assert_true(good("--mode=summary --probes=tracepoint")->summary);
	bad("--mode=summary -e transition", TCT_EXIT_USAGE, "findings and totals");
	bad("--mode=some", TCT_EXIT_USAGE, "full or summary");
	bad("explain --mode=summary", TCT_EXIT_USAGE, "explain does not take --mode");
	bad("record F --mode=summary", TCT_EXIT_USAGE, "record does not take --mode");
	bad("stuck --mode=summary", TCT_EXIT_USAGE, "stuck does not take --mode");
	bad("fsm --mode=summary", TCT_EXIT_USAGE, "--mode needs --live");
}

static void test_shards(void **state)
{
	(void)state;
	assert_int_equal(good("")->shards, 0);
	assert_int_equal(good("--shards auto")->shards, 0);
	assert_int_equal(good("--shards 2 --shards=auto")->shards, 0);
	assert_int_equal(good("hist --shards=8")->shards, 8);
	assert_int_equal(good("--pin D --shards 1")->shards, 1);
	bad("--shards 0", TCT_EXIT_USAGE, "from 1 to 8, or auto");
	bad("--shards 9", TCT_EXIT_USAGE, "from 1 to 8, or auto");
	bad("--shards", TCT_EXIT_USAGE, "needs an argument");
	bad("stuck --shards 2", TCT_EXIT_USAGE, "stuck does not take --shards");
	bad("--pin D --shards 2", TCT_EXIT_USAGE, "one ring");
}

static void test_netns_of_a_replay(void **state)
{
	(void)state;
	assert_int_equal(good("--replay F --netns net:[1]")->filter.filter.netns, 1);
	assert_int_equal(result.options.filter.netns_fd, 0);
	bad("--replay F --netns some", TCT_EXIT_USAGE, "net:[INODE]");
	bad("--netns net:[x] --replay F", TCT_EXIT_USAGE, "net:[INODE]");
}

static void test_netns(void **state)
{
	struct stat own;
	char line[64];
	int fd;

	(void)state;
	assert_int_equal(stat("/proc/self/ns/net", &own), 0);
	snprintf(line, sizeof(line), "--netns=%d", getpid());
	assert_int_equal(good(line)->filter.filter.netns, own.st_ino);
	fd = result.options.filter.netns_fd;
	assert_true(fd > 2);
	close(fd);
	assert_int_equal(good("--netns /proc/self/ns/net")->filter.filter.netns, own.st_ino);
	close(result.options.filter.netns_fd);
}

static void test_types(void **state)
{
	(void)state;
	assert_int_equal(good("-e transition")->types, TCT_SELECT_TRANSITION);
	assert_int_equal(good("-e teardown")->types, TCT_SELECT_TEARDOWN);
	assert_int_equal(good("-e time_wait")->types, TCT_SELECT_TIME_WAIT);
	assert_int_equal(good("-e finding,teardown")->types,
			 TCT_SELECT_FINDING | TCT_SELECT_TEARDOWN);
	assert_int_equal(good("-e transition,teardown,time_wait,finding")->types, TCT_SELECT_ALL);
	bad("-e transitions", TCT_EXIT_USAGE, "transitions");
	bad("-e trans", TCT_EXIT_USAGE, "trans");
	bad("-e finding,", TCT_EXIT_USAGE, "events");
	bad("-e ,finding", TCT_EXIT_USAGE, "events");
	bad("-e all", TCT_EXIT_USAGE, "all");
}

static void test_thresholds(void **state)
{
	const struct tct_options *options = good("--stuck close-wait=5s,last-ack=off");

	(void)state;
	assert_int_equal(options->threshold_ns[TCT_CLOSE_WAIT], 5 * SECOND);
	assert_int_equal(options->threshold_ns[TCT_LAST_ACK], 0);
	assert_int_equal(options->threshold_ns[TCT_FIN_WAIT2], 90 * SECOND);
	options = good("stuck --older-than 1.5m");
	assert_int_equal(options->threshold_ns[TCT_CLOSE_WAIT], 90 * SECOND);
	assert_int_equal(options->threshold_ns[TCT_LAST_ACK], 90 * SECOND);
	assert_int_equal(options->threshold_ns[TCT_ESTABLISHED], 0);
}

static void test_fsm_formats(void **state)
{
	(void)state;
	assert_int_equal(good("fsm")->format, TCT_FSM_TEXT);
	assert_int_equal(good("fsm --dot")->format, TCT_FSM_DOT);
	assert_int_equal(good("fsm --mermaid")->format, TCT_FSM_MERMAID);
	assert_int_equal(good("fsm --svg")->format, TCT_FSM_SVG);
	assert_true(good("fsm --json")->json);
	assert_true(good("fsm --live -d 5")->live);
	bad("fsm --live", TCT_EXIT_USAGE, "-d");
}

/* An option that its command would ignore is refused. */
static void test_options_of_other_commands(void **state)
{
	(void)state;
	bad("check -p 1", TCT_EXIT_USAGE, "check does not take --pid");
	bad("check -d 5", TCT_EXIT_USAGE, "--duration");
	bad("fsm --btf /dev/null", TCT_EXIT_USAGE, "--btf");
	bad("stuck --live", TCT_EXIT_USAGE, "stuck does not take --live");
	bad("trace -i 5", TCT_EXIT_USAGE, "--interval");
	bad("-i 5", TCT_EXIT_USAGE, "trace does not take --interval");
	bad("trace --dot", TCT_EXIT_USAGE, "--dot");
	bad("trace --live -d 5", TCT_EXIT_USAGE, "--live");
	bad("explain --mermaid --json", TCT_EXIT_USAGE, "--mermaid takes no --json");
	bad("explain --mermaid -T", TCT_EXIT_USAGE, "--time");
	bad("explain --mermaid -t", TCT_EXIT_USAGE, "--time");
	bad("explain --mermaid -w", TCT_EXIT_USAGE, "--wide");
}

static void test_unknown_options(void **state)
{
	(void)state;
	bad("-x", TCT_EXIT_USAGE, "-x");
	bad("--bogus", TCT_EXIT_USAGE, "--bogus");
	bad("--json=yes", TCT_EXIT_USAGE, "--json");
	bad("-p", TCT_EXIT_USAGE, "-p");
	bad("--pid", TCT_EXIT_USAGE, "--pid");
	bad("-wx", TCT_EXIT_USAGE, "-x");
}

static void test_probes(void **state)
{
	(void)state;
	assert_int_equal(good("-d 1")->probes, TCT_AUTO);
	assert_int_equal(good("--probes=auto")->probes, TCT_AUTO);
	assert_int_equal(good("--probes=kmod")->probes, TCT_KMOD);
	assert_int_equal(good("--probes=fentry")->probes, TCT_FENTRY);
	assert_int_equal(good("--probes=kprobe")->probes, TCT_KPROBE);
	assert_int_equal(good("check --probes=tracepoint")->probes, TCT_TRACEPOINT);
	bad("--probes=bogus", TCT_EXIT_USAGE, "bogus");
	bad("--probes=", TCT_EXIT_USAGE, "--probes");
}

static void test_btf(void **state)
{
	(void)state;
	assert_null(good("-d 1")->btf);
	bad("--btf /no/such/file", TCT_EXIT_USAGE, "No such file");
	bad("--btf /dev/null", TCT_EXIT_USAGE, "BTF");
}

static void expect_help(const char *line)
{
	parse(line);
	assert_int_equal(result.status, TCT_EXIT_OK);
	assert_true(result.done);
	assert_string_equal(result.errors, "");
	assert_memory_equal(result.output, "usage: tcpclose-trace ", 22);
}

static void test_help(void **state)
{
	(void)state;
	expect_help("-h");
	expect_help("--help");
	expect_help("stuck -h");
	expect_help("-V -h");
	/* whatever else was asked for */
	expect_help("check -p 1 -h");
}

static void test_help_has_everything(void **state)
{
	static const char *const words[] = {
		"[trace]", "stuck", "hist [time-wait|STATE]", "fsm", "check", "-p, --pid PID",
		"-L, --localport PORTS", "-D, --remoteport PORTS", "-4, --ipv4", "-6, --ipv6",
		"-s, --state STATES", "--netns NETNS", "--cgroup PATH", "-e, --events TYPES",
		"--stuck STATE=TIME,..", "--older-than TIME", "-d, --duration SECONDS",
		"-i, --interval SECONDS", "-T, --time", "-t, --timestamp", "-w, --wide", "--json",
		"--dot", "--mermaid", "--svg", "--live", "--probes PROVIDER", "-v, --verbose",
		"-h, --help", "-V, --version", "exit: 0 fine", "CONNECTION: a cookie",
	};

	(void)state;
	parse("-h");
	for (size_t i = 0; i < COUNT(words); i++) {
		if (!strstr(result.output, words[i]))
			fail_msg("'%s' is not in the help", words[i]);
	}
}

static void test_help_fits(void **state)
{
	const char *line = parse("-h")->output;

	(void)state;
	while (*line) {
		size_t len = strcspn(line, "\n");

		if (len > 80)
			fail_msg("%zu columns: %.*s", len, (int)len, line);
		line += len + 1;
	}
}

/* Help does not hide a mistake. */
static void test_help_with_a_mistake(void **state)
{
	(void)state;
	bad("-h --bogus", TCT_EXIT_USAGE, "--bogus");
	bad("bogus -h", TCT_EXIT_USAGE, "bogus");
	bad("-p 0 -h", TCT_EXIT_USAGE, "pid");
}

static void test_version(void **state)
{
	unsigned int a, b, c;

	(void)state;
	parse("-V");
	assert_int_equal(result.status, TCT_EXIT_OK);
	assert_true(result.done);
	assert_int_equal(sscanf(result.output, "tcpclose-trace %u.%u.%u\n", &a, &b, &c), 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_commands),
		cmocka_unit_test(test_commands_refused),
		cmocka_unit_test(test_hist_state),
		cmocka_unit_test(test_explain),
		cmocka_unit_test(test_filters),
		cmocka_unit_test(test_long_names),
		cmocka_unit_test(test_pid_limits),
		cmocka_unit_test(test_bad_arguments),
		cmocka_unit_test(test_mode),
		cmocka_unit_test(test_netns),
		cmocka_unit_test(test_files),
		cmocka_unit_test(test_shards),
		cmocka_unit_test(test_netns_of_a_replay),
		cmocka_unit_test(test_types),
		cmocka_unit_test(test_thresholds),
		cmocka_unit_test(test_fsm_formats),
		cmocka_unit_test(test_options_of_other_commands),
		cmocka_unit_test(test_unknown_options),
		cmocka_unit_test(test_probes),
		cmocka_unit_test(test_btf),
		cmocka_unit_test(test_help),
		cmocka_unit_test(test_help_has_everything),
		cmocka_unit_test(test_help_fits),
		cmocka_unit_test(test_help_with_a_mistake),
		cmocka_unit_test(test_version),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
