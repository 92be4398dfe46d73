// SPDX-License-Identifier: GPL-2.0
/* The BPF programs of ours that the kernel holds: whether a tracer left something attached. */
#define _GNU_SOURCE
#include <glob.h>
#include <linux/bpf.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "deadline.h"
#include "programs.h"

#define OURS "tct_"
#define HELD_MAX 4096

struct held {
	uint32_t ids[HELD_MAX];
	int count;
};

static int bpf(int cmd, union bpf_attr *attr)
{
	return syscall(SYS_bpf, cmd, attr, sizeof(*attr));
}

static struct bpf_prog_info info_of(uint32_t id)
{
	struct bpf_prog_info info = { 0 };
	union bpf_attr attr = { .prog_id = id };
	int fd = bpf(BPF_PROG_GET_FD_BY_ID, &attr);

	if (fd < 0)
		return info;
	attr = (union bpf_attr){ .info = { .bpf_fd = fd, .info_len = sizeof(info),
					   .info = (uintptr_t)&info } };
	bpf(BPF_OBJ_GET_INFO_BY_FD, &attr);
	close(fd);
	return info;
}

static bool is_ours(uint32_t id)
{
	struct bpf_prog_info info = info_of(id);

	return !strncmp(info.name, OURS, strlen(OURS));
}

static void note_held(const char *fdinfo, struct held *held)
{
	FILE *file = fopen(fdinfo, "re");
	char line[256];

	while (file && held->count < HELD_MAX && fgets(line, sizeof(line), file))
		held->count += sscanf(line, "prog_id: %u", &held->ids[held->count]) == 1;
	if (file)
		fclose(file);
}

static void find_held(struct held *held)
{
	glob_t found;
	size_t i;

	if (glob("/proc/[0-9]*/fdinfo/*", GLOB_NOSORT, NULL, &found))
		return;
	for (i = 0; i < found.gl_pathc; i++)
		note_held(found.gl_pathv[i], held);
	globfree(&found);
}

static bool is_held(const struct held *held, uint32_t id)
{
	int i;

	for (i = 0; i < held->count; i++)
		if (held->ids[i] == id)
			return true;
	return false;
}

int programs_orphaned(void)
{
	union bpf_attr attr = { 0 };
	struct held held = { .count = 0 };
	int count = 0;

	find_held(&held);
	while (!bpf(BPF_PROG_GET_NEXT_ID, &attr)) {
		count += is_ours(attr.next_id) && !is_held(&held, attr.next_id);
		attr.start_id = attr.next_id;
	}
	return count;
}

static bool none_orphaned(const void *none)
{
	(void)none;
	return !programs_orphaned();
}

bool programs_settle(int timeout_ms)
{
	return deadline_until(none_orphaned, NULL, timeout_ms);
}

/* The program of a link; 0 of any other file. */
static uint32_t program_of_link(const char *fdinfo)
{
	FILE *file = fopen(fdinfo, "re");
	bool is_link = false;
	uint32_t id = 0;
	char line[256];

	while (file && fgets(line, sizeof(line), file)) {
		is_link |= !strncmp(line, "link_type:", strlen("link_type:"));
		sscanf(line, "prog_id: %u", &id);
	}
	if (file)
		fclose(file);
	return is_link ? id : 0;
}

int programs_count_runs(void)
{
	union bpf_attr attr = { .enable_stats = { .type = BPF_STATS_RUN_TIME } };

	return bpf(BPF_ENABLE_STATS, &attr);
}

struct programs_calls programs_calls(pid_t pid, const char *name)
{
	struct programs_calls calls = { 0 };
	char pattern[64];
	glob_t found;
	size_t i;

	snprintf(pattern, sizeof(pattern), "/proc/%d/fdinfo/*", (int)pid);
	if (glob(pattern, GLOB_NOSORT, NULL, &found))
		return calls;
	for (i = 0; i < found.gl_pathc; i++) {
		struct bpf_prog_info info = info_of(program_of_link(found.gl_pathv[i]));

		if (!strncmp(info.name, name, sizeof(info.name) - 1))
			calls = (struct programs_calls){ info.run_cnt, info.recursion_misses };
	}
	globfree(&found);
	return calls;
}
