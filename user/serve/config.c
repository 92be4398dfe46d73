// SPDX-License-Identifier: GPL-2.0
/*
 * Reads the configuration. What is no key and value, and which line that is, inih does not tell:
 * each line is looked at before it gets it.
 */
#include "config_internal.h"

#include <ctype.h>
#include <errno.h>
#include <ini.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "../log.h"
#include "../options_check.h"
#include "../usage.h"

#define LINE_LEN 198		/* inih's line, without its end */
#define NAME_LEN 48		/* inih's names */
#define MISTAKES_MAX 20
#define SHOWN_LEN 48

/* For a log line: it may hold anything. */
static const char *shown(const char *text, char out[SHOWN_LEN + 4])
{
	size_t len = 0;

	for (; text[len] && len < SHOWN_LEN; len++)
		out[len] = isprint((unsigned char)text[len]) ? text[len] : '?';
	stpcpy(out + len, text[len] ? "..." : "");
	return out;
}

static bool is_told(struct reading *reading)
{
	reading->mistakes++;
	if (reading->mistakes == MISTAKES_MAX + 1)
		tct_log_error("%s: there are more mistakes", reading->name);
	return reading->mistakes <= MISTAKES_MAX;
}

#define MISTAKE(reading, format, ...) \
	(is_told(reading) ? tct_log_error("%s:%u: " format, (reading)->name, (reading)->line, \
					  __VA_ARGS__) : (void)0)

char *tct_config_keep(struct reading *reading, const char *text)
{
	struct tct_serve_config *config = reading->config;
	char **more = reallocarray(config->texts, config->text_count + 1, sizeof(*more));
	char *copy = strdup(text);

	if (more)
		config->texts = more;
	if (more && copy) {
		config->texts[config->text_count++] = copy;
		return copy;
	}
	free(copy);
	reading->no_memory = true;
	return NULL;
}

struct tct_rule *tct_config_rule(struct reading *reading)
{
	return &reading->config->rules[reading->config->rule_count - 1];
}

static const struct tct_rule *rule_of_name(const struct tct_serve_config *config, const char *name)
{
	for (size_t i = 0; i < config->rule_count; i++) {
		if (!strcmp(config->rules[i].name, name))
			return &config->rules[i];
	}
	return NULL;
}

static void begin_rule(struct reading *reading, const char *name)
{
	struct tct_serve_config *config = reading->config;
	const struct tct_rule *same = rule_of_name(config, name);
	struct tct_rule *more;
	char text[SHOWN_LEN + 4];

	if (same)
		MISTAKE(reading, "there is a rule '%s' in line %u", shown(name, text), same->line);
	more = reallocarray(config->rules, config->rule_count + 1, sizeof(*more));
	if (!more) {
		reading->no_memory = true;
		reading->section = NULL;
		return;
	}
	config->rules = more;
	more[config->rule_count] = (struct tct_rule){ .name = tct_config_keep(reading, name),
						      .line = reading->line,
						      .severity = TCT_RULE_AS_JUDGED };
	if (!more[config->rule_count].name)
		reading->section = NULL;
	else
		config->rule_count++;
}

/* "[name]", of which the bracket is there. */
static void begin_section(struct reading *reading, char *name)
{
	char *end = strchr(name, ']'), text[SHOWN_LEN + 4];

	reading->section = NULL;
	reading->began = true;
	reading->seen_in_rule = 0;
	if (!end) {
		MISTAKE(reading, "a section wants its ']', not '[%s'", shown(name, text));
		return;
	}
	if (end[1 + strspn(end + 1, " \t")] && !strchr(";#", end[1 + strspn(end + 1, " \t")])) {
		MISTAKE(reading, "nothing is wanted behind ']', not '%s'", shown(end + 1, text));
		return;
	}
	*end = '\0';
	if (end - name > NAME_LEN) {
		MISTAKE(reading, "the name of a section is longer than %d characters", NAME_LEN);
		return;
	}
	reading->section = tct_config_section(name, strlen(name));
	if (!reading->section)
		MISTAKE(reading, "there is no section [%s]: it wants web, trace, stuck, metrics, "
			"alert or 'rule NAME'", shown(name, text));
	else if (reading->section->is_rule)
		begin_rule(reading, name + strlen("rule "));
}

