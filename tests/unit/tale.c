// SPDX-License-Identifier: GPL-2.0
#include "tale.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include "../../user/explain/explain_text.h"
#include "test.h"

#define US 1000ull

static void tell(void *ctx, const struct tct_story *story)
{
	struct tale *tale = ctx;
	struct tct_explain explain = { 0 };
	struct tct_sink_json json;
	struct tct_sink unused;

	tale->told++;
	tct_explain_make(story, &explain);
	switch (tale->form) {
	case TALE_TEXT:
		tale->text.out = tale->out;
		tct_explain_text(&explain, &tale->text);
		break;
	case TALE_MERMAID:
		tct_explain_mermaid(&explain, tale->out);
		break;
	case TALE_JSON:
		tct_sink_json_init(&json, tale->out, 0, &unused);
		tct_explain_json(&explain, &json, story->now_ns);
		break;
	}
}

void tale_begin(struct tale *tale, enum tale_form form, const struct tct_stories_config *config)
{
	struct tct_stories_config own = { 0 };

	if (config)
		own = *config;
	own.tell = tell;
	own.ctx = tale;
	*tale = (struct tale){ .form = form };
	tale->out = open_memstream(&tale->got, &tale->size);
	assert_int_equal(tct_stories_init(&tale->stories, &own, &tale->sink), 0);
}

void tale_end(struct tale *tale)
{
	tct_stories_fini(&tale->stories);
	fclose(tale->out);
	free(tale->got);
}

static struct tale_socket make(uint64_t cookie, uint32_t pid, const char *comm)
{
	struct tale_socket sock = {
		.who = { .cookie = cookie, .netns = 1,
			 .task = { .pid = pid, .source = TCT_OWNER_ITER } },
		.teardown = {
			.fin_retransmits = TCT_UNKNOWN,
			.half_close_ns = TCT_UNKNOWN,
			.bytes_after_fin = TCT_UNKNOWN,
			.retransmits = TCT_UNKNOWN,
			.probes = TCT_UNKNOWN,
			.unread_bytes = TCT_UNKNOWN,
			.last_ack_lost = TCT_UNKNOWN,
		},
	};

	snprintf(sock.who.task.comm, sizeof(sock.who.task.comm), "%s", comm);
	return sock;
}

static void number(struct tct_numbers *numbers, uint32_t own, uint32_t other)
{
	*numbers = (struct tct_numbers){ .snd_una = own, .snd_nxt = own, .write_seq = own,
					 .rcv_nxt = other, .copied_seq = other };
}

struct tale_socket tale_client(void)
{
	struct tale_socket sock = make(1, 42, "curl");

	sock.who.tuple = (struct tct_tuple){ .family = AF_INET, .lport = 40000, .rport = 80,
					     .laddr = { 10, 0, 0, 1 }, .raddr = { 10, 0, 0, 2 } };
	number(&sock.numbers, 1000, 5000);
	sock.numbers.bytes_acked = 1;	/* its SYN */
	return sock;
}

struct tale_socket tale_server(void)
{
	struct tale_socket sock = make(2, 7, "httpd");

	sock.who.tuple = (struct tct_tuple){ .family = AF_INET, .lport = 80, .rport = 40000,
					     .laddr = { 10, 0, 0, 2 }, .raddr = { 10, 0, 0, 1 } };
	number(&sock.numbers, 5000, 1000);
	return sock;
}

static void move(struct tale *tale, struct tale_socket *sock, enum tct_state from,
		 enum tct_state to, uint64_t us, bool counted)
{
	const struct tct_transition ev = {
		.mono_ns = us * US,
		.who = sock->who,
		.from = from,
		.to = to,
		.dwell_ns = sock->entered_us ? (int64_t)((us - sock->entered_us) * US)
					     : TCT_UNKNOWN,
		.legal = true,
		.counted = counted,
		.numbers = sock->numbers,
	};

	if (!sock->unseen)
		tale->sink.transition(tale->sink.ctx, &ev);
	sock->entered_us = us;
}

void tale_move(struct tale *tale, struct tale_socket *sock, enum tct_state from,
	       enum tct_state to, uint64_t us)
{
	move(tale, sock, from, to, us, true);
}

void tale_tear(struct tale *tale, struct tale_socket *sock, enum tct_kind kind,
	       enum tct_closer closer, uint64_t us)
{
	sock->teardown.mono_ns = us * US;
	sock->teardown.who = sock->who;
	sock->teardown.kind = kind;
	sock->teardown.closer = closer;
	if (!sock->unseen)
		tale->sink.teardown(tale->sink.ctx, &sock->teardown);
}

void tale_wait(struct tale *tale, struct tale_socket *sock, enum tct_state substate,
	       enum tct_end end, uint64_t us)
{
	const struct tct_time_wait ev = {
		.mono_ns = us * US,
		.who = sock->who,
		.substate = substate,
		.duration_ns = (int64_t)((us - sock->entered_us) * US),
		.life_ns = TCT_UNKNOWN,
		.end = end,
		.rearmed = sock->rearmed,
	};

	if (!sock->unseen)
		tale->sink.time_wait(tale->sink.ctx, &ev);
}

void tale_leave(struct tale *tale, struct tale_socket *sock, enum tct_state from,
		enum tct_end end, uint64_t us)
{
	tale_wait(tale, sock, from, end, us);
	move(tale, sock, from, TCT_CLOSE, us, false);
}

void tale_open(struct tale *tale, struct tale_socket *client, struct tale_socket *server)
{
	tale_move(tale, client, TCT_CLOSE, TCT_SYN_SENT, 50);
	tale_move(tale, client, TCT_SYN_SENT, TCT_ESTABLISHED, 100);
	tale_move(tale, server, TCT_LISTEN, TCT_SYN_RECV, 105);
	tale_move(tale, server, TCT_SYN_RECV, TCT_ESTABLISHED, 110);
}

void tale_send(struct tale_socket *from, struct tale_socket *to, uint32_t bytes)
{
	from->numbers.write_seq += bytes;
	from->numbers.snd_nxt += bytes;
	from->numbers.snd_una += bytes;
	from->numbers.bytes_acked += bytes;
	to->numbers.bytes_received += bytes;
	to->numbers.rcv_nxt += bytes;
	to->numbers.copied_seq += bytes;
}

void tale_fin(struct tale_socket *from, struct tale_socket *to)
{
	from->numbers.write_seq++;
	from->numbers.snd_nxt++;
	to->numbers.rcv_nxt++;
	to->numbers.bytes_received++;
}

const char *tale_text(struct tale *tale)
{
	tct_stories_settle(&tale->stories, UINT64_MAX / 2);
	fflush(tale->out);
	return tale->got;
}

const char *tale_text_at_end(struct tale *tale, uint64_t us)
{
	tct_stories_flush(&tale->stories, us * US);
	fflush(tale->out);
	return tale->got;
}
