/* SPDX-License-Identifier: GPL-2.0 */
/* What is answered to a request, before it is a response of the HTTP library. */
#ifndef TCT_REPLY_H
#define TCT_REPLY_H

#include <stdbool.h>
#include <stddef.h>

struct tct_reply {
	unsigned int status;
	const char *type;	/* media type */
	char *body;		/* malloc'd, the receiver's; NULL: there is no memory */
	size_t len;
	bool is_static;		/* it is not: nobody frees it */
	bool is_page;		/* HTML */
};

/* Plain text, and an error as JSON: {"error":"..."}. */
void tct_reply_text(struct tct_reply *reply, unsigned int status, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void tct_reply_error(struct tct_reply *reply, unsigned int status, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Takes over `body`, a line of JSON. */
void tct_reply_json(struct tct_reply *reply, char *body);

void tct_reply_clear(struct tct_reply *reply);

/* Replaces the body by its gzip; leaves it as it is where there is no memory. */
bool tct_reply_gzip(struct tct_reply *reply);

#endif
