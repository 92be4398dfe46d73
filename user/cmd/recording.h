/* SPDX-License-Identifier: GPL-2.0 */
/* What --record and `record` say about their file. */
#ifndef TCT_RECORDING_H
#define TCT_RECORDING_H

#include "../options.h"
#include "../record/recorder.h"

/*
 * Whether what --record and --flight name can be written to: to be asked before anything is
 * attached or pinned. Logs one line when not.
 */
enum tct_exit tct_recording_check(const struct tct_options *options);

/* Creates the file that the options name. Logs one line when it fails. */
enum tct_exit tct_recording_open(struct tct_recorder *recorder, const struct tct_options *options,
				 const struct tct_host *host);

/* What led to a finding was written there, or could not be. */
void tct_recording_told(const char *path, int err);

/* Writes the rest and says what was written, or one line about what failed. */
enum tct_exit tct_recording_close(struct tct_recorder *recorder, const struct tct_options *options);

#endif
