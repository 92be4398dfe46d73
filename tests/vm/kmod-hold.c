// SPDX-License-Identifier: GPL-2.0
/*
 * Listens to one tracepoint for kmod-test, until killed:
 *   kmod-hold perf ID    through perf_event_open, ID from the event's file "id"
 *   kmod-hold bpf NAME   with a BPF program that does nothing (raw tracepoint)
 * Prints "held" as soon as it does.
 */
#include <errno.h>
#include <linux/bpf.h>
#include <linux/perf_event.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static int hold_perf(const char *id)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_TRACEPOINT,
		.size = sizeof(attr),
		.config = strtoul(id, NULL, 10),
		.sample_period = 1,
	};

	return syscall(SYS_perf_event_open, &attr, -1, 0, -1, 0);
}

static int hold_bpf(const char *name)
{
	static const struct bpf_insn body[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	union bpf_attr attr;
	int program;

	memset(&attr, 0, sizeof(attr));
	attr.prog_type = BPF_PROG_TYPE_RAW_TRACEPOINT;
	attr.insns = (uintptr_t)body;
	attr.insn_cnt = sizeof(body) / sizeof(*body);
	attr.license = (uintptr_t)"GPL";
	program = syscall(SYS_bpf, BPF_PROG_LOAD, &attr, sizeof(attr));
	if (program < 0)
		return program;
	memset(&attr, 0, sizeof(attr));
	attr.raw_tracepoint.name = (uintptr_t)name;
	attr.raw_tracepoint.prog_fd = program;
	return syscall(SYS_bpf, BPF_RAW_TRACEPOINT_OPEN, &attr, sizeof(attr));
}

int main(int argc, char **argv)
{
	int fd;

	if (argc != 3)
		return 2;
	fd = strcmp(argv[1], "bpf") ? hold_perf(argv[2]) : hold_bpf(argv[2]);
	if (fd < 0) {
		fprintf(stderr, "kmod-hold: %s\n", strerror(errno));
		return 1;
	}
	puts("held");
	fflush(stdout);
	pause();
	return 0;
}
