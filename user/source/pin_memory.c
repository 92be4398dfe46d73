// SPDX-License-Identifier: GPL-2.0
#include "pin_memory.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#define PAGE 4096

static size_t pages_of(size_t size)
{
	return (size + PAGE - 1) / PAGE;
}

/* Elements of an array follow each other without a gap when their size is a multiple of eight. */
static int create_map(size_t size)
{
	LIBBPF_OPTS(bpf_map_create_opts, options, .map_flags = BPF_F_MMAPABLE);
	int fd = bpf_map_create(BPF_MAP_TYPE_ARRAY, "tct_pin", sizeof(uint32_t), PAGE,
				(uint32_t)pages_of(size), &options);

	return fd < 0 ? -errno : fd;
}

static bool has_size(int fd, size_t size)
{
	struct bpf_map_info info = { 0 };
	__u32 len = sizeof(info);

	return !bpf_obj_get_info_by_fd(fd, &info, &len) && info.value_size == PAGE &&
	       info.max_entries == pages_of(size);
}

static int keep_mapping(struct tct_pin_memory *memory, void *at, size_t size)
{
	size_t count = memory->count + 1;
	struct tct_pin_mapping *more = realloc(memory->mappings, count * sizeof(*more));

	if (!more)
		return -ENOMEM;
	memory->mappings = more;
	more[memory->count++] = (struct tct_pin_mapping){ at, size };
	return 0;
}

/* The mapping keeps the map: no descriptor is needed. */
static int map_in(struct tct_pin_memory *memory, int fd, size_t size, void **out)
{
	void *at = mmap(NULL, pages_of(size) * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	int err;

	if (at == MAP_FAILED)
		return -errno;
	err = keep_mapping(memory, at, pages_of(size) * PAGE);
	if (err)
		munmap(at, pages_of(size) * PAGE);
	else
		*out = at;
	return err;
}

int tct_pin_memory_create(struct tct_pin_memory *memory, size_t size, void **out)
{
	int fd = create_map(size);
	int err = fd < 0 ? fd : map_in(memory, fd, size, out);

	if (!err)
		return fd;
	if (fd >= 0)
		close(fd);
	return err;
}

/* The last one, which got no name: who comes next would not find it. */
static void give_back(struct tct_pin_memory *memory, void **out)
{
	const struct tct_pin_mapping *last = &memory->mappings[--memory->count];

	munmap(last->at, last->size);
	*out = NULL;
}

int tct_pin_memory_get(struct tct_pin_memory *memory, const struct tct_pin_dir *dir,
		       const char *name, size_t size, void **out)
{
	int fd = tct_pin_dir_get(dir, name), err;

	if (fd < 0)
		return fd;
	err = has_size(fd, size) ? map_in(memory, fd, size, out) : -EBADMSG;
	close(fd);
	return err;
}

int tct_pin_memory_open(struct tct_pin_memory *memory, const struct tct_pin_dir *dir,
			const char *name, size_t size, void **out)
{
	int err = tct_pin_memory_get(memory, dir, name, size, out), fd;

	if (err != -ENOENT)
		return err;
	fd = tct_pin_memory_create(memory, size, out);
	if (fd < 0)
		return fd;
	err = tct_pin_dir_put(dir, name, fd);
	if (err)
		give_back(memory, out);
	close(fd);
	return err;
}

void tct_pin_memory_close(struct tct_pin_memory *memory)
{
	for (size_t i = 0; i < memory->count; i++)
		munmap(memory->mappings[i].at, memory->mappings[i].size);
	free(memory->mappings);
	*memory = (struct tct_pin_memory){ 0 };
}
