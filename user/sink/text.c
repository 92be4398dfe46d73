// SPDX-License-Identifier: GPL-2.0
#include "text.h"

#include <string.h>
#include <time.h>
#include "format.h"
#include "why.h"
#include "text_audit.h"
#include "text_teardown.h"

#define SECOND 1000000000ull
#define WIDTH 80
#define SUBJECT_WIDTH 46	/* PID to REMOTE */
#define RED "\033[31m"
#define GREEN "\033[32m"
#define PLAIN "\033[0m"

static const char *color(const struct tct_sink_text *sink, const char *code)
{
	return sink->config.color ? code : "";
}

/* Eight characters and a blank, for months. */
static void put_seconds(FILE *out, double seconds)
{
	int decimals = 3;

	for (double limit = 9999.9995; decimals && seconds >= limit; limit *= 10)
		decimals--;
	fprintf(out, "%-8.*f ", decimals, seconds);
}

/* The wall clock, or the seconds, that -T and -t put first. */
static void put_stamp(const struct tct_sink_text *sink, uint64_t mono_ns)
{
	const struct tct_text_config *config = &sink->config;
	time_t now = (time_t)((mono_ns + config->real_offset_ns) / SECOND);
	char text[16];
	struct tm tm;

	if (config->clock) {
		localtime_r(&now, &tm);
		strftime(text, sizeof(text), "%H:%M:%S", &tm);
		fprintf(config->out, "%-9s", text);
	} else if (config->seconds) {
		put_seconds(config->out,
			    (double)(int64_t)(mono_ns - config->start_mono_ns) / SECOND);
	}
}

static bool has_stamp(const struct tct_sink_text *sink)
{
	return sink->config.clock || sink->config.seconds;
}

/* 80 columns have room for a time or for the program's name. */
static void put_titles(struct tct_sink_text *sink)
{
	FILE *out = sink->config.out;

	if (sink->titled)
		return;
	sink->titled = true;
	if (has_stamp(sink))
		fprintf(out, "%-9s", "TIME");
	if (sink->config.wide)
		fprintf(out, "%-10s %-10s %-7s %-15s %-47s %-47s %-11s    %-11s %7s\n", "COOKIE",
			"NETNS", "PID", "COMM", "LOCAL", "REMOTE", "FROM", "TO", "AFTER");
	else
		fprintf(out, "%-7s %s%5s %-21s %-11s    %-11s %7s\n", "PID",
			has_stamp(sink) ? "" : "COMM      ", "LPORT", "REMOTE", "FROM", "TO",
			"AFTER");
}

static void put_task(const struct tct_sink_text *sink, const struct tct_task *task)
{
	int width = sink->config.wide ? 15 : 9;
	char pid[16] = "-", comm[TCT_COMM_LEN];

	if (task->pid)
		snprintf(pid, sizeof(pid), "%u", task->pid);
	tct_format_plain(task->pid ? task->comm : "-", comm, sizeof(comm));
	fprintf(sink->config.out, "%-7s ", pid);
	if (!has_stamp(sink) || sink->config.wide)
		fprintf(sink->config.out, "%-*.*s ", width, width, comm);
}

static const char *format_cookie(uint64_t cookie, char out[20])
{
	if (TCT_KEY_IS_ADDRESS(cookie))
		return "-";
	snprintf(out, 20, "%lx", (unsigned long)cookie);
	return out;
}

static void put_subject(struct tct_sink_text *sink, uint64_t mono_ns,
			const struct tct_subject *who)
{
	const struct tct_tuple *tuple = &who->tuple;
	char local[TCT_ENDPOINT_LEN], remote[TCT_ENDPOINT_LEN], cookie[20];
	bool wide = sink->config.wide;
	FILE *out = sink->config.out;

	put_titles(sink);
	put_stamp(sink, mono_ns);
	if (wide)
		fprintf(out, "%-10s %-10u ", format_cookie(who->cookie, cookie), who->netns);
	put_task(sink, &who->task);
	tct_format_endpoint(tuple->laddr, tuple->family, tuple->lport, 0, local);
	tct_format_endpoint(tuple->raddr, tuple->family, tuple->rport, wide ? 0 : 21, remote);
	if (!tuple->rport)
		strcpy(remote, "-");
	if (wide)
		fprintf(out, "%-47s %-47s ", local, remote);
	else
		fprintf(out, "%5u %-21s ", tuple->lport, remote);
}

