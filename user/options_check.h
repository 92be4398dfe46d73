/* SPDX-License-Identifier: GPL-2.0 */
#ifndef TCT_OPTIONS_CHECK_H
#define TCT_OPTIONS_CHECK_H

#include "options.h"

/* `used`: by rows of tct_usage_options(). TCT_EXIT_USAGE when some do not go together; it is told. */
enum tct_exit tct_options_check(const bool *used, const struct tct_options *options);

/* What goes together of the options that name files; of `serve` once its own file is read. */
enum tct_exit tct_options_check_files(const struct tct_options *options);

#endif
