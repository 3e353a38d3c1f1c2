/* SPDX-License-Identifier: GPL-2.0 */
/*
 * channel.h - one direction of what a line is connected to on the host.
 *
 * A channel is a backend: it knows descriptors and bytes, not ttys. Its owner
 * serialises all calls on one channel. parse() runs before the kernel does.
 */
#ifndef __USERMODE_CHANNEL_H
#define __USERMODE_CHANNEL_H

#include <linux/types.h>

struct channel;

enum channel_dir { CHANNEL_IN, CHANNEL_OUT };

/**
 * struct channel_ops - a kind of channel
 * @name:  as typed before the colon
 * @parse: take what stands behind the name; @value is "" or ":..." and @len long.
 *	   0, or -errno and the reason in @why
 * @open:  get ready to move bytes in direction @dir. Process context
 * @close: let go of the host; after a successful open only. Process context
 * @read:  never blocks. Bytes; 0: the end of a file or pipe; -EAGAIN: nothing
 *	   there now; other -errno: the far end has gone
 * @write: never blocks. Bytes; -EAGAIN: no room now; other -errno: lost
 * @wait:  until writing makes progress, @timeout_ns at most; blocks the host thread
 *
 * read, write and wait may be called in any context. A channel whose open
 * always fails has no others.
 */
struct channel_ops {
	const char *name;
	int (*parse)(struct channel *ch, const char *value, size_t len, char *why, size_t n);
	int (*open)(struct channel *ch, enum channel_dir dir);
	void (*close)(struct channel *ch);
	ssize_t (*read)(struct channel *ch, void *buf, size_t len);
	ssize_t (*write)(struct channel *ch, const void *buf, size_t len);
	void (*wait)(struct channel *ch, s64 timeout_ns);
};

/**
 * struct channel - one direction
 * @ops:      what kind
 * @number:   fd:N's N
 * @fd:	      while open: what host_event_add() may watch, or -1
 * @terminal: while open: it is a terminal of the host
 * @poll:     fd channels: ask before each transfer, the descriptor can block
 */
struct channel {
	const struct channel_ops *ops;
	int number;
	int fd;
	bool terminal;
	bool poll;
};

extern const struct channel_ops channel_fd, channel_null, channel_none;

/*
 * Set up the two directions from "IN[,OUT]". @ch may be half changed on failure.
 * @word is the whole switch, for @why.
 */
int channel_parse(struct channel *in, struct channel *out, const char *word,
		  const char *spec, char *why, size_t n);

#endif
