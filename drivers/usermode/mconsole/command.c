// SPDX-License-Identifier: GPL-2.0
/*
 * command.c - the table of commands, and running them.
 *
 * Owns the table and the queue of tasks. No locks; the queue runs several calls
 * at once, so that one that hangs does not keep others waiting.
 */
#include <linux/kernel.h>
#include <linux/string.h>
#include <linux/utsname.h>
#include <linux/workqueue.h>
#include "mconsole.h"

#define TASKS	8

static struct workqueue_struct *tasks;

static notrace void command_version(struct request *req, struct reply *reply)
{
	const struct new_utsname *u = &init_uts_ns.name;

	reply_puts(reply, u->sysname);
	reply_puts(reply, " ");
	reply_puts(reply, u->nodename);
	reply_puts(reply, " ");
	reply_puts(reply, u->release);
	reply_puts(reply, " ");
	reply_puts(reply, u->version);
	reply_puts(reply, " ");
	reply_puts(reply, u->machine);
}

static void command_help(struct request *req, struct reply *reply);

static const struct command commands[] = {
	{ "version", "version - the kernel's version", IN_SERVER, GOES_ON, command_version },
	{ "help", "help - this text", IN_SERVER, GOES_ON, command_help },
	{ "halt", "halt - write file systems back and end",
	  IN_INTERRUPT, HALTS, command_halt },
	{ "reboot", "reboot - write file systems back and start again",
	  IN_INTERRUPT, REBOOTS, command_reboot },
	{ "cad", "cad - press Ctrl-Alt-Del: init shuts down",
	  IN_INTERRUPT, GOES_ON, command_cad },
	{ "stop", "stop - pause the guest", IN_INTERRUPT, GOES_ON, command_stop },
	{ "go", "go - resume it", IN_INTERRUPT, GOES_ON, command_go },
	{ "config", "config DEV=SETTING - plug a device in, or change it\n"
		    "config DEV - ask for its setting", IN_TASK, GOES_ON, command_config },
	{ "remove", "remove DEV - unplug a device", IN_TASK, GOES_ON, command_remove },
	{ "sysrq", "sysrq LETTER - a SysRq action; h lists them",
	  IN_INTERRUPT, GOES_ON, command_sysrq },
	{ "log", "log TEXT - put a line into the kernel's log",
	  IN_INTERRUPT, GOES_ON, command_log },
	{ "proc", "proc FILE - read a file below /proc", IN_TASK, GOES_ON, command_proc },
	{ "stack", "stack PID - where a task is in the kernel",
	  IN_INTERRUPT, GOES_ON, command_stack },
};

static notrace void command_help(struct request *req, struct reply *reply)
{
	const struct command *c;

	reply_puts(reply, "Commands:");
	for (c = commands; c < commands + ARRAY_SIZE(commands); c++) {
		reply_puts(reply, "\n");
		reply_puts(reply, c->help);
	}
}

notrace const struct command *command_find(const char *name)
{
	const struct command *c;

	for (c = commands; c < commands + ARRAY_SIZE(commands); c++)
		if (!strcmp(c->name, name))
			return c;
	return NULL;
}

static void answer(struct call *call, bool may_sleep)
{
	struct reply reply;

	reply_begin(&reply, &call->peer, may_sleep);
	call->command->run(&call->req, &reply);
	reply_end(&reply);
	server_done(call);
}

void command_work(struct work_struct *work)
{
	answer(container_of(work, struct call, work), true);
}

static void refuse_stopped(struct call *call)
{
	struct reply reply;

	reply_begin(&reply, &call->peer, false);
	reply_fail(&reply, -EAGAIN, "the guest is stopped; say go first");
	reply_end(&reply);
	server_done(call);
}

void command_run(struct call *call, bool stopped)
{
	if (call->command->place == IN_INTERRUPT)
		answer(call, false);
	else if (stopped)
		refuse_stopped(call);
	else
		queue_work(tasks, &call->work);
}

int command_init(void)
{
	tasks = alloc_workqueue("mconsole", WQ_UNBOUND, TASKS);
	return tasks ? 0 : -ENOMEM;
}
