/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A directory of bpffs with what one daemon keeps there: maps and links by name, locked for as long
 * as the daemon runs.
 */
#ifndef TCT_PIN_DIR_H
#define TCT_PIN_DIR_H

#include <limits.h>
#include <stdbool.h>
#include "../exit.h"

#define TCT_PIN_NAME 64

struct tct_pin_dir {
	char path[PATH_MAX];
	int fd;		/* its lock goes with it */
	bool made;	/* by us, just now */
};

/* Makes it if need be, inside a bpffs. Logs one line when that, or the lock, is not to be had. */
enum tct_exit tct_pin_dir_open(struct tct_pin_dir *dir, const char *path, bool make);
void tct_pin_dir_close(struct tct_pin_dir *dir);

/* What is pinned under that name, and pinning it. A descriptor or 0; else a negative errno. */
int tct_pin_dir_get(const struct tct_pin_dir *dir, const char *name);
int tct_pin_dir_put(const struct tct_pin_dir *dir, const char *name, int fd);
int tct_pin_dir_drop(const struct tct_pin_dir *dir, const char *name);

/*
 * Calls for each entry, which it may drop. Ends with what fn() returns if that is not 0; a negative
 * errno when the directory cannot be read.
 */
int tct_pin_dir_each(const struct tct_pin_dir *dir, int (*fn)(void *ctx, const char *name),
		     void *ctx);

/* The directory itself, if it is empty and no mount point. */
void tct_pin_dir_remove(const struct tct_pin_dir *dir);

#endif
