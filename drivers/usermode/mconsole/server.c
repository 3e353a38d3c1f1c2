// SPDX-License-Identifier: GPL-2.0
/*
 * server.c - the management console's socket.
 *
 * Owns the socket, the host thread that reads it, and the calls that wait for
 * the kernel. The thread is no task of the kernel, so that the console answers
 * whatever the kernel does: it replies by itself to what needs no kernel, posts
 * other calls and raises an interrupt, says so when the kernel takes none, and
 * ends a machine that was told to end and does not.
 *
 * No locks: a call is the thread's while FREE, the kernel's while TAKEN; who of
 * them leaves the state POSTED is decided by compare-and-swap. Functions marked
 * notrace run on the host thread.
 */
#include <linux/atomic.h>
#include <linux/init.h>
#include <linux/interrupt.h>
#include <linux/printk.h>
#include <linux/sizes.h>
#include <linux/time64.h>
#include <asm/irq.h>
#include <asm/shutdown.h>
#include <asm/umid.h>
#include "mconsole.h"

#define CALLS		16			/* that may wait at once */
#define TAKE_LIMIT	(3ULL * NSEC_PER_SEC)	/* for the kernel to take a call */
#define END_LIMIT	(10ULL * NSEC_PER_SEC)	/* for halt and reboot */
#define NEVER		U64_MAX

int mconsole_fd = -1;

static struct {
	int irq;
	u32 posted;			/* counts; a futex */
	struct call calls[CALLS];
	/* the thread's own */
	u64 number;
	u64 end_at;			/* force the end then, or NEVER */
	bool restart;			/* ... and start again */
	struct mconsole_request packet;
	struct reply reply;
} server = { .end_at = NEVER };

static char server_stack[SZ_16K] __aligned(16);

/* what the state says of the rest of the call is true: pairs with set_state() */
static notrace enum call_state state_of(const struct call *call)
{
	return smp_load_acquire(&call->state);	/* pairs with set_state() */
}

static notrace void set_state(struct call *call, enum call_state state)
{
	/* the call is complete, or done with, before its state says so */
	smp_store_release(&call->state, state);
}

/* ---- on the host thread ---- */

static notrace void refuse(const struct host_dgram_peer *peer, int err, const char *why)
{
	reply_begin(&server.reply, peer, false);
	server.reply.err = -err;
	reply_puts(&server.reply, why);
	reply_end(&server.reply);
}

static notrace void end_later(const struct command *command)
{
	u64 at = host_monotonic_ns() + END_LIMIT;

	if (command->ends == GOES_ON || server.end_at <= at)
		return;
	server.restart = command->ends == REBOOTS;
	server.end_at = at;
}

static notrace void post(const struct command *command, const struct request *req,
			 const struct host_dgram_peer *peer)
{
	struct call *call = server.calls;

	while (call < server.calls + CALLS && state_of(call) != CALL_FREE)
		call++;
	if (call == server.calls + CALLS) {
		refuse(peer, -EBUSY, "too many requests are being worked on");
		return;
	}
	call->number = server.number++;
	call->posted = host_monotonic_ns();
	call->command = command;
	memcpy(call->req.text, req->text, sizeof(req->text));
	call->req.command = call->req.text + (req->command - req->text);
	call->req.rest = call->req.text + (req->rest - req->text);
	call->peer = *peer;
	end_later(command);
	set_state(call, CALL_POSTED);

	raw_atomic_inc((atomic_t *)&server.posted);
	host_futex_wake(&server.posted, 1);
	host_upcall_irq(server.irq);
}

static notrace void serve_request(struct request *req, const struct host_dgram_peer *peer)
{
	const struct command *command = command_find(req->command);

	if (!command) {
		refuse(peer, -EINVAL, *req->command ? "unknown command; \"help\" lists them" :
						      "no command was given");
	} else if (command->place == IN_SERVER) {
		reply_begin(&server.reply, peer, false);
		command->run(req, &server.reply);
		reply_end(&server.reply);
	} else {
		post(command, req, peer);
	}
}

/* false: there was no datagram */
static notrace bool serve_one(void)
{
	struct host_dgram_peer peer;
	struct request req;
	const char *why = "";
	ssize_t n = host_dgram_receive(mconsole_fd, &server.packet, sizeof(server.packet),
				       &peer);

	if (n < 0)
		return n == -EINTR;
	if (peer.len <= sizeof(u16) || peer.len > sizeof(peer.address))
		return true;		/* it cannot be answered */
	switch (request_parse(&server.packet, min_t(size_t, n, sizeof(server.packet)), n,
			      &req, &why)) {
	case REQUEST_RUN:
		serve_request(&req, &peer);
		break;
	case REQUEST_PLAIN:
		host_dgram_send(mconsole_fd, MCONSOLE_V0_REPLY, strlen(MCONSOLE_V0_REPLY),
				&peer);
		break;
	case REQUEST_REFUSE:
		refuse(&peer, -EPROTO, why);
		break;
	}
	return true;
}

