// SPDX-License-Identifier: GPL-2.0
#include "log.h"

#include <bpf/libbpf.h>
#include <stdarg.h>
#include <stdio.h>

static bool is_verbose;
static FILE *elsewhere;

static FILE *stream(void)
{
	return elsewhere ? elsewhere : stderr;
}

static int on_libbpf(enum libbpf_print_level level, const char *format, va_list args)
{
	if (!is_verbose || level == LIBBPF_DEBUG)
		return 0;
	return vfprintf(stream(), format, args);
}

void tct_log_init(bool verbose)
{
	is_verbose = verbose;
	libbpf_set_print(on_libbpf);
}

void tct_log_to(FILE *out)
{
	elsewhere = out;
}

static void put_line(const char *format, va_list args)
{
	char line[512];

	vsnprintf(line, sizeof(line), format, args);
	fprintf(stream(), "tcpclose-trace: %s\n", line);
	fflush(stream());
}

void tct_log_error(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	put_line(format, args);
	va_end(args);
}

void tct_log_verbose(const char *format, ...)
{
	va_list args;

	if (!is_verbose)
		return;
	va_start(args, format);
	put_line(format, args);
	va_end(args);
}
