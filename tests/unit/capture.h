/* SPDX-License-Identifier: GPL-2.0 */
/* What is written to stdout or stderr meanwhile, kept from the test's own report. */
#ifndef CAPTURE_H
#define CAPTURE_H

#include <stddef.h>

struct capture {
	int fd;		/* that is captured: 1 or 2 */
	int saved;
	int file;
};

void capture_begin(struct capture *capture, int fd);

/* Ends it; `text` gets what was written, cut at `size`. */
void capture_end(struct capture *capture, char *text, size_t size);

#endif
