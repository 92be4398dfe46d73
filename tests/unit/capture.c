// SPDX-License-Identifier: GPL-2.0
#include "capture.h"

#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>
#include "test.h"

void capture_begin(struct capture *capture, int fd)
{
	fflush(NULL);
	capture->fd = fd;
	capture->saved = dup(fd);
	capture->file = memfd_create("capture", 0);
	assert_true(capture->saved >= 0 && capture->file >= 0);
	assert_int_equal(dup2(capture->file, fd), fd);
}

void capture_end(struct capture *capture, char *text, size_t size)
{
	ssize_t len;

	fflush(NULL);
	dup2(capture->saved, capture->fd);
	len = pread(capture->file, text, size - 1, 0);
	text[len < 0 ? 0 : len] = '\0';
	close(capture->saved);
	close(capture->file);
}
