// SPDX-License-Identifier: GPL-2.0
#include "options.h"

#include <errno.h>
#include <getopt.h>
#include <string.h>
#include "core/stuck.h"
#include "log.h"
#include "options_check.h"
#include "parse.h"
#include "serve/listen.h"
#include "sink/select.h"
#include "source/kernel.h"
#include "source/target.h"
#include "usage.h"

#define TCT_AUDIT_NS 30000000000ull
#define TCT_RING_DEFAULT (16u << 20)
#define TCT_RING_MIN (64u << 10)
#define TCT_RING_MAX (1u << 30)
#define TCT_SOCKETS_MAX 100000000

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
		if (!options->threshold_ns[s])
			continue;
		options->threshold_ns[s] = ns;
		options->thresholds_given |= 1u << s;
	}
	return 0;
}

static int parse_ports(const char *text, uint64_t *bits, __u8 *in_use)
{
	*in_use = 1;
	return tct_parse_ports(text, bits);
}

/* ss calls a request SYN-RECV, too. */
static int parse_states(const char *text, uint32_t *states)
{
	int err = tct_parse_states(text, states);

	if (*states & 1u << TCT_SYN_RECV)
		*states |= 1u << TCT_NEW_SYN_RECV;
	return err;
}

static int parse_cgroup(const char *text, struct tct_filter *filter)
{
	uint64_t id;
	int err = tct_target_cgroup(text, &id, &filter->cgroup_level);

	filter->cgroup = id;
	filter->by_cgroup = 1;
	return err;
}

static int parse_period(const char *text, uint64_t *ns)
{
	if (strcmp(text, "off"))
		return tct_parse_duration(text, ns);
	*ns = 0;
	return 0;
}

static int parse_mode(const char *text, bool *summary)
{
	*summary = !strcmp(text, "summary");
	return *summary || !strcmp(text, "full") ? 0 : -EINVAL;
}

/* Options without an argument. */
static void set_flag(int value, struct tct_options *options)
{
	const struct {
		int value;
		bool *flag;
	} flags[] = {
		{ 'T', &options->clock }, { 't', &options->seconds }, { 'w', &options->wide },
		{ 'v', &options->verbose }, { TCT_OPT_JSON, &options->json },
		{ TCT_OPT_LIVE, &options->live }, { TCT_OPT_UNPIN, &options->unpin },
		{ TCT_OPT_ANONYMIZE, &options->anonymize },
		{ TCT_OPT_CHECK_CONFIG, &options->check_config },
	};
	static const struct {
		int value;
		enum tct_fsm_format format;
	} formats[] = {
		{ TCT_OPT_DOT, TCT_FSM_DOT }, { TCT_OPT_MERMAID, TCT_FSM_MERMAID },
		{ TCT_OPT_SVG, TCT_FSM_SVG },
	};

	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
		if (flags[i].value == value)
			*flags[i].flag = true;
	}
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		if (formats[i].value == value)
			options->format = formats[i].format;
	}
}

static int parse_shards(const char *text, uint32_t *shards)
{
	*shards = 0;
	return strcmp(text, "auto") ? tct_parse_number(text, TCT_SHARDS_MAX, shards) : 0;
}

/* Of a state that is not named, the threshold stays what it was. */
static int set_thresholds(const char *text, struct tct_options *options)
{
	uint64_t named[TCT_STATES];
	int err;

	memset(named, 0xff, sizeof(named));
	err = tct_parse_thresholds(text, named);
	for (int s = 0; s < TCT_STATES && !err; s++) {
		if (named[s] == UINT64_MAX)
			continue;
		options->threshold_ns[s] = named[s];
		options->thresholds_given |= 1u << s;
	}
	return err;
}

