// SPDX-License-Identifier: GPL-2.0
#include "options.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include "core/stuck.h"
#include "log.h"
#include "parse.h"
#include "sink/format.h"
#include "sink/select.h"
#include "source/target.h"

#define TEXT_OF(x) #x
#define TEXT(x) TEXT_OF(x)

#define TRACE (1u << TCT_CMD_TRACE)
#define STUCK (1u << TCT_CMD_STUCK)
#define HIST (1u << TCT_CMD_HIST)
#define FSM (1u << TCT_CMD_FSM)
#define CHECK (1u << TCT_CMD_CHECK)
#define LIVE (TRACE | HIST | FSM)
#define ALL (LIVE | STUCK | CHECK)

static const struct {
	const char *name;
	const char *usage;
	const char *help;
	int arguments;		/* after the command's name */
} commands[] = {
	[TCT_CMD_TRACE] = { "trace", "[trace]", "transitions, teardowns, findings as they happen",
			    0 },
	[TCT_CMD_STUCK] = { "stuck", "stuck", "what is stuck now, by owner; exit 3 if anything is",
			    0 },
	[TCT_CMD_HIST] = { "hist", "hist [time-wait|STATE]", "how long sockets stay in a state",
			   1 },
	[TCT_CMD_FSM] = { "fsm", "fsm", "the model of TCP that events are held against", 0 },
	[TCT_CMD_CHECK] = { "check", "check", "what this kernel offers, and what is missing", 0 },
};

#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

enum { OPT_NETNS = 256, OPT_CGROUP, OPT_JSON, OPT_PROBES, OPT_OLDER, OPT_STUCK, OPT_DOT,
       OPT_MERMAID, OPT_LIVE };

static const struct {
	int value;		/* a letter, or one of the above */
	const char *name;
	const char *argument;	/* NULL: takes none */
	unsigned int commands;
	const char *help;
} table[] = {
	{ 'p', "pid", "PID", LIVE | STUCK, "sockets that this process owns" },
	{ 'L', "localport", "PORTS", LIVE | STUCK, "local ports: 80,8000-8010" },
	{ 'D', "remoteport", "PORTS", LIVE | STUCK, "remote ports" },
	{ '4', "ipv4", NULL, LIVE | STUCK, "IPv4 sockets only" },
	{ '6', "ipv6", NULL, LIVE | STUCK, "IPv6 sockets only (v4-mapped ones are)" },
	{ 's', "state", "STATES", LIVE | STUCK, "into or out of these: close-wait,LAST_ACK" },
	{ OPT_NETNS, "netns", "NETNS", LIVE | STUCK, "a name, a path, a pid, or net:[INODE]" },
	{ OPT_CGROUP, "cgroup", "PATH", LIVE | STUCK, "a cgroup2 directory and all below it" },
	{ 'e', "events", "TYPES", TRACE,
	  "print only these: transition,teardown,time_wait,finding" },
	{ OPT_STUCK, "stuck", "STATE=TIME,..", TRACE | STUCK,
	  "thresholds: close-wait=5s,last-ack=off" },
	{ OPT_OLDER, "older-than", "TIME", TRACE | STUCK, "one threshold for all states" },
	{ 'd', "duration", "SECONDS", LIVE, "stop after this time" },
	{ 'i', "interval", "SECONDS", HIST, "print at this interval, not only at the end" },
	{ 'T', "time", NULL, TRACE, "wall clock in front of each line" },
	{ 't', "timestamp", NULL, TRACE, "seconds since the start in front of each line" },
	{ 'w', "wide", NULL, TRACE | STUCK, "cookie, namespace, full addresses; over 80 columns" },
	{ OPT_JSON, "json", NULL, ALL, "one JSON object a line" },
	{ OPT_DOT, "dot", NULL, FSM, "for Graphviz" },
	{ OPT_MERMAID, "mermaid", NULL, FSM, "for Markdown" },
	{ OPT_LIVE, "live", NULL, FSM, "with -d: edges carry observed counts and dwell" },
	{ OPT_PROBES, "probes", "PROVIDER", LIVE, "auto or tracepoint" },
	{ 'v', "verbose", NULL, ALL, "libbpf's own words on stderr" },
	{ 'h', "help", NULL, ALL, "this text" },
	{ 'V', "version", NULL, ALL, "the version" },
};

#define OPTIONS (sizeof(table) / sizeof(table[0]))

static void print_help(void)
{
	printf("usage: tcpclose-trace [COMMAND] [OPTIONS]\n\n");
	for (size_t i = 0; i < COMMANDS; i++)
		printf("  %-23s %s\n", commands[i].usage, commands[i].help);
	printf("\noptions:\n");
	for (size_t i = 0; i < OPTIONS; i++) {
		char left[40];

		snprintf(left, sizeof(left), "%c%c%s --%s%s%s", table[i].value < 256 ? '-' : ' ',
			 table[i].value < 256 ? table[i].value : ' ',
			 table[i].value < 256 ? "," : " ", table[i].name,
			 table[i].argument ? " " : "", table[i].argument ? table[i].argument : "");
		printf("  %-25s %s\n", left, table[i].help);
	}
	printf("\nexit: 0 fine, 1 failure, 2 usage, 3 something is stuck (stuck), "
	       "4 privilege,\n5 kernel\n");
}

