// SPDX-License-Identifier: GPL-2.0
/*
 * channel_unix.c - unix:PATH: a unix stream socket for scripts to connect to.
 *
 * This user alone may. "@NAME" is an abstract name, without a file. A file that
 * nobody listens to any more is replaced, and ours is removed by a process of
 * its own (helper_guard.c), whatever the end of this program. No locks; see channel.h.
 */
#include <linux/kernel.h>
#include <linux/stddef.h>
#include <linux/string.h>
#include <linux/un.h>
#include <asm/host_net.h>
#include "channel.h"
#include "helper.h"

static unsigned int make_address(const char *value, struct sockaddr_un *a)
{
	*a = (struct sockaddr_un){ .sun_family = AF_UNIX };
	strscpy(a->sun_path, value);
	if (*value != '@')
		return sizeof(*a);
	a->sun_path[0] = 0;
	return offsetof(struct sockaddr_un, sun_path) + strlen(value);
}

static int unix_parse(struct channel *ch, const char *value, char *why, size_t n)
{
	struct sockaddr_un a;

	if (*ch->value && strcmp(ch->value, "@") && strlen(ch->value) < sizeof(a.sun_path))
		return 0;
	snprintf(why, n, "write unix:PATH or unix:@NAME, up to %zu characters",
		 sizeof(a.sun_path) - 1);
	return -EINVAL;
}

/* a file that a program which was killed has left */
static bool is_stale(const struct sockaddr_un *a, unsigned int len)
{
	int fd = host_stream_connect(a, len);

	if (fd >= 0)
		host_close(fd);
	return fd == -ECONNREFUSED;
}

static int unix_attach(struct channel *ch, char *why, size_t n)
{
	struct sockaddr_un a;
	unsigned int len = make_address(ch->value, &a);
	int fd, err;

	fd = host_stream_listen(&a, len);
	if (fd == -EADDRINUSE && *ch->value != '@' && is_stale(&a, len)) {
		host_unlink(ch->value);
		fd = host_stream_listen(&a, len);
	}
	if (fd < 0) {
		snprintf(why, n, "the host does not let it be listened to: %s",
			 host_error_text(fd));
		return fd;
	}
	err = *ch->value == '@' ? 0 : guard_start(ch->value, &ch->number);
	if (err) {
		snprintf(why, n, "cannot start what removes the socket at the end: %s",
			 host_error_text(err));
		host_unlink(ch->value);
		host_close(fd);
		return err;
	}
	ch->base = fd;
	ch->door = true;
	return 0;
}

static void unix_detach(struct channel *ch)
{
	listener_detach(ch);
	if (*ch->value != '@')
		guard_stop(ch->number);
}

const struct channel_ops channel_unix = {
	.name	 = "unix",
	.duplex	 = true,
	.returns = true,
	.knock	 = true,
	.parse	 = unix_parse,
	.attach	 = unix_attach,
	.detach	 = unix_detach,
	.open	 = listener_open,
	.close	 = listener_close,
	.refuse	 = listener_refuse,
	.read	 = stream_read,
	.write	 = stream_write,
	.wait	 = stream_wait,
};
