// SPDX-License-Identifier: GPL-2.0
#include "pin.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "../log.h"
#include "clock.h"
#include "pin_dir.h"
#include "pin_memory.h"
#include "pin_names.h"

#define MAGIC 0x314e4950544354ull	/* "TCTPIN1" */
#define PAGE 4096
#define LOG_BYTES (16 << 20)
#define REFUSED_NS 1000000000ull

/* A map of one page. What comes before `generation` never changes its place. */
struct meta {
	uint64_t magic;
	uint32_t record_version;
	uint32_t mirror_version;	/* TCT_PIN_MIRROR_VERSION */
	struct tct_pin_layout layout;
	uint64_t generation;		/* 0: none yet */
	struct tct_pin_programs programs[2];	/* of generation & 1 */
	struct tct_journal_head journal;
};

_Static_assert(sizeof(struct meta) <= PAGE, "one page");

struct tct_pin {
	struct tct_pin_dir dir;
	struct meta *meta;
	struct tct_journal journal;
	struct tct_ending *pending;	/* two times TCT_PENDING_MAX */
	struct tct_pin_memory memory;
	bool ours;			/* laid out as this version does */
	uint64_t refused_ns;		/* when memory was, last; 0: it is not */
	bool told;			/* that it was */
};

/* Whether a run had got so far that another can go on from there. */
static bool holds_run(const struct tct_pin *pin)
{
	const struct tct_journal_head *head = &pin->meta->journal;

	return pin->meta->generation && head->states[head->batch & 1].seeded;
}

enum tct_exit tct_pin_remove(const char *path)
{
	struct tct_pin_dir dir;
	enum tct_exit status = tct_pin_dir_open(&dir, path, false);
	int err;

	if (status)
		return status;
	status = tct_pin_names_check(&dir);
	if (!status) {
		err = tct_pin_names_drop(&dir);
		if (err) {
			tct_log_error("--unpin: removing %s failed: %s", dir.path, strerror(-err));
			status = TCT_EXIT_FAILURE;
		} else {
			tct_pin_dir_remove(&dir);
		}
	}
	tct_pin_dir_close(&dir);
	return status;
}

static enum tct_exit refuse_layout(const struct tct_pin *pin, const char *what)
{
	tct_log_error("--pin: %s was pinned by a version with %s: remove it with "
		      "'tcpclose-trace --pin %s --unpin'", pin->dir.path, what, pin->dir.path);
	return TCT_EXIT_FAILURE;
}

static enum tct_exit check_layout(const struct tct_pin *pin,
				  const struct tct_pin_layout *layout)
{
	const struct meta *meta = pin->meta;
	char what[64];

	if (meta->magic != MAGIC)
		return refuse_layout(pin, "another format");
	if (meta->record_version != TCT_RECORD_VERSION) {
		snprintf(what, sizeof(what), "records of layout %u, where this one has %u",
			 meta->record_version, TCT_RECORD_VERSION);
		return refuse_layout(pin, what);
	}
	if (meta->mirror_version != TCT_PIN_MIRROR_VERSION ||
	    memcmp(meta->layout.elements, layout->elements, sizeof(layout->elements)) != 0)
		return refuse_layout(pin, "another layout of its mirror");
	if (meta->layout.programs != layout->programs)
		return refuse_layout(pin, "another layout of its programs' memory");
	return TCT_EXIT_OK;
}

/* Complete before it gets a name. */
static int create_meta(struct tct_pin *pin, const struct tct_pin_layout *layout)
{
	void *at = NULL;
	int fd = tct_pin_memory_create(&pin->memory, sizeof(struct meta), &at), err;

	if (fd < 0)
		return fd;
	pin->meta = at;
	*pin->meta = (struct meta){
		.magic = MAGIC,
		.record_version = TCT_RECORD_VERSION,
		.mirror_version = TCT_PIN_MIRROR_VERSION,
		.layout = *layout,
	};
	err = tct_pin_dir_put(&pin->dir, "meta", fd);
	close(fd);
	return err;
}

static enum tct_exit refuse_memory(const struct tct_pin *pin, int err)
{
	tct_log_error("--pin: keeping memory in %s failed: %s", pin->dir.path, strerror(-err));
	return err == -EPERM || err == -EACCES ? TCT_EXIT_PRIVILEGE : TCT_EXIT_FAILURE;
}

static enum tct_exit open_meta(struct tct_pin *pin, const struct tct_pin_layout *layout)
{
	void *at = NULL;
	int err = tct_pin_memory_get(&pin->memory, &pin->dir, "meta", sizeof(struct meta), &at);

	pin->meta = at;
	if (err == -EBADMSG)
		return refuse_layout(pin, "another format");
	if (at && (pin->meta->magic != MAGIC || pin->meta->generation)) {
		enum tct_exit status = check_layout(pin, layout);

		pin->ours = !status;
		if (status || holds_run(pin))
			return status;
	}
	if (!err || err == -ENOENT) {	/* nothing, or what a start was killed over */
		err = tct_pin_names_drop(&pin->dir);
		if (!err)
			err = create_meta(pin, layout);
	}
	pin->ours = !err;
	return err ? refuse_memory(pin, err) : TCT_EXIT_OK;
}

static enum tct_exit open_memory(struct tct_pin *pin)
{
	void *log, *pending;
	int err = tct_pin_memory_open(&pin->memory, &pin->dir, "journal", LOG_BYTES, &log);

	if (!err)
		err = tct_pin_memory_open(&pin->memory, &pin->dir, "pending",
					  2 * TCT_PENDING_MAX * sizeof(struct tct_ending),
					  &pending);
	if (err)
		return refuse_memory(pin, err);
	pin->pending = pending;
	tct_journal_init(&pin->journal, &pin->meta->journal, log, LOG_BYTES);
	return TCT_EXIT_OK;
}

