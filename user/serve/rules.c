// SPDX-License-Identifier: GPL-2.0
#include "rules.h"

#include <stdlib.h>
#include <string.h>
#include "../core/service.h"
#include "copy.h"
#include "rules_pass.h"

/* The first whose id is no less. */
static size_t place_of(const struct tct_rules *rules, uint32_t id)
{
	size_t low = 0, high = rules->entry_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (rules->entries[middle].id < id)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static struct tct_rules_entry *find(struct tct_rules *rules, uint32_t id)
{
	size_t place = place_of(rules, id);

	if (place == rules->entry_count || rules->entries[place].id != id)
		return NULL;
	return &rules->entries[place];
}

static struct tct_rules_entry *add(struct tct_rules *rules, uint32_t id)
{
	size_t place = place_of(rules, id), room = rules->room ? 2 * rules->room : 16;
	struct tct_rules_entry *entry;

	if (rules->entry_count == rules->room) {
		entry = reallocarray(rules->entries, room, sizeof(*entry));
		if (!entry)
			return NULL;
		rules->entries = entry;
		rules->room = room;
	}
	entry = &rules->entries[place];
	memmove(entry + 1, entry, (rules->entry_count - place) * sizeof(*entry));
	*entry = (struct tct_rules_entry){ .id = id, .due_ns = TCT_RULES_NEVER };
	rules->entry_count++;
	return entry;
}

static void drop(struct tct_rules *rules, struct tct_rules_entry *entry)
{
	size_t behind = rules->entry_count - (size_t)(entry - rules->entries) - 1;

	free(entry->ev);
	memmove(entry, entry + 1, behind * sizeof(*entry));
	rules->entry_count--;
}

static const struct tct_rule *rule_for(const struct tct_rules *rules, const struct tct_finding *ev)
{
	const struct tct_holder *holder = tct_service_holder(ev);
	char unit[TCT_SERVICE_LEN];
	const struct tct_rule_subject who = {
		.state = ev->state,
		.port = ev->port,
		.unit = unit,
		.cgroup = holder && holder->cgroup ? holder->cgroup : "",
		.comm = holder ? holder->comm : "",
	};

	tct_service_of(ev, unit);
	return tct_rule_find(rules->list, rules->count, &who);
}

static int64_t age_at(const struct tct_finding *ev, uint64_t now_ns)
{
	if (ev->oldest_ns == TCT_UNKNOWN || now_ns <= ev->mono_ns)
		return ev->oldest_ns;
	return ev->oldest_ns + (int64_t)(now_ns - ev->mono_ns);
}

static uint64_t age_wanted(const struct tct_rules *rules, const struct tct_rules_entry *entry)
{
	const struct tct_rule *rule = entry->rule;

	return rule && rule->older_ns ? rule->older_ns : rules->threshold_ns[entry->ev->state];
}

/* One that is open does not come and go with every other socket. */
static uint32_t count_wanted(const struct tct_rules_entry *entry)
{
	uint32_t least = entry->rule ? entry->rule->min_sockets : 0;

	return entry->open ? least / 2 : least;
}

/* Whether it is to be told; if only its age is missing, `due_ns` says when it will be. */
static bool passes(const struct tct_rules *rules, struct tct_rules_entry *entry, uint64_t now_ns)
{
	uint64_t wanted_ns = age_wanted(rules, entry);
	int64_t age_ns = age_at(entry->ev, now_ns);

	entry->due_ns = TCT_RULES_NEVER;
	if ((entry->rule && entry->rule->ignore) || !wanted_ns)
		return false;
	if (entry->ev->count < count_wanted(entry))
		return false;
	if (age_ns == TCT_UNKNOWN || age_ns >= (int64_t)wanted_ns)
		return true;
	entry->due_ns = now_ns + wanted_ns - (uint64_t)age_ns;
	return false;
}

static enum tct_severity severity_of(const struct tct_rules_entry *entry,
				     const struct tct_finding *ev)
{
	if (!entry->rule || entry->rule->severity == TCT_RULE_AS_JUDGED)
		return ev->severity;
	return entry->rule->severity;
}

/* As the core tells one whose last socket has left. */
static void empty(struct tct_finding *ev)
{
	ev->verdict = TCT_VERDICT_NONE;
	memset(ev->verdicts, 0, sizeof(ev->verdicts));
	ev->unread_bytes = 0;
	ev->count = 0;
	ev->oldest_ns = TCT_UNKNOWN;
	ev->at_least = false;
	ev->socket = NULL;
	ev->why = NULL;
	ev->outlook = NULL;
}

static void tell(struct tct_rules *rules, struct tct_rules_entry *entry,
		 const struct tct_finding *ev, enum tct_status status, uint64_t now_ns)
{
	struct tct_finding told = *ev;

	if (status == TCT_OPEN)
		entry->opened_ns = now_ns;
	entry->open = status != TCT_RESOLVED;
	entry->severity = told.severity = severity_of(entry, ev);
	told.status = status;
	told.oldest_ns = age_at(ev, now_ns);
	told.mono_ns = now_ns;
	told.first_mono_ns = entry->opened_ns;
	if (status == TCT_RESOLVED)
		empty(&told);
	if (rules->config.next->finding)
		rules->config.next->finding(rules->config.next->ctx, &told);
}

/* `news`: the core has told it again. */
static void settle(struct tct_rules *rules, struct tct_rules_entry *entry, bool news,
		   uint64_t now_ns)
{
	bool open = passes(rules, entry, now_ns);

	if (open && !entry->open)
		tell(rules, entry, entry->ev, TCT_OPEN, now_ns);
	else if (open && (news || severity_of(entry, entry->ev) != entry->severity))
		tell(rules, entry, entry->ev, TCT_UPDATE, now_ns);
	else if (!open && entry->open)
		tell(rules, entry, entry->ev, TCT_RESOLVED, now_ns);
}

static void on_resolved(struct tct_rules *rules, const struct tct_finding *ev)
{
	struct tct_rules_entry *entry = find(rules, ev->id);

	if (!entry)
		return;
	if (entry->open)
		tell(rules, entry, ev, TCT_RESOLVED, ev->mono_ns);
	drop(rules, entry);
}

/* Without memory it is not told, until it is told again. */
static void on_finding(void *ctx, const struct tct_finding *ev)
{
	struct tct_rules *rules = ctx;
	struct tct_rules_entry *entry;
	struct tct_finding *copy;

	if (ev->to != ev->state) {	/* illegal: told once, and never resolved */
		if (rules->config.next->finding)
			rules->config.next->finding(rules->config.next->ctx, ev);
		return;
	}
	if (ev->status == TCT_RESOLVED) {
		on_resolved(rules, ev);
		return;
	}
	copy = tct_finding_copy(ev);
	entry = find(rules, ev->id);
	if (copy && !entry)
		entry = add(rules, ev->id);
	if (!copy || !entry) {
		free(copy);
		return;
	}
	free(entry->ev);
	entry->ev = copy;
	entry->rule = rule_for(rules, ev);
	settle(rules, entry, true, ev->mono_ns);
}

void tct_rules_init(struct tct_rules *rules, const struct tct_rules_config *config,
		    struct tct_sink *ops)
{
	*rules = (struct tct_rules){ .config = *config };
	tct_rules_pass(rules, ops);
	ops->finding = on_finding;
}

void tct_rules_fini(struct tct_rules *rules)
{
	for (size_t i = 0; i < rules->entry_count; i++)
		free(rules->entries[i].ev);
	free(rules->entries);
	*rules = (struct tct_rules){ 0 };
}

void tct_rules_set(struct tct_rules *rules, const struct tct_rule *list, size_t count,
		   const uint64_t threshold_ns[TCT_STATES], uint64_t now_ns)
{
	rules->list = list;
	rules->count = count;
	memcpy(rules->threshold_ns, threshold_ns, sizeof(rules->threshold_ns));
	for (size_t i = 0; i < rules->entry_count; i++) {
		struct tct_rules_entry *entry = &rules->entries[i];

		entry->rule = rule_for(rules, entry->ev);
		settle(rules, entry, false, now_ns);
	}
}

/* What it has come to since it was told; false: it is about to be resolved. */
static bool refresh(struct tct_rules *rules, struct tct_rules_entry *entry, uint64_t now_ns)
{
	struct tct_finding *ev = entry->ev;
	uint64_t entered_ns;
	uint32_t count;

	if (!rules->config.look_up)
		return true;
	if (!rules->config.look_up(rules->config.ctx, entry->id, &count, &entered_ns))
		return false;
	ev->oldest_ns = (int64_t)(now_ns > entered_ns ? now_ns - entered_ns : 0);
	ev->mono_ns = now_ns;
	ev->count = count;
	if (count != 1)
		ev->socket = NULL;
	return true;
}

void tct_rules_tick(struct tct_rules *rules, uint64_t now_ns)
{
	for (size_t i = 0; i < rules->entry_count; i++) {
		struct tct_rules_entry *entry = &rules->entries[i];

		if (entry->due_ns > now_ns)
			continue;
		if (refresh(rules, entry, now_ns))
			settle(rules, entry, false, now_ns);
		else
			entry->due_ns = TCT_RULES_NEVER;
	}
}

uint64_t tct_rules_deadline(const struct tct_rules *rules)
{
	uint64_t at = TCT_RULES_NEVER;

	for (size_t i = 0; i < rules->entry_count; i++) {
		if (rules->entries[i].due_ns < at)
			at = rules->entries[i].due_ns;
	}
	return at;
}
