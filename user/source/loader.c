// SPDX-License-Identifier: GPL-2.0
#include "loader.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "../log.h"
#include "handover.h"
#include "loader_internal.h"
#include "privilege.h"

#define ALL_POINTS ((1u << TCT_POINTS) - 1)

static struct bpf_program *program_of(const struct tct_loader *loader, const struct tct_hook *hook)
{
	return bpf_object__find_program_by_name(loader->skel->obj, hook->program);
}

void tct_loader_select(struct tct_loader *loader, unsigned int points)
{
	size_t count;
	const struct tct_hook *hooks = tct_hooks(&count);

	for (const struct tct_hook *hook = hooks; hook < hooks + count; hook++)
		bpf_program__set_autoload(program_of(loader, hook),
					  points & 1u << hook->point &&
					  tct_choice_uses(&loader->choice, hook));
}

/* Returns 0, or a negative errno with `*point` the one that failed. */
static int attach_programs(struct tct_loader *loader, enum tct_point *point)
{
	size_t count;
	const struct tct_hook *hooks = tct_hooks(&count);

	for (const struct tct_hook *hook = hooks; hook < hooks + count; hook++) {
		struct bpf_program *program = program_of(loader, hook);
		struct bpf_link *link;

		if (!bpf_program__autoload(program))
			continue;
		link = bpf_program__attach(program);
		if (!link) {
			*point = hook->point;
			return -errno;
		}
		loader->links[loader->link_count++] = (struct tct_loader_link){
			.link = link, .hook = hook, .program_fd = bpf_program__fd(program),
		};
	}
	return 0;
}

/* What they were skipped for is known as long as they are loaded. */
void tct_loader_detach(struct tct_loader *loader)
{
	if (loader->pinned || !loader->link_count)
		return;
	for (size_t i = 0; i < loader->link_count; i++)
		bpf_link__destroy(loader->links[i].link);
	loader->skipped_last = tct_loader_lost_hook(loader);
	loader->link_count = 0;
}

static void drop_rings(struct tct_loader *loader)
{
	for (uint32_t i = 1; i < TCT_SHARDS_MAX; i++) {
		if (loader->ring_fds[i] > 0)
			close(loader->ring_fds[i]);
		loader->ring_fds[i] = 0;
	}
}

static void unload(struct tct_loader *loader)
{
	if (loader->pinned)
		tct_handover_let_go(loader);
	tct_loader_detach(loader);
	if (!loader->pinned)
		tct_handover_abort(loader);
	drop_rings(loader);
	tcpclose_bpf__destroy(loader->skel);
	loader->skel = NULL;
}

static int make_ring(struct tct_loader *loader, uint32_t number)
{
	const struct bpf_map *first = loader->skel->maps.tct_ring;
	int fd = bpf_map__fd(first);

	if (number)
		fd = bpf_map_create(BPF_MAP_TYPE_RINGBUF, "tct_ring", 0, 0,
				    bpf_map__max_entries(first), NULL);
	if (fd < 0)
		return fd;
	loader->ring_fds[number] = number ? fd : 0;
	return bpf_map_update_elem(bpf_map__fd(loader->skel->maps.tct_rings), &number, &fd,
				   BPF_ANY);
}

/* Before anything is attached. */
static int make_rings(struct tct_loader *loader)
{
	int err = 0;

	if (loader->slots_size)
		return 0;
	for (uint32_t i = 0; i < loader->shards && loader->shards > 1 && !err; i++)
		err = make_ring(loader, i);
	return err;
}

/* The chosen programs of these points, loaded and attached; nothing is left on failure. */
static int bring_up(struct tct_loader *loader, const struct tct_loader_config *config,
		    unsigned int points, enum tct_point *failed)
{
	int err = tct_loader_open(loader, config);

	*failed = TCT_POINTS;
	if (err)
		return err;
	tct_loader_select(loader, points);
	if (config->pin)
		err = tct_handover_take_maps(loader, config->pin);
	if (!err)
		err = tcpclose_bpf__load(loader->skel);
	loader->denied |= err == -EPERM;
	if (!err)
		err = make_rings(loader);
	if (!err && config->pin)
		tct_handover_begin(loader, config->pin);
	if (!err)
		err = attach_programs(loader, failed);
	if (err)
		unload(loader);
	return err;
}

