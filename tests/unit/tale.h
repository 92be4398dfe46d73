/* SPDX-License-Identifier: GPL-2.0 */
/* A connection played by hand to a table of stories, and what is drawn of it. */
#ifndef TALE_H
#define TALE_H

#include <stdio.h>
#include "../../user/core/story.h"
#include "../../user/sink/text.h"

enum tale_form { TALE_TEXT, TALE_MERMAID, TALE_JSON };

struct tale {
	struct tct_stories stories;
	struct tct_sink sink;
	enum tale_form form;
	struct tct_text_config text;	/* of a text: its `out` is ours */
	unsigned int told;	/* stories so far */
	FILE *out;
	char *got;
	size_t size;
};

/* One socket. Its events carry its numbers as they are at that time; a test moves them on. */
struct tale_socket {
	struct tct_subject who;
	struct tct_numbers numbers;
	struct tct_teardown teardown;	/* all unknown at first */
	uint32_t rearmed;		/* its TIME_WAIT, so often */
	uint64_t entered_us;		/* its state, 0: not seen */
	bool unseen;			/* it is on another host: nothing is told of it */
};

/* `config` without `tell`; NULL: all stories. */
void tale_begin(struct tale *tale, enum tale_form form, const struct tct_stories_config *config);
void tale_end(struct tale *tale);

/*
 * curl[42], 10.0.0.1:40000, which connects, and httpd[7], 10.0.0.2:80, cookies 1 and 2; in one
 * namespace. Their first bytes are 1000 and 5000.
 */
struct tale_socket tale_client(void);
struct tale_socket tale_server(void);

void tale_move(struct tale *tale, struct tale_socket *sock, enum tct_state from,
	       enum tct_state to, uint64_t us);
void tale_tear(struct tale *tale, struct tale_socket *sock, enum tct_kind kind,
	       enum tct_closer closer, uint64_t us);

/* Its mini-socket ended, or was never made; no transition. */
void tale_wait(struct tale *tale, struct tale_socket *sock, enum tct_state substate,
	       enum tct_end end, uint64_t us);

/* Its mini-socket ends: in TIME_WAIT, or in FIN_WAIT2 with `from` so. */
void tale_leave(struct tale *tale, struct tale_socket *sock, enum tct_state from,
		enum tct_end end, uint64_t us);

/* Both open, at 100 and 110 us. */
void tale_open(struct tale *tale, struct tale_socket *client, struct tale_socket *server);

/* So many bytes, all acknowledged. */
void tale_send(struct tale_socket *from, struct tale_socket *to, uint32_t bytes);

/* The FIN is queued by `from`, is counted by `to`. */
void tale_fin(struct tale_socket *from, struct tale_socket *to);

/* What was drawn so far, with all that has rested for long told, and nothing else. */
const char *tale_text(struct tale *tale);

/* The run ends at that time. */
const char *tale_text_at_end(struct tale *tale, uint64_t us);

#endif
