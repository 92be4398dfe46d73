// SPDX-License-Identifier: GPL-2.0
/* What options ask this machine: a fuzzer's arguments must not reach it. */
#include <errno.h>
#include <stdint.h>

int __wrap_tct_target_netns(const char *text, uint32_t *inode);
int __wrap_tct_target_cgroup(const char *text, uint64_t *id, uint32_t *level);
int __wrap_tct_kernel_check_btf(const char *path);

int __wrap_tct_target_netns(const char *text, uint32_t *inode)
{
	*inode = 1;
	return *text == 'n' ? 0 : -ENOENT;
}

int __wrap_tct_target_cgroup(const char *text, uint64_t *id, uint32_t *level)
{
	*id = 1;
	*level = 1;
	return *text == 'c' ? 0 : -ENOENT;
}

int __wrap_tct_kernel_check_btf(const char *path)
{
	return *path == 'b' ? 0 : -ENOENT;
}
