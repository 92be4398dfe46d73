/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which provider tells each event: the first in order of preference that nothing speaks against.
 * A look at the kernel finds most of what does; the rest is what loading and attaching say.
 */
#ifndef TCT_CHOICE_H
#define TCT_CHOICE_H

#include "hooks.h"

#define TCT_WHY_LEN 72
#define TCT_ENOTSUPP 524	/* an errno of the kernel's own, which it hands out now and then */

struct tct_choice {
	bool has_addresses;	/* of kernel functions; set before the first choice */
	unsigned int counted;	/* points, a bit each, that --mode=summary's programs tell; likewise */
	enum tct_provider chosen[TCT_POINTS];	/* TCT_AUTO: none is left */
	char why_not[TCT_POINTS][TCT_PROVIDERS][TCT_WHY_LEN];	/* "": nothing known */
};

/*
 * Chooses again for every point, with what is known by now. `only`: this provider or none,
 * TCT_AUTO for any. -EOPNOTSUPP when a point of `points` (a bit each) that a run needs has none
 * left.
 */
int tct_choice_make(struct tct_choice *choice, unsigned int points, enum tct_provider only);

/* Loading or attaching said no. */
void tct_choice_refuse(struct tct_choice *choice, enum tct_point point, int err);

/* Whether this program is part of the choice, on this kernel. */
bool tct_choice_uses(const struct tct_choice *choice, const struct tct_hook *hook);

/* Whether programs get typed pointers, so that they may make cookies. */
bool tct_choice_is_typed(const struct tct_choice *choice);

#endif
