/* SPDX-License-Identifier: GPL-2.0 */
/* The commands. Each returns the process's exit code after having logged what went wrong. */
#ifndef TCT_CMD_H
#define TCT_CMD_H

#include "../options.h"

enum tct_exit tct_cmd_trace(const struct tct_options *options);
enum tct_exit tct_cmd_stuck(const struct tct_options *options);
enum tct_exit tct_cmd_hist(const struct tct_options *options);
enum tct_exit tct_cmd_fsm(const struct tct_options *options);
enum tct_exit tct_cmd_explain(const struct tct_options *options);
enum tct_exit tct_cmd_audit(const struct tct_options *options);
enum tct_exit tct_cmd_record(const struct tct_options *options);
enum tct_exit tct_cmd_serve(const struct tct_options *options);
enum tct_exit tct_cmd_check(const struct tct_options *options);

#endif
