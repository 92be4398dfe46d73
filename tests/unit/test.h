/* SPDX-License-Identifier: GPL-2.0 */
/* cmocka with the headers that it wants to see before itself. */
#ifndef TEST_H
#define TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#define SECOND 1000000000ull
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#endif