static void on_transition(void *ctx, const struct tct_transition *ev)
{
	struct tct_sink_text *sink = ctx;
	char dwell[16];

	tct_format_duration(ev->dwell_ns, dwell, sizeof(dwell));
	put_subject(sink, ev->mono_ns, &ev->who);
	fprintf(sink->config.out, "%-11.11s %s %-11.11s %7s\n", tct_state_name(ev->from),
		ev->legal ? "->" : "!>", tct_state_name(ev->to), dwell);
}

static void on_time_wait(void *ctx, const struct tct_time_wait *ev)
{
	struct tct_sink_text *sink = ctx;
	char duration[16];

	tct_format_duration(ev->duration_ns, duration, sizeof(duration));
	put_subject(sink, ev->mono_ns, &ev->who);
	fprintf(sink->config.out, "%-11s .. ", tct_state_name(ev->substate));
	if (ev->end == TCT_END_NEVER_CREATED)	/* it took no time, and is a long word */
		fprintf(sink->config.out, "%s\n", tct_end_name(ev->end));
	else
		fprintf(sink->config.out, "%-11s %7s\n", tct_end_name(ev->end), duration);
}

static void on_teardown(void *ctx, const struct tct_teardown *ev)
{
	struct tct_sink_text *sink = ctx;
	char line[TCT_TEARDOWN_LEN];

	put_subject(sink, ev->mono_ns, &ev->who);
	tct_text_teardown(ev, sink->config.wide ? sizeof(line) : WIDTH - SUBJECT_WIDTH, line);
	fprintf(sink->config.out, "%s\n", line);
}

static void put_line(const struct tct_sink_text *sink, const char *text)
{
	tct_format_wrap(sink->config.out, text, 0, 4, sink->config.wide ? 10000 : WIDTH);
}

static void put_holder(struct tct_sink_text *sink, const struct tct_holder *holder)
{
	bool cgroup = sink->config.wide && holder->cgroup;
	char text[768], plain[768];

	snprintf(text, sizeof(text), "%s[%u] holds %u by fd %s%s%s", holder->comm, holder->pid,
		 holder->count, holder->fds ? holder->fds : "?", cgroup ? " in " : "",
		 cgroup ? holder->cgroup : "");
	tct_format_plain(text, plain, sizeof(plain));
	put_line(sink, plain);
}

static void put_verdicts(struct tct_sink_text *sink, const struct tct_finding *ev)
{
	char text[256];
	size_t len = 0;

	for (int v = TCT_VERDICT_NONE + 1; v < TCT_VERDICTS; v++) {
		if (!ev->verdicts[v] || len >= sizeof(text))
			continue;
		len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%s: %u",
					len ? ", " : "", tct_verdict_name(v), ev->verdicts[v]);
	}
	if (len && ev->unread_bytes && len < sizeof(text))
		snprintf(text + len, sizeof(text) - len, " (%llu bytes unread)",
			 (unsigned long long)ev->unread_bytes);
	if (len)
		put_line(sink, text);
}

static void put_why(struct tct_sink_text *sink, const struct tct_finding *ev)
{
	char text[256];

	tct_why_format(ev, text, sizeof(text));
	if (*text)
		put_line(sink, text);
}

