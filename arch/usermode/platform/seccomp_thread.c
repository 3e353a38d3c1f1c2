// SPDX-License-Identifier: GPL-2.0
/*
 * seccomp_thread.c - trap seccomp: the registers of a host thread, and the signals
 * that make it tell them. trap_seccomp.c has the theory of operation.
 *
 * Owns what struct platform_vcpu says of kicks. No locks. Context: a virtual CPU's
 * host thread, interrupts off; seccomp_interrupt() in a signal handler on it.
 */
#include <uapi/linux/errno.h>
#include <uapi/linux/seccomp.h>
#include <asm/guest_regs.h>
#include <asm/host.h>
#include "exit.h"
#include "seccomp_process.h"
#include "seccomp_thread.h"
#include "skas.h"
#include "skas_process.h"
#include "trap_seccomp.h"

/* ---- kicks --------------------------------------------------------------- */

void seccomp_kick(struct skas_process *process)
{
	if (!__atomic_exchange_n(&platform_this_vcpu()->kicked, 1, __ATOMIC_RELAXED))
		seccomp_process_kick(process->pid);
}

void seccomp_kick_came(void)
{
	__atomic_store_n(&platform_this_vcpu()->kicked, 0, __ATOMIC_RELAXED);
}

bool seccomp_kick_under_way(void)
{
	return __atomic_load_n(&platform_this_vcpu()->kicked, __ATOMIC_RELAXED);
}

void seccomp_set_running(int pid)
{
	__atomic_store_n(&platform_this_vcpu()->running, pid, __ATOMIC_RELAXED);
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
}

bool seccomp_interrupt(struct sigcontext_64 *sc)
{
	struct platform_vcpu *vcpu = platform_this_vcpu();
	int pid = __atomic_load_n(&vcpu->running, __ATOMIC_RELAXED);

	if (pid && !__atomic_exchange_n(&vcpu->kicked, 1, __ATOMIC_RELAXED))
		seccomp_process_kick(pid);
	return true;
}

/* ---- registers ----------------------------------------------------------- */

void seccomp_forget(struct host_thread *ht)
{
	if (ht->fp_owner)
		ht->fp_owner->fp_host = NULL;
	ht->fp_owner = NULL;
}

void seccomp_own(struct host_thread *ht, struct guest *guest)
{
	ht->fp_owner = guest;
	guest->fp_host = ht;
}

int seccomp_read_frame(struct host_thread *ht, const struct seccomp_notif *notice,
		       struct seccomp_frame *frame, void *fp)
{
	struct seccomp_stack stack = seccomp_stack(ht->process);

	return seccomp_frame_read(&stack, notice->data.args[1], notice->data.args[2],
				  &seccomp_fp, frame, fp);
}

/* what a call did not tell; the rest may have been changed since */
static void take_rest(struct guest_regs *regs, const struct seccomp_frame *frame)
{
	regs->pt.bx = frame->regs.bx;
	regs->pt.bp = frame->regs.bp;
	regs->pt.r11 = frame->regs.r11;
	regs->pt.r12 = frame->regs.r12;
	regs->pt.r13 = frame->regs.r13;
	regs->pt.r14 = frame->regs.r14;
	regs->pt.r15 = frame->regs.r15;
	regs->pt.cs = frame->regs.cs;
	regs->pt.ss = frame->regs.ss;
	regs->pt.sp = frame->regs.sp;
	regs->pt.flags = frame->regs.flags;
}

void seccomp_take_bases(struct guest_regs *regs, const struct seccomp_notif *notice)
{
	regs->fs_base = notice->data.args[3];
	regs->gs_base = notice->data.args[4];
}

void seccomp_hide_step(struct host_thread *ht, struct guest_regs *regs, bool call)
{
	if (!ht->stepping)
		return;
	regs->pt.flags &= ~FLAGS_TF;
	if (call)
		regs->pt.r11 &= ~FLAGS_TF;
}

int seccomp_fetch_frame(struct host_thread *ht, struct seccomp_frame *frame)
{
	struct guest *guest = ht->fp_owner;
	struct skas_process *process = ht->process;
	struct seccomp_notif notice;
	int err;

	if (!process->at_call)
		return 0;
	seccomp_kick(process);
	err = seccomp_process_next(process, &notice);
	seccomp_kick_came();
	process->at_call = false;
	if (err || !guest)
		return err;
	if (notice.data.nr != STUB_CALL_REPORT ||
	    seccomp_read_frame(ht, &notice, frame, seccomp_load(process)->fp)) {
		/* somebody else wrote to the frame: what was in it is nobody's any more */
		skas_process_end(process);
		return -ESRCH;
	}
	take_rest(guest->regs, frame);
	seccomp_take_bases(guest->regs, &notice);
	seccomp_hide_step(ht, guest->regs, true);
	return 0;
}

int seccomp_fetch(struct host_thread *ht)
{
	struct seccomp_frame frame;

	return seccomp_fetch_frame(ht, &frame);
}

int seccomp_regs_save(struct guest *guest)
{
	struct host_thread *ht = guest->fp_host;
	int err = 0;

	if (ht)
		err = seccomp_fetch(ht);
	if (err)
		skas_lost(ht);
	return err;
}

int seccomp_fp_save(struct guest *guest)
{
	struct host_thread *ht = guest->fp_host;
	int err;

	if (!ht)
		return 0;
	err = seccomp_fetch(ht);
	if (err) {
		skas_lost(ht);
		return err;
	}
	__builtin_memcpy(guest->fp, seccomp_load(ht->process)->fp, seccomp_fp.bytes);
	seccomp_forget(ht);
	return 0;
}

void seccomp_fp_drop(struct guest *guest)
{
	if (guest->fp_host)
		seccomp_forget(guest->fp_host);
}

void seccomp_evict(struct host_thread *ht)
{
	if (ht->fp_owner)
		seccomp_fp_save(ht->fp_owner);
}

int seccomp_load_regs(struct host_thread *ht, struct guest *guest)
{
	struct stub_load *area = seccomp_load(ht->process);
	struct guest_regs *regs = guest->regs;
	int err;

	err = seccomp_fetch(ht);
	if (!err && ht->process->stale)
		seccomp_process_forget(ht->process);
	if (!err && guest->fp_host != ht) {
		if (guest->fp_host)
			err = seccomp_fp_save(guest);
		if (!err && ht->fp_owner)
			err = seccomp_fp_save(ht->fp_owner);
		if (err)
			return err;
		__builtin_memcpy(area->fp, guest->fp, seccomp_fp.bytes);
		seccomp_fp_tame(area->fp, &seccomp_fp);
		seccomp_own(ht, guest);
	}
	if (err)
		return err;

	regs->pt.orig_ax = -1;
	area->features = seccomp_fp.features;
	area->fs_base = regs->fs_base;
	area->gs_base = regs->gs_base;
	area->regs = regs->pt;
	area->regs.flags = (regs->pt.flags & GUEST_FLAGS_MASK) | GUEST_FLAGS_FIXED;
	if (regs->pt.cs != GUEST_CS32)
		area->regs.cs = GUEST_CS;
	area->regs.ss = GUEST_SS;
	ht->stepping = guest->single_step && !(regs->pt.flags & FLAGS_TF);
	if (guest->single_step)
		area->regs.flags |= FLAGS_TF;
	return 0;
}
