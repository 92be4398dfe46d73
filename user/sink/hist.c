// SPDX-License-Identifier: GPL-2.0
#include "hist.h"

#include <stdlib.h>
#include <string.h>
#include "../core/tally.h"
#include "format.h"

#define BOUND_WIDTH 12

static void add(struct tct_sink_hist *sink, int series, int64_t ns)
{
	struct tct_histogram **slot = &sink->series[series];
	const double *bounds;
	size_t count;

	if (ns == TCT_UNKNOWN) {
		sink->unknown++;
		return;
	}
	if (!*slot) {
		*slot = malloc(sizeof(**slot));
		if (!*slot)
			return;
		bounds = sink->state == TCT_TIME_WAIT ? tct_histogram_time_wait_bounds(&count)
						      : tct_histogram_state_bounds(&count);
		tct_histogram_init(*slot, bounds, count);
	}
	tct_histogram_add(*slot, (uint64_t)ns);
}

static void on_transition(void *ctx, const struct tct_transition *ev)
{
	struct tct_sink_hist *sink = ctx;

	if (ev->from == sink->state && ev->to != ev->from)
		add(sink, ev->to, ev->dwell_ns);
}

static void on_time_wait(void *ctx, const struct tct_time_wait *ev)
{
	struct tct_sink_hist *sink = ctx;

	if (ev->substate == TCT_TIME_WAIT)
		add(sink, ev->end, ev->duration_ns);
}

static bool has_slot(struct tct_histogram **slot)
{
	if (!*slot)
		*slot = malloc(sizeof(**slot));
	return *slot;
}

/* All since the start, in place of what was there. */
static void on_tally(void *ctx, const struct tct_tally *tally)
{
	struct tct_sink_hist *sink = ctx;
	struct tct_histogram made;

	sink->unknown = 0;
	for (int to = 0; to < TCT_STATES; to++) {
		if (to == (int)sink->state)
			continue;
		sink->unknown += tct_tally_unknown(tally, sink->state, to);
		if (tct_tally_histogram(tally, sink->state, to, &made) &&
		    has_slot(&sink->series[to]))
			*sink->series[to] = made;
	}
}

void tct_sink_hist_init(struct tct_sink_hist *sink, enum tct_state state, struct tct_sink *ops)
{
	*sink = (struct tct_sink_hist){ .state = state };
	*ops = (struct tct_sink){ .ctx = sink };
	if (state == TCT_TIME_WAIT)
		ops->time_wait = on_time_wait;
	else
		ops->transition = on_transition;
	if (state != TCT_TIME_WAIT)
		ops->tally = on_tally;
}

void tct_sink_hist_fini(struct tct_sink_hist *sink)
{
	for (size_t i = 0; i < TCT_HIST_SERIES; i++)
		free(sink->series[i]);
}

static const char *series_name(const struct tct_sink_hist *sink, size_t i)
{
	return sink->state == TCT_TIME_WAIT ? tct_end_name((enum tct_end)i)
					    : tct_state_name((enum tct_state)i);
}

static void format_bound(const struct tct_histogram *histogram, size_t bar, char *out, size_t size)
{
	bool above = bar == histogram->bound_count;
	double bound = histogram->bounds_s[above ? bar - 1 : bar];

	snprintf(out, size, "%s %g%s", above ? ">" : "<=", bound < 1 ? bound * 1e3 : bound,
		 bound < 1 ? "ms" : "s");
}

static void print_bar(FILE *out, const char *bound, uint64_t count, uint64_t greatest, int room)
{
	int length = (int)((double)count * room / (double)greatest + 0.5);

	fprintf(out, "  %-*s %8llu |", BOUND_WIDTH, bound, (unsigned long long)count);
	if (count && !length)
		length = 1;
	for (int i = 0; i < length; i++)
		fputc('#', out);
	fputc('\n', out);
}

