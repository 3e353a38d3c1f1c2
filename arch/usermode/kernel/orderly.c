// SPDX-License-Identifier: GPL-2.0
/*
 * orderly.c - SIGTERM and SIGINT shut the guest down through its init.
 *
 * The guest's own /sbin/poweroff (sysctl kernel.poweroff_cmd) is run. If there is
 * none, if no init listens or if the time of shutdown=SECONDS is up, the file
 * systems are written back and the machine ends without init. The host
 * thread in host_signals.c, which needs nothing of the kernel, ends it ten seconds
 * after that; and at a second signal.
 *
 * No locks. The signal comes in as an interrupt, the rest runs in tasks.
 */
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/pid_namespace.h>
#include <linux/reboot.h>
#include <linux/sched/signal.h>
#include <linux/workqueue.h>
#include <asm/cmdline.h>
#include <asm/host_signals.h>
#include <asm/shutdown.h>

#define SECONDS_DEFAULT	30
#define SECONDS_MAX	86400

unsigned int shutdown_seconds = SECONDS_DEFAULT;
static int ending_signal;

/*
 * It has a handler, or takes the signal from a descriptor or by sigwait(): what that
 * waits for is unblocked meanwhile, and real_blocked has the rest.
 */
static bool listens_to(struct task_struct *task, int sig)
{
	__sighandler_t handler = task->sighand->action[sig - 1].sa.sa_handler;

	return sigismember(&task->blocked, sig) || sigismember(&task->real_blocked, sig) ||
	       (handler != SIG_DFL && handler != SIG_IGN);
}

/* the usual inits are told by one of these; a shell in their place hears none */
static bool init_listens(void)
{
	struct task_struct *init = init_pid_ns.child_reaper;
	unsigned long flags;
	bool listens;

	if (system_state != SYSTEM_RUNNING || !lock_task_sighand(init, &flags))
		return false;
	listens = listens_to(init, SIGUSR2) || listens_to(init, SIGPWR) ||
		  listens_to(init, SIGRTMIN + 4);
	unlock_task_sighand(init, &flags);
	return listens;
}

static void end_without_init(struct work_struct *work)
{
	pr_notice("usermode: init has not shut down within %u seconds, ending without it\n",
		  shutdown_seconds);
	shutdown_now(false);
}

static DECLARE_DELAYED_WORK(limit_work, end_without_init);

static void end_orderly(struct work_struct *work)
{
	pr_notice("usermode: signal %d, shutting down\n", READ_ONCE(ending_signal));
	shutdown_status(1);
	readiness_stopping();
	if (!shutdown_seconds || !init_listens()) {
		shutdown_now(false);
		return;
	}
	queue_delayed_work(system_unbound_wq, &limit_work, shutdown_seconds * HZ);
	orderly_poweroff(true);
}

static DECLARE_WORK(end_work, end_orderly);

static void signal_ends(int sig)
{
	WRITE_ONCE(ending_signal, sig);
	queue_work(system_unbound_wq, &end_work);
}

static int parse_shutdown(const char *word, char *why, size_t len)
{
	const char *value = word + strlen("shutdown=");

	if (!kstrtouint(value, 10, &shutdown_seconds) && shutdown_seconds <= SECONDS_MAX)
		return 0;
	snprintf(why, len, "%.80s: a number of seconds is wanted, %u at most", word, SECONDS_MAX);
	return -EINVAL;
}

USERMODE_SWITCH(shutdown, "shutdown=", parse_shutdown,
		"shutdown=SECONDS         what SIGTERM gives the guest's init to shut down\n"
		"                           (default 30); 0: end at once");

static int __init orderly_init(void)
{
	host_signals_handle(SIGINT, signal_ends);
	host_signals_handle(SIGTERM, signal_ends);
	return 0;
}
early_initcall(orderly_init);