/* One point alone: what speaks against its provider is found, and kept as the reason. */
static int try_point(struct tct_loader *loader, const struct tct_loader_config *config,
		     enum tct_point point)
{
	struct tct_loader_config alone = *config;
	enum tct_point failed;
	int err;

	alone.pin = NULL;
	err = bring_up(loader, &alone, 1u << point, &failed);

	if (!err)
		unload(loader);
	else
		tct_choice_refuse(&loader->choice, point, err);
	return err;
}

/* Loading says no to all programs together: asks for each point. Whether one was to blame. */
static bool find_culprits(struct tct_loader *loader, const struct tct_loader_config *config,
			  unsigned int points)
{
	bool found = false;

	for (int point = 0; point < TCT_POINTS; point++) {
		if (points & 1u << point && loader->choice.chosen[point] != TCT_AUTO)
			found |= try_point(loader, config, (enum tct_point)point) != 0;
	}
	return found;
}

static enum tct_exit explain_failure(int err)
{
	if (err == -EPERM) {
		tct_log_error("not permitted to load BPF programs: run as root, or see "
			      "'tcpclose-trace check'");
		return TCT_EXIT_PRIVILEGE;
	}
	tct_log_error("loading the BPF programs failed: %s; -v tells more", strerror(-err));
	return TCT_EXIT_FAILURE;
}

static enum tct_exit explain_none(const struct tct_loader *loader, unsigned int points,
				  enum tct_provider only)
{
	if (loader->denied && only == TCT_AUTO)
		return explain_failure(-EPERM);
	for (int point = 0; point < TCT_POINTS; point++) {
		enum tct_provider last = only == TCT_AUTO ? TCT_TRACEPOINT : only;

		if (!(points & 1u << point) || loader->choice.chosen[point] != TCT_AUTO ||
		    tct_point_is_optional((enum tct_point)point))
			continue;
		tct_log_error("%s cannot be traced by %s: %s; see 'tcpclose-trace check'",
			      tct_point_name((enum tct_point)point),
			      only == TCT_AUTO ? "any provider" : tct_provider_name(only),
			      loader->choice.why_not[point][last]);
		if (last == TCT_TRACEPOINT && point != TCT_POINT_SET_STATE &&
		    !loader->choice.has_addresses && tct_privilege_hides_addresses())
			return TCT_EXIT_PRIVILEGE;
		break;
	}
	return TCT_EXIT_KERNEL;
}

/* A kernel that does not have the provider at all says so of every program. */
static void refuse(struct tct_loader *loader, enum tct_point failed, int err)
{
	enum tct_provider provider = loader->choice.chosen[failed];
	bool all = err == -EPERM || err == -EOPNOTSUPP || err == -TCT_ENOTSUPP;

	for (int point = 0; point < TCT_POINTS; point++) {
		if (point == (int)failed || (all && loader->choice.chosen[point] == provider))
			tct_choice_refuse(&loader->choice, (enum tct_point)point, err);
	}
}

/* Every round but the last refuses at least one provider of one point: it ends. */
static enum tct_exit attach_best(struct tct_loader *loader, const struct tct_loader_config *config,
				 unsigned int points)
{
	enum tct_point failed;
	int err;

	while (true) {
		if (tct_choice_make(&loader->choice, points, config->only))
			return explain_none(loader, points, config->only);
		err = bring_up(loader, config, points, &failed);
		if (!err)
			return TCT_EXIT_OK;
		if (err == -ENOMEM)	/* no provider's fault */
			return explain_failure(err);
		if (failed != TCT_POINTS)
			refuse(loader, failed, err);
		else if (!find_culprits(loader, config, points))
			return explain_failure(err);
	}
}

