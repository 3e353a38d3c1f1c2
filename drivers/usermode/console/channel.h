/* SPDX-License-Identifier: GPL-2.0 */
/*
 * channel.h - one direction of what a line is connected to on the host.
 *
 * A channel is a backend: it knows descriptors and bytes, not ttys. Its owner
 * serialises all calls on one channel. parse() and attach() run before the
 * kernel does when they come from the command line.
 *
 * The setting of a channel lasts from attach() to detach(). Within it the far
 * side may come and go: open() finds it there or not, close() lets go of it.
 */
#ifndef __USERMODE_CHANNEL_H
#define __USERMODE_CHANNEL_H

#include <linux/types.h>

struct channel;

enum channel_dir { CHANNEL_IN, CHANNEL_OUT };

/**
 * struct channel_ops - a kind of channel
 * @name:    as typed before the colon
 * @duplex:  one far side for both directions, where one setting names both: the
 *	     out channel is then a second descriptor of the in channel's
 * @returns: when the far side has gone another may come: open() again
 * @knock:   who comes while the far side is there is to be told by refuse()
 * @parse:   take what stands behind the name; @value is "" or ":...". 0, or -errno
 *	     and the reason in @why
 * @same:    optional: do two channels of this kind read the same thing?
 * @attach:  optional. Take from the host what lasts as long as the setting; sets
 *	     @door; may put what the host chose in @value. 0, or -errno and the
 *	     reason in @why
 * @detach:  the opposite; after a successful attach only
 * @summon:  optional: see to it that somebody comes. Process context, not open
 * @open:    get ready to move bytes in direction @dir. 0; -EAGAIN: nobody is there;
 *	     other -errno: it is broken. Process context
 * @close:   let go of the far side; after a successful open only. Process context
 * @forget:  optional, after close: what the last one left unread is not for the next
 * @refuse:  with @knock: turn away all that wait
 * @service: optional: look at @control. True: the window has another size. Process
 *	     context
 * @read:    never blocks. Bytes; 0: the end of a file or pipe; -EAGAIN: nothing
 *	     there now; -EBUSY: there is, for another job on this terminal; other
 *	     -errno: the far side has gone
 * @write:   never blocks. Bytes; -EAGAIN: no room now; other -errno: lost
 * @wait:    until writing makes progress, @timeout_ns at most; blocks the host thread
 *
 * read, write and wait may be called in any context, while open. A channel whose
 * open always fails has no others.
 */
struct channel_ops {
	const char *name;
	bool duplex, returns, knock;
	int (*parse)(struct channel *ch, const char *value, char *why, size_t n);
	bool (*same)(const struct channel *a, const struct channel *b);
	int (*attach)(struct channel *ch, char *why, size_t n);
	void (*detach)(struct channel *ch);
	void (*summon)(struct channel *ch);
	int (*open)(struct channel *ch, enum channel_dir dir);
	void (*close)(struct channel *ch);
	void (*forget)(struct channel *ch);
	void (*refuse)(struct channel *ch);
	bool (*service)(struct channel *ch);
	ssize_t (*read)(struct channel *ch, void *buf, size_t len);
	ssize_t (*write)(struct channel *ch, const void *buf, size_t len);
	void (*wait)(struct channel *ch, s64 timeout_ns);
};

#define CHANNEL_VALUE	112	/* the longest: a unix socket's path of 107 characters */

/**
 * struct channel - one direction
 * @ops:      what kind
 * @line:     the name of the line, "con0"
 * @value:    what stands behind the kind's colon
 * @number:   fd:N's N; unix: the guard; xterm: where its complaints are
 * @base:     while attached: a listening socket, a pty's master; -1 without. (xterm:
 *	      once summoned)
 * @door:     @base becomes readable when somebody comes: watch it
 * @retry:    milliseconds after which open() may find somebody, or 0: no use
 * @up:       open, the far side is there
 * @fd:	      while open: what host_event_add() may watch, or -1
 * @control:  a second descriptor to watch, for service(); -1 without
 * @terminal: while open: it is a terminal of the host, to be made raw
 * @crlf:     while open: somebody's screen, newlines need carriage returns
 * @connection: while open: a socket; that its input ends may mean that it is lost
 * @poll:     fd channels: ask before each transfer, the descriptor can block
 * @busy:     fd channels: another job has the terminal
 */
struct channel {
	const struct channel_ops *ops;
	const char *line;
	char value[CHANNEL_VALUE];
	int number;
	int base;
	bool door;
	unsigned int retry;
	bool up;
	int fd;
	int control;
	bool terminal;
	bool crlf;
	bool connection;
	bool poll;
	bool busy;
};

#define CHANNEL_UNCONNECTED {		\
	.ops = &channel_none,		\
	.base = -1,			\
	.fd = -1,			\
	.control = -1,			\
}

extern const struct channel_ops channel_fd, channel_null, channel_none;
extern const struct channel_ops channel_port, channel_unix;
extern const struct channel_ops channel_pty, channel_pts, channel_tty, channel_xterm;

/*
 * Set up the two directions from "IN[,OUT]". @ch may be half changed on failure.
 * *shared: one setting names both directions. @why names only the reason.
 */
int channel_parse(struct channel *in, struct channel *out, bool *shared,
		  const char *spec, char *why, size_t n);

/* "KIND[:VALUE]" */
void channel_print(const struct channel *ch, char *buf, size_t n);

/* read, write and wait of non-blocking descriptors (channel.c) */
ssize_t stream_read(struct channel *ch, void *buf, size_t len);
ssize_t stream_write(struct channel *ch, const void *buf, size_t len);
void stream_wait(struct channel *ch, s64 timeout_ns);
/* of terminals: they have no end but that they were taken away */
ssize_t terminal_read(struct channel *ch, void *buf, size_t len);

/*
 * Make a terminal raw, before its input is read and when this program was
 * continued. One that a shell has given to another job has that one's settings:
 * it is @busy, and its turn comes when a read finds it ours again.
 */
void channel_raw(struct channel *ch);

/* of kinds that take nothing behind their name (channel.c) */
int channel_no_value(struct channel *ch, const char *value, char *why, size_t n);

/* of kinds that listen (listener.c): the next who comes, and nobody but him */
int listener_open(struct channel *ch, enum channel_dir dir);
void listener_close(struct channel *ch);
void listener_refuse(struct channel *ch);
void listener_detach(struct channel *ch);

#endif