static void put_socket(struct tct_sink_text *sink, const struct tct_subject *who)
{
	char local[TCT_ENDPOINT_LEN], remote[TCT_ENDPOINT_LEN], text[160];

	tct_format_endpoint(who->tuple.laddr, who->tuple.family, who->tuple.lport, 0, local);
	tct_format_endpoint(who->tuple.raddr, who->tuple.family, who->tuple.rport, 0, remote);
	snprintf(text, sizeof(text), "%s to %s", local, remote);
	put_line(sink, text);
}

static void put_headline(struct tct_sink_text *sink, const struct tct_finding *ev)
{
	static const char *const words[] = { "STUCK", "STUCK, still", "RESOLVED" };
	static const char *const ranks[] = { " (info)", "", " (critical)" };
	const char *rank = ev->status == TCT_RESOLVED ? "" : ranks[ev->severity];
	int column = (int)(strlen(words[ev->status]) + strlen(rank)) + (has_stamp(sink) ? 9 : 0);
	const char *side = ev->port_is_local ? "local" : "remote";
	char age[16], text[160];

	tct_format_duration(ev->oldest_ns, age, sizeof(age));
	if (ev->status == TCT_RESOLVED)
		snprintf(text, sizeof(text), "%s: none left, %s port %u",
			 tct_state_name(ev->state), side, ev->port);
	else
		snprintf(text, sizeof(text), "%s: %u socket%s, %s port %u, oldest %s%s%s",
			 tct_state_name(ev->state), ev->count, ev->count == 1 ? "" : "s", side,
			 ev->port, ev->at_least ? "at least " : "", age,
			 ev->confidence == TCT_DEGRADED ? " (events were lost)" : "");
	fprintf(sink->config.out, "%s%s%s%s",
		color(sink, ev->status == TCT_RESOLVED ? GREEN : RED), words[ev->status], rank,
		color(sink, PLAIN));
	tct_format_wrap(sink->config.out, text, column, 4, WIDTH);
}

static void put_illegal(struct tct_sink_text *sink, const struct tct_finding *ev)
{
	fprintf(sink->config.out, "%sILLEGAL%s %s to %s (%s)\n", color(sink, RED),
		color(sink, PLAIN), tct_state_name(ev->state), tct_state_name(ev->to), ev->rule);
	put_socket(sink, ev->socket);
	put_line(sink, ev->advice);
}

static void on_finding(void *ctx, const struct tct_finding *ev)
{
	struct tct_sink_text *sink = ctx;

	if (has_stamp(sink))
		put_stamp(sink, ev->mono_ns);
	if (!strcmp(ev->rule, "illegal-transition")) {
		put_illegal(sink, ev);
		return;
	}
	put_headline(sink, ev);
	if (ev->status == TCT_RESOLVED)
		return;
	if (ev->socket)
		put_socket(sink, ev->socket);
	for (size_t i = 0; i < ev->holder_count; i++)
		put_holder(sink, &ev->holders[i]);
	put_verdicts(sink, ev);
	put_why(sink, ev);
	put_line(sink, ev->advice);
}

static void on_ready(void *ctx, const struct tct_ready *ev)
{
	struct tct_sink_text *sink = ctx;
	char text[512];
	size_t len;

	snprintf(text, sizeof(text), "watching Linux %s by %s%s", ev->kernel, ev->set_state,
		 ev->time_wait ? "" : ", TIME_WAIT only counted");
	tct_format_wrap(sink->config.messages, text, 0, 0, WIDTH);
	len = (size_t)snprintf(text, sizeof(text), "mirroring %u socket%s%s", ev->mirrored,
			       ev->mirrored == 1 ? "" : "s", ev->mirrored ? ":" : "");
	for (int s = TCT_NONE + 1; s < TCT_STATES; s++) {
		if (ev->by_state[s] && len < sizeof(text))
			len += (size_t)snprintf(text + len, sizeof(text) - len, " %u %s,",
						ev->by_state[s], tct_state_name(s));
	}
	snprintf(text + len - (ev->mirrored ? 1 : 0), sizeof(text) - len, "; Ctrl-C ends");
	tct_format_wrap(sink->config.messages, text, 0, 0, WIDTH);
	if (!ev->continued)
		return;
	snprintf(text, sizeof(text), "continued: %u socket%s, %u transition%s waited in the ring",
		 ev->mirrored, ev->mirrored == 1 ? "" : "s", ev->waited, ev->waited == 1 ? "" : "s");
	tct_format_wrap(sink->config.messages, text, 0, 0, WIDTH);
}

