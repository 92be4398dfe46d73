// SPDX-License-Identifier: GPL-2.0
/* A kept stream without what no two runs have in common. */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nature.h"
#include "sockets.h"
#include "stream.h"

#define FIRST_AUTO_PORT 32768	/* net.ipv4.ip_local_port_range; tests bind below it */

/* Whatever the kernel: when, how long, which number, what else there was on the host. */
static const char *const passing[] = {
	"v", "ts", "mono_ns", "cookie", "pid", "probes", "kernel", "mirrored", "by_state",
	"duration_s", "buckets", "events", "teardowns", "requests", "namespaces", "attempts",
	"received", "waited", "transitions_total",
};

static json_t *read_lines(const char *path)
{
	FILE *file = fopen(path, "r");
	json_t *events, *event;

	if (!file)
		return NULL;
	events = json_array();
	while ((event = json_loadf(file, JSON_DISABLE_EOF_CHECK, NULL))) {
		if (nature_is_chance(event))
			json_decref(event);
		else
			json_array_append_new(events, event);
	}
	fclose(file);
	return events;
}

/* "#1", "#2" ... in the order in which the values appear; a fresh one each time for `fresh`. */
struct names {
	json_t *of;
	size_t given;
};

static json_t *name_of(struct names *names, const char *value, bool fresh)
{
	char name[24];

	if (fresh || !json_object_get(names->of, value)) {
		snprintf(name, sizeof(name), "#%zu", ++names->given);
		json_object_set_new(names->of, value, json_string(name));
	}
	return json_object_get(names->of, value);
}

/* One's own port at one's own address. Returns whether it was an automatic one. */
static bool rename_port(struct names *ports, json_t *event, const char *address, const char *field,
			bool fresh)
{
	const json_t *port = json_object_get(event, field);
	char value[80];

	if (!port || json_integer_value(port) < FIRST_AUTO_PORT)
		return false;
	snprintf(value, sizeof(value), "%s %" JSON_INTEGER_FORMAT,
		 json_string_value(json_object_get(event, address)), json_integer_value(port));
	json_object_set(event, field, name_of(ports, value, fresh));
	return true;
}

static void rename_netns(struct names *namespaces, json_t *event)
{
	const json_t *netns = json_object_get(event, "netns");
	char value[24];

	if (!netns)
		return;
	snprintf(value, sizeof(value), "%" JSON_INTEGER_FORMAT, json_integer_value(netns));
	json_object_set(event, "netns", name_of(namespaces, value, false));
}

/* A duration is some number, a count of them too; that it is none or zero says something. */
static void blur(json_t *value)
{
	const char *key;
	json_t *part;
	void *next;

	json_object_foreach_safe(value, next, key, part) {
		if (json_is_object(part))
			blur(part);
		else if (json_integer_value(part))
			json_object_set_new(value, key, json_string("some"));
	}
}

static bool ends_with(const char *text, const char *end)
{
	size_t length = strlen(text), wanted = strlen(end);

	return length >= wanted && !strcmp(text + length - wanted, end);
}

static void blur_durations(json_t *event)
{
	const char *key;
	json_t *part;
	void *next;

	json_object_foreach_safe(event, next, key, part) {
		if (!ends_with(key, "_ns"))
			continue;
		if (json_is_object(part))
			blur(part);
		else if (json_integer_value(part))
			json_object_set_new(event, key, json_string("some"));
	}
}

static void drop_passing(json_t *event)
{
	size_t i;

	for (i = 0; i < sizeof(passing) / sizeof(passing[0]); i++)
		json_object_del(event, passing[i]);
}

static const json_t *event_at(const json_t *socket, size_t i)
{
	return json_array_get(json_object_get(socket, "events"), i);
}

/* A mini-socket of an earlier test, whose beginning was not seen, ends at its own time. */
static bool is_older(const json_t *socket)
{
	return json_is_null(json_object_get(event_at(socket, 0), "life_ns"));
}

static void drop_older(json_t *sockets)
{
	size_t i;

	for (i = json_array_size(sockets); i-- > 1;)
		if (is_older(json_array_get(sockets, i)))
			json_array_remove(sockets, i);
}

static int text_of(char *to, size_t size, const json_t *value)
{
	if (json_is_string(value))
		return snprintf(to, size, "%s", json_string_value(value));
	return snprintf(to, size, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
}

/* By what its last event says, which knows most of it. */
static void name_socket(json_t *socket)
{
	static const char *const fields[] = { "laddr", "lport", "raddr", "rport" };
	const json_t *last = event_at(socket, json_array_size(json_object_get(socket, "events")) - 1);
	char name[160];
	size_t i, used = 0;

	for (i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		used += snprintf(name + used, sizeof(name) - used, i ? " " : "");
		used += text_of(name + used, sizeof(name) - used, json_object_get(last, fields[i]));
	}
	json_object_set_new(socket, "name", json_string(name));
}

static const char *name_at(const json_t *sockets, size_t i)
{
	return json_string_value(json_object_get(json_array_get(sockets, i), "name"));
}

/* Which of two sockets comes first, the emulation's pace decides. Stable: there are few. */
static void sort(json_t *sockets)
{
	size_t i, j;

	for (i = 2; i < json_array_size(sockets); i++) {
		json_t *socket = json_incref(json_array_get(sockets, i));

		for (j = i; j > 1 && strcmp(name_at(sockets, j - 1), name_at(sockets, i)) > 0; j--)
			;
		json_array_remove(sockets, i);
		json_array_insert_new(sockets, j, socket);
	}
}

/* How often a histogram is printed. */
static void drop_repeated(json_t *events)
{
	size_t i;

	for (i = json_array_size(events); i-- > 1;)
		if (json_equal(json_array_get(events, i), json_array_get(events, i - 1)))
			json_array_remove(events, i);
}

/* It chose its port itself: that another one had the same number before is chance. */
static bool chose_its_port(const json_t *socket)
{
	const char *from = json_string_value(json_object_get(event_at(socket, 0), "from"));

	return from && !strcmp(from, "CLOSE");
}

static void normalise(json_t *socket, struct names *ports, struct names *namespaces)
{
	bool fresh = chose_its_port(socket);
	json_t *event;
	size_t i;

	json_array_foreach(json_object_get(socket, "events"), i, event) {
		drop_passing(event);
		blur_durations(event);
		if (rename_port(ports, event, "laddr", "lport", fresh))
			fresh = false;
		rename_port(ports, event, "raddr", "rport", false);
		rename_netns(namespaces, event);
	}
}

static void normalise_all(json_t *sockets)
{
	struct names ports = { json_object(), 0 }, namespaces = { json_object(), 0 };
	json_t *socket;
	size_t i;

	json_array_foreach(sockets, i, socket) {
		normalise(socket, &ports, &namespaces);
		name_socket(socket);
	}
	json_object_set_new(json_array_get(sockets, 0), "name", json_string("the run"));
	drop_repeated(json_object_get(json_array_get(sockets, 0), "events"));
	json_decref(ports.of);
	json_decref(namespaces.of);
}

json_t *stream_load(const char *path)
{
	json_t *events = read_lines(path), *sockets;

	if (!events)
		return NULL;
	sockets = sockets_of(events);
	json_decref(events);
	drop_older(sockets);
	normalise_all(sockets);
	sort(sockets);
	return sockets;
}
