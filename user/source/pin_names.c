// SPDX-License-Identifier: GPL-2.0
#include "pin_names.h"

#include <string.h>
#include "../log.h"

static const char *const pool_names[TCT_JOURNAL_POOLS] = {
	[TCT_JOURNAL_SOCKETS] = "sockets",
	[TCT_JOURNAL_PLACES] = "places",
	[TCT_JOURNAL_TASKS] = "tasks",
	[TCT_JOURNAL_CLOSINGS] = "closings",
};

const char *tct_pin_names_pool(enum tct_journal_pools which)
{
	return pool_names[which];
}

bool tct_pin_names_has(const char *name, const char *prefix)
{
	size_t len = strlen(prefix);

	return !strncmp(name, prefix, len) && name[len] == '-' && name[len + 1] >= '0' &&
	       name[len + 1] <= '9';
}

/* Also those that another version may have made. */
static bool is_ours(const char *name)
{
	for (int i = 0; i < TCT_JOURNAL_POOLS; i++) {
		if (tct_pin_names_has(name, pool_names[i]))
			return true;
	}
	return !strcmp(name, "meta") || !strcmp(name, "journal") || !strcmp(name, "pending") ||
	       !strncmp(name, "map-tc", 6) || tct_pin_names_has(name, "link");
}

static int find_foreign(void *ctx, const char *name)
{
	struct tct_pin_dir *dir = ctx;

	if (is_ours(name))
		return 0;
	tct_log_error("--pin: %s holds %s, which is not ours: name a directory for tcpclose-trace "
		      "alone", dir->path, name);
	return 1;
}

static int drop(void *ctx, const char *name)
{
	return tct_pin_dir_drop(ctx, name);
}

/* The meta map last: until then it is known whose all this is. */
static int drop_but_meta(void *ctx, const char *name)
{
	return strcmp(name, "meta") ? tct_pin_dir_drop(ctx, name) : 0;
}

int tct_pin_names_drop(struct tct_pin_dir *dir)
{
	int err = tct_pin_dir_each(dir, drop_but_meta, dir);

	return err ? err : tct_pin_dir_each(dir, drop, dir);
}

enum tct_exit tct_pin_names_check(struct tct_pin_dir *dir)
{
	int err = tct_pin_dir_each(dir, find_foreign, dir);

	if (err < 0)
		tct_log_error("--pin: reading %s failed: %s", dir->path, strerror(-err));
	return err ? TCT_EXIT_FAILURE : TCT_EXIT_OK;
}
