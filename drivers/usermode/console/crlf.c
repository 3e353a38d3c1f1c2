// SPDX-License-Identifier: GPL-2.0
/* crlf.c - line ends as a raw terminal wants them. */
#include "crlf.h"

size_t crlf_copy(const char **from, size_t *left, char *to, size_t room, bool crlf)
{
	size_t n = 0;

	while (*left) {
		bool add = crlf && **from == '\n';

		if (n + 1 + add > room)
			break;
		if (add)
			to[n++] = '\r';
		to[n++] = *(*from)++;
		--*left;
	}
	return n;
}
