// SPDX-License-Identifier: GPL-2.0
#include "service.h"

#include <string.h>

#define ID_LEN 64	/* hexadecimal digits of a container's id */
#define ID_SHOWN 12

static const char unit_suffix[] = ".service";
static const char scope_suffix[] = ".scope";

/* What container engines put before the id where systemd keeps their cgroups. */
static const char *const engines[] = {
	"docker-", "cri-containerd-", "nerdctl-", "containerd-", "crio-", "libpod-",
};

#define ENGINES (sizeof(engines) / sizeof(engines[0]))

/* One directory of a path; not terminated. */
struct part {
	const char *text;
	size_t len;
};

static bool has_suffix(const struct part *part, const char *suffix, size_t len)
{
	return part->len > len && !memcmp(part->text + part->len - len, suffix, len);
}

static bool has_prefix(const struct part *part, const char *prefix)
{
	size_t len = strlen(prefix);

	return part->len > len && !memcmp(part->text, prefix, len);
}

/*
 * A program calls itself what it likes. Whoever shows the name shows it as it is here, so that two
 * that differ by such bytes only are one service and not one label twice.
 */
static void copy(const char *text, size_t len, char out[TCT_SERVICE_LEN])
{
	if (len > TCT_SERVICE_LEN - 1)
		len = TCT_SERVICE_LEN - 1;
	for (size_t i = 0; i < len; i++)
		out[i] = text[i] < ' ' || text[i] > '~' ? '?' : text[i];
	out[len] = '\0';
}

static bool is_id(const struct part *part)
{
	return part->len == ID_LEN && strspn(part->text, "0123456789abcdef") >= ID_LEN;
}

/* ".../docker-ID.scope", ".../docker/ID", "...slice:cri-containerd:ID". */
static bool take_container(struct part part, char out[TCT_SERVICE_LEN])
{
	const char *colon = memrchr(part.text, ':', part.len);
	size_t i = 0;

	if (has_suffix(&part, scope_suffix, sizeof(scope_suffix) - 1))
		part.len -= sizeof(scope_suffix) - 1;
	while (i < ENGINES && !has_prefix(&part, engines[i]))
		i++;
	if (colon)
		part = (struct part){ colon + 1, part.len - (size_t)(colon + 1 - part.text) };
	else if (i < ENGINES)
		part = (struct part){ part.text + strlen(engines[i]),
				      part.len - strlen(engines[i]) };
	if (!is_id(&part))
		return false;
	copy(part.text, ID_SHOWN, out);
	return true;
}

/*
 * Whether an instance is that of one connection: "3-10.0.0.1:22-10.0.0.2:4000", or "3-1234-0" of a
 * UNIX socket.
 */
static bool is_connection(const char *instance, size_t len)
{
	const char *dash = memchr(instance, '-', len);
	size_t digits = strspn(instance, "0123456789-");

	return memchr(instance, ':', len) ||
	       (dash && digits >= len &&
		memchr(dash + 1, '-', len - (size_t)(dash + 1 - instance)));
}

static bool take_unit(const struct part *part, char out[TCT_SERVICE_LEN])
{
	const char *at = memchr(part->text, '@', part->len);
	size_t name, instance;

	if (!has_suffix(part, unit_suffix, sizeof(unit_suffix) - 1) || has_prefix(part, "user@"))
		return false;
	copy(part->text, part->len, out);
	if (!at)
		return true;
	name = (size_t)(at - part->text) + 1;
	instance = part->len - name - (sizeof(unit_suffix) - 1);
	if (!is_connection(at + 1, instance) || name >= TCT_SERVICE_LEN - sizeof(unit_suffix))
		return true;
	memcpy(out + name, unit_suffix, sizeof(unit_suffix));
	return true;
}

void tct_service_name(const char *cgroup, const char *comm, char out[TCT_SERVICE_LEN])
{
	size_t end = cgroup ? strlen(cgroup) : 0;

	while (end) {
		const char *slash = memrchr(cgroup, '/', end);
		size_t begin = slash ? (size_t)(slash - cgroup) + 1 : 0;
		const struct part part = { cgroup + begin, end - begin };

		if (take_unit(&part, out) || take_container(part, out))
			return;
		end = begin ? begin - 1 : 0;
	}
	comm = comm && *comm ? comm : "?";
	copy(comm, strlen(comm), out);
}

const struct tct_holder *tct_service_holder(const struct tct_finding *ev)
{
	const struct tct_holder *most = NULL;

	for (size_t i = 0; i < ev->holder_count; i++) {
		if (!most || ev->holders[i].count > most->count)
			most = &ev->holders[i];
	}
	return most;
}

void tct_service_of(const struct tct_finding *ev, char out[TCT_SERVICE_LEN])
{
	const struct tct_holder *holder = tct_service_holder(ev);

	if (holder)
		tct_service_name(holder->cgroup, holder->comm, out);
	else
		copy(TCT_SERVICE_NONE, sizeof(TCT_SERVICE_NONE) - 1, out);
}
