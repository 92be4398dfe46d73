// SPDX-License-Identifier: GPL-2.0
#include "usage.h"

#include <stdio.h>
#include <string.h>

#define TEXT_OF(x) #x
#define TEXT(x) TEXT_OF(x)

#define TRACE (1u << TCT_CMD_TRACE)
#define STUCK (1u << TCT_CMD_STUCK)
#define HIST (1u << TCT_CMD_HIST)
#define FSM (1u << TCT_CMD_FSM)
#define CHECK (1u << TCT_CMD_CHECK)
#define EXPLAIN (1u << TCT_CMD_EXPLAIN)
#define AUDIT (1u << TCT_CMD_AUDIT)
#define RECORD (1u << TCT_CMD_RECORD)
#define SERVE (1u << TCT_CMD_SERVE)
#define WATCHES (TRACE | HIST | FSM | EXPLAIN | RECORD)	/* take events, for a while */
#define PRINTS (WATCHES | STUCK | AUDIT)	/* on stdout */
#define SHARED (PRINTS | SERVE)
#define ALL (SHARED | CHECK)

static const struct tct_command_row commands[] = {
	{ TCT_CMD_TRACE, "trace", "[trace]", "transitions, teardowns, findings as they happen", 0 },
	{ TCT_CMD_STUCK, "stuck", "stuck", "what is stuck now, by owner; exit 3 if anything is", 0 },
	{ TCT_CMD_HIST, "hist", "hist [time-wait|STATE]", "how long sockets stay in a state", 1 },
	{ TCT_CMD_EXPLAIN, "explain", "explain [CONNECTION]",
	  "each connection that ends, as a sequence diagram", 1 },
	{ TCT_CMD_FSM, "fsm", "fsm", "the model of TCP that events are held against", 0 },
	{ TCT_CMD_AUDIT, "audit", "audit", "mirror against kernel; exit 3 if they differ", 0 },
	{ TCT_CMD_RECORD, "record", "record FILE", "records what is read, for --replay FILE", 1 },
	{ TCT_CMD_SERVE, "serve", "serve", "the daemon: metrics, page, alerts, journal", 0 },
	{ TCT_CMD_CHECK, "check", "check", "what this kernel offers, and what is missing", 0 },
};

#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

static const struct tct_option_row options[] = {
	{ 'p', "pid", "PID", SHARED, "sockets that this process owns" },
	{ 'L', "localport", "PORTS", SHARED, "local ports: 80,8000-8010" },
	{ 'D', "remoteport", "PORTS", SHARED, "remote ports" },
	{ '4', "ipv4", NULL, SHARED, "IPv4 sockets only" },
	{ '6', "ipv6", NULL, SHARED, "IPv6 sockets only (v4-mapped ones are)" },
	{ 's', "state", "STATES", PRINTS, "into or out of these: close-wait,LAST_ACK" },
	{ TCT_OPT_NETNS, "netns", "NETNS", SHARED, "a name, a path, a pid, or net:[INODE]" },
	{ TCT_OPT_CGROUP, "cgroup", "PATH", SHARED, "a cgroup2 directory and all below it" },
	{ 'e', "events", "TYPES", PRINTS,
	  "print these: transition,teardown,time_wait,finding" },
	{ TCT_OPT_STUCK, "stuck", "STATE=TIME,..", TRACE | STUCK | SERVE,
	  "thresholds: close-wait=5s,last-ack=off" },
	{ TCT_OPT_OLDER, "older-than", "TIME", SHARED, "one threshold for all states" },
	{ 'd', "duration", "SECONDS", SHARED, "stop after this time" },
	{ 'i', "interval", "SECONDS", HIST, "print at this interval, not only at the end" },
	{ 'T', "time", NULL, PRINTS, "wall clock in front of each line" },
	{ 't', "timestamp", NULL, PRINTS, "seconds since the start in front of each line" },
	{ 'w', "wide", NULL, PRINTS, "cookie, namespace, full addresses; over 80 columns" },
	{ TCT_OPT_JSON, "json", NULL, PRINTS | CHECK, "one JSON object a line" },
	{ TCT_OPT_DOT, "dot", NULL, FSM, "for Graphviz" },
	{ TCT_OPT_MERMAID, "mermaid", NULL, FSM | EXPLAIN, "for Markdown" },
	{ TCT_OPT_SVG, "svg", NULL, FSM, "a picture" },
	{ TCT_OPT_LIVE, "live", NULL, FSM, "with -d: edges carry observed counts and dwell" },
	{ TCT_OPT_PROBES, "probes", "PROVIDER", SHARED | CHECK,
	  "auto, kmod, fentry, kprobe or tracepoint" },
	{ TCT_OPT_MODE, "mode", "MODE", TRACE | HIST | FSM,
	  "full, or summary: findings, and totals by the kernel" },
	{ TCT_OPT_REPLAY, "replay", "FILE", PRINTS, "a recording instead of this kernel; needs no root" },
	{ TCT_OPT_RECORD, "record", "FILE", PRINTS & ~RECORD, "record what is read, for --replay" },
	{ TCT_OPT_FLIGHT, "flight", "DIR", TRACE | SERVE, "record the minutes before a finding, in DIR" },
	{ TCT_OPT_ANONYMIZE, "anonymize", NULL, SHARED, "with --record or --flight: replace addresses" },
	{ TCT_OPT_PIN, "pin", "DIR", WATCHES | SERVE,
	  "keep hooks, ring, mirror in bpffs for the next run" },
	{ TCT_OPT_UNPIN, "unpin", NULL, WATCHES, "with --pin DIR: remove all that is kept, and end" },
	{ TCT_OPT_AUDIT, "audit", "TIME", WATCHES | SERVE, "between two audits (30s), or off" },
	{ TCT_OPT_MAX_SOCKETS, "max-sockets", "NUMBER", SHARED, "most to mirror (default by memory)" },
	{ TCT_OPT_RING, "ring", "SIZE", WATCHES | AUDIT | SERVE, "of the ring buffer, 64K to 1G (16M)" },
	{ TCT_OPT_SHARDS, "shards", "COUNT", WATCHES | AUDIT | SERVE,
	  "rings with a reader each: 1 to 8, or auto" },
	{ TCT_OPT_BTF, "btf", "FILE", SHARED | CHECK, "the kernel's types, where it shows none" },
	{ TCT_OPT_CONFIG, "config", "FILE", SERVE, "instead of " TCT_CONFIG_FILE },
	{ TCT_OPT_CHECK_CONFIG, "check-config", NULL, SERVE, "tell its mistakes, and end" },
	{ TCT_OPT_LISTEN, "web.listen-address", "ADDRESS", SERVE, "127.0.0.1:9929, or fd://" },
	{ 'v', "verbose", NULL, ALL, "libbpf's own words on stderr" },
	{ 'h', "help", NULL, ALL, "this text" },
	{ 'V', "version", NULL, ALL, "the version" },
};


