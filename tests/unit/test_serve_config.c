// SPDX-License-Identifier: GPL-2.0
/* The daemon's configuration: what it sets, who wins, and how mistakes are told. */
#include "test.h"

#include <fcntl.h>
#include <getopt.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "../../user/log.h"
#include "../../user/serve/config.h"

#define ARGS_MAX 16

static struct tct_options options;
static struct tct_serve_config config;
static char *errors;
static size_t errors_len;

/* The command line, behind "serve". */
static void command(const char *line)
{
	static char words[512];
	char *argv[ARGS_MAX + 1] = { (char *)"tcpclose-trace", (char *)"serve" };
	int argc = 2;
	bool done;

	snprintf(words, sizeof(words), "%s", line);
	for (char *word = strtok(words, " "); word && argc < ARGS_MAX; word = strtok(NULL, " "))
		argv[argc++] = word;
	optind = 0;
	assert_int_equal(tct_options_parse(argc, argv, &options, &done), TCT_EXIT_OK);
	assert_int_equal(options.command, TCT_CMD_SERVE);
}

static enum tct_exit parse_bytes(const char *text, size_t len)
{
	FILE *in = fmemopen((void *)text, len, "r"), *log;
	enum tct_exit status;

	free(errors);
	log = open_memstream(&errors, &errors_len);
	tct_log_to(log);
	status = tct_serve_config_parse(&config, &options, "x.conf", in);
	tct_log_to(NULL);
	fclose(log);
	fclose(in);
	return status;
}

static enum tct_exit parse(const char *text)
{
	return parse_bytes(text, strlen(text));
}

static void good(const char *text)
{
	if (parse(text) != TCT_EXIT_OK)
		fail_msg("refused: %s", errors);
	assert_string_equal(errors, "");
}

static size_t count_lines(const char *text)
{
	size_t count = 0;

	while ((text = strchr(text, '\n'))) {
		count++;
		text++;
	}
	return count;
}

/* Refused with one line, which begins with the file, the line and this. */
static void bad(const char *text, unsigned int line, const char *words)
{
	char start[256];

	if (parse(text) != TCT_EXIT_USAGE)
		fail_msg("taken: %s", text);
	snprintf(start, sizeof(start), "tcpclose-trace: x.conf:%u: %s", line, words);
	if (strncmp(errors, start, strlen(start)))
		fail_msg("'%s' is not '%s'", errors, start);
	assert_int_equal(count_lines(errors), 1);
}

static void test_defaults(void **state)
{
	const struct sockaddr_in *address = (struct sockaddr_in *)&config.listen.address;

	(void)state;
	command("");
	good("\n");
	assert_false(config.listen.handed_over);
	assert_int_equal(address->sin_family, AF_INET);
	assert_int_equal(ntohs(address->sin_port), 9929);
	assert_int_equal(ntohl(address->sin_addr.s_addr), INADDR_LOOPBACK);
	assert_int_equal(config.max_connections, 512);
	assert_int_equal(config.web_timeout_ns, 5 * SECOND);
	assert_int_equal(config.max_services, 200);
	assert_int_equal(config.alert.journal, TCT_SWITCH_AUTO);
	assert_null(config.alert.exec);
	assert_int_equal(config.alert.timeout_ns, 10 * SECOND);
	assert_int_equal(config.alert.interval_ns, 60 * SECOND);
	assert_int_equal(config.alert.min_severity, TCT_WARNING);
	assert_int_equal(config.rule_count, 0);
	assert_memory_equal(&config.options, &options, sizeof(options));
	tct_serve_config_fini(&config);
}

