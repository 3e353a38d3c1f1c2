// SPDX-License-Identifier: GPL-2.0
/*
 * forward.c - hostfwd=PROTOCOL:[ADDRESS]:PORT-[ADDRESS]:PORT.
 *
 * A port of the host whose connections go to a port of the guest. Words only;
 * runs before there is a kernel, or in a process.
 */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/string.h>
#include "net.h"

/* "[ADDRESS]:PORT", an IPv6 address in brackets; what is wrong is named by @text */
static bool parse_end(char *text, char *address, size_t size, u16 *port)
{
	u8 binary[16];
	char *colon = strrchr(text, ':');
	bool v6;

	if (!colon || kstrtou16(colon + 1, 10, port) || !*port)
		return false;
	*colon = 0;
	v6 = *text == '[';
	if (v6) {
		if (colon[-1] != ']')
			return false;
		colon[-1] = 0;
		text++;
	}
	return strscpy(address, text, size) >= 0 && (!*text || net_address(text, v6, binary));
}

int net_parse_forward(const char *text, struct net_forward *forward, char *why, size_t len)
{
	char copy[128], *rest = copy, *word, *guest;

	memset(forward, 0, sizeof(*forward));
	if (strscpy(copy, text) < 0)
		goto refuse;
	word = strsep(&rest, ":");
	forward->udp = !strcmp(word, "udp");
	if (!forward->udp && *word && strcmp(word, "tcp"))
		goto refuse;
	guest = rest ? strchr(rest, '-') : NULL;
	if (!guest)
		goto refuse;
	*guest++ = 0;
	if (parse_end(rest, forward->host, sizeof(forward->host), &forward->host_port) &&
	    parse_end(guest, forward->guest, sizeof(forward->guest), &forward->guest_port))
		return 0;
refuse:
	return net_refuse(why, len, "hostfwd=%.80s: write for example hostfwd=tcp::2222-:22", text);
}
