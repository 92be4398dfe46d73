// SPDX-License-Identifier: GPL-2.0
#include "cmd.h"

#include "../log.h"

enum tct_exit tct_cmd_serve(const struct tct_options *options)
{
	(void)options;
	tct_log_error("serve is not there yet");
	return TCT_EXIT_FAILURE;
}
