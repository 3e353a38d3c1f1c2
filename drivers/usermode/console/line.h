/* SPDX-License-Identifier: GPL-2.0 */
/*
 * line.h - a console or serial line: a tty port between two channels.
 *
 * Lock order: the tty layer's, line->mutex, then in_lock or out_lock. The two
 * spinlocks are never held together; both are taken in hard interrupts.
 */
#ifndef __USERMODE_LINE_H
#define __USERMODE_LINE_H

#include <linux/kfifo.h>
#include <linux/mutex.h>
#include <linux/spinlock.h>
#include <linux/termios.h>
#include <linux/tty.h>
#include <linux/wait.h>
#include <linux/workqueue.h>
#include "channel.h"

/* how the input of a line came to its end */
enum line_end {
	LINE_OPEN,	/* it did not */
	LINE_EOF,	/* no more input, output goes on: a file, a pipe */
	LINE_GONE,	/* the far end has gone */
};

/* bits of line->flags */
enum {
	LINE_LOST,	/* it is time to hang up: for link_work */
	LINE_OUT_LOST,	/* the host takes no more output, whoever had it has gone */
};

/**
 * struct line - a console or serial line
 * @port:	its tty port
 * @name:	"con0", for the log and /proc/interrupts
 * @word:	what set it on the command line, or NULL
 * @in, @out:	its channels
 * @shared:	@in and @out have one far side
 * @mutex:	protects @users, the settings and the opening and closing of channels
 * @users:	a tty and the kernel's console may use the line at once
 * @irq:	while in use: its interrupt, for both directions; 0 if it has none
 * @console:	it is one of the kernel's consoles
 * @flags:	see LINE_LOST
 * @link_work:	far sides come and go
 *
 * Input, under @in_lock (and @in.up with it):
 * @reading:	input is wanted
 * @throttled:	the line discipline is full
 * @in_watched:	the event thread watches @in
 * @end:	see enum line_end
 * @hung_up:	the end was told to the guest, once
 * @sysrq_until: jiffies until which a byte is a SysRq key, after a break; 0
 * @sysrq_key:	that byte
 * @last:	last byte that came in
 * @end_delay:	jiffies until somebody may have read what was there
 * @end_sent:	@sent when the end was last looked at
 * @in_work:	reads what the event thread cannot watch; then delivers the end
 *
 * Output, under @out_lock (and @out.up with it):
 * @out_watched: the event thread watches @out
 * @stopped:	the guest's terminal is stopped (^S)
 * @queue:	bytes that were accepted and not yet written, oldest first
 * @messages:	bytes at the head of @queue up to the end of the last kernel message
 * @sent:	bytes that the host took, ever
 * @stalled:	nobody reads the output; waiting in vain once is enough
 * @unread:	nobody takes the output of a console: @queue may be longer
 * @unread_sent: @sent when unread_work was called
 * @unread_work: finds that out
 * @out_room:	woken when bytes left @queue
 * @out_work:	writes where the event thread cannot watch
 */
struct line {
	struct tty_port port;
	char name[8];
	const char *word;
	struct channel in, out;
	bool shared;

	struct mutex mutex;	/* users, settings, opening and closing */
	int users;
	int irq;
	bool console;
	unsigned long flags;
	struct delayed_work link_work;

	spinlock_t in_lock;	/* input, up to in_work */
	bool reading;
	bool throttled;
	bool in_watched;
	enum line_end end;
	bool hung_up;
	unsigned long sysrq_until;
	u8 sysrq_key;
	u8 last;
	unsigned long end_delay;
	unsigned long end_sent;
	struct delayed_work in_work;

	spinlock_t out_lock;	/* output, from here on */
	bool out_watched;
	bool stopped;
	unsigned int messages;
	unsigned long sent;
	bool stalled;
	bool unread;
	unsigned long unread_sent;
	struct delayed_work unread_work;
	DECLARE_KFIFO_PTR(queue, u8);
	wait_queue_head_t out_room;
	struct delayed_work out_work;
};

/* bytes, powers of two */
#define LINE_QUEUE	8192
#define LINE_QUEUE_UNREAD (256 * 1024)	/* of the kernel's consoles, while nobody reads */

/* line.c */
void line_init(struct line *line);
int line_get(struct line *line);	/* take it into use, or count a user; process context */
void line_put(struct line *line);
bool line_winsize(struct line *line, struct winsize *ws);	/* mutex held */
void line_resize(struct line *line);	/* tell the guest; mutex held */

/* link.c; all but the last three with the mutex held */
void link_summon(struct line *line);
/* 0, or why neither direction will ever work */
int link_try(struct line *line);
void link_unwatch(struct line *line);
void link_down(struct line *line);
/* let go of the far side and end its session; drops the mutex in between */
void link_hang_up(struct line *line, bool always);
void link_init(struct line *line);
void link_look(struct line *line);	/* soon; any context */
void link_lost(struct line *line, int what);	/* LINE_LOST, LINE_OUT_LOST; any context */

/* line_in.c */
void line_in_init(struct line *line);
void line_in_up(struct line *line);
bool line_in_down(struct line *line);	/* false: it was not up */
void line_in_renew(struct line *line);	/* another channel: the end of the last is not its */
void line_in_start(struct line *line);
void line_in_stop(struct line *line);
void line_in_raw_again(struct line *line);
void line_in_throttle(struct line *line, bool on);
void line_receive(struct line *line);
/* as if one had come in: the guest's terminal, or the next byte is a SysRq key */
void line_break(struct line *line);

/* line_out.c */
void line_out_init(struct line *line);
void line_out_up(struct line *line);
bool line_out_down(struct line *line);	/* false: it was not up */
void line_out_unwatch(struct line *line);
size_t line_write(struct line *line, const u8 *buf, size_t len);	/* bytes accepted */
unsigned int line_write_room(struct line *line);
unsigned int line_queued(struct line *line);
void line_discard(struct line *line);
void line_stop(struct line *line, bool on);
void line_transmit(struct line *line);
/* give the host @limit_ns to take what is queued; blocks the host thread */
void line_flush(struct line *line, s64 limit_ns);
/* message text, behind what is queued; context: out_lock held, or nobody else runs */
void line_print(struct line *line, const char *text, size_t len, bool wait);

/* tty.c */
extern struct tty_driver *con_driver, *ssl_driver;
void lines_init(void);

/* settings.c */
extern struct line con_lines[], ssl_lines[];
#define CON_LINES	16
#define SSL_LINES	64
void lines_announce(void);
void lines_look(void);		/* somebody has come or gone; any context */

#endif