static void test_everything(void **state)
{
	static const char text[] =
		"; a comment\n# another\n\n"
		"[web]\nlisten-address = [::1]:80\nmax-connections = 7 ; seven\ntimeout=90s\n"
		"[trace]\nprobes = tracepoint\nlocal-ports = 80,8000-8010\nremote-ports: 443\n"
		"audit = off\nring = 64K\nmax-sockets = 1000\nshards = 2\nflight = /var/flight\n"
		"anonymize = yes\nbpf-stats = yes\n"
		"[stuck]\nclose-wait = 5m\nlast-ack = off\nfin-wait2 = 0\n"
		"[metrics]\nmax-services = 10\n"
		"[alert]\njournal = no\nexec = /bin/sh -c \"exit 1\"\ntimeout = 2s\ninterval = 1h\n"
		"min-severity = critical\n";

	(void)state;
	command("");
	good(text);
	assert_int_equal(config.listen.address.ss_family, AF_INET6);
	assert_int_equal(config.max_connections, 7);
	assert_int_equal(config.web_timeout_ns, 90 * SECOND);
	assert_int_equal(config.options.probes, TCT_TRACEPOINT);
	assert_true(config.options.filter.filter.by_lport && config.options.filter.filter.by_rport);
	assert_int_equal(config.options.filter.lports[80 / 64] >> 80 % 64 & 1, 1);
	assert_int_equal(config.options.filter.rports[443 / 64] >> 443 % 64 & 1, 1);
	assert_int_equal(config.options.audit_ns, 0);
	assert_int_equal(config.options.ring_bytes, 65536);
	assert_int_equal(config.options.max_sockets, 1000);
	assert_int_equal(config.options.shards, 2);
	assert_string_equal(config.options.flight, "/var/flight");
	assert_true(config.options.anonymize && config.bpf_stats);
	assert_int_equal(config.options.threshold_ns[TCT_CLOSE_WAIT], 300 * SECOND);
	assert_int_equal(config.options.threshold_ns[TCT_LAST_ACK], 0);
	assert_int_equal(config.options.threshold_ns[TCT_FIN_WAIT2], 0);
	assert_int_equal(config.options.threshold_ns[TCT_FIN_WAIT1], 60 * SECOND);
	assert_int_equal(config.max_services, 10);
	assert_int_equal(config.alert.journal, TCT_SWITCH_NO);
	assert_string_equal(config.alert.exec[0], "/bin/sh");
	assert_string_equal(config.alert.exec[1], "-c");
	assert_string_equal(config.alert.exec[2], "exit 1");
	assert_null(config.alert.exec[3]);
	assert_int_equal(config.alert.timeout_ns, 2 * SECOND);
	assert_int_equal(config.alert.interval_ns, 3600 * SECOND);
	assert_int_equal(config.alert.min_severity, TCT_CRITICAL);
	tct_serve_config_fini(&config);
}

static void test_rules(void **state)
{
	(void)state;
	command("");
	good("[rule a pool]\nunit = php*-fpm.service\nstate = close-wait,LAST_ACK\nport = 80\n"
	     "ignore = yes\n[rule b]\ncgroup=/system.slice/*\ncomm=nginx\nolder-than=5m\n"
	     "min-sockets=100\nseverity=critical\n[rule c]\n");
	assert_int_equal(config.rule_count, 3);
	assert_string_equal(config.rules[0].name, "a pool");
	assert_int_equal(config.rules[0].line, 1);
	assert_string_equal(config.rules[0].unit, "php*-fpm.service");
	assert_int_equal(config.rules[0].states, 1u << TCT_CLOSE_WAIT | 1u << TCT_LAST_ACK);
	assert_int_equal(config.rules[0].ports[80 / 64] >> 80 % 64 & 1, 1);
	assert_true(config.rules[0].ignore);
	assert_int_equal(config.rules[0].severity, TCT_RULE_AS_JUDGED);
	assert_string_equal(config.rules[1].cgroup, "/system.slice/*");
	assert_string_equal(config.rules[1].comm, "nginx");
	assert_int_equal(config.rules[1].older_ns, 300 * SECOND);
	assert_int_equal(config.rules[1].min_sockets, 100);
	assert_int_equal(config.rules[1].severity, TCT_CRITICAL);
	assert_null(config.rules[2].ports);
	tct_serve_config_fini(&config);
}

/* An option of the command line stands, whatever the file says; a mistake in it is one all the same. */
static void test_command_line_wins(void **state)
{
	const struct sockaddr_in *address = (struct sockaddr_in *)&config.listen.address;

	(void)state;
	command("--ring 128K --audit 5s --stuck close-wait=7s -L 22 --web.listen-address :1");
	good("[trace]\nring = 64K\naudit = 9s\nlocal-ports = 80\n[stuck]\nclose-wait = 1s\n"
	     "last-ack = 2s\n[web]\nlisten-address = 127.0.0.1:2\n");
	assert_int_equal(config.options.ring_bytes, 131072);
	assert_int_equal(config.options.audit_ns, 5 * SECOND);
	assert_int_equal(config.options.filter.lports[80 / 64] >> 80 % 64 & 1, 0);
	assert_int_equal(config.options.threshold_ns[TCT_CLOSE_WAIT], 7 * SECOND);
	assert_int_equal(config.options.threshold_ns[TCT_LAST_ACK], 2 * SECOND);
	assert_int_equal(ntohs(address->sin_port), 1);
	tct_serve_config_fini(&config);
	bad("[trace]\nring = 3\n", 2, "ring does not take '3': it wants a power of two");
	command("--older-than 9s");
	good("[stuck]\nclose-wait = 1s\n");
	assert_int_equal(config.options.threshold_ns[TCT_CLOSE_WAIT], 9 * SECOND);
	tct_serve_config_fini(&config);
}

