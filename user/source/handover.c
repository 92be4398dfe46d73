// SPDX-License-Identifier: GPL-2.0
#include "handover.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "../log.h"
#include "clock.h"
#include "loader_internal.h"

#define HASH_START 0xcbf29ce484222325ull	/* FNV-1a */
#define HASH_PRIME 0x100000001b3ull
#define SETTLE_NS 1000000000ull	/* by then no program that was detached is running any more */

static uint64_t hash(uint64_t sum, const void *data, size_t len)
{
	const unsigned char *at = data;

	for (size_t i = 0; i < len; i++)
		sum = (sum ^ at[i]) * HASH_PRIME;
	return sum;
}

static uint64_t hash_number(uint64_t sum, uint64_t number)
{
	return hash(sum, &number, sizeof(number));
}

static uint64_t hash_text(uint64_t sum, const char *text)
{
	return text ? hash(sum, text, strlen(text) + 1) : hash_number(sum, 0);
}

/* The names, places and sizes of the variables that programs and reader share. */
static uint64_t hash_variables(const struct btf *btf)
{
	int id = btf__find_by_name_kind(btf, ".bss", BTF_KIND_DATASEC);
	const struct btf_type *section = id > 0 ? btf__type_by_id(btf, (__u32)id) : NULL;
	const struct btf_var_secinfo *variables;
	uint64_t sum = HASH_START;

	if (!section)
		return 0;
	variables = btf_var_secinfos(section);
	for (int i = 0; i < btf_vlen(section); i++) {
		const struct btf_type *type = btf__type_by_id(btf, variables[i].type);

		sum = hash_text(sum, btf__name_by_offset(btf, type->name_off));
		sum = hash_number(sum, variables[i].offset);
		sum = hash_number(sum, variables[i].size);
	}
	return sum;
}

uint64_t tct_loader_layout(void)
{
	struct tcpclose_bpf *skel = tcpclose_bpf__open();
	uint64_t layout = skel ? hash_variables(bpf_object__btf(skel->obj)) : 0;

	tcpclose_bpf__destroy(skel);
	return layout;
}

/* All that decides what is loaded, on one kernel: bpffs does not outlive it. */
static struct tct_pin_programs identify(const struct tct_loader *loader,
					const struct tct_loader_config *config, unsigned int points)
{
	struct tct_pin_programs programs = { .points = points };
	uint64_t sum = HASH_START;
	size_t size;
	const void *object = tcpclose_bpf__elf_bytes(&size);

	programs.object = hash(HASH_START, object, size);
	sum = hash(sum, &config->filter->filter, sizeof(config->filter->filter));
	sum = hash(sum, config->filter->lports, sizeof(config->filter->lports));
	sum = hash(sum, config->filter->rports, sizeof(config->filter->rports));
	sum = hash_text(sum, config->btf);
	sum = hash_number(sum, config->tw_timer_handler);
	sum = hash_number(sum, config->only);
	programs.config = hash_number(sum, config->brief);
	for (int i = 0; i < TCT_POINTS; i++)
		programs.chosen[i] = loader->choice.chosen[i];
	return programs;
}

static bool is_same(const struct tct_pin_programs *a, const struct tct_pin_programs *b)
{
	return a->object == b->object && a->config == b->config && a->points == b->points;
}

/* Read-only data is that of one generation of programs, which hold it themselves. */
static bool is_kept(const struct bpf_map *map)
{
	const char *name = bpf_map__name(map);

	return !strstr(name, ".rodata");
}

static bool is_alike(const struct bpf_map *map, int fd)
{
	struct bpf_map_info info = { 0 };
	__u32 len = sizeof(info);

	return !bpf_obj_get_info_by_fd(fd, &info, &len) && info.type == bpf_map__type(map) &&
	       info.key_size == bpf_map__key_size(map) &&
	       info.value_size == bpf_map__value_size(map) &&
	       info.max_entries == bpf_map__max_entries(map);
}

/* Events that a port filter cannot judge yet are nobody's but the programs' that hold them. */
static bool may_differ(const struct tct_loader *loader, const struct bpf_map *map)
{
	return map == loader->skel->maps.tct_held;
}

