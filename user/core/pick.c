// SPDX-License-Identifier: GPL-2.0
#include "pick.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int parse_cookie(const char *text, uint64_t *cookie)
{
	bool hex = !strncmp(text, "sk:", 3);
	char *end;

	text += hex ? 3 : 0;
	if (!isxdigit((unsigned char)*text) || text[1] == 'x')
		return -EINVAL;
	errno = 0;
	*cookie = strtoull(text, &end, hex ? 16 : 10);
	return errno || *end || !*cookie || TCT_KEY_IS_ADDRESS(*cookie) ? -EINVAL : 0;
}

int tct_pick_parse(const char *text, struct tct_pick *pick)
{
	const char *dash = strchr(text, '-');
	struct tct_pick found = { .by = TCT_PICK_COOKIE };
	int err;

	if (!strncmp(text, "sk:", 3) || !strchr(text, ':')) {
		err = parse_cookie(text, &found.cookie);
	} else {
		found.by = dash ? TCT_PICK_TUPLE : TCT_PICK_ENDPOINT;
		err = tct_endpoint_parse(text, dash ? (size_t)(dash - text) : strlen(text),
					 &found.ends[0]);
		if (!err && dash)
			err = tct_endpoint_parse(dash + 1, strlen(dash + 1), &found.ends[1]);
		if (!err && dash && found.ends[0].family != found.ends[1].family)
			err = -EINVAL;
	}
	if (!err)
		*pick = found;
	return err;
}

static bool same(const struct tct_endpoint *wanted, const struct tct_endpoint *end)
{
	struct tct_endpoint open = *wanted;

	if (!end->port)		/* not chosen yet */
		open.port = 0;
	return tct_endpoint_equal(&open, end);
}

static bool both(const struct tct_endpoint *wanted, const struct tct_endpoint *a,
		 const struct tct_endpoint *b)
{
	return same(&wanted[0], a) && same(&wanted[1], b);
}

static bool fits(const struct tct_pick *pick, const struct tct_subject *who)
{
	struct tct_endpoint local = tct_endpoint_local(&who->tuple);
	struct tct_endpoint remote = tct_endpoint_remote(&who->tuple);

	if (pick->by == TCT_PICK_TUPLE)
		return both(pick->ends, &local, &remote) || both(pick->ends, &remote, &local);
	return same(&pick->ends[0], &local) || same(&pick->ends[0], &remote);
}

bool tct_pick_is(const struct tct_pick *pick, const struct tct_subject *who)
{
	switch (pick->by) {
	case TCT_PICK_ALL:
		return true;
	case TCT_PICK_COOKIE:
		return who->cookie == pick->cookie;
	case TCT_PICK_TUPLE:
	case TCT_PICK_ENDPOINT:
		return who->tuple.lport && fits(pick, who);
	}
	return false;
}

bool tct_pick_is_one(const struct tct_pick *pick)
{
	return pick->by == TCT_PICK_COOKIE || pick->by == TCT_PICK_TUPLE;
}

bool tct_pick_may_be(const struct tct_pick *pick, const struct tct_subject *who)
{
	switch (pick->by) {
	case TCT_PICK_ALL:
	case TCT_PICK_COOKIE:	/* whose peer it is shows only later */
		return true;
	case TCT_PICK_TUPLE:
	case TCT_PICK_ENDPOINT:
		return fits(pick, who);
	}
	return false;
}
