/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The table of hooks: for each event that is watched, which programs of tcpclose.bpf.c each
 * provider tells it with. Another provider is a SEC() wrapper there and a row here.
 */
#ifndef TCT_HOOKS_H
#define TCT_HOOKS_H

#include <stdbool.h>
#include <stddef.h>

/* In order of preference. */
enum tct_provider {
	TCT_KMOD,	/* our module's tracepoints */
	TCT_FENTRY,
	TCT_KPROBE,
	TCT_TRACEPOINT,	/* the kernel's own */
	TCT_PROVIDERS,
	TCT_AUTO = TCT_PROVIDERS	/* the first that works */
};

/* "kmod"; NULL for TCT_AUTO. */
const char *tct_provider_name(enum tct_provider provider);

/* The reverse; "auto" too. Negative errno for another word. */
int tct_provider_parse(const char *text, enum tct_provider *provider);

enum tct_point {
	TCT_POINT_SET_STATE,
	TCT_POINT_TIME_WAIT,
	TCT_POINT_TIME_WAIT_END,
	TCT_POINT_RESET,
	TCT_POINTS
};

/* "set_state", and what it is for. */
const char *tct_point_name(enum tct_point point);
const char *tct_point_use(enum tct_point point);

/* Whether a run can do without it. */
bool tct_point_is_optional(enum tct_point point);

enum tct_need {
	TCT_NEEDED,	/* without it the provider does not tell this event */
	TCT_ONE_OF,	/* one of these has to be there: the kernel has renamed it */
	TCT_EXTRA,	/* tells more where it is there */
};

struct tct_hook {
	enum tct_point point;
	enum tct_provider provider;
	enum tct_need need;
	bool raw;		/* for kernels without BTF, instead of the typed ones */
	bool counts;		/* --mode=summary's, instead of the others */
	bool paired;		/* another program takes what this one is skipped for */
	int args;		/* a tracepoint with fewer than these does not tell it */
	const char *program;	/* in tcpclose.bpf.c */
	const char *target;	/* function or tracepoint */
};

/* All of them, in the order in which they are to be attached. */
const struct tct_hook *tct_hooks(size_t *count);

#endif