static int refuse_map(const struct tct_loader *loader, const struct bpf_map *map, int fd)
{
	struct bpf_map_info pinned = { 0 };
	__u32 len = sizeof(pinned);

	bpf_obj_get_info_by_fd(fd, &pinned, &len);
	if (map == loader->skel->maps.tct_ring && pinned.max_entries)
		tct_log_error("--pin: the ring that is pinned has another size: start with "
			      "--ring %u, or remove it with --unpin", pinned.max_entries);
	else
		tct_log_error("--pin: %s is pinned with another layout: remove it with --unpin",
			      bpf_map__name(map));
	return -EBADMSG;
}

/* 0, 1 when there is none to take, or a negative errno. */
static int take_map(const struct tct_loader *loader, struct tct_pin *pin, struct bpf_map *map)
{
	int fd = tct_pin_get_map(pin, bpf_map__name(map)), err;

	if (fd == -ENOENT)
		return 1;
	if (fd < 0)
		return fd;
	if (is_alike(map, fd))
		err = bpf_map__reuse_fd(map, fd);
	else
		err = may_differ(loader, map) ? 1 : refuse_map(loader, map, fd);
	close(fd);
	return err;
}

int tct_handover_take_maps(struct tct_loader *loader, struct tct_pin *pin)
{
	struct bpf_map *map;

	bpf_object__for_each_map(map, loader->skel->obj) {
		int err = is_kept(map) ? take_map(loader, pin, map) : 0;

		if (err < 0)
			return err;
	}
	return 0;
}

int tct_handover_check(struct tct_loader *loader, const struct tct_loader_config *config)
{
	int err = tct_loader_open(loader, config);

	if (err)
		return err;
	err = tct_handover_take_maps(loader, config->pin);
	tcpclose_bpf__destroy(loader->skel);
	loader->skel = NULL;
	return err;
}

/* As loading would have done. */
static int map_shared(struct tct_loader *loader)
{
	struct bpf_map *bss = loader->skel->maps.bss;
	size_t size;
	void *at = (void *)bpf_map__initial_value(bss, &size);

	if (bpf_map__fd(bss) < 0 || !at)
		return -ENOENT;
	at = mmap(at, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, bpf_map__fd(bss), 0);
	return at == MAP_FAILED ? -errno : 0;
}

static int program_of_link(int link_fd)
{
	struct bpf_link_info info = { 0 };
	__u32 len = sizeof(info);

	if (bpf_obj_get_info_by_fd(link_fd, &info, &len))
		return -errno;
	return bpf_prog_get_fd_by_id(info.prog_id);
}

static bool is_wanted(const struct tct_loader *loader, const struct tct_hook *hook)
{
	return bpf_program__autoload(
		bpf_object__find_program_by_name(loader->skel->obj, hook->program));
}

/* The link itself is held by its name alone; its program tells what it was skipped for. */
static int find_links(struct tct_loader *loader, const struct tct_pin *pin)
{
	size_t count;
	const struct tct_hook *hooks = tct_hooks(&count);

	for (const struct tct_hook *hook = hooks; hook < hooks + count; hook++) {
		int fd;

		if (!is_wanted(loader, hook))
			continue;
		fd = tct_pin_get_link(pin, hook->program);
		if (fd < 0)
			return fd;
		loader->links[loader->link_count++] = (struct tct_loader_link){
			.hook = hook, .program_fd = program_of_link(fd),
		};
		close(fd);
	}
	return loader->link_count ? 0 : -ENOENT;
}

static int adopt(struct tct_loader *loader, const struct tct_loader_config *config,
		 const struct tct_pin_programs *pinned)
{
	int err;

	for (int i = 0; i < TCT_POINTS; i++)
		loader->choice.chosen[i] = (enum tct_provider)pinned->chosen[i];
	err = tct_loader_open(loader, config);
	if (err)
		return err;
	tct_loader_select(loader, pinned->points);
	err = tct_handover_take_maps(loader, config->pin);
	if (!err)
		err = map_shared(loader);
	return err ? err : find_links(loader, config->pin);
}