/* From the first bar that is not empty to the last one. */
static void print_bars(FILE *out, const struct tct_histogram *histogram, int columns)
{
	size_t first = histogram->bound_count, last = 0;
	uint64_t greatest = 1;

	for (size_t i = 0; i <= histogram->bound_count; i++) {
		if (!histogram->bars[i])
			continue;
		first = i < first ? i : first;
		last = i;
		greatest = histogram->bars[i] > greatest ? histogram->bars[i] : greatest;
	}
	for (size_t i = first; i <= last; i++) {
		char bound[40];

		format_bound(histogram, i, bound, sizeof(bound));
		print_bar(out, bound, histogram->bars[i], greatest,
			  columns - BOUND_WIDTH - 13 > 10 ? columns - BOUND_WIDTH - 13 : 10);
	}
}

static void print_series(FILE *out, const struct tct_histogram *histogram, const char *state,
			 const char *name, int columns)
{
	char p50[16], p90[16], p99[16], max[16];

	tct_format_duration((int64_t)tct_histogram_percentile(histogram, .50), p50, sizeof(p50));
	tct_format_duration((int64_t)tct_histogram_percentile(histogram, .90), p90, sizeof(p90));
	tct_format_duration((int64_t)tct_histogram_percentile(histogram, .99), p99, sizeof(p99));
	tct_format_duration((int64_t)histogram->max_ns, max, sizeof(max));
	fprintf(out, "%s, %s: count %llu, p50 %s, p90 %s, p99 %s, max %s\n", state, name,
		(unsigned long long)histogram->count, p50, p90, p99, max);
	print_bars(out, histogram, columns);
}

void tct_sink_hist_print(const struct tct_sink_hist *sink, FILE *out, int columns)
{
	const char *state = tct_state_name(sink->state);
	bool any = false;

	for (size_t i = 0; i < TCT_HIST_SERIES; i++) {
		char name[32];

		if (!sink->series[i])
			continue;
		any = true;
		snprintf(name, sizeof(name), "%s%s", sink->state == TCT_TIME_WAIT ? "" : "to ",
			 series_name(sink, i));
		print_series(out, sink->series[i], state, name, columns);
	}
	if (!any)
		fprintf(out, "%s: none ended in this time\n", state);
	if (sink->unknown)
		fprintf(out, "%s: %llu more had begun before us: how long they took is unknown\n",
			state, (unsigned long long)sink->unknown);
}

static void put_buckets(struct tct_json *json, const struct tct_histogram *histogram)
{
	uint64_t sum = 0;

	tct_json_open(json, "buckets", '[');
	for (size_t i = 0; i < histogram->bound_count; i++) {
		sum += histogram->bars[i];
		tct_json_open(json, NULL, '{');
		tct_json_real(json, "le_s", histogram->bounds_s[i]);
		tct_json_u64(json, "count", sum);
		tct_json_close(json, '}');
	}
	tct_json_close(json, ']');
}

void tct_sink_hist_json(const struct tct_sink_hist *sink, struct tct_sink_json *out,
			uint64_t now_ns)
{
	struct tct_json *json = &out->json;

	for (size_t i = 0; i < TCT_HIST_SERIES; i++) {
		const struct tct_histogram *histogram = sink->series[i];

		if (!histogram)
			continue;
		tct_sink_json_begin(out, "hist", now_ns);
		tct_json_str(json, "state", tct_state_name(sink->state));
		tct_json_str(json, sink->state == TCT_TIME_WAIT ? "end" : "to",
			     series_name(sink, i));
		tct_json_u64(json, "count", histogram->count);
		tct_json_u64(json, "sum_ns", histogram->sum_ns);
		tct_json_u64(json, "p50_ns", tct_histogram_percentile(histogram, .50));
		tct_json_u64(json, "p90_ns", tct_histogram_percentile(histogram, .90));
		tct_json_u64(json, "p99_ns", tct_histogram_percentile(histogram, .99));
		tct_json_u64(json, "max_ns", histogram->max_ns);
		put_buckets(json, histogram);
		tct_sink_json_end(out);
	}
}
