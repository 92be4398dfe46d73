// SPDX-License-Identifier: GPL-2.0
#include "page.h"

/* The file itself, as make has put it together. */
__asm__(".section .rodata\n"
	".local page_begin\n"
	"page_begin:\n"
	".incbin \"page.html\"\n"
	".local page_end\n"
	"page_end:\n"
	".byte 0\n"
	".previous\n");

extern const char page_begin[], page_end[];

const char tct_page_policy[] =
	"default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; "
	"connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; "
	"frame-ancestors 'none'";

const char *tct_page(size_t *len)
{
	*len = (size_t)(page_end - page_begin);
	return page_begin;
}