int tct_handover_continue(struct tct_loader *loader, const struct tct_loader_config *config,
			  unsigned int points)
{
	const struct tct_pin_programs *pinned = tct_pin_programs(config->pin);
	struct tct_pin_programs ours = identify(loader, config, points);
	int err;

	if (!pinned || !is_same(pinned, &ours))
		return -ENOENT;
	err = adopt(loader, config, pinned);
	loader->pinned = true;
	if (err) {
		tct_handover_let_go(loader);
		loader->pinned = false;
		tcpclose_bpf__destroy(loader->skel);
		loader->skel = NULL;
		return err;
	}
	loader->continued = true;
	tct_pin_tidy(config->pin);
	tct_loader_thin(loader, false);
	loader->replaced_ns = loader->skel->bss->tct_replacing ? tct_clock_mono_ns() : 0;
	return 0;
}

static void mark(struct tct_loader *loader, bool replacing)
{
	*(volatile __u32 *)&loader->skel->bss->tct_replacing = replacing;
}

void tct_handover_begin(struct tct_loader *loader, struct tct_pin *pin)
{
	if (!tct_pin_programs(pin))
		return;
	tct_pin_tidy(pin);
	mark(loader, true);
	loader->marked = true;
}

void tct_handover_abort(struct tct_loader *loader)
{
	if (loader->marked)
		mark(loader, false);
	loader->marked = false;
}

/* Those that were there and are not ours any more get another map by their name. */
static int pin_maps(const struct tct_loader *loader, const struct tct_pin *pin)
{
	struct bpf_map *map;

	bpf_object__for_each_map(map, loader->skel->obj) {
		int err;

		if (!is_kept(map) || bpf_map__fd(map) < 0)
			continue;
		err = tct_pin_put_map(pin, bpf_map__name(map), bpf_map__fd(map));
		if (err == -EEXIST && may_differ(loader, map)) {
			tct_pin_drop_map(pin, bpf_map__name(map));
			err = tct_pin_put_map(pin, bpf_map__name(map), bpf_map__fd(map));
		}
		if (err && err != -EEXIST)
			return err;
	}
	return 0;
}

static int pin_links(const struct tct_loader *loader, const struct tct_pin *pin,
		     const struct tct_hook **refused)
{
	for (size_t i = 0; i < loader->link_count; i++) {
		int err = tct_pin_put_link(pin, loader->links[i].hook->program,
					   bpf_link__fd(loader->links[i].link));

		*refused = loader->links[i].hook;
		if (err)
			return err;
	}
	*refused = NULL;
	return 0;
}

/* Before 5.15 a kprobe is a perf event, which has no link (perf_event_attach_bpf_prog()). */
static enum tct_exit explain(int err, const struct tct_hook *refused)
{
	if (refused && (err == -EINVAL || err == -EBADF)) {
		tct_log_error("--pin: this kernel cannot keep what a %s attaches: try another "
			      "provider (--probes)", tct_provider_name(refused->provider));
		return TCT_EXIT_KERNEL;
	}
	tct_log_error("--pin: keeping the hooks failed: %s", strerror(-err));
	return err == -EPERM || err == -EACCES ? TCT_EXIT_PRIVILEGE : TCT_EXIT_FAILURE;
}

enum tct_exit tct_handover_keep(struct tct_loader *loader, const struct tct_loader_config *config,
				unsigned int points)
{
	struct tct_pin_programs programs = identify(loader, config, points);
	const struct tct_pin_programs *before = tct_pin_programs(config->pin);
	const struct tct_hook *refused = NULL;
	int err;

	err = pin_maps(loader, config->pin);
	if (!err)
		err = pin_links(loader, config->pin, &refused);
	if (err) {
		tct_pin_tidy(config->pin);
		return explain(err, refused);
	}
	loader->changed = before && before->config != programs.config;
	tct_pin_switch(config->pin, &programs);
	loader->pinned = true;
	loader->replaced_ns = loader->marked ? tct_clock_mono_ns() : 0;
	tct_loader_thin(loader, false);
	return TCT_EXIT_OK;
}

void tct_handover_settle(struct tct_loader *loader, uint64_t now_ns)
{
	if (!loader->replaced_ns || now_ns < loader->replaced_ns + SETTLE_NS)
		return;
	mark(loader, false);
	loader->marked = false;
	loader->replaced_ns = 0;
}

void tct_handover_let_go(struct tct_loader *loader)
{
	while (loader->link_count) {
		struct tct_loader_link *link = &loader->links[--loader->link_count];

		if (link->link) {
			bpf_link__disconnect(link->link);
			bpf_link__destroy(link->link);
		} else if (link->program_fd >= 0) {
			close(link->program_fd);
		}
	}
}
