// SPDX-License-Identifier: GPL-2.0
#include "reply.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#define GZIP_LEVEL 1	/* half the size of level 6's work at a tenth more bytes */
#define GZIP_WINDOW (15 + 16)
#define GZIP_MEMORY 8

static const char text_type[] = "text/plain; charset=utf-8";
static const char json_type[] = "application/json";

static void set(struct tct_reply *reply, unsigned int status, const char *type, char *body)
{
	*reply = (struct tct_reply){
		.status = status, .type = type, .body = body, .len = body ? strlen(body) : 0,
	};
}

static char *format_text(const char *format, va_list args)
{
	char *text;

	return vasprintf(&text, format, args) < 0 ? NULL : text;
}

void tct_reply_text(struct tct_reply *reply, unsigned int status, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	set(reply, status, text_type, format_text(format, args));
	va_end(args);
}

void tct_reply_error(struct tct_reply *reply, unsigned int status, const char *format, ...)
{
	char *why, *body;
	va_list args;

	va_start(args, format);
	why = format_text(format, args);
	va_end(args);
	if (!why || asprintf(&body, "{\"error\":\"%s\"}\n", why) < 0)
		body = NULL;
	free(why);
	set(reply, status, json_type, body);
}

void tct_reply_json(struct tct_reply *reply, char *body)
{
	set(reply, 200, json_type, body);
}

void tct_reply_clear(struct tct_reply *reply)
{
	if (!reply->is_static)
		free(reply->body);
	reply->body = NULL;
}

bool tct_reply_gzip(struct tct_reply *reply)
{
	z_stream stream = { .next_in = (unsigned char *)reply->body,
			    .avail_in = (unsigned int)reply->len };
	size_t bound;
	char *packed;
	int err;

	if (deflateInit2(&stream, GZIP_LEVEL, Z_DEFLATED, GZIP_WINDOW, GZIP_MEMORY,
			 Z_DEFAULT_STRATEGY) != Z_OK)
		return false;
	bound = deflateBound(&stream, reply->len);
	packed = malloc(bound);
	stream.next_out = (unsigned char *)packed;
	stream.avail_out = (unsigned int)bound;
	err = packed ? deflate(&stream, Z_FINISH) : Z_MEM_ERROR;
	deflateEnd(&stream);
	if (err != Z_STREAM_END) {
		free(packed);
		return false;
	}
	tct_reply_clear(reply);
	reply->body = packed;
	reply->len = stream.total_out;
	reply->is_static = false;
	return true;
}
