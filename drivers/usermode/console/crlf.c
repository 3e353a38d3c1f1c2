// SPDX-License-Identifier: GPL-2.0
/* crlf.c - line ends as a raw terminal wants them. */
#include <linux/errno.h>
#include <linux/time64.h>
#include <asm/host.h>
#include "crlf.h"

#define PATIENCE	(NSEC_PER_SEC)	/* with a descriptor that is non-blocking and full */

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

static void put(int fd, const char *text, size_t len)
{
	while (len) {
		ssize_t n = host_write(fd, text, len);

		if (n == -EAGAIN && host_poll(fd, HOST_EVENT_OUT, PATIENCE) > 0)
			continue;
		if (n == -EINTR)
			continue;
		if (n <= 0)
			return;
		text += n;
		len -= n;
	}
}

void crlf_put(int fd, const char *text, size_t len, bool crlf)
{
	char buf[256];

	while (len)
		put(fd, buf, crlf_copy(&text, &len, buf, sizeof(buf), crlf));
}
