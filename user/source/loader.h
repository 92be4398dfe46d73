/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The hooks: opened, filtered, loaded, attached, and gone with the process. Nothing is pinned.
 */
#ifndef TCT_LOADER_H
#define TCT_LOADER_H

#include <stdbool.h>
#include <stddef.h>
#include "../exit.h"
#include "filter.h"

struct tct_loader;

/*
 * Opens and loads. `brief`: only findings are wanted, so transitions are sent brief, and
 * mini-sockets, which nothing can be found about, are not watched. On success `*out` is the caller's; else one line has been logged and the exit
 * code tells why (privilege, kernel, failure).
 */
enum tct_exit tct_loader_load(struct tct_loader **out, const struct tct_filter_config *filter,
			      bool brief);
enum tct_exit tct_loader_attach(struct tct_loader *loader);

/* No event comes after this; what is in the ring stays. */
void tct_loader_detach(struct tct_loader *loader);
void tct_loader_free(struct tct_loader *loader);

int tct_loader_ring_fd(const struct tct_loader *loader);

/* Shared with the kernel side: see emit.bpf.h. */
volatile uint32_t *tct_loader_asleep_flag(struct tct_loader *loader);

/* Records that found no room, all CPUs, since the start: plain memory, no system call. */
uint64_t tct_loader_lost_ring(const struct tct_loader *loader);

/* Hook runs that the kernel skipped because the same program was running on that CPU. */
uint64_t tct_loader_lost_hook(const struct tct_loader *loader);

/* One hook as `check` shows it. */
struct tct_hook {
	const char *program;	/* in tcpclose.bpf.c */
	const char *hook;	/* the tracepoint */
	const char *use;
	bool optional;
};

/* All hooks; the table ends with program == NULL. */
const struct tct_hook *tct_loader_hooks(void);

/* Loads and attaches this hook alone. 0 or a negative errno. */
int tct_loader_try(const struct tct_hook *hook);

#endif