static void test_bad_values(void **state)
{
	(void)state;
	command("");
	bad("[web]\nlisten-address = nowhere\n", 2, "listen-address does not take 'nowhere': it "
	    "wants a numeric address and a port");
	bad("[web]\nlisten-address = 1.2.3.4:70000\n", 2, "listen-address does not take");
	bad("[web]\nmax-connections = 0\n", 2, "max-connections does not take '0': it wants a "
	    "number from 1 to 65535");
	bad("[web]\ntimeout = 10ms\n", 2, "timeout does not take '10ms': it wants a time from 1s");
	bad("[web]\ntimeout =\n", 2, "timeout does not take ''");
	bad("[trace]\n\nprobes = magic\n", 3, "probes does not take 'magic': it wants auto, kmod");
	bad("[trace]\nshards = 9\n", 2, "shards does not take '9'");
	bad("[trace]\nnetns = nowhere-at-all\n", 2, "netns 'nowhere-at-all': No such file");
	bad("[trace]\ncgroup = /nowhere\n", 2, "cgroup '/nowhere': No such file");
	bad("[trace]\nanonymize = true\n", 2, "anonymize does not take 'true': it wants yes or no");
	bad("[stuck]\nclose-wait = 5s,last-ack=1s\n", 2, "close-wait does not take");
	bad("[stuck]\nestablished = 5s\n", 2, "[stuck] has no key 'established'");
	bad("[alert]\nexec = ls\n", 2, "exec does not take 'ls': it wants the absolute path");
	bad("[alert]\nexec = /bin/sh \"open\n", 2, "exec does not take");
	bad("[alert]\nexec = /nowhere/at/all\n", 2, "exec '/nowhere/at/all': No such file");
	bad("[alert]\nexec = /etc\n", 2, "exec '/etc': Is a directory");
	bad("[alert]\nexec = /etc/passwd\n", 2, "exec '/etc/passwd': Permission denied");
	bad("[alert]\nmin-severity = fatal\n", 2, "min-severity does not take 'fatal'");
	bad("[rule a]\nstate = established\n", 2, "state does not take 'established'");
	bad("[rule a]\nport = 65536\n", 2, "port does not take '65536'");
	bad("[rule a]\nolder-than = off\n", 2, "older-than does not take 'off'");
}

static void test_bad_lines(void **state)
{
	char text[400];

	(void)state;
	command("");
	bad("ring = 64K\n", 1, "a section, such as [web], is wanted before 'ring = 64K'");
	bad("[web]\nhello\n", 2, "KEY = VALUE is wanted, not 'hello'");
	bad("[web]\n= 5\n", 2, "a key of 1 to");
	bad("[web]\ntimeout ; = 5s\n", 2, "KEY = VALUE is wanted");
	bad("[wep]\ntimeout = 5s\n", 1, "there is no section [wep]: it wants web, trace");
	bad("[web\ntimeout = 5s\n", 1, "a section wants its ']'");
	bad("[web] timeout = 5s\n", 1, "nothing is wanted behind ']'");
	bad("[rule]\nignore = yes\n", 1, "there is no section [rule]");
	bad("[web]\ntime = 5s\n", 2, "[web] has no key 'time'");
	bad("[web]\ntimeout = 5s\ntimeout = 5s\n", 3, "timeout is there already");
	bad("[web]\ntimeout = 5s\n[stuck]\n[web]\ntimeout = 5s\n", 5, "timeout is there already");
	bad("[rule a]\nignore=yes\n[rule a]\nignore=no\n", 3, "there is a rule 'a' in line 1");
	bad("[rule a]\nignore=yes\nignore=no\n", 3, "ignore is there already");
	bad("[web]\nt\x01me = 5s\n", 2, "[web] has no key 't?me'");
	snprintf(text, sizeof(text), "[rule %060d]\n", 1);
	bad(text, 1, "the name of a section is longer than 48 characters");
	snprintf(text, sizeof(text), "[web]\n%060d = 1\n", 1);
	bad(text, 2, "a key of 1 to 48 characters");
	snprintf(text, sizeof(text), "[alert]\nexec = /bin/true %0200d\n", 1);
	bad(text, 2, "the line is longer than 198 characters");
	snprintf(text, sizeof(text), "[alert]\nexec = /bin/true %0180d\n", 1);
	good(text);
	tct_serve_config_fini(&config);
	assert_int_equal(parse_bytes("[web]\ntime\0out = 5s\n", 20), TCT_EXIT_USAGE);
	assert_non_null(strstr(errors, "x.conf:2: text is wanted, not a byte of zero"));
	/* what is blank does not matter, nor whether the last line ends */
	good("\xEF\xBB\xBF  [web]  ; here\r\n\ttimeout = 7s\r\n  max-connections=9");
	assert_int_equal(config.web_timeout_ns, 7 * SECOND);
	assert_int_equal(config.max_connections, 9);
	tct_serve_config_fini(&config);
}

