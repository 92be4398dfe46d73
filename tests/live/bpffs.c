// SPDX-License-Identifier: GPL-2.0
/* A bpffs of the test program's own, which nobody else sees and which goes with it. */
#include <dirent.h>
#include <linux/bpf.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "bpffs.h"
#include "fatal.h"
#include "mounts.h"

#define PAGE 4096

static char root[64];

int bpffs_setup(void **state)
{
	(void)state;
	strcpy(root, "/tmp/tct-bpffs-XXXXXX");
	if (!mkdtemp(root) || !mounts_private())
		return -1;
	return mount("bpf", root, "bpf", 0, NULL);
}

int bpffs_teardown(void **state)
{
	(void)state;
	umount2(root, MNT_DETACH);
	return rmdir(root);
}

const char *bpffs_root(void)
{
	return root;
}

void bpffs_path(char path[256], const char *name)
{
	snprintf(path, 256, "%s/%s", root, name);
}

int bpffs_entries(const char *path)
{
	DIR *dir = opendir(path);
	int count = -2;

	if (!dir)
		return -1;
	while (readdir(dir))
		count++;
	closedir(dir);
	return count;
}

void bpffs_read_only(bool read_only)
{
	fatal_unless(!mount("none", root, NULL, MS_REMOUNT | (read_only ? MS_RDONLY : 0), NULL),
		     "remount");
}

void bpffs_patch(const char *map, size_t offset, unsigned int value)
{
	union bpf_attr attr = { .pathname = (uintptr_t)map };
	int fd = (int)syscall(SYS_bpf, BPF_OBJ_GET, &attr, sizeof(attr));
	char *at;

	fatal_unless(fd >= 0, "pinned map");
	at = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	fatal_unless(at != MAP_FAILED, "its memory");
	memcpy(at + offset, &value, sizeof(value));
	munmap(at, PAGE);
	close(fd);
}