int tct_options_set(struct tct_options *options, int value, const char *text)
{
	struct tct_filter_config *config = &options->filter;
	struct tct_listen listen;

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
		return parse_states(text, &options->states);
	case TCT_OPT_NETNS:
		options->netns = text;
		return 0;
	case TCT_OPT_CGROUP:
		return parse_cgroup(text, &config->filter);
	case TCT_OPT_PROBES:
		return tct_provider_parse(text, &options->probes);
	case TCT_OPT_BTF:
		options->btf = text;
		return tct_kernel_check_btf(text);
	case 'e':
		return parse_types(text, &options->types);
	case TCT_OPT_STUCK:
		return set_thresholds(text, options);
	case TCT_OPT_OLDER:
		return set_all_thresholds(text, options);
	case 'd':
		return tct_parse_duration(text, &options->duration_ns);
	case 'i':
		return tct_parse_duration(text, &options->interval_ns);
	case TCT_OPT_AUDIT:
		return parse_period(text, &options->audit_ns);
	case TCT_OPT_MAX_SOCKETS:
		return tct_parse_number(text, TCT_SOCKETS_MAX, &options->max_sockets);
	case TCT_OPT_RING:
		return tct_parse_size(text, TCT_RING_MIN, TCT_RING_MAX, &options->ring_bytes);
	case TCT_OPT_SHARDS:
		return parse_shards(text, &options->shards);
	case TCT_OPT_PIN:
		options->pin = text;
		return 0;
	case TCT_OPT_RECORD:
		options->record = text;
		return 0;
	case TCT_OPT_FLIGHT:
		options->flight = text;
		return 0;
	case TCT_OPT_MODE:
		return parse_mode(text, &options->summary);
	case TCT_OPT_REPLAY:
		options->replay = text;
		return 0;
	case TCT_OPT_CONFIG:
		options->config = text;
		return 0;
	case TCT_OPT_LISTEN:
		options->listen = text;
		return tct_listen_parse(text, &listen);
	default:
		set_flag(value, options);
		return 0;
	}
}

static size_t row_of(int value)
{
	size_t count, i = 0;
	const struct tct_option_row *rows = tct_usage_options(&count);

	while (i < count && rows[i].value != value)
		i++;
	return i;
}

bool tct_options_given(const struct tct_options *options, int value)
{
	return options->given >> row_of(value) & 1;
}

static enum tct_exit bad_argument(int value, const char *text, int err)
{
	size_t count;
	const struct tct_option_row *row = &tct_usage_options(&count)[row_of(value)];

	if (err == -EINVAL)
		tct_log_error("--%s does not take '%s': it wants %s", row->name, text,
			      tct_usage_wanted(row->argument));
	else
		tct_log_error("--%s '%s': %s", row->name, text, strerror(-err));
	return TCT_EXIT_USAGE;
}

static const struct tct_command_row *find_command(const char *name)
{
	size_t count;
	const struct tct_command_row *rows = tct_usage_commands(&count);

	for (size_t i = 0; i < count; i++) {
		if (!strcmp(rows[i].name, name))
			return &rows[i];
	}
	return NULL;
}

static enum tct_exit parse_pick(const char *text, struct tct_options *options)
{
	if (!tct_pick_parse(text, &options->pick))
		return TCT_EXIT_OK;
	tct_log_error("'%s' is no connection: see tcpclose-trace -h", text);
	return TCT_EXIT_USAGE;
}

/* args[0] is the command's name, if there is one. */
static enum tct_exit parse_command(char **args, int count, struct tct_options *options)
{
	const struct tct_command_row *row = find_command(count ? args[0] : "trace");

