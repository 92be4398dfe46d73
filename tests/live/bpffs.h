/* SPDX-License-Identifier: GPL-2.0 */
/* A bpffs of the test program's own, which nobody else sees and which goes with it. */
#ifndef LIVE_BPFFS_H
#define LIVE_BPFFS_H

#include <stdbool.h>
#include <stddef.h>

/* cmocka's group set-up and tear-down. */
int bpffs_setup(void **state);
int bpffs_teardown(void **state);

/* Where it is mounted; a path in it. */
const char *bpffs_root(void);
void bpffs_path(char path[256], const char *name);

/* Entries in a directory of it, -1 when there is no such. */
int bpffs_entries(const char *path);

void bpffs_read_only(bool read_only);

/* Memory of an array map that is pinned there: overwrites four bytes. */
void bpffs_patch(const char *map, size_t offset, unsigned int value);

#endif