enum tct_exit tct_pin_open(struct tct_pin **out, const char *path,
			   const struct tct_pin_layout *layout)
{
	struct tct_pin *pin = calloc(1, sizeof(*pin));
	enum tct_exit status;

	if (!pin)
		return TCT_EXIT_FAILURE;
	status = tct_pin_dir_open(&pin->dir, path, true);
	if (status) {
		free(pin);
		return status;
	}
	status = tct_pin_names_check(&pin->dir);
	if (!status)
		status = open_meta(pin, layout);
	if (!status)
		status = open_memory(pin);
	if (status)
		tct_pin_close(pin);
	else
		*out = pin;
	return status;
}

void tct_pin_close(struct tct_pin *pin)
{
	if (!pin)
		return;
	if (pin->ours && !holds_run(pin))
		tct_pin_names_drop(&pin->dir);
	if (pin->dir.made)
		tct_pin_dir_remove(&pin->dir);
	tct_pin_memory_close(&pin->memory);
	tct_journal_fini(&pin->journal);
	tct_pin_dir_close(&pin->dir);
	free(pin);
}

const struct tct_pin_programs *tct_pin_programs(const struct tct_pin *pin)
{
	uint64_t generation = pin->meta->generation;

	return generation ? &pin->meta->programs[generation & 1] : NULL;
}

/* "tcpclose.bss": no dots. */
static void name_map(char name[TCT_PIN_NAME], const char *map)
{
	snprintf(name, TCT_PIN_NAME, "map-%s", map);
	for (char *c = name; *c; c++) {
		if (*c == '.')
			*c = '_';
	}
}

static void name_link(char name[TCT_PIN_NAME], uint64_t generation, const char *program)
{
	snprintf(name, TCT_PIN_NAME, "link-%llu-%s", (unsigned long long)generation, program);
}

int tct_pin_get_map(const struct tct_pin *pin, const char *map)
{
	char name[TCT_PIN_NAME];

	name_map(name, map);
	return tct_pin_dir_get(&pin->dir, name);
}

int tct_pin_put_map(const struct tct_pin *pin, const char *map, int fd)
{
	char name[TCT_PIN_NAME];

	name_map(name, map);
	return tct_pin_dir_put(&pin->dir, name, fd);
}

void tct_pin_drop_map(const struct tct_pin *pin, const char *map)
{
	char name[TCT_PIN_NAME];

	name_map(name, map);
	tct_pin_dir_drop(&pin->dir, name);
}

int tct_pin_get_link(const struct tct_pin *pin, const char *program)
{
	char name[TCT_PIN_NAME];

	name_link(name, pin->meta->generation, program);
	return tct_pin_dir_get(&pin->dir, name);
}

int tct_pin_put_link(const struct tct_pin *pin, const char *program, int fd)
{
	char name[TCT_PIN_NAME];

	name_link(name, pin->meta->generation + 1, program);
	return tct_pin_dir_put(&pin->dir, name, fd);
}

static int drop_other_link(void *ctx, const char *name)
{
	const struct tct_pin *pin = ctx;

	if (tct_pin_names_has(name, "link") &&
	    strtoull(name + strlen("link-"), NULL, 10) != pin->meta->generation)
		tct_pin_dir_drop(&pin->dir, name);
	return 0;
}

void tct_pin_tidy(const struct tct_pin *pin)
{
	tct_pin_dir_each(&pin->dir, drop_other_link, (void *)pin);
}

void tct_pin_switch(struct tct_pin *pin, const struct tct_pin_programs *next)
{
	uint64_t generation = pin->meta->generation + 1;

	pin->meta->programs[generation & 1] = *next;
	__atomic_store_n(&pin->meta->generation, generation, __ATOMIC_RELEASE);
	tct_pin_tidy(pin);
}

struct tct_journal *tct_pin_journal(struct tct_pin *pin)
{
	return &pin->journal;
}

/*
 * Said once; each socket that finds no room is counted as lost, and asks again: no more often than
 * the kernel can be asked for memory.
 */
void *tct_pin_chunk(void *ctx, enum tct_journal_pools which, uint32_t number)
{
	uint64_t now_ns = tct_clock_mono_ns();
	struct tct_pin *pin = ctx;
	char name[TCT_PIN_NAME];
	void *at = NULL;
	int err;

	if (pin->refused_ns && now_ns - pin->refused_ns < REFUSED_NS)
		return NULL;
	snprintf(name, sizeof(name), "%s-%u", tct_pin_names_pool(which), number);
	err = tct_pin_memory_open(&pin->memory, &pin->dir, name,
				  pin->meta->layout.elements[which] * TCT_POOL_CHUNK, &at);
	pin->refused_ns = err ? now_ns : 0;
	if (err && !pin->told) {
		tct_log_error("--pin: no more memory in %s: %s", pin->dir.path, strerror(-err));
		pin->told = true;
	}
	return at;
}

const struct tct_ending *tct_pin_pending(const struct tct_pin *pin)
{
	return pin->pending + (pin->meta->journal.batch & 1) * TCT_PENDING_MAX;
}

struct tct_ending *tct_pin_next_pending(struct tct_pin *pin)
{
	return pin->pending + ((pin->meta->journal.batch + 1) & 1) * TCT_PENDING_MAX;
}

void tct_pin_forget_mirror(struct tct_pin *pin)
{
	struct tct_journal_head *head = &pin->meta->journal;
	struct tct_journal_state *state = &head->states[head->batch & 1];

	state->seeded = 0;
	memset(state->used, 0, sizeof(state->used));
	state->pending = 0;
	head->log_bytes = 0;
	head->torn = 0;
}
