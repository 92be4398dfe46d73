// SPDX-License-Identifier: GPL-2.0
#include "figures.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "../core/subject.h"

static const char *const rules[] = {
	"stuck-close-wait", "stuck-fin-wait1", "stuck-fin-wait2", "stuck-last-ack", "stuck-closing",
	"stuck-syn-recv", "illegal-transition",
};

#define RULES (sizeof(rules) / sizeof(rules[0]))
_Static_assert(RULES <= TCT_RULES_MAX, "room for every rule");

int tct_figures_init(struct tct_figures *figures, uint32_t max_services, uint16_t first_port,
		     uint16_t last_port, struct tct_sink *out)
{
	int err;

	*figures = (struct tct_figures){ 0 };
	err = tct_ports_init(&figures->ports, first_port, last_port);
	if (!err)
		err = tct_board_init(&figures->board, max_services, &out[1]);
	if (!err)
		err = tct_diagram_init_live(&figures->diagram, &out[2]);
	tct_metrics_init(&figures->metrics, &figures->ports, &out[0]);
	return err;
}

void tct_figures_fini(struct tct_figures *figures)
{
	tct_diagram_fini(&figures->diagram);
	tct_board_fini(&figures->board);
	tct_ports_fini(&figures->ports);
}

/* Rows of all services, and findings as they stand. */
struct adding {
	const struct tct_board *board;
	struct tct_snapshot *out;
	uint64_t now_ns;
};

static void add_oldest(struct tct_service_row *row, int64_t age_ns)
{
	if (row->oldest_ns == TCT_UNKNOWN || age_ns > row->oldest_ns)
		row->oldest_ns = age_ns;
}

/* The process that is nearest to its limit speaks for the service. */
static void add_outlook(struct tct_service_row *row, const struct tct_outlook *outlook)
{
	bool first = row->fd_limit == TCT_UNKNOWN;

	if (outlook->growth_per_s > 0)
		row->growth_per_s += outlook->growth_per_s;
	if (outlook->eta_ns != TCT_UNKNOWN &&
	    (row->eta_ns == TCT_UNKNOWN || outlook->eta_ns < row->eta_ns))
		row->eta_ns = outlook->eta_ns;
	if (outlook->fd_limit == TCT_UNKNOWN ||
	    (!first && outlook->fd_limit - outlook->fd_open >= row->fd_limit - row->fd_open))
		return;
	row->fd_limit = outlook->fd_limit;
	row->fd_open = outlook->fd_open;
}

static size_t rule_of(const char *name)
{
	size_t rule = 0;

	while (rule < RULES && strcmp(rules[rule], name))
		rule++;
	return rule;
}

static void add_standing(void *ctx, const struct tct_standing *standing)
{
	const struct adding *adding = ctx;
	const struct tct_board_entry *entry = tct_board_find(adding->board, standing->id);
	struct tct_service_row *row;

	if (!entry)	/* a rule keeps it back */
		return;
	row = &adding->out->services[entry->service];
	row->stuck[entry->state] += standing->count;
	if (rule_of(entry->rule) < RULES)
		row->open[rule_of(entry->rule)][entry->severity] += standing->count;
	if (entry->state != TCT_CLOSE_WAIT)
		return;
	if (standing->oldest_ns)
		add_oldest(row, (int64_t)(adding->now_ns - standing->oldest_ns));
	add_outlook(row, &entry->outlook);
}

static void count_rules(const struct tct_board *board, struct tct_snapshot *out)
{
	out->rule_count = RULES;
	for (size_t i = 0; i < RULES; i++)
		out->rules[i] = (struct tct_rule_count){ .rule = rules[i] };
	for (size_t i = 0; i < board->count; i++) {
		size_t rule = rule_of(board->entries[i].rule);

		if (rule < RULES)
			out->rules[rule].open[board->entries[i].severity]++;
	}
}

static void fill_services(const struct tct_figures *figures, uint64_t now_ns,
			  struct tct_snapshot *out)
{
	const struct tct_services *services = &figures->board.services;
	struct adding adding = { &figures->board, out, now_ns };

	out->folded = services->folded;
	out->services = calloc(services->count, sizeof(*out->services));
	if (!out->services)
		return;
	out->service_count = services->count;
	for (uint32_t i = 0; i < services->count; i++) {
		struct tct_service_row *row = &out->services[i];

		*row = (struct tct_service_row){
			.states = services->slots[i].states, .oldest_ns = TCT_UNKNOWN,
			.eta_ns = TCT_UNKNOWN, .fd_open = TCT_UNKNOWN, .fd_limit = TCT_UNKNOWN,
		};
		memcpy(row->name, services->slots[i].name, sizeof(row->name));
	}
	tct_stuck_each(&figures->shards->stuck, add_standing, &adding);
}

void tct_figures_set_ports(struct tct_figures *figures, uint16_t first, uint16_t last)
{
	if (first == figures->ports.first && last == figures->ports.last)
		return;
	figures->ports.first = first;
	figures->ports.last = last;
	figures->metrics.recount = true;
}

/* One whose hand-over is still to be told is counted by that. */
static void recount_ports(struct tct_ports *ports, const struct tct_tracker *tracker)
{
	const struct tct_mirror *mirror = &tracker->mirror;
	uint32_t at = mirror->lists[1][TCT_TIME_WAIT].head;

	while (at) {
		const struct tct_socket *mini = tct_mirror_at(mirror, at);
		const struct tct_subject who = tct_subject_of(mirror, mini, (struct tct_task){ 0 });

		if (mini->flags & (TCT_SOCK_ANNOUNCED | TCT_SOCK_SEEDED))
			tct_ports_enter(ports, &who);
		at = mini->next;
	}
}

static void recount(struct tct_figures *figures)
{
	tct_ports_clear(&figures->ports);
	for (unsigned int i = 0; i < figures->shards->count; i++)
		recount_ports(&figures->ports, &figures->shards->shard[i]);
	figures->metrics.recount = false;
}

static void fill_totals(const struct tct_figures *figures, uint64_t now_ns,
			struct tct_snapshot *out)
{
	struct tct_summary summary;

	tct_shards_summary(figures->shards, now_ns, &summary);
	out->events = summary.events;
	out->illegal = summary.illegal;
	out->repaired = summary.repaired;
	memcpy(out->lost, summary.losses, sizeof(out->lost));
	for (int s = 0; s < TCT_STATES; s++)
		out->sockets[s] = tct_shards_in_state(figures->shards, s);
	out->mirrored = tct_shards_mirrored(figures->shards);
}

void tct_figures_take(struct tct_figures *figures, uint64_t now_ns, struct tct_snapshot *out)
{
	if (figures->shards && figures->metrics.recount)
		recount(figures);
	out->counters = figures->metrics.counters;
	out->start_s = (double)(figures->start_ns + figures->real_offset_ns) / 1e9;
	out->real_offset_ns = figures->real_offset_ns;
	out->ports = (uint32_t)(figures->ports.last - figures->ports.first) + 1;
	out->ports_most = tct_ports_most(&figures->ports);
	count_rules(&figures->board, out);
	if (figures->loader && figures->costs)
		out->cost_count = tct_loader_costs(figures->loader, out->costs, TCT_COSTS_MAX);
	if (!figures->shards)
		return;
	fill_totals(figures, now_ns, out);
	fill_services(figures, now_ns, out);
}