static int parse_types(const char *text, unsigned int *types)
{
	static const char *const names[] = { "transition", "teardown", "time_wait", "finding" };
	unsigned int found = 0;

	while (true) {
		size_t len = strcspn(text, ","), i = 0;

		while (i < 4 && (strlen(names[i]) != len || strncmp(names[i], text, len)))
			i++;
		if (i == 4)
			return -EINVAL;
		found |= 1u << i;
		if (!text[len])
			break;
		text += len + 1;
	}
	*types = found;
	return 0;
}

static int set_all_thresholds(const char *text, struct tct_options *options)
{
	uint64_t ns;

	if (tct_parse_duration(text, &ns))
		return -EINVAL;
	for (int s = 0; s < TCT_STATES; s++) {
		if (options->threshold_ns[s])
			options->threshold_ns[s] = ns;
	}
	return 0;
}

static int parse_ports(const char *text, uint64_t *bits, __u8 *in_use)
{
	*in_use = 1;
	return tct_parse_ports(text, bits);
}

static int parse_cgroup(const char *text, struct tct_filter *filter)
{
	uint64_t id;
	int err = tct_target_cgroup(text, &id, &filter->cgroup_level);

	filter->cgroup = id;
	filter->by_cgroup = 1;
	return err;
}

/* Returns 0, or a negative errno when the argument is not one. */
static int set_option(int value, const char *text, struct tct_options *options)
{
	struct tct_filter_config *config = &options->filter;

	switch (value) {
	case 'p':
		return tct_parse_number(text, 1u << 22, &options->pid);
	case 'L':
		return parse_ports(text, config->lports, &config->filter.by_lport);
	case 'D':
		return parse_ports(text, config->rports, &config->filter.by_rport);
	case '4':
		config->filter.family = 2;
		return 0;
	case '6':
		config->filter.family = 10;
		return 0;
	case 's':
		return tct_parse_states(text, &options->states);
	case OPT_NETNS:
		config->netns_fd = tct_target_netns(text, &config->filter.netns);
		return config->netns_fd < 0 ? config->netns_fd : 0;
	case OPT_CGROUP:
		return parse_cgroup(text, &config->filter);
	case 'e':
		return parse_types(text, &options->types);
	case OPT_STUCK:
		return tct_parse_thresholds(text, options->threshold_ns);
	case OPT_OLDER:
		return set_all_thresholds(text, options);
	case 'd':
		return tct_parse_duration(text, &options->duration_ns);
	case 'i':
		return tct_parse_duration(text, &options->interval_ns);
	case 'T':
		options->clock = true;
		return 0;
	case 't':
		options->seconds = true;
		return 0;
	case 'w':
		options->wide = true;
		return 0;
	case OPT_JSON:
		options->json = true;
		return 0;
	case OPT_DOT:
		options->format = TCT_FSM_DOT;
		return 0;
	case OPT_MERMAID:
		options->format = TCT_FSM_MERMAID;
		return 0;
	case OPT_LIVE:
		options->live = true;
		return 0;
	case 'v':
		options->verbose = true;
		return 0;
	default:
		return 0;
	}
}

static size_t row_of(int value)
{
	size_t i = 0;

	while (i < OPTIONS && table[i].value != value)
		i++;
	return i;
}

/* What an argument of this kind looks like. */
static const char *wanted(const char *argument)
{
	static const struct {
		const char *argument;
		const char *text;
	} kinds[] = {
		{ "PID", "a number from 1 to 4194304" },
		{ "PORTS", "ports from 1 to 65535, as in 80,8000-8010" },
		{ "STATES", "states, as in close-wait,LAST_ACK" },
		{ "NETNS", "a name, a path, a pid, or net:[INODE]" },
		{ "PATH", "a directory below the cgroup2 mount point" },
		{ "TYPES", "of transition,teardown,time_wait,finding" },
		{ "STATE=TIME,..", "closing states or syn-recv, as in close-wait=5s,last-ack=off" },
		{ "TIME", "a time above 0, as in 60s, 500ms, 2m" },
		{ "SECONDS", "a time above 0, as in 5, 0.5, 2m" },
		{ "PROVIDER", "auto or tracepoint" },
	};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (!strcmp(kinds[i].argument, argument))
			return kinds[i].text;
	}
	return "another argument";
}

static enum tct_exit bad_argument(int value, const char *text, int err)
{
	size_t row = row_of(value);

	if (err == -EINVAL)
		tct_log_error("--%s does not take '%s': it wants %s", table[row].name, text,
			      wanted(table[row].argument));
	else
		tct_log_error("--%s '%s': %s", table[row].name, text, strerror(-err));
	return TCT_EXIT_USAGE;
}

