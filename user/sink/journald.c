// SPDX-License-Identifier: GPL-2.0
#include "journald.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <syslog.h>
#include <systemd/sd-journal.h>
#include <unistd.h>
#include "../core/service.h"
#include "format.h"

#define FIELDS_MAX 20
#define TEXT_LEN 1536		/* all fields together: none of them is longer than a few hundred */
#define MESSAGE_LEN 400

struct fields {
	struct iovec list[FIELDS_MAX];
	int count;
	char text[TEXT_LEN];
	size_t len;
};

/* Never to change: queries and catalogs know them. */
static const struct {
	const char *rule;
	const char *id;
} messages[] = {
	{ "stuck-close-wait", "cfbdc5ab374647a0830d9f313ee1a062" },
	{ "stuck-fin-wait1", "74e9c12dfcb2462881463dc8d1f932d9" },
	{ "stuck-fin-wait2", "bae5eae98cbd419da9ab1f28ce7b45bf" },
	{ "stuck-last-ack", "e8019020d1bd4f3b8c42a75383bc51b0" },
	{ "stuck-closing", "dd0e44a500c44159a8f4c308ce9c30bc" },
	{ "stuck-syn-recv", "6aa9866315214285a7c6962ce89f9897" },
	{ "illegal-transition", "dbf846cbdf484eaf8d734f830a0edd5d" },
};

const char *tct_journald_message_id(const char *rule)
{
	for (size_t i = 0; i < sizeof(messages) / sizeof(messages[0]); i++) {
		if (!strcmp(messages[i].rule, rule))
			return messages[i].id;
	}
	return NULL;
}

static void put_text(struct fields *fields, const char *name, const char *value)
{
	char *at = fields->text + fields->len;
	int len;

	if (!value || fields->count == FIELDS_MAX)
		return;
	len = snprintf(at, TEXT_LEN - fields->len, "%s=%s", name, value);
	if (len < 0 || (size_t)len >= TEXT_LEN - fields->len)
		return;
	fields->list[fields->count++] = (struct iovec){ .iov_base = at, .iov_len = (size_t)len };
	fields->len += (size_t)len + 1;
}

static void put_number(struct fields *fields, const char *name, uint64_t value)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRIu64, value);
	put_text(fields, name, text);
}

static int priority_of(const struct tct_finding *ev)
{
	if (ev->status == TCT_RESOLVED)
		return LOG_NOTICE;
	switch (ev->severity) {
	case TCT_INFO:
		return LOG_INFO;
	case TCT_WARNING:
		return LOG_WARNING;
	case TCT_CRITICAL:
		return LOG_CRIT;
	}
	return LOG_WARNING;
}

/* "nginx (pid 42, port 80): 1000 sockets in CLOSE_WAIT, the oldest for 1m2s: <advice>" */
static void compose_message(const struct tct_finding *ev, const char *service, char *out)
{
	const struct tct_holder *holder = tct_service_holder(ev);
	char age[32] = "", who[32] = "nobody holds it", port[32], plain[TCT_SERVICE_LEN];

	tct_format_plain(service, plain, sizeof(plain));
	if (holder)
		snprintf(who, sizeof(who), "pid %u", holder->pid);
	snprintf(port, sizeof(port), "%sport %u", ev->port_is_local ? "" : "remote ", ev->port);
	if (ev->to != ev->state) {
		snprintf(out, MESSAGE_LEN, "%s (%s, %s): illegal transition from %s to %s: %s",
			 plain, who, port, tct_state_name(ev->state), tct_state_name(ev->to),
			 ev->advice);
		return;
	}
	if (ev->status == TCT_RESOLVED) {
		snprintf(out, MESSAGE_LEN, "%s (%s): resolved: no socket is stuck in %s any more",
			 plain, port, tct_state_name(ev->state));
		return;
	}
	if (ev->oldest_ns != TCT_UNKNOWN)
		tct_format_duration(ev->oldest_ns, age, sizeof(age));
	snprintf(out, MESSAGE_LEN, "%s (%s, %s): %u socket%s in %s%s%s%s: %s", plain, who, port,
		 ev->count, ev->count == 1 ? "" : "s", tct_state_name(ev->state),
		 *age ? ", the oldest for " : "", ev->at_least ? "at least " : "", age, ev->advice);
}

static void put_finding(struct fields *fields, const struct tct_finding *ev)
{
	const struct tct_holder *holder = tct_service_holder(ev);
	char service[TCT_SERVICE_LEN], text[MESSAGE_LEN];

	tct_service_of(ev, service);
	compose_message(ev, service, text);
	put_text(fields, "MESSAGE", text);
	put_text(fields, "MESSAGE_ID", tct_journald_message_id(ev->rule));
	put_number(fields, "PRIORITY", (uint64_t)priority_of(ev));
	put_text(fields, "SYSLOG_IDENTIFIER", "tcpclose-trace");
	put_text(fields, "TCPCLOSE_RULE", ev->rule);
	put_text(fields, "TCPCLOSE_SEVERITY", tct_severity_name(ev->severity));
	put_text(fields, "TCPCLOSE_STATUS", tct_status_name(ev->status));
	put_text(fields, "TCPCLOSE_STATE", tct_state_name(ev->state));
	put_text(fields, "TCPCLOSE_VERDICT", ev->verdict ? tct_verdict_name(ev->verdict) : NULL);
	put_number(fields, "TCPCLOSE_COUNT", ev->count);
	if (ev->oldest_ns != TCT_UNKNOWN)
		put_number(fields, "TCPCLOSE_OLDEST_NS", (uint64_t)ev->oldest_ns);
	put_text(fields, "TCPCLOSE_SERVICE", service);
	if (holder) {
		put_number(fields, "TCPCLOSE_PID", holder->pid);
		put_text(fields, "TCPCLOSE_COMM", holder->comm);
	}
	put_number(fields, "TCPCLOSE_PORT", ev->port);
	put_number(fields, "TCPCLOSE_FINDING", ev->id);
	put_text(fields, "TCPCLOSE_ADVICE", ev->advice);
}

static void on_finding(void *ctx, const struct tct_finding *ev)
{
	struct tct_journald *journald = ctx;
	const struct tct_journald_config *config = &journald->config;
	struct fields fields = { .count = 0 };
	int err;

	if (!tct_remind_wants(&journald->remind, ev))
		return;
	put_finding(&fields, ev);
	err = config->send ? config->send(config->ctx, fields.list, fields.count)
			   : sd_journal_sendv(fields.list, fields.count);
	journald->failed += err < 0;
}

void tct_journald_init(struct tct_journald *journald, const struct tct_journald_config *config,
		       struct tct_sink *ops)
{
	*journald = (struct tct_journald){ .config = *config };
	tct_remind_init(&journald->remind, &config->remind);
	*ops = (struct tct_sink){ .ctx = journald, .finding = on_finding };
}

void tct_journald_fini(struct tct_journald *journald)
{
	tct_remind_fini(&journald->remind);
}

/* systemd tells device and inode of the stream that it has made stderr. */
bool tct_journald_is_there(void)
{
	const char *stream = getenv("JOURNAL_STREAM");
	unsigned long long device, inode;
	struct stat st;
	char *end;

	if (!stream || fstat(STDERR_FILENO, &st))
		return false;
	device = strtoull(stream, &end, 10);
	if (*end != ':')
		return false;
	inode = strtoull(end + 1, &end, 10);
	return !*end && device == st.st_dev && inode == st.st_ino;
}