static void test_all_mistakes_are_told(void **state)
{
	char text[1024] = "[web]\n";

	(void)state;
	command("");
	assert_int_equal(parse("[web]\nnope = 1\ntimeout = x\n[bogus]\na = b\nhello\n[stuck]\n"
			       "closing = 1x\n"), TCT_EXIT_USAGE);
	assert_int_equal(count_lines(errors), 5);
	assert_non_null(strstr(errors, "x.conf:2: "));
	assert_non_null(strstr(errors, "x.conf:3: "));
	assert_non_null(strstr(errors, "x.conf:4: "));
	assert_non_null(strstr(errors, "x.conf:6: "));
	assert_non_null(strstr(errors, "x.conf:8: "));
	for (int i = 0; i < 100; i++)
		strcat(text, "nope\n");
	assert_int_equal(parse(text), TCT_EXIT_USAGE);
	assert_int_equal(count_lines(errors), 21);
	assert_non_null(strstr(errors, "x.conf: there are more mistakes"));
}

/* What does not go together, from file and command line. */
static void test_together(void **state)
{
	(void)state;
	command("--anonymize");
	assert_int_equal(parse("[web]\n"), TCT_EXIT_USAGE);
	good("[trace]\nflight = /var/flight\n");
	tct_serve_config_fini(&config);
	command("--pin /sys/fs/bpf/x");
	assert_int_equal(parse("[trace]\nshards = 2\n"), TCT_EXIT_USAGE);
	assert_non_null(strstr(errors, "--pin takes --shards 1 only"));
}

static void test_netns(void **state)
{
	(void)state;
	command("");
	good("[trace]\nnetns = /proc/self/ns/net\n");
	assert_int_not_equal(config.options.filter.filter.netns, 0);
	assert_true(fcntl(config.options.filter.netns_fd, F_GETFD) >= 0);
	tct_serve_config_fini(&config);
}

static void test_files(void **state)
{
	char path[] = "/tmp/tct-config-XXXXXX", line[64];
	int fd = mkstemp(path);

	(void)state;
	assert_int_equal(write(fd, "[web]\nmax-connections = 3\n", 26), 26);
	close(fd);
	snprintf(line, sizeof(line), "--config %s", path);
	command(line);
	assert_int_equal(tct_serve_config_read(&config, &options), TCT_EXIT_OK);
	assert_int_equal(config.max_connections, 3);
	tct_serve_config_fini(&config);
	unlink(path);
	assert_int_equal(tct_serve_config_read(&config, &options), TCT_EXIT_USAGE);
	command("--config /etc");
	assert_int_equal(tct_serve_config_read(&config, &options), TCT_EXIT_USAGE);
}

static void test_fixed(void **state)
{
	struct tct_serve_config first;

	(void)state;
	command("");
	good("[web]\ntimeout = 5s\n[trace]\nring = 64K\naudit = 5s\n[stuck]\nclose-wait = 1s\n");
	first = config;
	good("[web]\ntimeout = 5s\n[trace]\nring = 128K\n[stuck]\nclose-wait = 2s\n");
	tct_log_to(stderr);
	assert_true(tct_serve_config_tell_fixed(&first, &config));
	assert_false(tct_serve_config_tell_fixed(&first, &first));
	tct_log_to(NULL);
	tct_serve_config_fini(&config);
	tct_serve_config_fini(&first);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_everything),
		cmocka_unit_test(test_rules),
		cmocka_unit_test(test_command_line_wins),
		cmocka_unit_test(test_bad_values),
		cmocka_unit_test(test_bad_lines),
		cmocka_unit_test(test_all_mistakes_are_told),
		cmocka_unit_test(test_together),
		cmocka_unit_test(test_netns),
		cmocka_unit_test(test_files),
		cmocka_unit_test(test_fixed),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	free(errors);
	return failed;
}
