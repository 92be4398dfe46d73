// SPDX-License-Identifier: GPL-2.0
#include "exposition_internal.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define SECOND 1e9

const char tct_exposition_prometheus[] = "text/plain; version=0.0.4; charset=utf-8";
const char tct_exposition_openmetrics[] =
	"application/openmetrics-text; version=1.0.0; charset=utf-8";

void tct_expose_label(FILE *out, const char *key, const char *value)
{
	fprintf(out, "%s=\"", key);
	for (; *value; value++) {
		unsigned char c = (unsigned char)*value;

		if (c == '\n')
			fputs("\\n", out);
		else if (c == '"' || c == '\\')
			fprintf(out, "\\%c", c);
		else
			fputc(c < 0x20 || c >= 0x7f ? '?' : c, out);
	}
	fputc('"', out);
}

/* Up to two labels; a key that is NULL: none. */
static void begin(const struct tct_page *page, const char *suffix, const char *key,
		  const char *value, const char *key2, const char *value2)
{
	fprintf(page->out, "%s%s", page->name, suffix);
	if (!key) {
		fputc(' ', page->out);
		return;
	}
	fputc('{', page->out);
	tct_expose_label(page->out, key, value);
	if (key2) {
		fputc(',', page->out);
		tct_expose_label(page->out, key2, value2);
	}
	fputs("} ", page->out);
}

void tct_expose_u64(const struct tct_page *page, const char *key, const char *value,
		    const char *key2, const char *value2, uint64_t number)
{
	begin(page, page->suffix, key, value, key2, value2);
	fprintf(page->out, "%" PRIu64 "\n", number);
}

void tct_expose_real(const struct tct_page *page, const char *key, const char *value,
		     double number)
{
	begin(page, page->suffix, key, value, NULL, NULL);
	fprintf(page->out, "%.13g\n", number);
}

/* OpenMetrics alone has them: `explain COOKIE`, or a recording, tells of that socket. */
static void put_exemplar(const struct tct_page *page, const struct tct_exemplar *exemplar)
{
	if (page->openmetrics && exemplar->cookie)
		fprintf(page->out, " # {cookie=\"%" PRIu64 "\"} %.9f %.3f", exemplar->cookie,
			(double)exemplar->ns / SECOND,
			(double)(exemplar->mono_ns + page->snapshot->real_offset_ns) / SECOND);
	fputc('\n', page->out);
}

void tct_expose_histogram(const struct tct_page *page, const char *key, const char *value,
			  const struct tct_bars *bars, const double *bounds_s, size_t count)
{
	uint64_t sum = 0;
	char bound[32];

	for (size_t i = 0; i <= count; i++) {
		sum += bars->bars[i];
		if (i < count)
			snprintf(bound, sizeof(bound), "%g%s", bounds_s[i],
				 page->openmetrics && bounds_s[i] >= 1 ? ".0" : "");
		else
			strcpy(bound, "+Inf");
		begin(page, "_bucket", key, value, "le", bound);
		fprintf(page->out, "%" PRIu64, sum);
		put_exemplar(page, &bars->last[i]);
	}
	begin(page, "_sum", key, value, NULL, NULL);
	fprintf(page->out, "%.9f\n", (double)bars->sum_ns / SECOND);
	begin(page, "_count", key, value, NULL, NULL);
	fprintf(page->out, "%" PRIu64 "\n", bars->count);
}

static void put_family(struct tct_page *page, const struct tct_family *family)
{
	bool counter = !strcmp(family->type, "counter");
	uint64_t number;
	const char *meta = counter && !page->openmetrics ? "_total" : "";

	page->name = family->name;
	page->suffix = counter ? "_total" : "";
	fprintf(page->out, "# HELP %s%s %s\n# TYPE %s%s %s\n", family->name, meta, family->help,
		family->name, meta, family->type);
	if (family->unit && page->openmetrics)
		fprintf(page->out, "# UNIT %s %s\n", family->name, family->unit);
	if (family->put) {
		family->put(page);
		return;
	}
	memcpy(&number, (const char *)page->snapshot + family->field, sizeof(number));
	tct_expose_u64(page, NULL, NULL, NULL, NULL, number);
}

void tct_exposition_write(const struct tct_snapshot *snapshot, const uint64_t *codes,
			  bool openmetrics, FILE *out)
{
	struct tct_page page = {
		.snapshot = snapshot, .codes = codes, .openmetrics = openmetrics, .out = out,
	};

	for (size_t i = 0; i < tct_family_count; i++)
		put_family(&page, &tct_families[i]);
	if (openmetrics)
		fputs("# EOF\n", out);
}

void tct_snapshot_clear(struct tct_snapshot *snapshot)
{
	free(snapshot->services);
	*snapshot = (struct tct_snapshot){ 0 };
}
