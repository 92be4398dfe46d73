/* SPDX-License-Identifier: GPL-2.0 */
/* Shared by the parts that read the configuration. */
#ifndef TCT_SERVE_CONFIG_INTERNAL_H
#define TCT_SERVE_CONFIG_INTERNAL_H

#include "config.h"

/* Of a section: what one key does with its value. */
struct reading;
struct key {
	const char *name;
	/* 0; -EINVAL: it wants another; another negative errno, of a file that it names */
	int (*set)(struct reading *reading, const char *value, int which);
	const char *wanted;
	int which;		/* for set() */
	bool is_option;		/* `which` is one of the command line, which has the words, too */
};

struct section {
	const char *name;
	bool is_rule;		/* its name goes on, with the rule's */
	bool is_fixed;		/* cannot change while running */
	const struct key *keys;
	size_t count;
};

struct reading {
	struct tct_serve_config *config;
	const struct tct_options *given;	/* by the command line */
	const char *name;
	FILE *in;
	unsigned int line;
	unsigned int mistakes;
	const struct section *section;		/* NULL: none, or one that is not known */
	bool began;				/* there was a section, known or not */
	uint64_t seen;				/* keys of all sections but rules, a bit each */
	uint64_t seen_in_rule;
	unsigned int netns_line;		/* where that is */
	bool no_memory;
};

const struct section *tct_config_section(const char *name, size_t len);
const struct key *tct_config_key(const struct section *section, const char *name);

/* Its number among the keys of all sections. */
unsigned int tct_config_number(const struct section *section, const struct key *key);

/* A copy that lives as long as the configuration; NULL when there is no memory. */
char *tct_config_keep(struct reading *reading, const char *text);

/* The rule that is being read. */
struct tct_rule *tct_config_rule(struct reading *reading);

void tct_config_defaults(struct tct_serve_config *config, const struct tct_options *options);

#endif
