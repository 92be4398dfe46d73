// SPDX-License-Identifier: GPL-2.0
#include "cmd.h"

enum tct_exit tct_cmd_audit(const struct tct_options *options)
{
	return tct_cmd_trace(options);
}
