/* SPDX-License-Identifier: GPL-2.0 */
/* The program under test as a process: started, signalled, waited for, and what it said. */
#ifndef LIVE_COMMAND_H
#define LIVE_COMMAND_H

#include <stdbool.h>
#include <stdio.h>
#include <sys/types.h>

struct command {
	pid_t pid;	/* 0 once reaped */
	FILE *out;	/* temporary files; out is NULL when the caller gave a descriptor */
	FILE *err;
};

/* $TCT_BIN or build/tcpclose-trace. */
const char *command_binary(void);

/*
 * All of args, then what all tests of a run are to be done with: --probes $TCT_PROBES, --btf
 * $TCT_BTF. Returns how many there are now; ends with NULL, with room for one more.
 */
#define COMMAND_ARGS_MAX 32
int command_args(const char *all[COMMAND_ARGS_MAX], const char *const args[]);

/*
 * args ends with NULL and lacks the program's name. out is its stdout, or -1 for a temporary
 * file. prepare, if any, runs in the child just before the exec; when it returns false the
 * child exits with COMMAND_UNPREPARED. Returns once the program's own code is about to run.
 */
#define COMMAND_UNPREPARED 126
struct command command_start(const char *const args[], int out, bool (*prepare)(void));

/* Exit code, or minus the signal. One that is not over by then is killed. */
int command_wait(struct command *c, int timeout_ms);

/* Start and wait with nothing special. */
int command_run(struct command *c, const char *const args[], int timeout_ms);

/* The first size - 1 bytes of what it wrote, as a string. */
void command_text(FILE *from, char *text, size_t size);

/* Whether some line of it contains that text. */
bool command_said(FILE *from, const char *text);

/* Lines of it that contain that text. */
int command_count(FILE *from, const char *text);

/* Lines in it. */
int command_lines(FILE *from);

void command_close(struct command *c);

#endif