#define OPTIONS (sizeof(options) / sizeof(options[0]))

_Static_assert(OPTIONS <= TCT_OPTIONS_MAX, "room for every option");

const struct tct_command_row *tct_usage_commands(size_t *count)
{
	*count = COMMANDS;
	return commands;
}

const char *tct_usage_command_name(enum tct_command command)
{
	for (size_t i = 0; i < COMMANDS; i++) {
		if (commands[i].command == command)
			return commands[i].name;
	}
	return "?";
}

const struct tct_option_row *tct_usage_options(size_t *count)
{
	*count = OPTIONS;
	return options;
}

static void print_option(const struct tct_option_row *row)
{
	bool has_letter = row->value < 256;
	char left[40];

	snprintf(left, sizeof(left), "%c%c%s --%s%s%s", has_letter ? '-' : ' ',
		 has_letter ? row->value : ' ', has_letter ? "," : " ", row->name,
		 row->argument ? " " : "", row->argument ? row->argument : "");
	printf("  %-25s %s\n", left, row->help);
}

void tct_usage_print(void)
{
	printf("usage: tcpclose-trace [COMMAND] [OPTIONS]\n\n");
	for (size_t i = 0; i < COMMANDS; i++)
		printf("  %-23s %s\n", commands[i].usage, commands[i].help);
	printf("\nCONNECTION: a cookie (1234, sk:4d2), an end (127.0.0.1:80), or both ends\n"
	       "(127.0.0.1:80-127.0.0.1:4000)\n");
	printf("\noptions:\n");
	for (size_t i = 0; i < OPTIONS; i++)
		print_option(&options[i]);
	printf("\nexit: 0 fine, 1 failure, 2 usage, 3 found (stuck, audit), 4 privilege, "
	       "5 kernel\n");
}

void tct_usage_print_version(void)
{
	printf("tcpclose-trace %s\n", TEXT(TCT_VERSION));
}

const char *tct_usage_wanted(const char *argument)
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
		{ "TYPES", "some of transition,teardown,time_wait,finding" },
		{ "STATE=TIME,..", "closing states or syn-recv, as in close-wait=5s,last-ack=off" },
		{ "TIME", "a time above 0, as in 60s, 500ms, 2m" },
		{ "SECONDS", "a time above 0, as in 5, 0.5, 2m" },
		{ "PROVIDER", "auto, kmod, fentry, kprobe or tracepoint" },
		{ "SIZE", "a power of two from 64K to 1G, as in 16M" },
		{ "COUNT", "a number from 1 to 8, or auto" },
		{ "MODE", "full or summary" },
		{ "NUMBER", "a number from 1 to 100000000" },
		{ "ADDRESS", "a numeric address and a port, as in 127.0.0.1:9929 or [::1]:9929, "
			     "or fd://" },
		{ "FILE", "a file of BTF, as in /sys/kernel/btf/vmlinux" },
	};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (!strcmp(kinds[i].argument, argument))
			return kinds[i].text;
	}
	return "another argument";
}
