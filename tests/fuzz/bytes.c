// SPDX-License-Identifier: GPL-2.0
#include "bytes.h"

#include <string.h>

uint8_t bytes_u8(struct bytes *bytes)
{
	if (!bytes->left)
		return 0;
	bytes->left--;
	return *bytes->next++;
}

void bytes_copy(struct bytes *bytes, void *out, size_t len)
{
	size_t got = len < bytes->left ? len : bytes->left;

	memset(out, 0, len);
	memcpy(out, bytes->next, got);
	bytes->next += got;
	bytes->left -= got;
}

uint64_t bytes_number(struct bytes *bytes)
{
	uint64_t number = bytes_u8(bytes);

	if (number == 255)
		bytes_copy(bytes, &number, sizeof(number));
	return number;
}