static unsigned int points_counted(const struct tct_loader_config *config)
{
	unsigned int state = 1u << TCT_POINT_SET_STATE;

	if (config->tallies)
		return state | 1u << TCT_POINT_TIME_WAIT | 1u << TCT_POINT_TIME_WAIT_END;
	return config->summary ? state : 0;
}

static unsigned int points_watched(const struct tct_loader_config *config)
{
	if (config->brief)
		return 1u << TCT_POINT_SET_STATE;
	return config->summary ? ALL_POINTS & ~(1u << TCT_POINT_RESET) : ALL_POINTS;
}

enum tct_exit tct_loader_attach(struct tct_loader **out, const struct tct_loader_config *config)
{
	struct tct_loader *loader = calloc(1, sizeof(*loader));
	unsigned int points = points_watched(config);
	enum tct_exit status;

	if (!loader)
		return TCT_EXIT_FAILURE;
	loader->choice.has_addresses = config->tw_timer_handler != 0;
	loader->choice.counted = points_counted(config);
	if (config->pin && tct_handover_check(loader, config)) {
		tct_loader_free(loader);
		return TCT_EXIT_FAILURE;
	}
	if (config->pin && !tct_handover_continue(loader, config, points)) {
		*out = loader;
		return TCT_EXIT_OK;
	}
	status = attach_best(loader, config, points);
	if (!status && config->pin)
		status = tct_handover_keep(loader, config, points);
	if (status)
		tct_loader_free(loader);
	else
		*out = loader;
	return status;
}

int tct_loader_try_all(const struct tct_loader_config *config, struct tct_choice *choice)
{
	struct tct_loader loader = { .choice.has_addresses = config->tw_timer_handler != 0 };
	int err = tct_loader_open(&loader, config);

	if (err)
		return err;
	unload(&loader);
	for (int provider = 0; provider < TCT_PROVIDERS; provider++) {
		tct_choice_make(&loader.choice, ALL_POINTS, (enum tct_provider)provider);
		for (int point = 0; point < TCT_POINTS; point++) {
			if (loader.choice.chosen[point] != TCT_AUTO)
				try_point(&loader, config, (enum tct_point)point);
		}
	}
	tct_choice_make(&loader.choice, ALL_POINTS, config->only);
	*choice = loader.choice;
	return 0;
}

void tct_loader_free(struct tct_loader *loader)
{
	if (!loader)
		return;
	unload(loader);
	free(loader);
}

const struct tct_choice *tct_loader_choice(const struct tct_loader *loader)
{
	return &loader->choice;
}

uint32_t tct_loader_shards(const struct tct_loader *loader)
{
	return loader->shards;
}

int tct_loader_ring_fd(const struct tct_loader *loader, unsigned int number)
{
	return number ? loader->ring_fds[number] : bpf_map__fd(loader->skel->maps.tct_ring);
}

struct tct_slots tct_loader_slots(const struct tct_loader *loader)
{
	return (struct tct_slots){
		.map_fd = bpf_map__fd(loader->skel->maps.tct_slots),
		.size = loader->slots_size,
		.ends = loader->skel->bss->tct_slot_ends,
	};
}

volatile uint32_t *tct_loader_asleep_flag(struct tct_loader *loader)
{
	return &loader->skel->bss->tct_reader_asleep;
}

bool tct_loader_sees_segments(const struct tct_loader *loader)
{
	const struct bpf_program *program = loader->skel->progs.tct_tp_kfree_skb;

	return bpf_program__autoload(program);
}

bool tct_loader_continues(const struct tct_loader *loader)
{
	return loader->continued;
}

bool tct_loader_has_changed(const struct tct_loader *loader)
{
	return loader->changed;
}

void tct_loader_settle(struct tct_loader *loader, uint64_t now_ns)
{
	tct_handover_settle(loader, now_ns);
}
