// SPDX-License-Identifier: GPL-2.0
#include "snapshot.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "../log.h"
#include "clock.h"
#include "kallsyms.h"
#include "kernel.h"
#include "snapshot.skel.h"

/* One read of a bpf_iter gives at most a few pages: larger buffers save nothing. */
#define BUFFER_SIZE (64 << 10)

struct tct_snapshot {
	struct snapshot_bpf *skel;
	struct bpf_link *tcp;
	struct bpf_link *task_file;
	int netns_fd;		/* 0: this process's own */
	_Alignas(8) char buffer[BUFFER_SIZE];
};

static int attach(struct tct_snapshot *snapshot)
{
	snapshot->tcp = bpf_program__attach_iter(snapshot->skel->progs.tct_iter_tcp, NULL);
	if (!snapshot->tcp)
		return -errno;
	snapshot->task_file = bpf_program__attach_iter(snapshot->skel->progs.tct_iter_task_file,
						       NULL);
	return snapshot->task_file ? 0 : -errno;
}

static struct snapshot_bpf *open_skeleton(const struct tct_filter_config *filter, bool cookies)
{
	struct snapshot_bpf *skel = snapshot_bpf__open();
	struct tct_kallsyms symbols;

	if (!skel)
		return NULL;
	skel->rodata->tct_hz = tct_clock_hz();
	skel->rodata->tct_make_cookies = cookies;
	skel->rodata->tct_has_sock_from_file = tct_kernel_has_sock_from_file();
	if (!skel->rodata->tct_has_sock_from_file && !tct_kallsyms_read(&symbols))
		skel->rodata->tct_socket_file_ops = symbols.socket_file_ops;
	memcpy((void *)&skel->rodata->tct_filter, &filter->filter, sizeof(filter->filter));
	memcpy((void *)skel->rodata->tct_lports, filter->lports, sizeof(filter->lports));
	memcpy((void *)skel->rodata->tct_rports, filter->rports, sizeof(filter->rports));
	return skel;
}

enum tct_exit tct_snapshot_load(struct tct_snapshot **out, const struct tct_filter_config *filter,
				bool cookies)
{
	struct tct_snapshot *snapshot = calloc(1, sizeof(*snapshot));
	int err;

	if (!snapshot)
		return TCT_EXIT_FAILURE;
	snapshot->netns_fd = filter->netns_fd;
	snapshot->skel = open_skeleton(filter, cookies);
	err = snapshot->skel ? snapshot_bpf__load(snapshot->skel) : -errno;
	if (!err)
		err = attach(snapshot);
	if (!err) {
		*out = snapshot;
		return TCT_EXIT_OK;
	}
	tct_snapshot_free(snapshot);
	if (err == -EPERM) {
		tct_log_error("not permitted to load BPF iterators: run as root");
		return TCT_EXIT_PRIVILEGE;
	}
	tct_log_error("this kernel does not take the iterators iter/tcp and iter/task_file (%s)",
		      strerror(-err));
	return TCT_EXIT_KERNEL;
}

void tct_snapshot_free(struct tct_snapshot *snapshot)
{
	if (!snapshot)
		return;
	bpf_link__destroy(snapshot->task_file);
	bpf_link__destroy(snapshot->tcp);
	snapshot_bpf__destroy(snapshot->skel);
	free(snapshot);
}

/* Hands on whole records and moves the rest to the front. Returns what is left. */
static ssize_t consume(char *buffer, size_t len, tct_record_fn fn, void *ctx)
{
	const struct tct_record_header *h;
	size_t at = 0;

	while (len - at >= sizeof(*h)) {
		int size;

		h = (const void *)(buffer + at);
		if (h->size > len - at)
			break;
		size = fn(ctx, h, len - at);
		if (size < 0)
			return size;
		at += (size_t)size;
	}
	memmove(buffer, buffer + at, len - at);
	return (ssize_t)(len - at);
}

/* An iterator reads the namespace that it is created in: go there and back. */
static int create_in_netns(struct tct_snapshot *snapshot, struct bpf_link *link)
{
	int own, fd;

	if (!snapshot->netns_fd) {
		fd = bpf_iter_create(bpf_link__fd(link));
		return fd < 0 ? -errno : fd;
	}
	own = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	if (own < 0 || setns(snapshot->netns_fd, CLONE_NEWNET)) {
		fd = -errno;
	} else {
		fd = bpf_iter_create(bpf_link__fd(link));
		fd = fd < 0 ? -errno : fd;
		if (setns(own, CLONE_NEWNET))
			fd = -errno;
	}
	if (own >= 0)
		close(own);
	return fd;
}

static int run(struct tct_snapshot *snapshot, struct bpf_link *link, tct_record_fn fn, void *ctx)
{
	int fd = create_in_netns(snapshot, link);
	ssize_t got, left = 0;

	if (fd < 0)
		return fd;
	do {
		got = read(fd, snapshot->buffer + left, (size_t)(BUFFER_SIZE - left));
		if (got < 0 && (errno == EAGAIN || errno == EINTR)) {
			got = 1;
			continue;
		}
		if (got < 0)
			left = -errno;
		else
			left = consume(snapshot->buffer, (size_t)(left + got), fn, ctx);
	} while (got > 0 && left >= 0);
	close(fd);
	return left < 0 ? (int)left : 0;
}

int tct_snapshot_sockets(struct tct_snapshot *snapshot, uint32_t states, tct_record_fn fn,
			 void *ctx)
{
	snapshot->skel->data->tct_states = states;
	return run(snapshot, snapshot->tcp, fn, ctx);
}

int tct_snapshot_owners(struct tct_snapshot *snapshot, uint32_t states, tct_record_fn fn,
			void *ctx)
{
	snapshot->skel->data->tct_states = states;
	return run(snapshot, snapshot->task_file, fn, ctx);
}