/* For inih a comment begins with a blank and a semicolon. */
static bool is_cut_short(const char *line, size_t len)
{
	const char *comment = memchr(line, ';', len);

	while (comment && !isspace((unsigned char)comment[-1]))
		comment = memchr(comment + 1, ';', len - (size_t)(comment + 1 - line));
	return comment;
}

/* Of a line that inih is to get; false: it has been told what is wrong with it. */
static bool is_pair(struct reading *reading, const char *line)
{
	size_t name = strcspn(line, "=:"), len = name;
	char text[SHOWN_LEN + 4];

	while (len && isspace((unsigned char)line[len - 1]))
		len--;
	if (!line[name] || is_cut_short(line, name)) {
		MISTAKE(reading, "KEY = VALUE is wanted, not '%s'", shown(line, text));
		return false;
	}
	if (len && len <= NAME_LEN)
		return true;
	MISTAKE(reading, "a key of 1 to %d characters is wanted", NAME_LEN);
	return false;
}

/* Without its end and what is blank around it; -1: there is none, -EMSGSIZE, -EILSEQ. */
static int get_line(FILE *in, char line[LINE_LEN + 1])
{
	int len = 0, c, err = 0;

	while ((c = getc(in)) != EOF && c != '\n') {
		if (!c)
			err = -EILSEQ;
		else if (len == LINE_LEN)
			err = -EMSGSIZE;
		else if (len || !isspace(c))
			line[len++] = (char)c;
	}
	if (c == EOF && !len && !err)
		return -1;
	while (len && isspace((unsigned char)line[len - 1]))
		len--;
	line[len] = '\0';
	return err;
}

/* inih's next line, in its buffer: nothing where there is a mistake, or it has no business. */
static char *next_line(char *out, int size, void *ctx)
{
	struct reading *reading = ctx;
	char line[LINE_LEN + 1], name[SHOWN_LEN + 4], *text = line;
	int err = get_line(reading->in, line);

	if (err == -1 || size < LINE_LEN + 2 || reading->no_memory)
		return NULL;
	reading->line++;
	if (reading->line == 1 && !strncmp(line, "\xEF\xBB\xBF", 3))
		text += 3 + strspn(line + 3, " \t");
	if (err == -EILSEQ)
		MISTAKE(reading, "%s", "text is wanted, not a byte of zero");
	else if (err)
		MISTAKE(reading, "the line is longer than %d characters", LINE_LEN);
	stpcpy(out, "\n");
	if (err || !*text || strchr(";#", *text))
		return out;
	if (*text == '[')
		begin_section(reading, text + 1);
	else if (!reading->began)
		MISTAKE(reading, "a section, such as [web], is wanted before '%s'",
			shown(text, name));
	else if (is_pair(reading, text) && reading->section)
		stpcpy(stpcpy(out, text), "\n");
	return out;
}

static const char *wanted_of(const struct key *key)
{
	size_t count, i = 0;
	const struct tct_option_row *rows = tct_usage_options(&count);

	if (key->wanted)
		return key->wanted;
	while (rows[i].value != key->which)
		i++;
	return tct_usage_wanted(rows[i].argument);
}

static void take_value(struct reading *reading, const struct key *key, const char *value)
{
	int err = *value ? key->set(reading, value, key->which) : -EINVAL;
	unsigned int number = tct_config_number(reading->section, key);
	char text[SHOWN_LEN + 4];

	if (err == -EINVAL)
		MISTAKE(reading, "%s does not take '%s': it wants %s", key->name,
			shown(value, text), wanted_of(key));
	else if (err == -ENOMEM)
		reading->no_memory = true;
	else if (err)
		MISTAKE(reading, "%s '%s': %s", key->name, shown(value, text), strerror(-err));
	if (key->is_option && key->which == TCT_OPT_NETNS)
		reading->netns_line = reading->line;
	if (!err && reading->section->is_fixed)
		reading->config->fixed[number] = tct_config_keep(reading, value);
}

