// SPDX-License-Identifier: GPL-2.0
/* The events of a stream, parted by the sockets that they are about. */
#include <stdbool.h>
#include <string.h>

#include "sockets.h"

static const json_t *last_event(const json_t *socket)
{
	const json_t *events = json_object_get(socket, "events");

	return json_array_get(events, json_array_size(events) - 1);
}

static bool is_same(const json_t *a, const json_t *b, const char *field)
{
	return json_equal(json_object_get(a, field), json_object_get(b, field));
}

static bool is_zero(const json_t *event, const char *field)
{
	return !json_integer_value(json_object_get(event, field));
}

/* An automatic port is not chosen yet when a socket is connected. */
static bool is_same_connection(const json_t *a, const json_t *b)
{
	return is_same(a, b, "netns") && is_same(a, b, "laddr") && is_same(a, b, "raddr") &&
	       is_same(a, b, "rport") && (is_same(a, b, "lport") || is_zero(a, "lport"));
}

/* A connection's first. A listener that closes comes from LISTEN, too. */
static bool is_new(const json_t *event)
{
	const char *from = json_string_value(json_object_get(event, "from"));

	return from && (!strcmp(from, "LISTEN") || !strcmp(from, "CLOSE")) &&
	       !is_zero(event, "rport");
}

static bool is_its(const json_t *socket, const json_t *event)
{
	const json_t *cookie = json_object_get(socket, "cookie");

	if (json_is_integer(cookie))
		return is_same(socket, event, "cookie");
	return !is_new(event) && is_same_connection(last_event(socket), event);
}

/* The newest: a connection may come again. */
static json_t *find(const json_t *sockets, const json_t *event)
{
	size_t i;

	for (i = json_array_size(sockets); i-- > 1;)
		if (is_its(json_array_get(sockets, i), event))
			return json_array_get(sockets, i);
	return NULL;
}

static json_t *add(json_t *sockets, const json_t *cookie)
{
	json_t *socket = json_pack("{s:O?, s:[]}", "cookie", cookie, "events");

	json_array_append_new(sockets, socket);
	return socket;
}

json_t *sockets_of(const json_t *events)
{
	json_t *sockets = json_array(), *event, *socket;
	size_t i;

	add(sockets, NULL);
	json_array_foreach(events, i, event) {
		socket = json_array_get(sockets, 0);
		if (json_object_get(event, "laddr")) {
			socket = find(sockets, event);
			if (!socket)
				socket = add(sockets, json_object_get(event, "cookie"));
			json_object_set(socket, "cookie", json_object_get(event, "cookie"));
		}
		json_array_append(json_object_get(socket, "events"), event);
	}
	return sockets;
}
