// SPDX-License-Identifier: GPL-2.0
/* cmocka's set-up and tear-down that the live tests share: one tracer for each test. */
#include <stddef.h>

#include "fixture.h"
#include "keep.h"
#include "netns.h"
#include "tracer.h"

int fixture_name(void **state)
{
	keep_for(*state);
	*state = NULL;
	return 0;
}

int fixture_start(void **state)
{
	const char *const args[] = { NULL };

	fixture_name(state);
	*state = tracer_start(args);
	return 0;
}

int fixture_stop(void **state)
{
	netns_leave();
	tracer_free(*state);
	*state = NULL;
	keep_for(NULL);
	return 0;
}