static int on_pair(void *ctx, const char *section, const char *name, const char *value)
{
	struct reading *reading = ctx;
	const struct key *key = tct_config_key(reading->section, name);
	uint64_t *seen = reading->section->is_rule ? &reading->seen_in_rule : &reading->seen;
	char text[SHOWN_LEN + 4];

	(void)section;
	if (!key) {
		MISTAKE(reading, "[%s] has no key '%s'", reading->section->name, shown(name, text));
		return 1;
	}
	if (*seen >> tct_config_number(reading->section, key) & 1)
		MISTAKE(reading, "%s is there already", key->name);
	else
		take_value(reading, key, value);
	*seen |= 1ull << tct_config_number(reading->section, key);
	return 1;
}

/* What the file names is opened once all of it is known. */
static void open_netns(struct reading *reading)
{
	struct tct_serve_config *config = reading->config;
	char text[SHOWN_LEN + 4];
	int err;

	if (!config->options.netns || reading->given->netns)
		return;
	err = tct_options_open_netns(&config->options);
	if (!err) {
		config->owns_netns = true;
		return;
	}
	reading->line = reading->netns_line;
	MISTAKE(reading, "netns '%s': %s", shown(config->options.netns, text), strerror(-err));
}

static enum tct_exit verdict(struct reading *reading)
{
	if (ferror(reading->in)) {
		tct_log_error("%s: %s", reading->name, strerror(errno));
		return TCT_EXIT_USAGE;
	}
	if (reading->no_memory) {
		tct_log_error("%s: out of memory", reading->name);
		return TCT_EXIT_FAILURE;
	}
	if (reading->mistakes)
		return TCT_EXIT_USAGE;
	open_netns(reading);
	if (reading->mistakes)
		return TCT_EXIT_USAGE;
	return tct_options_check_files(&reading->config->options);
}

enum tct_exit tct_serve_config_parse(struct tct_serve_config *config,
				     const struct tct_options *options, const char *name, FILE *in)
{
	struct reading reading = { .config = config, .given = options, .name = name, .in = in };
	enum tct_exit status;
	int refused;

	tct_config_defaults(config, options);
	errno = 0;
	refused = ini_parse_stream(next_line, &reading, on_pair, &reading);
	if (refused > 0 && !reading.mistakes) {
		reading.mistakes++;
		tct_log_error("%s:%d: KEY = VALUE is wanted", name, refused);
	}
	status = verdict(&reading);
	if (status)
		tct_serve_config_fini(config);
	return status;
}

enum tct_exit tct_serve_config_read(struct tct_serve_config *config,
				    const struct tct_options *options)
{
	const char *name = options->config ? options->config : TCT_CONFIG_FILE;
	FILE *in = fopen(name, "re");
	enum tct_exit status;

	if (!in && errno == ENOENT && !options->config) {
		tct_config_defaults(config, options);
		return tct_options_check_files(options);
	}
	if (!in) {
		tct_log_error("%s: %s", name, strerror(errno));
		return TCT_EXIT_USAGE;
	}
	status = tct_serve_config_parse(config, options, name, in);
	fclose(in);
	return status;
}

void tct_serve_config_fini(struct tct_serve_config *config)
{
	for (size_t i = 0; i < config->rule_count; i++)
		free(config->rules[i].ports);
	for (size_t i = 0; i < config->text_count; i++)
		free(config->texts[i]);
	if (config->owns_netns)
		close(config->options.filter.netns_fd);
	free(config->rules);
	free(config->texts);
	free(config->alert.exec);
	*config = (struct tct_serve_config){ 0 };
}

static bool is_same(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

bool tct_serve_config_tell_fixed(const struct tct_serve_config *now,
				 const struct tct_serve_config *next)
{
	static const char *const names[] = { "web", "trace" };
	char list[256] = "";

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const struct section *section = tct_config_section(names[i], strlen(names[i]));

		for (const struct key *key = section->keys; key < section->keys + section->count;
		     key++) {
			unsigned int number = tct_config_number(section, key);
			size_t len = strlen(list);

			if (!is_same(now->fixed[number], next->fixed[number]))
				snprintf(list + len, sizeof(list) - len, "%s[%s] %s",
					 len ? ", " : "", section->name, key->name);
		}
	}
	if (!*list)
		return false;
	tct_log_error("at the next start, not before, this comes into force: %s", list);
	return true;
}