/* the kernel's interrupts are off, or its CPU is stuck with them */
static notrace void give_up_late_calls(u64 now)
{
	struct call *call;
	int posted;

	for (call = server.calls; call < server.calls + CALLS; call++) {
		posted = CALL_POSTED;
		if (state_of(call) != CALL_POSTED ||
		    now - call->posted < TAKE_LIMIT)
			continue;
		/* the kernel must not see what the thread writes next */
		if (!raw_try_cmpxchg(&call->state, &posted, CALL_TAKEN))
			continue;
		if (call->command->ends == GOES_ON)
			refuse(&call->peer, -ETIMEDOUT, "the guest's kernel does not react");
		else
			refuse(&call->peer, 0,
			       "the guest's kernel does not react; it is ended by force");
		set_state(call, CALL_FREE);
	}
}

/* ns until something is due, -1: nothing is */
static notrace s64 time_left(u64 now)
{
	u64 due = server.end_at;
	struct call *call;

	for (call = server.calls; call < server.calls + CALLS; call++)
		if (state_of(call) == CALL_POSTED)
			due = min(due, call->posted + TAKE_LIMIT);
	if (due == NEVER)
		return -1;
	return due > now ? due - now : 0;
}

static notrace void serve(void *unused)
{
	u64 now;

	for (;;) {
		host_poll(mconsole_fd, HOST_EVENT_IN, time_left(host_monotonic_ns()));
		serve_one();
		now = host_monotonic_ns();
		give_up_late_calls(now);
		if (now >= server.end_at)
			shutdown_force(server.restart);
	}
}

/* ---- in the kernel ---- */

struct call *server_take(void)
{
	struct call *call, *oldest;
	int posted;

	do {
		oldest = NULL;
		for (call = server.calls; call < server.calls + CALLS; call++)
			if (state_of(call) == CALL_POSTED &&
			    (!oldest || call->number < oldest->number))
				oldest = call;
		posted = CALL_POSTED;
	} while (oldest && !try_cmpxchg(&oldest->state, &posted, CALL_TAKEN));
	return oldest;
}

void server_done(struct call *call)
{
	set_state(call, CALL_FREE);
}

void server_wait(void)
{
	struct call *call;
	/* before the states: a call that is posted behind this look changes it */
	u32 seen = smp_load_acquire(&server.posted);

	for (call = server.calls; call < server.calls + CALLS; call++)
		if (state_of(call) == CALL_POSTED)
			return;
	host_futex_wait(&server.posted, seen, -1);
}

static irqreturn_t server_interrupt(int irq, void *unused)
{
	struct call *call;

	while ((call = server_take()))
		command_run(call, false);
	return IRQ_HANDLED;
}

/* ---- boot ---- */

static int __init server_start(void)
{
	int err, i;

	for (i = 0; i < CALLS; i++)
		INIT_WORK(&server.calls[i].work, command_work);
	err = command_init();
	if (err)
		return err;
	server.irq = usermode_irq_alloc("mconsole");
	if (server.irq < 0)
		return server.irq;
	err = request_irq(server.irq, server_interrupt, 0, "mconsole", &server);
	if (err)
		goto err_line;
	err = host_thread_create(serve, NULL, server_stack, sizeof(server_stack));
	if (err < 0)
		goto err_irq;
	return 0;

err_irq:
	free_irq(server.irq, &server);
err_line:
	usermode_irq_free(server.irq);
	return err;
}

static int __init mconsole_init(void)
{
	char path[300];
	int err;

	if (umid_path("mconsole", path, sizeof(path)))
		return 0;	/* no directory: umid.c has said so */
	mconsole_fd = host_dgram_listen(path);
	err = mconsole_fd;
	if (mconsole_fd >= 0)
		err = server_start();
	if (err) {
		pr_err("mconsole: no management console at %s (error %d)\n", path, -err);
		return err;
	}
	pr_info("mconsole initialized on %s\n", path);
	notify_send(MCONSOLE_SOCKET, path, strlen(path));
	return 0;
}
postcore_initcall(mconsole_init);
