// SPDX-License-Identifier: GPL-2.0
/* What can stand in the configuration. */
#include "config_internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/stat.h>
#include "../core/advice.h"
#include "../parse.h"
#include "../usage.h"
#include "argv.h"

#define SECOND 1000000000ull
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static int set_listen(struct reading *reading, const char *value, int which)
{
	struct tct_listen listen;
	int err = tct_listen_parse(value, &listen);

	(void)which;
	if (err || tct_options_given(reading->given, TCT_OPT_LISTEN))
		return err;
	reading->config->listen = listen;
	reading->config->address = tct_config_keep(reading, value);
	return reading->config->address ? 0 : -ENOMEM;
}

static int set_connections(struct reading *reading, const char *value, int which)
{
	(void)which;
	return tct_parse_number(value, 65535, &reading->config->max_connections);
}

static int set_services(struct reading *reading, const char *value, int which)
{
	(void)which;
	return tct_parse_number(value, 10000, &reading->config->max_services);
}

enum { WEB_TIMEOUT, ALERT_TIMEOUT, ALERT_INTERVAL };

static int set_time(struct reading *reading, const char *value, int which)
{
	struct tct_serve_config *config = reading->config;
	uint64_t *const times[] = {
		[WEB_TIMEOUT] = &config->web_timeout_ns,
		[ALERT_TIMEOUT] = &config->alert.timeout_ns,
		[ALERT_INTERVAL] = &config->alert.interval_ns,
	};
	uint64_t ns;

	if (tct_parse_duration(value, &ns) || ns < SECOND || ns > 86400 * SECOND)
		return -EINVAL;
	*times[which] = ns;
	return 0;
}

static int parse_flag(const char *value, bool *flag)
{
	bool yes = !strcmp(value, "yes");

	if (!yes && strcmp(value, "no"))
		return -EINVAL;
	*flag = yes;
	return 0;
}

/* What the command line has is read all the same: a mistake is one. */
static int set_option(struct reading *reading, const char *value, int which)
{
	struct tct_options *options = &reading->config->options, read = *options;
	const char *kept = tct_config_keep(reading, value);
	int err = kept ? tct_options_set(&read, which, kept) : -ENOMEM;

	if (!err && !tct_options_given(reading->given, which))
		*options = read;
	return err;
}

static int set_anonymize(struct reading *reading, const char *value, int which)
{
	bool flag;
	int err = parse_flag(value, &flag);

	(void)which;
	if (!err && flag)
		reading->config->options.anonymize = true;
	return err;
}

static int set_stats(struct reading *reading, const char *value, int which)
{
	(void)which;
	return parse_flag(value, &reading->config->bpf_stats);
}

/* As --stuck STATE=TIME. */
static int set_threshold(struct reading *reading, const char *value, int state)
{
	struct tct_options *options = &reading->config->options, read = *options;
	char text[64];
	int err;

	if (strlen(value) > 32 || strchr(value, ','))
		return -EINVAL;
	stpcpy(stpcpy(stpcpy(text, tct_state_name(state)), "="), value);
	err = tct_options_set(&read, TCT_OPT_STUCK, text);
	if (!err && !(reading->given->thresholds_given >> state & 1))
		options->threshold_ns[state] = read.threshold_ns[state];
	return err;
}

static int set_journal(struct reading *reading, const char *value, int which)
{
	static const char *const names[] = { "auto", "yes", "no" };

	(void)which;
	for (size_t i = 0; i < COUNT(names); i++) {
		if (strcmp(value, names[i]))
			continue;
		reading->config->alert.journal = (enum tct_switch)i;
		return 0;
	}
	return -EINVAL;
}

/* Not what a directory or a text file is: it would fail when it is needed. */
static int check_program(const char *path)
{
	struct stat st;

	if (stat(path, &st))
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -EISDIR;
	return access(path, X_OK) ? -errno : 0;
}

static int set_exec(struct reading *reading, const char *value, int which)
{
	char **argv;
	int err = tct_argv_split(value, &argv);

	(void)which;
	if (err)
		return err;
	err = argv[0][0] == '/' ? check_program(argv[0]) : -EINVAL;
	if (err) {
		free(argv);
		return err;
	}
	reading->config->alert.exec = argv;
	return 0;
}

