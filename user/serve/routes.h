/* SPDX-License-Identifier: GPL-2.0 */
/* What is answered at which address. No request changes anything. */
#ifndef TCT_ROUTES_H
#define TCT_ROUTES_H

#include "desk.h"
#include "figures.h"
#include "reply.h"

struct tct_routes {
	struct tct_desk *desk;
	struct tct_figures *figures;		/* looked at by the reader only */
	const uint64_t *codes;			/* answers so far, by status */
	/* what the reader knows and figures do not; may be NULL */
	void (*fill)(void *ctx, struct tct_snapshot *out);
	void *fill_ctx;
	struct tct_snapshot snapshot;		/* the last one, for requests that follow at once */
	uint64_t taken_ns;
};

struct tct_request {
	const char *path;
	/* the value of `?key=value`, or of a header; NULL: there is none */
	const char *(*argument)(void *ctx, const char *key);
	const char *(*header)(void *ctx, const char *name);
	void *ctx;
};

/* By one thread, that of the requests. */
void tct_routes_answer(struct tct_routes *routes, const struct tct_request *request,
		       struct tct_reply *reply);

/* An error without a look at what the reader knows: of the API as JSON, else as text. */
void tct_routes_refuse(const char *path, unsigned int status, const char *why,
		       struct tct_reply *reply);

void tct_routes_fini(struct tct_routes *routes);

#endif
