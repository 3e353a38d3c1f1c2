// SPDX-License-Identifier: GPL-2.0
/*
 * request.c - understanding a datagram (request.h).
 */
#include <linux/string.h>
#include "request.h"

static int is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static void cut(struct request *req, size_t len)
{
	char *p = req->text, *end = p + len;

	while (end > p && is_blank(end[-1]))
		end--;
	*end = 0;
	while (is_blank(*p))
		p++;
	req->command = p;
	while (*p && !is_blank(*p))
		p++;
	if (*p)
		*p++ = 0;
	while (is_blank(*p))
		p++;
	req->rest = p;
}

enum request_verdict request_parse(const struct mconsole_request *packet, size_t have,
				   size_t size, struct request *req, const char **why)
{
	if (have < sizeof(packet->magic) || packet->magic != MCONSOLE_MAGIC)
		return REQUEST_PLAIN;

	*why = "the request is truncated";
	if (have < MCONSOLE_HEADER)
		return REQUEST_REFUSE;
	if (packet->version != MCONSOLE_VERSION) {
		*why = "wrong protocol version; this kernel speaks version 2";
		return REQUEST_REFUSE;
	}
	if (packet->len >= MCONSOLE_MAX_DATA || size > sizeof(*packet)) {
		*why = "the request is too long; 511 bytes are the most";
		return REQUEST_REFUSE;
	}
	if (packet->len > have - MCONSOLE_HEADER)
		return REQUEST_REFUSE;

	memcpy(req->text, packet->data, packet->len);
	req->text[packet->len] = 0;
	cut(req, strlen(req->text));
	return REQUEST_RUN;
}