/* Only the tracepoint provider is built: asking for another is asking for what is not there. */
static enum tct_exit check_probes(const char *text)
{
	static const char *const absent[] = { "kmod", "fentry", "kprobe" };

	if (!strcmp(text, "auto") || !strcmp(text, "tracepoint"))
		return TCT_EXIT_OK;
	for (size_t i = 0; i < 3; i++) {
		if (strcmp(text, absent[i]))
			continue;
		tct_log_error("the provider %s is not in this build; --probes=tracepoint is",
			      text);
		return TCT_EXIT_KERNEL;
	}
	return bad_argument(OPT_PROBES, text, -EINVAL);
}

static enum tct_exit parse_command(char **args, int count, struct tct_options *options)
{
	size_t i = 0;

	options->command = TCT_CMD_TRACE;
	options->hist_state = TCT_TIME_WAIT;
	if (!count)
		return TCT_EXIT_OK;
	while (i < COMMANDS && strcmp(commands[i].name, args[0]))
		i++;
	if (i == COMMANDS) {
		tct_log_error("there is no command '%s'; see tcpclose-trace -h", args[0]);
		return TCT_EXIT_USAGE;
	}
	options->command = (enum tct_command)i;
	if (count - 1 > commands[i].arguments) {
		tct_log_error("%s takes no argument '%s'; see tcpclose-trace -h", args[0],
			      args[1 + commands[i].arguments]);
		return TCT_EXIT_USAGE;
	}
	if (count == 1)
		return TCT_EXIT_OK;
	options->hist_state = tct_state_parse(args[1], strlen(args[1]));
	if (options->hist_state == TCT_NONE) {
		tct_log_error("there is no state '%s'; try close-wait or time-wait", args[1]);
		return TCT_EXIT_USAGE;
	}
	return TCT_EXIT_OK;
}

/* An option that its command would ignore is a mistake of the user's, not to be swallowed. */
static enum tct_exit check_used(const bool *used, const struct tct_options *options)
{
	for (size_t i = 0; i < OPTIONS; i++) {
		if (!used[i] || table[i].commands & 1u << options->command)
			continue;
		tct_log_error("%s does not take --%s; see tcpclose-trace -h",
			      commands[options->command].name, table[i].name);
		return TCT_EXIT_USAGE;
	}
	if (options->live && !options->duration_ns) {
		tct_log_error("--live needs a duration: -d SECONDS");
		return TCT_EXIT_USAGE;
	}
	return TCT_EXIT_OK;
}

static void make_getopt_tables(char *letters, struct option *names)
{
	*letters++ = ':';
	for (size_t i = 0; i < OPTIONS; i++) {
		names[i] = (struct option){
			.name = table[i].name,
			.has_arg = table[i].argument ? required_argument : no_argument,
			.val = table[i].value,
		};
		if (table[i].value >= 256)
			continue;
		*letters++ = (char)table[i].value;
		if (table[i].argument)
			*letters++ = ':';
	}
	*letters = '\0';
}

static enum tct_exit bad_option(int got, char **argv)
{
	const char *word = argv[optind - 1];

	if (got == ':')
		tct_log_error("'%s' needs an argument; see tcpclose-trace -h", word);
	else if (optopt && optopt < 256)
		tct_log_error("unknown option '-%c'; see tcpclose-trace -h", optopt);
	else
		tct_log_error("unknown option '%s'; see tcpclose-trace -h", word);
	return TCT_EXIT_USAGE;
}

static enum tct_exit parse_options(int argc, char **argv, struct tct_options *options, bool *used)
{
	char letters[2 * OPTIONS + 2];
	struct option names[OPTIONS + 1] = { 0 };
	enum tct_exit status = TCT_EXIT_OK;
	int got, err;

	make_getopt_tables(letters, names);
	opterr = 0;
	while (!status && (got = getopt_long(argc, argv, letters, names, NULL)) != -1) {
		if (got == '?' || got == ':')
			return bad_option(got, argv);
		used[row_of(got)] = true;
		err = set_option(got, optarg, options);
		if (err)
			status = bad_argument(got, optarg, err);
		else if (got == OPT_PROBES)
			status = check_probes(optarg);
	}
	return status;
}

enum tct_exit tct_options_parse(int argc, char **argv, struct tct_options *options, bool *done)
{
	bool used[OPTIONS + 1] = { 0 };
	struct tct_stuck_config defaults;
	enum tct_exit status;

	*options = (struct tct_options){ .types = TCT_SELECT_ALL };
	tct_stuck_defaults(&defaults);
	memcpy(options->threshold_ns, defaults.threshold_ns, sizeof(options->threshold_ns));
	status = parse_options(argc, argv, options, used);
	if (!status)
		status = parse_command(argv + optind, argc - optind, options);
	*done = !status && (used[row_of('h')] || used[row_of('V')]);
	if (*done && used[row_of('h')])
		print_help();
	else if (*done)
		printf("tcpclose-trace %s\n", TEXT(TCT_VERSION));
	return status || *done ? status : check_used(used, options);
}
