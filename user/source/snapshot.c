// SPDX-License-Identifier: GPL-2.0
#include "snapshot.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "../core/event.h"
#include "../log.h"
#include "clock.h"
#include "kallsyms.h"
#include "kernel.h"
#include "snapshot.skel.h"

/* One read of a bpf_iter gives at most a few pages: larger buffers save nothing. */
#define BUFFER_SIZE (64 << 10)

struct tct_snapshot {
	struct snapshot_bpf *skel;
	struct bpf_link *links[TCT_ITERATORS];
};

static int attach(struct tct_snapshot *snapshot)
{
	struct bpf_program *const programs[TCT_ITERATORS] = {
		[TCT_ITER_SOCKETS] = snapshot->skel->progs.tct_iter_tcp,
		[TCT_ITER_STAYS] = snapshot->skel->progs.tct_iter_stay,
		[TCT_ITER_PRESENT] = snapshot->skel->progs.tct_iter_present,
		[TCT_ITER_OWNERS] = snapshot->skel->progs.tct_iter_owner,
		[TCT_ITER_THREADS] = snapshot->skel->progs.tct_iter_thread,
		[TCT_ITER_FILES] = snapshot->skel->progs.tct_iter_holder,
	};

	for (int i = 0; i < TCT_ITERATORS; i++) {
		if (!bpf_program__autoload(programs[i]))
			continue;
		snapshot->links[i] = bpf_program__attach_iter(programs[i], NULL);
		if (!snapshot->links[i])
			return -errno;
	}
	return 0;
}

/* `asks`: for the helpers that not all kernels have; else they are taken to be there. */
static struct snapshot_bpf *open_skeleton(const struct tct_snapshot_config *config, bool asks)
{
	const struct tct_filter_config *filter = config->filter;
	struct snapshot_bpf *skel = snapshot_bpf__open();
	uint64_t file_ops;

	if (!skel)
		return NULL;
	skel->rodata->tct_hz = tct_clock_hz();
	skel->rodata->tct_make_cookies = config->cookies && (!asks || tct_kernel_makes_cookies());
	skel->rodata->tct_has_sock_from_file = !asks || tct_kernel_has_sock_from_file();
	if (!skel->rodata->tct_has_sock_from_file && tct_kallsyms_find("socket_file_ops", &file_ops))
		skel->rodata->tct_socket_file_ops = file_ops;
	memcpy((void *)&skel->rodata->tct_filter, &filter->filter, sizeof(filter->filter));
	memcpy((void *)skel->rodata->tct_lports, filter->lports, sizeof(filter->lports));
	memcpy((void *)skel->rodata->tct_rports, filter->rports, sizeof(filter->rports));
	return skel;
}

/* The hooks' own maps; without them nothing that a kernel may not have is asked for. */
static int take_maps(struct snapshot_bpf *skel, const struct tct_snapshot_maps *maps)
{
	int err;

	bpf_program__set_autoload(skel->progs.tct_iter_stay, maps);
	bpf_map__set_autocreate(skel->maps.tct_stays, maps);
	bpf_map__set_autocreate(skel->maps.tct_minis, maps);
	if (!maps)
		return 0;
	err = bpf_map__reuse_fd(skel->maps.tct_stays, maps->stays_fd);
	return err ? err : bpf_map__reuse_fd(skel->maps.tct_minis, maps->minis_fd);
}

static void leave_out(struct snapshot_bpf *skel, const struct tct_snapshot_config *config)
{
	bool walks = !config->filter->netns_fd;

	bpf_program__set_autoload(skel->progs.tct_iter_present, !config->once);
	bpf_program__set_autoload(skel->progs.tct_iter_thread, walks);
	bpf_program__set_autoload(skel->progs.tct_iter_holder, walks);
}

static int prepare(struct snapshot_bpf *skel, const struct tct_snapshot_config *config)
{
	if (!skel)
		return -errno;
	leave_out(skel, config);
	return take_maps(skel, config->maps);
}

static int load(struct tct_snapshot *snapshot, const struct tct_snapshot_config *config, bool asks)
{
	int err;

	snapshot->skel = open_skeleton(config, asks);
	err = prepare(snapshot->skel, config);
	return err ? err : snapshot_bpf__load(snapshot->skel);
}

/*
 * To ask is to parse the kernel's types once more, a fifth of what one look needs to start: done
 * only where what is asked for was not there.
 */
static int try_load(struct tct_snapshot *snapshot, const struct tct_snapshot_config *config)
{
	libbpf_print_fn_t print = libbpf_set_print(NULL);
	int err = load(snapshot, config, false);

	libbpf_set_print(print);
	if (!err || err == -EPERM)
		return err;
	snapshot_bpf__destroy(snapshot->skel);
	return load(snapshot, config, true);
}

