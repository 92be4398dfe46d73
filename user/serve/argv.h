/* SPDX-License-Identifier: GPL-2.0 */
/* A command in one line, without a shell. */
#ifndef TCT_ARGV_H
#define TCT_ARGV_H

/*
 * Split at blanks; "double quotes" hold words together, and in them \" and \\ stand for the second
 * character. Nothing else is special. Returns 0 and an array with a NULL behind it, in one piece,
 * for free(); -EINVAL for a quote that is not closed or no word at all; -ENOMEM.
 */
int tct_argv_split(const char *text, char ***out);

#endif
