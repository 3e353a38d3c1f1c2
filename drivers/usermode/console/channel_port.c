// SPDX-License-Identifier: GPL-2.0
/*
 * channel_port.c - port:[ADDRESS:]N: a TCP port of the host to connect to.
 *
 * Bytes as they are, no telnet protocol. Without an address it is the loopback's:
 * a login prompt is nobody's business on the network unless asked for. Port 0
 * means one that the host chooses. No locks; see channel.h.
 */
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/inet.h>
#include <linux/kernel.h>
#include <linux/string.h>
#include <asm/host_net.h>
#include "channel.h"

union address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

static unsigned int address_len(const union address *a)
{
	return a->any.sa_family == AF_INET6 ? sizeof(a->v6) : sizeof(a->v4);
}

static bool parse_host(const char *text, int len, union address *a)
{
	const char *end;

	if (len > 2 && text[0] == '[' && text[len - 1] == ']') {
		a->v6.sin6_family = AF_INET6;
		return in6_pton(text + 1, len - 2, a->v6.sin6_addr.s6_addr, -1, &end) &&
		       end == text + len - 1;
	}
	a->v4.sin_family = AF_INET;
	if (!len || (len == 9 && !strncmp(text, "localhost", 9))) {
		a->v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		return true;
	}
	return in4_pton(text, len, (u8 *)&a->v4.sin_addr.s_addr, -1, &end) && end == text + len;
}

static bool parse_address(const char *value, union address *a)
{
	const char *colon = strrchr(value, ':');
	u16 port;

	*a = (union address){};
	if (!parse_host(value, colon ? colon - value : 0, a) || (colon && colon == value))
		return false;
	if (kstrtou16(colon ? colon + 1 : value, 10, &port))
		return false;
	/* at the same place in both */
	a->v4.sin_port = htons(port);
	return true;
}

static int port_parse(struct channel *ch, const char *value, char *why, size_t n)
{
	union address a;

	if (parse_address(ch->value, &a))
		return 0;
	snprintf(why, n, "write port:N, port:0.0.0.0:N or port:[::1]:N, with N from 0 to 65535");
	return -EINVAL;
}

/* what the host chose for port 0 */
static void print_port(struct channel *ch)
{
	size_t digits = strcspn(strrchr(ch->value, ':') ?: ch->value, "0123456789");
	char *number = (strrchr(ch->value, ':') ?: ch->value) + digits;
	union address a;

	if (host_stream_name(ch->base, &a, sizeof(a)) < 0)
		return;
	snprintf(number, ch->value + sizeof(ch->value) - number, "%u", ntohs(a.v4.sin_port));
}

static int port_attach(struct channel *ch, char *why, size_t n)
{
	union address a;

	parse_address(ch->value, &a);
	ch->base = host_stream_listen(&a, address_len(&a));
	if (ch->base < 0) {
		snprintf(why, n, "the host does not let it be listened to: %s",
			 host_error_text(ch->base));
		return ch->base;
	}
	ch->door = true;
	print_port(ch);
	return 0;
}

const struct channel_ops channel_port = {
	.name	 = "port",
	.duplex	 = true,
	.returns = true,
	.knock	 = true,
	.parse	 = port_parse,
	.attach	 = port_attach,
	.detach	 = listener_detach,
	.open	 = listener_open,
	.close	 = listener_close,
	.refuse	 = listener_refuse,
	.read	 = stream_read,
	.write	 = stream_write,
	.wait	 = stream_wait,
};