	options->hist_state = TCT_TIME_WAIT;
	if (!row) {
		tct_log_error("there is no command '%s'; see tcpclose-trace -h", args[0]);
		return TCT_EXIT_USAGE;
	}
	options->command = row->command;
	if (count - 1 > row->arguments) {
		tct_log_error("%s takes no argument '%s'; see tcpclose-trace -h", args[0],
			      args[1 + row->arguments]);
		return TCT_EXIT_USAGE;
	}
	if (row->command == TCT_CMD_RECORD && count < 2) {
		tct_log_error("record needs the name of a file; see tcpclose-trace -h");
		return TCT_EXIT_USAGE;
	}
	if (count < 2)
		return TCT_EXIT_OK;
	if (row->command == TCT_CMD_RECORD) {
		options->record = args[1];
		return TCT_EXIT_OK;
	}
	if (row->command == TCT_CMD_EXPLAIN)
		return parse_pick(args[1], options);
	options->hist_state = tct_state_parse(args[1], strlen(args[1]));
	if (options->hist_state == TCT_NONE) {
		tct_log_error("there is no state '%s'; try close-wait or time-wait", args[1]);
		return TCT_EXIT_USAGE;
	}
	return TCT_EXIT_OK;
}

int tct_options_open_netns(struct tct_options *options)
{
	struct tct_filter_config *config = &options->filter;

	config->netns_fd = tct_target_netns(options->netns, &config->filter.netns);
	return config->netns_fd < 0 ? config->netns_fd : 0;
}

/* Of a recording only the number is known, and whether it is in there shows. */
static enum tct_exit find_netns(struct tct_options *options)
{
	int err;

	if (!options->netns)
		return TCT_EXIT_OK;
	if (options->replay) {
		err = tct_target_inode(options->netns, &options->filter.filter.netns);
		if (err)
			tct_log_error("--replay knows namespaces by their numbers: "
				      "--netns 'net:[INODE]'");
		return err ? TCT_EXIT_USAGE : TCT_EXIT_OK;
	}
	err = tct_options_open_netns(options);
	return err ? bad_argument(TCT_OPT_NETNS, options->netns, err) : TCT_EXIT_OK;
}

static void make_getopt_tables(char *letters, struct option *names)
{
	size_t count;
	const struct tct_option_row *rows = tct_usage_options(&count);

	*letters++ = ':';
	for (size_t i = 0; i < count; i++) {
		names[i] = (struct option){
			.name = rows[i].name,
			.has_arg = rows[i].argument ? required_argument : no_argument,
			.val = rows[i].value,
		};
		if (rows[i].value >= 256)
			continue;
		*letters++ = (char)rows[i].value;
		if (rows[i].argument)
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
	char letters[2 * TCT_OPTIONS_MAX + 2];
	struct option names[TCT_OPTIONS_MAX + 1] = { 0 };
	enum tct_exit status = TCT_EXIT_OK;
	int got, err;

	make_getopt_tables(letters, names);
	opterr = 0;
	while (!status && (got = getopt_long(argc, argv, letters, names, NULL)) != -1) {
		if (got == '?' || got == ':')
			return bad_option(got, argv);
		used[row_of(got)] = true;
		options->given |= 1ull << row_of(got);
		err = tct_options_set(options, got, optarg);
		if (err)
			status = bad_argument(got, optarg, err);
	}
	return status;
}

enum tct_exit tct_options_parse(int argc, char **argv, struct tct_options *options, bool *done)
{
	bool used[TCT_OPTIONS_MAX + 1] = { 0 };
	struct tct_stuck_config defaults;
	enum tct_exit status;

	*options = (struct tct_options){
		.types = TCT_SELECT_ALL,
		.probes = TCT_AUTO,
		.audit_ns = TCT_AUDIT_NS,
		.ring_bytes = TCT_RING_DEFAULT,
	};
	tct_stuck_defaults(&defaults);
	memcpy(options->threshold_ns, defaults.threshold_ns, sizeof(options->threshold_ns));
	status = parse_options(argc, argv, options, used);
	if (!status)
		status = parse_command(argv + optind, argc - optind, options);
	*done = !status && (used[row_of('h')] || used[row_of('V')]);
	if (*done && used[row_of('h')])
		tct_usage_print();
	else if (*done)
		tct_usage_print_version();
	if (!status && !*done)
		status = tct_options_check(used, options);
	return status || *done ? status : find_netns(options);
}