enum tct_exit tct_snapshot_load(struct tct_snapshot **out,
				const struct tct_snapshot_config *config)
{
	struct tct_snapshot *snapshot = calloc(1, sizeof(*snapshot));
	int err;

	if (!snapshot)
		return TCT_EXIT_FAILURE;
	err = config->once ? try_load(snapshot, config) : load(snapshot, config, true);
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
	tct_log_error("this kernel does not take the iterators iter/tcp, iter/task and "
		      "iter/task_file (%s)", strerror(-err));
	return TCT_EXIT_KERNEL;
}

void tct_snapshot_free(struct tct_snapshot *snapshot)
{
	if (!snapshot)
		return;
	for (int i = 0; i < TCT_ITERATORS; i++)
		bpf_link__destroy(snapshot->links[i]);
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

static int read_all(int fd, char *buffer, tct_record_fn fn, void *ctx)
{
	ssize_t got, left = 0;

	do {
		got = read(fd, buffer + left, (size_t)(BUFFER_SIZE - left));
		if (got < 0 && (errno == EAGAIN || errno == EINTR)) {
			got = 1;
			continue;
		}
		if (got < 0)
			left = -errno;
		else
			left = consume(buffer, (size_t)(left + got), fn, ctx);
	} while (got > 0 && left >= 0);
	return left < 0 ? (int)left : 0;
}

void tct_snapshot_want_states(struct tct_snapshot *snapshot, uint32_t states)
{
	snapshot->skel->data->tct_states = states;
}

void tct_snapshot_want_owners(struct tct_snapshot *snapshot, uint32_t states)
{
	snapshot->skel->bss->tct_owner_states = states;
}

void tct_snapshot_want_stays(struct tct_snapshot *snapshot,
			     const struct tct_snapshot_stays *stays)
{
	memcpy(snapshot->skel->bss->tct_least_ns, stays->least_ns, sizeof(stays->least_ns));
	snapshot->skel->bss->tct_epoch = stays->epoch;
	snapshot->skel->bss->tct_keeps_minis = stays->keeps_minis;
}

struct tct_snapshot_kept tct_snapshot_kept(const struct tct_snapshot *snapshot)
{
	return (struct tct_snapshot_kept){
		.made = snapshot->skel->bss->tct_stays_made,
		.unkept = snapshot->skel->bss->tct_stays_unkept,
	};
}

static void forget_keys(int map)
{
	struct tct_socket_key key;

	while (!bpf_map_get_next_key(map, NULL, &key))
		bpf_map_delete_elem(map, &key);
}

int tct_snapshot_want_keys(struct tct_snapshot *snapshot, const uint64_t *keys, size_t count)
{
	int map = bpf_map__fd(snapshot->skel->maps.tct_keys);
	const __u8 present = 1;

	if (snapshot->skel->bss->tct_by_key)
		forget_keys(map);
	snapshot->skel->bss->tct_by_key = count && count <= TCT_KEYS_MAX;
	for (size_t i = 0; snapshot->skel->bss->tct_by_key && i < count; i++) {
		bool is_address = TCT_KEY_IS_ADDRESS(keys[i]);
		const struct tct_socket_key key = {
			.cookie = is_address ? 0 : keys[i],
			.address = is_address ? keys[i] : 0,
		};

		if (bpf_map_update_elem(map, &key, &present, BPF_ANY))
			return -errno;
	}
	return 0;
}

const struct tct_namespace *tct_snapshot_namespaces(const struct tct_snapshot *snapshot,
						    size_t *count)
{
	*count = snapshot->skel->bss->tct_namespace_count;
	return *count <= TCT_NAMESPACES_MAX ? snapshot->skel->bss->tct_namespaces : NULL;
}

/* The run's own buffer: two of them may nest, or run side by side. */
int tct_snapshot_read(struct tct_snapshot *snapshot, enum tct_iterator which, tct_record_fn fn,
		      void *ctx)
{
	char *buffer = malloc(BUFFER_SIZE);
	int fd, err;

	if (!buffer)
		return -ENOMEM;
	if (which == TCT_ITER_FILES)
		snapshot->skel->bss->tct_told_netns = 0;
	fd = bpf_iter_create(bpf_link__fd(snapshot->links[which]));
	err = fd < 0 ? -errno : read_all(fd, buffer, fn, ctx);
	if (fd >= 0)
		close(fd);
	free(buffer);
	return err;
}
