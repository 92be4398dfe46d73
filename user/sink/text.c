// SPDX-License-Identifier: GPL-2.0
#include "text.h"

#include <string.h>
#include "format.h"
#include "why.h"
#include "text_audit.h"
#include "text_line.h"
#include "text_teardown.h"

#define SECOND 1000000000ull
#define WIDTH 80
#define STATE_WIDTH 11
#define DURATION_WIDTH 7
#define RED "\033[31m"
#define GREEN "\033[32m"
#define PLAIN "\033[0m"

static const char *color(const struct tct_sink_text *sink, const char *code)
{
	return sink->config.color ? code : "";
}

/* The time of a line that is printed, which takes so many columns. */
static int put_stamp(struct tct_sink_text *sink, uint64_t mono_ns)
{
	char stamp[32];

	if (!tct_text_has_stamp(sink))
		return 0;
	*tct_text_stamp(sink, mono_ns, stamp) = '\0';
	fputs(stamp, sink->config.out);
	return TCT_TEXT_STAMP;
}

static void on_transition(void *ctx, const struct tct_transition *ev)
{
	struct tct_sink_text *sink = ctx;
	char line[TCT_TEXT_LINE], dwell[16], *at;

	tct_format_duration(ev->dwell_ns, dwell, sizeof(dwell));
	at = tct_text_subject(sink, ev->mono_ns, &ev->who, line);
	at = tct_format_column(tct_state_name(ev->from), STATE_WIDTH, at);
	at = stpcpy(at, ev->legal ? " -> " : " !> ");
	at = tct_format_column(tct_state_name(ev->to), STATE_WIDTH, at);
	*at++ = ' ';
	tct_text_put(sink, line, tct_format_right(dwell, DURATION_WIDTH, at));
}

static void on_time_wait(void *ctx, const struct tct_time_wait *ev)
{
	struct tct_sink_text *sink = ctx;
	char line[TCT_TEXT_LINE], duration[16], *at;

	tct_format_duration(ev->duration_ns, duration, sizeof(duration));
	at = tct_text_subject(sink, ev->mono_ns, &ev->who, line);
	at = tct_format_column(tct_state_name(ev->substate), STATE_WIDTH, at);
	at = stpcpy(at, " .. ");
	if (ev->end == TCT_END_NEVER_CREATED) {	/* it took no time, and is a long word */
		at = stpcpy(at, tct_end_name(ev->end));
	} else {
		at = tct_format_column(tct_end_name(ev->end), STATE_WIDTH, at);
		*at++ = ' ';
		at = tct_format_right(duration, DURATION_WIDTH, at);
	}
	tct_text_put(sink, line, at);
}

static void on_teardown(void *ctx, const struct tct_teardown *ev)
{
	struct tct_sink_text *sink = ctx;
	char line[TCT_TEXT_LINE], *at = tct_text_subject(sink, ev->mono_ns, &ev->who, line);

	tct_text_teardown(ev, sink->config.wide ? TCT_TEARDOWN_LEN : WIDTH - TCT_TEXT_SUBJECT, at);
	tct_text_put(sink, line, at + strlen(at));
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

/* What may well be as it should is not called stuck. Returns the columns that it takes. */
static int put_rank(const struct tct_sink_text *sink, const struct tct_finding *ev)
{
	static const char *const words[][3] = {
		[TCT_INFO] = { "LINGERING", "LINGERING, still", "RESOLVED" },
		[TCT_WARNING] = { "STUCK", "STUCK, still", "RESOLVED" },
		[TCT_CRITICAL] = { "STUCK (critical)", "STUCK, still (critical)", "RESOLVED" },
	};
	static const char *const codes[] = { [TCT_INFO] = "", [TCT_WARNING] = RED,
					     [TCT_CRITICAL] = RED };
	const char *word = words[ev->severity][ev->status];

	fprintf(sink->config.out, "%s%s%s",
		color(sink, ev->status == TCT_RESOLVED ? GREEN : codes[ev->severity]), word,
		color(sink, PLAIN));
	return (int)strlen(word);
}

static void put_headline(struct tct_sink_text *sink, const struct tct_finding *ev, int stamp)
{
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
	tct_format_wrap(sink->config.out, text, put_rank(sink, ev) + stamp, 4, WIDTH);
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
	int stamp = put_stamp(sink, ev->mono_ns);

	if (!strcmp(ev->rule, "illegal-transition")) {
		put_illegal(sink, ev);
		return;
	}
	put_headline(sink, ev, stamp);
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

static void on_difference(void *ctx, const struct tct_difference *ev)
{
	struct tct_sink_text *sink = ctx;

	if (sink->differences++ < sink->config.differences)
		tct_text_difference(&sink->config, put_stamp(sink, ev->mono_ns), ev);
}

/* A healthy host's audits say nothing unless somebody asked. */
static void on_audit(void *ctx, const struct tct_audit *ev)
{
	struct tct_sink_text *sink = ctx;

	if (ev->asked || sink->config.audits || tct_text_drift(ev))
		tct_text_audit(&sink->config, put_stamp(sink, ev->mono_ns), ev);
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
