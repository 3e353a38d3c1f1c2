// SPDX-License-Identifier: GPL-2.0
/*
 * seccomp_list.c - trap seccomp: the calls that the stub makes.
 *
 * What is approved was written by the kernel, in this file, in seccomp_process.c and
 * in skas.c, to a page that the process can only read; and it is compared with what
 * the process really is about to do, number and all arguments, which by then are in
 * the host's kernel, where nobody changes them. None of these calls takes a pointer
 * to memory that guest code can write.
 *
 * To be told of a call costs more than the call. So of many mappings the kernel is not
 * told: the filter lets them pass, if they come from the stub's list and map
 * descriptor HOST_LENT_FD. Any code can jump there; but that descriptor is not there
 * while guest code runs. The process is lent it with the answer to its report, and the
 * list's last call, of which the kernel is told as of any other, closes it again.
 * Between the two only the stub runs, on what it cannot write, and which nobody else
 * runs in the same process to change. The stub loads guest registers only when close()
 * has returned 0. Where an interrupt cuts the list short, the descriptor may have been
 * left there: process->lent says so, and whatever is done next, the stub closes it
 * before it goes on.
 *
 * No locks; see seccomp_process.h for the context.
 */
#include <uapi/linux/errno.h>
#include <uapi/linux/seccomp.h>
#include <asm/host.h>
#include <asm/host_notify.h>
#include <asm/unistd.h>
#include "seccomp_process.h"
#include "skas_process.h"
#include "vcpu.h"

/* with fewer mappings, to be told of each costs less than to lend */
#define LEND_MIN	2

#define FD_ARG		4	/* of mmap */

static bool can_lend;

static bool is_free(const struct skas_process *process, const struct stub_call *call)
{
	return process->lends && call->nr == __NR_mmap;
}

unsigned int seccomp_list_end(struct skas_process *process, unsigned int n)
{
	unsigned int i, maps = 0;

	for (i = 0; i < n; i++)
		maps += process->calls[i].nr == __NR_mmap;
	process->lends = can_lend && maps >= LEND_MIN;
	for (i = 0; i < n; i++)
		if (is_free(process, &process->calls[i]))
			process->calls[i].arg[FD_ARG] = HOST_LENT_FD;
	if (process->lends || process->lent)
		skas_process_call(process, &n, __NR_close, HOST_LENT_FD, 0, 0, 0, 0, 0,
				  process->lends ? 0 : STUB_ANY);
	return n;
}

void seccomp_list_begin(struct skas_process *process)
{
	/* one that was cut short may show what it has not done */
	skas_process_hide(process, process->approved, process->listed);
	process->listed = 0;
	process->approved = 0;
}

void seccomp_list_done(struct skas_process *process)
{
	if (process->approved == process->listed)
		process->lent = false;
}

/* as seccomp_process_answer() */
static int lend(struct skas_process *process)
{
	int err;

	process->lent = true;
	err = host_notify_lend(process->listener, process->notice, platform_params.phys_fd);
	switch (err) {
	case 0:
	case -EINTR:		/* without it, the list's first mapping fails */
		return 0;
	case -ENOENT:
	case -ESRCH:
	case -EINPROGRESS:
		return -ENOENT;
	default:
		skas_process_end(process);
		return -ESRCH;
	}
}

void seccomp_list_probe(struct skas_process *process)
{
	can_lend = host_release() >= HOST_RELEASE(5, 14);
	process->lends = can_lend;
}

int seccomp_process_resume(struct skas_process *process, unsigned int n, bool go)
{
	struct stub_load *load = seccomp_load(process);
	struct seccomp_notif notice;
	int err;

	load->clean = GUEST_FLAGS_FIXED;
	load->calls = STUB_PAGE;
	load->go = go;
	skas_process_publish(process, n);
	process->listed = n;
	process->approved = 0;
	do {
		err = process->lends ? lend(process) :
				       seccomp_process_answer(process, STUB_ANSWER);
		/* kicked while it was parked: it is in the stub's handler, and parks again */
		if (err == -ENOENT) {
			err = seccomp_process_next(process, &notice);
			if (!err)
				err = -EAGAIN;
		}
	} while (err == -EAGAIN);
	return err;
}

static bool is_call(const struct seccomp_notif *notice, const struct stub_call *call)
{
	int i;

	if ((u32)notice->data.nr != call->nr)
		return false;
	for (i = 0; i < 6; i++)
		if (notice->data.args[i] != call->arg[i])
			return false;
	return true;
}

/* of those that are not approved yet, the first one of which the kernel is told */
static unsigned int next_told(const struct skas_process *process)
{
	unsigned int i = process->approved;

	while (i < process->listed && is_free(process, &process->calls[i]))
		i++;
	return i;
}

bool seccomp_process_listed(struct skas_process *process, const struct seccomp_notif *notice)
{
	unsigned int from = process->approved, next = next_told(process);

	if (notice->data.instruction_pointer != STUB_LIST + 2)
		return false;
	if (next < process->listed && is_call(notice, &process->calls[next]))
		process->approved = next + 1;
	/* told again: somebody stopped the process before it made it, and let it go on */
	else if (!from || !is_call(notice, &process->calls[from - 1]))
		return false;
	/* guest code may run as soon as it is approved */
	skas_process_hide(process, from, process->approved);
	/* should a kick have made it void, the report of that comes next */
	host_notify_approve(process->listener, notice->id);
	return true;
}

bool seccomp_list_failed(struct skas_process *process, const struct seccomp_notif *notice)
{
	/* an interrupt came while it was to be lent the descriptor */
	return !process->lends || (long)notice->data.args[0] != -EBADF;
}

int seccomp_process_run(struct skas_process *process, unsigned int n)
{
	struct seccomp_notif notice;
	int err;

	err = seccomp_process_resume(process, n, false);
	while (!err) {
		err = seccomp_process_next(process, &notice);
		if (err || seccomp_process_listed(process, &notice))
			continue;
		if (notice.data.instruction_pointer != STUB_REPORT + 2)
			return -EIO;
		if (notice.data.nr == STUB_CALL_IDLE) {
			seccomp_list_done(process);
			return 0;
		}
		if (notice.data.nr == STUB_CALL_FAILED && seccomp_list_failed(process, &notice))
			return (long)notice.data.args[0] < 0 ? (int)notice.data.args[0] : -EIO;
		/* a signal: from the beginning, nothing in it can be done only once */
		err = seccomp_process_resume(process, n, false);
	}
	return err;
}
