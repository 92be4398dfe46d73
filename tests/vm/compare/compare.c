// SPDX-License-Identifier: GPL-2.0
/*
 * compare REFERENCE CELL       whether the streams in both directories (tests/live/keep.h) tell
 *                              the same; of CELL's, each; names the first difference
 * compare why CHECK PROVIDER   what `check --json` says against that provider
 * compare exceptions           in what streams may differ, and why
 * Exits 0: the same; nothing speaks against it. 1: not the same; that was printed. 2: no such files.
 */
#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nature.h"
#include "stream.h"

enum { SAME, DIFFERENT, UNUSABLE };

static void show(const char *whose, const json_t *event)
{
	char *text = event ? json_dumps(event, JSON_COMPACT | JSON_SORT_KEYS) : NULL;

	printf("  %s: %s\n", whose, text ? text : "nothing more");
	free(text);
}

static int differ(const char *test, const json_t *socket, size_t at, const char *field,
		  const json_t *a, const json_t *b)
{
	printf("%s, %s, event %zu: %s differs\n", test,
	       json_string_value(json_object_get(socket, "name")), at + 1, field);
	show("reference", a);
	show("here", b);
	return DIFFERENT;
}

static int compare_sockets(const char *test, const json_t *a, const json_t *b)
{
	const json_t *as = json_object_get(a, "events"), *bs = json_object_get(b, "events");
	size_t i;

	for (i = 0; i < json_array_size(as) || i < json_array_size(bs); i++) {
		const json_t *one = json_array_get(as, i), *other = json_array_get(bs, i);
		const char *field = one && other ? nature_differs(one, other) : "their number";

		if (field)
			return differ(test, a ? a : b, i, field, one, other);
	}
	return SAME;
}

static int compare_streams(const char *test, const json_t *reference, const json_t *cell)
{
	size_t i;
	int verdict = SAME;

	for (i = 0; !verdict; i++) {
		const json_t *a = json_array_get(reference, i), *b = json_array_get(cell, i);

		if (!a && !b)
			break;
		verdict = compare_sockets(test, a, b);
	}
	return verdict;
}

static int compare_files(const char *reference, const char *cell, const char *name)
{
	char path[2][512];
	json_t *streams[2];
	int verdict = UNUSABLE;

	snprintf(path[0], sizeof(path[0]), "%s/%s", reference, name);
	snprintf(path[1], sizeof(path[1]), "%s/%s", cell, name);
	streams[0] = stream_load(path[0]);
	streams[1] = stream_load(path[1]);
	if (!streams[0] || !streams[1])
		printf("%s: no such stream\n", path[!streams[0] ? 0 : 1]);
	else
		verdict = compare_streams(name, streams[0], streams[1]);
	json_decref(streams[0]);
	json_decref(streams[1]);
	return verdict;
}

static int is_stream(const struct dirent *entry)
{
	const char *end = strrchr(entry->d_name, '.');

	return end && !strcmp(end, ".json");
}

static int compare_all(const char *reference, const char *cell)
{
	struct dirent **files;
	int count = scandir(cell, &files, is_stream, alphasort), verdict = SAME, i;

	if (count <= 0) {
		printf("%s: no streams\n", cell);
		return UNUSABLE;
	}
	for (i = 0; i < count; i++) {
		if (!verdict)
			verdict = compare_files(reference, cell, files[i]->d_name);
		free(files[i]);
	}
	free(files);
	if (!verdict)
		printf("%d streams, the same\n", count);
	return verdict;
}

static const json_t *named(const json_t *list, const char *name)
{
	const json_t *item;
	size_t i;

	json_array_foreach(list, i, item)
		if (!strcmp(json_string_value(json_object_get(item, "name")), name))
			return item;
	return NULL;
}

/* The first of the events that all providers have to tell. */
static const char *why_not(const json_t *check, const char *provider)
{
	static const char *const points[] = { "set_state", "time_wait", "time_wait_end" };
	const char *why = NULL;
	size_t i;

	for (i = 0; !why && i < sizeof(points) / sizeof(points[0]); i++) {
		const json_t *hook = named(json_object_get(check, "hooks"), points[i]);

		why = json_string_value(json_object_get(
			named(json_object_get(hook, "providers"), provider), "why_not"));
	}
	return why;
}

static int explain(const char *path, const char *provider)
{
	json_t *check = json_load_file(path, JSON_DISABLE_EOF_CHECK, NULL);
	const char *why;

	if (!check) {
		printf("%s: not JSON\n", path);
		return UNUSABLE;
	}
	why = why_not(check, provider);
	if (why)
		printf("%s\n", why);
	json_decref(check);
	return why ? DIFFERENT : SAME;
}

int main(int argc, char **argv)
{
	if (argc == 2 && !strcmp(argv[1], "exceptions")) {
		nature_explain();
		return SAME;
	}
	if (argc == 4 && !strcmp(argv[1], "why"))
		return explain(argv[2], argv[3]);
	if (argc == 3)
		return compare_all(argv[1], argv[2]);
	fprintf(stderr, "usage: compare REFERENCE CELL | why CHECK PROVIDER | exceptions\n");
	return UNUSABLE;
}