/* In front of a line about the picture itself. Returns how many columns it took. */
static int put_front(const struct tct_sink_text *sink, uint64_t mono_ns)
{
	put_stamp(sink, mono_ns);
	return has_stamp(sink) ? 9 : 0;
}

static void on_difference(void *ctx, const struct tct_difference *ev)
{
	struct tct_sink_text *sink = ctx;

	if (sink->differences++ < sink->config.differences)
		tct_text_difference(&sink->config, put_front(sink, ev->mono_ns), ev);
}

/* A healthy host's audits say nothing unless somebody asked. */
static void on_audit(void *ctx, const struct tct_audit *ev)
{
	struct tct_sink_text *sink = ctx;

	if (ev->asked || sink->config.audits || tct_text_drift(ev))
		tct_text_audit(&sink->config, put_front(sink, ev->mono_ns), ev);
	sink->differences = 0;
}

static void on_flood(void *ctx, const struct tct_flood *ev)
{
	tct_text_flood(&((struct tct_sink_text *)ctx)->config, ev);
}

static void on_loss(void *ctx, const struct tct_loss *ev)
{
	tct_text_loss(&((struct tct_sink_text *)ctx)->config, ev);
}

static void put_pairs(FILE *out, const struct tct_summary *ev)
{
	for (int from = 0; from < TCT_STATES; from++) {
		for (int to = 0; to < TCT_STATES; to++) {
			if (ev->pairs[from][to])
				fprintf(out, "  %-11s -> %-11s %12llu\n", tct_state_name(from),
					tct_state_name(to), (unsigned long long)ev->pairs[from][to]);
		}
	}
}

static void on_summary(void *ctx, const struct tct_summary *ev)
{
	struct tct_sink_text *sink = ctx;
	char text[512];
	size_t len;

	len = (size_t)snprintf(text, sizeof(text),
			       "%llu events in %.1fs, %llu lost, %llu illegal, %llu finding%s, "
			       "%u socket%s mirrored",
			       (unsigned long long)ev->events, (double)ev->duration_ns / SECOND,
			       (unsigned long long)ev->lost, (unsigned long long)ev->illegal,
			       (unsigned long long)ev->findings, ev->findings == 1 ? "" : "s",
			       ev->mirrored,
			       ev->mirrored == 1 ? "" : "s");
	if (ev->shards > 1)
		len += (size_t)snprintf(text + len, sizeof(text) - len, " in %u shards",
					ev->shards);
	for (int k = 0, first = 1; k < TCT_KINDS; k++) {
		if (!ev->teardowns[k] || len >= sizeof(text))
			continue;
		len += (size_t)snprintf(text + len, sizeof(text) - len, "%s %llu %s",
					first ? "; teardowns:" : ",",
					(unsigned long long)ev->teardowns[k], tct_kind_name(k));
		first = 0;
	}
	tct_format_wrap(sink->config.messages, text, 0, 0, WIDTH);
	if (ev->pairs)
		put_pairs(sink->config.messages, ev);
}

void tct_sink_text_init(struct tct_sink_text *sink, const struct tct_text_config *config,
			struct tct_sink *ops)
{
	*sink = (struct tct_sink_text){ .config = *config };
	*ops = (struct tct_sink){
		.ctx = sink,
		.ready = on_ready,
		.transition = on_transition,
		.time_wait = on_time_wait,
		.teardown = on_teardown,
		.finding = on_finding,
		.loss = on_loss,
		.difference = on_difference,
		.audit = on_audit,
		.flood = on_flood,
		.summary = on_summary,
	};
}
