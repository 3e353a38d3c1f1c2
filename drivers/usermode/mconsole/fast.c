// SPDX-License-Identifier: GPL-2.0
/*
 * fast.c - commands that run in the interrupt: they work as long as the kernel
 * takes interrupts, whatever its tasks wait for.
 *
 * Owns the buffers of lines and of addresses; the interrupt is handled by one
 * CPU, one command at a time. No locks.
 */
#include <linux/kernel.h>
#include <linux/kmsg_dump.h>
#include <linux/pid.h>
#include <linux/printk.h>
#include <linux/rcupdate.h>
#include <linux/reboot.h>
#include <linux/sched.h>
#include <linux/sched/task.h>
#include <linux/stacktrace.h>
#include <linux/string.h>
#include <linux/sysrq.h>
#include <asm/irq_regs.h>
#include <asm/shutdown.h>
#include "mconsole.h"

#define FRAMES	64

/* ---- sysrq ---- */

static u64 log_end(void)
{
	struct kmsg_dump_iter log;

	kmsg_dump_rewind(&log);
	return log.next_seq;
}

/* what the kernel's log got since @from */
static void put_log(struct reply *reply, u64 from)
{
	static char line[2048];
	struct kmsg_dump_iter log = { .cur_seq = from };
	u64 expected = from;
	size_t len;

	while (kmsg_dump_get_line(&log, false, line, sizeof(line), &len)) {
		if (log.cur_seq != ++expected && expected == from + 1)
			reply_puts(reply, "(the log was too small for the beginning)\n");
		expected = log.cur_seq;
		reply_put(reply, line, len);
	}
}

void command_sysrq(struct request *req, struct reply *reply)
{
	u64 from = log_end();

	if (strlen(req->rest) != 1) {
		reply_fail(reply, -EINVAL, "sysrq takes one letter; h lists them");
		return;
	}
	/* these do not come back */
	if (strchr("bc", *req->rest))
		reply_end(reply);
	__handle_sysrq(*req->rest, false);
	put_log(reply, from);
}

/* ---- log ---- */

void command_log(struct request *req, struct reply *reply)
{
	/* uml_mconsole sends an empty one after each */
	if (*req->rest)
		pr_notice("%s\n", req->rest);
}

/* ---- stack ---- */

static unsigned long frames[FRAMES];

struct walk {
	unsigned int n;
};

static bool note_frame(void *arg, unsigned long addr)
{
	struct walk *walk = arg;

	if (walk->n == FRAMES)
		return false;
	frames[walk->n++] = addr;
	return true;
}

/* the task that this interrupt interrupted */
static void walk_interrupted(struct walk *walk, struct reply *reply)
{
	struct pt_regs *regs = get_irq_regs();

	if (regs && !user_mode(regs))
		arch_stack_walk(note_frame, walk, current, regs);
	else
		reply_puts(reply, " it runs guest code\n");
}

static void put_stack(struct task_struct *task, struct reply *reply)
{
	struct walk walk = { };
	unsigned int i;

	reply_printf(reply, "%s, pid %d, state %c\n", task->comm, task_pid_nr(task),
		     task_state_to_char(task));
	if (task == current)
		walk_interrupted(&walk, reply);
	else if (task_curr(task))
		reply_printf(reply, " it runs on CPU %u; sysrq l shows where\n", task_cpu(task));
	else
		walk.n = stack_trace_save_tsk(task, frames, FRAMES, 0);
	for (i = 0; i < walk.n; i++)
		reply_printf(reply, " %pB\n", (void *)frames[i]);
}

void command_stack(struct request *req, struct reply *reply)
{
	struct task_struct *task;
	int pid;

	if (kstrtoint(req->rest, 10, &pid) || pid < 0) {
		reply_fail(reply, -EINVAL, "stack takes the number of a task");
		return;
	}
	rcu_read_lock();
	task = pid ? find_task_by_pid_ns(pid, &init_pid_ns) : &init_task;
	if (task)
		put_stack(task, reply);
	else
		reply_fail(reply, -ESRCH, "there is no task %d", pid);
	rcu_read_unlock();
}

/* ---- the end ---- */

void command_cad(struct request *req, struct reply *reply)
{
	ctrl_alt_del();
}

void command_halt(struct request *req, struct reply *reply)
{
	shutdown_now(false);
}

void command_reboot(struct request *req, struct reply *reply)
{
	shutdown_now(true);
}
