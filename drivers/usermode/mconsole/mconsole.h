/* SPDX-License-Identifier: GPL-2.0 */
/*
 * mconsole.h - the parts of the management console among each other.
 *
 * server.c receives, on a host thread of its own, answers what needs no kernel,
 * and posts the other calls to the kernel; command.c hands each to its function,
 * at once in the interrupt or later in a task. reply.c is what these write to.
 */
#ifndef __USERMODE_MCONSOLE_H
#define __USERMODE_MCONSOLE_H

#include <linux/types.h>
#include <linux/workqueue.h>
#include <asm/host_net.h>
#include "request.h"

/* ---- reply.c ---- */

/**
 * struct reply - an answer that is being written
 * @peer:      who is answered
 * @may_sleep: the writer is a task: it may wait for a slow reader
 * @gone:      nobody listens any more
 * @err:       of the first packet
 * @patience:  ns that the writer will still wait for the reader, 0 for one that
 *	       did not read the last time
 * @len:       bytes in @text
 * @text:      not sent yet
 */
struct reply {
	const struct host_dgram_peer *peer;
	bool may_sleep;
	bool gone;
	u32 err;
	s64 patience;
	size_t len;
	char text[MCONSOLE_MAX_DATA];
};

/* Begin an answer to @peer. Any context; any host thread if @may_sleep is false. */
void reply_begin(struct reply *reply, const struct host_dgram_peer *peer, bool may_sleep);
/* More text. Sends what does not fit into one packet; waits for the reader, for a while. */
void reply_put(struct reply *reply, const char *text, size_t len);
void reply_puts(struct reply *reply, const char *text);
__printf(2, 3) void reply_printf(struct reply *reply, const char *fmt, ...);
/* The command failed; @err: -errno. Before any other text. */
__printf(3, 4) void reply_fail(struct reply *reply, int err, const char *fmt, ...);
/* The last packet. */
void reply_end(struct reply *reply);

/* ---- server.c ---- */

enum call_state {
	CALL_FREE,
	CALL_POSTED,		/* for the kernel to take, or for the server to give up */
	CALL_TAKEN,		/* the kernel's until it is FREE again */
};

/**
 * struct call - a command that the kernel answers
 * @state:   enum call_state; POSTED is left by compare-and-swap
 * @number:  in order of arrival
 * @posted:  when, host_monotonic_ns()
 * @command: what
 * @req:     what it takes
 * @peer:    who asked
 * @work:    where it runs in a task
 */
struct call {
	int state;
	u64 number;
	u64 posted;
	const struct command *command;
	struct request req;
	struct host_dgram_peer peer;
	struct work_struct work;
};

extern int mconsole_fd;		/* the socket, or -1 */

/* The oldest POSTED call, now TAKEN, or NULL. Context: hard interrupt. */
struct call *server_take(void);
/* The call was answered. Any context. */
void server_done(struct call *call);
/* Wait, without interrupts, until a call is posted. For a guest that is stopped. */
void server_wait(void);

/* ---- command.c ---- */

enum command_place {
	IN_SERVER,		/* on the server's host thread: needs nothing of the kernel */
	IN_INTERRUPT,		/* works as long as the kernel takes interrupts */
	IN_TASK,		/* may sleep */
};

/**
 * struct command - something that can be asked for
 * @name:  its word
 * @help:  what it takes and does, for "help"
 * @place: where @run is called
 * @ends:  the machine is to end; the server sees to it if the kernel does not
 * @run:   does it and writes to @reply
 */
struct command {
	const char *name;
	const char *help;
	enum command_place place;
	enum { GOES_ON, HALTS, REBOOTS } ends;
	void (*run)(struct request *req, struct reply *reply);
};

/* NULL: there is none of that name. Any host thread. */
const struct command *command_find(const char *name);
/* Run or queue a call that was taken. Context: hard interrupt. @stopped: by "stop". */
void command_run(struct call *call, bool stopped);
int command_init(void);
/* What runs a call in a task. */
void command_work(struct work_struct *work);

/* stop.c; the others of the table are in fast.c and slow.c */
void command_stop(struct request *req, struct reply *reply);
void command_go(struct request *req, struct reply *reply);

void command_sysrq(struct request *req, struct reply *reply);
void command_log(struct request *req, struct reply *reply);
void command_stack(struct request *req, struct reply *reply);
void command_cad(struct request *req, struct reply *reply);
void command_halt(struct request *req, struct reply *reply);
void command_reboot(struct request *req, struct reply *reply);

void command_config(struct request *req, struct reply *reply);
void command_remove(struct request *req, struct reply *reply);
void command_proc(struct request *req, struct reply *reply);

/* ---- notify.c ---- */

/* Tell the socket of mconsole=notify:, if there is one. Any context. 0 or -errno. */
int notify_send(u32 type, const char *text, size_t len);

#endif
