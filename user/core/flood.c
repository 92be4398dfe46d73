// SPDX-License-Identifier: GPL-2.0
#include "flood.h"

#define SECOND 1000000000ull
#define WINDOW_NS SECOND
#define BEGIN_NS SECOND
#define REST_NS (SECOND / 4)
#define CALM_NS (3 * SECOND)
#define APART_NS (10 * SECOND)

static uint64_t rate_of(uint64_t count, uint64_t ns)
{
	return ns ? (uint64_t)((double)count * SECOND / (double)ns) : 0;
}

static void begin_window(struct tct_flood_watch *watch, const struct tct_flood_look *look)
{
	watch->window_ns = look->now_ns;
	watch->window_attempts = look->attempts;
	watch->window_lost = look->lost;
}

static void feel_pressure(struct tct_flood_watch *watch, const struct tct_flood_look *look)
{
	if (look->lost != watch->lost || look->waiting > look->room / 2) {
		watch->pressure_ns = look->now_ns;
		if (!watch->pressed_ns) {
			watch->pressed_ns = look->now_ns;
			if (!watch->on)
				begin_window(watch, look);
		}
	} else if (look->now_ns - watch->pressure_ns >= REST_NS) {
		watch->pressed_ns = 0;
	}
	watch->lost = look->lost;
}

static void end_window(struct tct_flood_watch *watch, const struct tct_flood_look *look)
{
	watch->rate = rate_of(look->attempts - watch->window_attempts,
			      look->now_ns - watch->window_ns);
	if (look->lost != watch->window_lost || watch->rate > watch->limit)
		watch->calm_ns = 0;
	else if (!watch->calm_ns)
		watch->calm_ns = watch->window_ns;
	begin_window(watch, look);
}

static bool begins(const struct tct_flood_watch *watch, uint64_t now_ns)
{
	if (watch->on || !watch->pressed_ns || now_ns - watch->pressed_ns < BEGIN_NS)
		return false;
	return !watch->began_ns || now_ns - watch->began_ns >= APART_NS;
}

static bool ends(const struct tct_flood_watch *watch, uint64_t now_ns)
{
	return watch->on && watch->calm_ns && now_ns - watch->calm_ns >= CALM_NS;
}

/* A window begins with the pressure: by now one of nothing else is over. */
static void begin(struct tct_flood_watch *watch, const struct tct_flood_look *look)
{
	watch->on = true;
	watch->limit = watch->rate / 2;
	watch->began_ns = look->now_ns;
	watch->calm_ns = 0;
	begin_window(watch, look);
}

static void end(struct tct_flood_watch *watch)
{
	watch->on = false;
	watch->pressed_ns = 0;
}

enum tct_flood_change tct_flood_see(struct tct_flood_watch *watch,
				    const struct tct_flood_look *look)
{
	if (!watch->window_ns) {	/* the first look */
		begin_window(watch, look);
		watch->lost = look->lost;
	}
	feel_pressure(watch, look);
	if (look->now_ns - watch->window_ns >= WINDOW_NS)
		end_window(watch, look);
	if (begins(watch, look->now_ns)) {
		begin(watch, look);
		return TCT_FLOOD_BEGINS;
	}
	if (ends(watch, look->now_ns)) {
		end(watch);
		return TCT_FLOOD_ENDS;
	}
	return TCT_FLOOD_AS_BEFORE;
}

uint64_t tct_flood_deadline(const struct tct_flood_watch *watch)
{
	return watch->on ? watch->window_ns + WINDOW_NS : UINT64_MAX;
}
