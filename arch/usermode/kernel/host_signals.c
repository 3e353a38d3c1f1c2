// SPDX-License-Identifier: GPL-2.0
/*
 * host_signals.c - signals that the host's user sends to the program.
 *
 * Owns the host thread that waits for them. The thread hands each signal to the
 * kernel as an interrupt; and because a user who wants out must get out whatever the
 * kernel is doing, it ends the program by itself at the second SIGINT or SIGTERM, and
 * when a shutdown that the first one began takes too long.
 *
 * No locks: the thread sets bits that the interrupt handler takes. Functions
 * marked notrace run on that thread, which is no task of the kernel.
 */
#include <linux/atomic.h>
#include <linux/bits.h>
#include <linux/init.h>
#include <linux/interrupt.h>
#include <linux/printk.h>
#include <linux/signal.h>
#include <asm/host.h>
#include <asm/host_signals.h>
#include <asm/irq.h>
#include <asm/shutdown.h>

/* for what follows when init has had its time (orderly.c) */
#define SHUTDOWN_LIMIT	(10ULL * NSEC_PER_SEC)

#define SIGNALS (HOST_SIGMASK(SIGINT) | HOST_SIGMASK(SIGTERM) | HOST_SIGMASK(SIGHUP) | \
		 HOST_SIGMASK(SIGWINCH) | HOST_SIGMASK(SIGPIPE) | HOST_SIGMASK(SIGCONT) | \
		 HOST_SIGMASK(SIGTSTP))

static struct {
	int irq;			/* 0: the kernel cannot be told yet */
	atomic64_t seen;		/* HOST_SIGMASK() bits */
} signals;

static void (*handlers[32])(int sig);	/* by signal number */

static char watcher_stack[SZ_16K] __aligned(16);

/* the kernel does not react, or is not wanted to; what happened is for stderr */
static notrace void __noreturn give_up(const char *why)
{
	host_write(2, why, strlen(why));
	shutdown_exit(1);
}

static notrace bool asks_to_end(int sig)
{
	return sig == SIGINT || sig == SIGTERM;
}

/* as every program that had its terminal raw */
static notrace void stop(void)
{
	host_tty_restore();
	host_kill(host_getpid(), SIGSTOP);
}

/* @deadline: of a shutdown under way, CLOCK_MONOTONIC, or 0. Returns the new one */
static notrace u64 take_signal(int sig, u64 deadline)
{
	int irq = READ_ONCE(signals.irq);

	if (asks_to_end(sig)) {
		if (deadline || !irq)
			shutdown_exit(1);
		deadline = host_monotonic_ns() + SHUTDOWN_LIMIT + shutdown_seconds * NSEC_PER_SEC;
	}
	if (sig == SIGTSTP)
		stop();
	raw_atomic64_or(HOST_SIGMASK(sig), &signals.seen);
	if (irq)
		host_upcall_irq(irq);
	return deadline;
}

static notrace void watch_signals(void *unused)
{
	u64 deadline = 0;
	int sig;

	for (;;) {
		s64 left = deadline ? deadline - host_monotonic_ns() : -1;

		if (deadline && left <= 0)
			give_up("linux: the shutdown took too long\n");
		sig = host_signal_wait(SIGNALS, left);
		if (sig > 0)
			deadline = take_signal(sig, deadline);
	}
}

static irqreturn_t signals_interrupt(int irq, void *unused)
{
	u64 seen = atomic64_xchg(&signals.seen, 0);

	while (seen) {
		int sig = __ffs64(seen) + 1;
		void (*fn)(int sig) = READ_ONCE(handlers[sig]);

		seen &= seen - 1;
		if (fn)
			fn(sig);
	}
	return IRQ_HANDLED;
}

void host_signals_handle(int sig, void (*fn)(int sig))
{
	WRITE_ONCE(handlers[sig], fn);
}

/* called before there is printk; the caller complains */
int host_signals_start(void)
{
	int tid;

	host_signal_hold(SIGNALS);
	tid = host_thread_create(watch_signals, NULL, watcher_stack, sizeof(watcher_stack));
	return min(tid, 0);
}

static int __init host_signals_init(void)
{
	int irq = usermode_irq_alloc("signals");
	int err = irq;

	if (irq > 0)
		err = request_irq(irq, signals_interrupt, 0, "signals", &signals);
	if (err < 0) {
		pr_err("usermode: no interrupt for the host's signals (error %d)\n", -err);
		return err;
	}
	WRITE_ONCE(signals.irq, irq);
	return 0;
}
early_initcall(host_signals_init);
