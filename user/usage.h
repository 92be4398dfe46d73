/* SPDX-License-Identifier: GPL-2.0 */
/* What the command line looks like: const tables of commands and options, and their words. */
#ifndef TCT_USAGE_H
#define TCT_USAGE_H

#include <stdbool.h>
#include <stddef.h>
#include "options.h"

/* Options without a letter. */
enum {
	TCT_OPT_NETNS = 256,
	TCT_OPT_CGROUP,
	TCT_OPT_JSON,
	TCT_OPT_PROBES,
	TCT_OPT_BTF,
	TCT_OPT_OLDER,
	TCT_OPT_STUCK,
	TCT_OPT_DOT,
	TCT_OPT_MERMAID,
	TCT_OPT_SVG,
	TCT_OPT_LIVE,
	TCT_OPT_AUDIT,
	TCT_OPT_MAX_SOCKETS,
	TCT_OPT_RING,
	TCT_OPT_SHARDS,
	TCT_OPT_PIN,
	TCT_OPT_UNPIN,
	TCT_OPT_RECORD,
	TCT_OPT_FLIGHT,
	TCT_OPT_ANONYMIZE,
	TCT_OPT_REPLAY,
	TCT_OPT_MODE,
	TCT_OPT_CONFIG,
	TCT_OPT_CHECK_CONFIG,
	TCT_OPT_LISTEN,
};

struct tct_command_row {
	enum tct_command command;
	const char *name;
	const char *usage;
	const char *help;
	int arguments;		/* that may follow its name */
};

struct tct_option_row {
	int value;		/* a letter, or one of the above */
	const char *name;
	const char *argument;	/* its kind; NULL: takes none */
	unsigned int commands;	/* one bit a command that takes it */
	const char *help;
};

/* where `serve` looks when it is not told */
#define TCT_CONFIG_FILE "/etc/tcpclose-trace/tcpclose-trace.conf"

#define TCT_OPTIONS_MAX 48

const struct tct_command_row *tct_usage_commands(size_t *count);
const char *tct_usage_command_name(enum tct_command command);
const struct tct_option_row *tct_usage_options(size_t *count);

/* What an argument of this kind looks like. */
const char *tct_usage_wanted(const char *argument);

void tct_usage_print(void);
void tct_usage_print_version(void);

#endif
