// SPDX-License-Identifier: GPL-2.0
/*
 * readiness.c - tells the host's service manager how far the machine is.
 *
 * Where NOTIFY_SOCKET is set (systemd: Type=notify), READY=1 is sent when the
 * guest's init runs, and STOPPING=1 when a signal shuts the machine down. Nothing
 * waits for whoever listens there, or fails if nobody does.
 */
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/pid_namespace.h>
#include <linux/sched.h>
#include <linux/string.h>
#include <linux/workqueue.h>
#include <asm/cmdline.h>
#include <asm/host_net.h>
#include <asm/shutdown.h>

#define LOOK_AGAIN	(HZ / 20)

static struct host_dgram_peer manager;		/* .len 0: there is none */

static void tell(const char *text)
{
	int fd;

	if (!manager.len)
		return;
	fd = host_dgram_socket();
	if (fd < 0)
		return;
	host_dgram_send(fd, text, strlen(text), &manager);
	host_close(fd);
}

void readiness_stopping(void)
{
	tell("STOPPING=1\nSTATUS=shutting down");
}

static void look_for_init(struct work_struct *work);
static DECLARE_DELAYED_WORK(look_work, look_for_init);

static void look_for_init(struct work_struct *work)
{
	/* it has executed something */
	if (READ_ONCE(init_pid_ns.child_reaper->mm))
		tell("READY=1\nSTATUS=init runs");
	else
		schedule_delayed_work(&look_work, LOOK_AGAIN);
}

static int __init readiness_init(void)
{
	static const char name[] = "NOTIFY_SOCKET=";
	char **var;

	for (var = host_envp; *var; var++)
		if (strstarts(*var, name))
			host_dgram_peer(*var + strlen(name), &manager);
	if (manager.len)
		schedule_delayed_work(&look_work, LOOK_AGAIN);
	return 0;
}
late_initcall(readiness_init);
