// SPDX-License-Identifier: GPL-2.0
/* Where one scenario of the corpus plays: a child process that tells what it is about. */
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "fatal.h"
#include "netns.h"
#include "stage.h"

#define ACT_MS 10	/* how often, while it holds */

struct play {
	void (*run)(void);
	bool at_home;
};

static int audience = -1;

static void tell(const struct stage_note *note)
{
	child_tell(audience, note, sizeof(*note));
}

static void tell_skipped(const char *why)
{
	struct stage_note note = { .type = STAGE_SKIPPED };

	snprintf(note.why, sizeof(note.why), "%s", why);
	tell(&note);
}

static void play(int link, void *arg)
{
	const struct stage_note done = { .type = STAGE_DONE };
	const struct play *play = arg;

	audience = link;
	fatal_skip_by(tell_skipped);
	if (!play->at_home)
		netns_enter();
	play->run();
	tell(&done);
}

struct child stage_start(void (*run)(void), bool at_home)
{
	struct play it = { run, at_home };

	return child_start(play, &it);
}

struct stage_note stage_hear(const struct child *child)
{
	struct stage_note note = { .type = STAGE_DONE };

	if (recv(child->link, &note, sizeof(note), MSG_WAITALL) != sizeof(note))
		note.type = STAGE_DONE;
	return note;
}

void stage_show(const struct end *end)
{
	struct stage_note note = { .type = STAGE_SHOWN, .end = *end };

	tell(&note);
}

struct end stage_show_fd(int fd)
{
	struct end end = sockets_end(fd);

	stage_show(&end);
	return end;
}

static void nothing(void *arg)
{
	(void)arg;
}

void stage_hold(void)
{
	stage_hold_while(nothing, NULL);
}

void stage_hold_while(void (*act)(void *arg), void *arg)
{
	const struct stage_note held = { .type = STAGE_HELD };
	struct pollfd word = { .fd = audience, .events = POLLIN };

	tell(&held);
	do
		act(arg);
	while (!poll(&word, 1, ACT_MS));
	child_await(audience);
}