static int parse_severity(const char *value, int *severity)
{
	for (int s = TCT_INFO; s <= TCT_CRITICAL; s++) {
		if (strcmp(value, tct_severity_name(s)))
			continue;
		*severity = s;
		return 0;
	}
	return -EINVAL;
}

static int set_min_severity(struct reading *reading, const char *value, int which)
{
	int severity, err = parse_severity(value, &severity);

	(void)which;
	if (!err)
		reading->config->alert.min_severity = severity;
	return err;
}

static int rule_states(struct reading *reading, const char *value, int which)
{
	struct tct_rule *rule = tct_config_rule(reading);
	uint32_t states = 0;
	int err = tct_parse_states(value, &states);

	(void)which;
	for (int s = 0; s < TCT_STATES && !err; s++) {
		if (states >> s & 1 && !tct_stuck_rule(s))
			err = -EINVAL;
	}
	if (!err)
		rule->states = states;
	return err;
}

static int rule_ports(struct reading *reading, const char *value, int which)
{
	struct tct_rule *rule = tct_config_rule(reading);
	int err;

	(void)which;
	rule->ports = calloc(TCT_RULE_PORT_WORDS, sizeof(*rule->ports));
	if (!rule->ports)
		return -ENOMEM;
	err = tct_parse_ports(value, rule->ports);
	if (!err)
		return 0;
	free(rule->ports);
	rule->ports = NULL;
	return err;
}

enum { BY_UNIT, BY_CGROUP, BY_COMM };

static int rule_pattern(struct reading *reading, const char *value, int which)
{
	struct tct_rule *rule = tct_config_rule(reading);
	const char **const patterns[] = {
		[BY_UNIT] = &rule->unit, [BY_CGROUP] = &rule->cgroup, [BY_COMM] = &rule->comm,
	};

	if (!*value)
		return -EINVAL;
	*patterns[which] = tct_config_keep(reading, value);
	return *patterns[which] ? 0 : -ENOMEM;
}

static int rule_ignore(struct reading *reading, const char *value, int which)
{
	(void)which;
	return parse_flag(value, &tct_config_rule(reading)->ignore);
}

static int rule_older(struct reading *reading, const char *value, int which)
{
	(void)which;
	return tct_parse_duration(value, &tct_config_rule(reading)->older_ns);
}

static int rule_min_sockets(struct reading *reading, const char *value, int which)
{
	(void)which;
	return tct_parse_number(value, 100000000, &tct_config_rule(reading)->min_sockets);
}

static int rule_severity(struct reading *reading, const char *value, int which)
{
	(void)which;
	return parse_severity(value, &tct_config_rule(reading)->severity);
}

#define SECONDS_WANTED "a time from 1s to 1d"
#define FLAG_WANTED "yes or no"
#define SEVERITY_WANTED "info, warning or critical"
#define THRESHOLD_WANTED "a time above 0, as in 60s, 500ms, 2m, or off"
#define PATTERN_WANTED "a pattern, as in nginx*"

static const struct key web_keys[] = {
	{ "listen-address", set_listen, NULL, TCT_OPT_LISTEN, true },
	{ "max-connections", set_connections, "a number from 1 to 65535", 0, false },
	{ "timeout", set_time, SECONDS_WANTED, WEB_TIMEOUT, false },
};

static const struct key trace_keys[] = {
	{ "probes", set_option, NULL, TCT_OPT_PROBES, true },
	{ "btf", set_option, NULL, TCT_OPT_BTF, true },
	{ "netns", set_option, NULL, TCT_OPT_NETNS, true },
	{ "cgroup", set_option, NULL, TCT_OPT_CGROUP, true },
	{ "local-ports", set_option, NULL, 'L', true },
	{ "remote-ports", set_option, NULL, 'D', true },
	{ "audit", set_option, THRESHOLD_WANTED, TCT_OPT_AUDIT, true },
	{ "ring", set_option, NULL, TCT_OPT_RING, true },
	{ "max-sockets", set_option, NULL, TCT_OPT_MAX_SOCKETS, true },
	{ "shards", set_option, NULL, TCT_OPT_SHARDS, true },
	{ "pin", set_option, "a directory of bpffs", TCT_OPT_PIN, true },
	{ "flight", set_option, "a directory", TCT_OPT_FLIGHT, true },
	{ "anonymize", set_anonymize, FLAG_WANTED, 0, false },
	{ "bpf-stats", set_stats, FLAG_WANTED, 0, false },
};

static const struct key stuck_keys[] = {
	{ "close-wait", set_threshold, THRESHOLD_WANTED, TCT_CLOSE_WAIT, false },
	{ "fin-wait1", set_threshold, THRESHOLD_WANTED, TCT_FIN_WAIT1, false },
	{ "fin-wait2", set_threshold, THRESHOLD_WANTED, TCT_FIN_WAIT2, false },
	{ "last-ack", set_threshold, THRESHOLD_WANTED, TCT_LAST_ACK, false },
	{ "closing", set_threshold, THRESHOLD_WANTED, TCT_CLOSING, false },
	{ "syn-recv", set_threshold, THRESHOLD_WANTED, TCT_SYN_RECV, false },
};

static const struct key metrics_keys[] = {
	{ "max-services", set_services, "a number from 1 to 10000", 0, false },
};

static const struct key alert_keys[] = {
	{ "journal", set_journal, "auto, yes or no", 0, false },
	{ "exec", set_exec, "the absolute path of a program, and its arguments", 0, false },
	{ "timeout", set_time, SECONDS_WANTED, ALERT_TIMEOUT, false },
	{ "interval", set_time, SECONDS_WANTED, ALERT_INTERVAL, false },
	{ "min-severity", set_min_severity, SEVERITY_WANTED, 0, false },
};

static const struct key rule_keys[] = {
	{ "state", rule_states, "closing states or syn-recv, as in close-wait,last-ack", 0, false },
	{ "port", rule_ports, "ports from 1 to 65535, as in 80,8000-8010", 0, false },
	{ "unit", rule_pattern, PATTERN_WANTED, BY_UNIT, false },
	{ "cgroup", rule_pattern, PATTERN_WANTED, BY_CGROUP, false },
	{ "comm", rule_pattern, PATTERN_WANTED, BY_COMM, false },
	{ "ignore", rule_ignore, FLAG_WANTED, 0, false },
	{ "older-than", rule_older, "a time above 0, as in 60s, 500ms, 2m", 0, false },
	{ "min-sockets", rule_min_sockets, "a number from 1 to 100000000", 0, false },
	{ "severity", rule_severity, SEVERITY_WANTED, 0, false },
};

/* The fixed ones come first: see tct_config_number(). */
static const struct section sections[] = {
	{ "web", false, true, web_keys, COUNT(web_keys) },
	{ "trace", false, true, trace_keys, COUNT(trace_keys) },
	{ "stuck", false, false, stuck_keys, COUNT(stuck_keys) },
	{ "metrics", false, false, metrics_keys, COUNT(metrics_keys) },
	{ "alert", false, false, alert_keys, COUNT(alert_keys) },
	{ "rule", true, false, rule_keys, COUNT(rule_keys) },
};

_Static_assert(COUNT(web_keys) + COUNT(trace_keys) <= TCT_SERVE_FIXED, "room for each");

const struct section *tct_config_section(const char *name, size_t len)
{
	for (size_t i = 0; i < COUNT(sections); i++) {
		size_t known = strlen(sections[i].name);

		if (len < known || strncmp(sections[i].name, name, known))
			continue;
		if (sections[i].is_rule ? len > known && name[known] == ' ' : len == known)
			return &sections[i];
	}
	return NULL;
}

const struct key *tct_config_key(const struct section *section, const char *name)
{
	for (size_t i = 0; i < section->count; i++) {
		if (!strcmp(section->keys[i].name, name))
			return &section->keys[i];
	}
	return NULL;
}

unsigned int tct_config_number(const struct section *section, const struct key *key)
{
	size_t number = (size_t)(key - section->keys);

	for (const struct section *before = sections; before < section; before++)
		number += before->count;
	return (unsigned int)number;
}

void tct_config_defaults(struct tct_serve_config *config, const struct tct_options *options)
{
	*config = (struct tct_serve_config){
		.options = *options,
		.max_connections = 512,
		.web_timeout_ns = 5 * SECOND,
		.max_services = 200,
		.alert = {
			.timeout_ns = 10 * SECOND,
			.interval_ns = 60 * SECOND,
			.min_severity = TCT_WARNING,
		},
	};
	config->address = options->listen ? options->listen : "127.0.0.1:9929";
	tct_listen_parse(config->address, &config->listen);
}
