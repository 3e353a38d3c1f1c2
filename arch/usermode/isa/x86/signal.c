// SPDX-License-Identifier: GPL-2.0
/*
 * signal.c - signal frames on the guest's stack, and the way back.
 *
 * A frame is x86-64's own, byte for byte (asm/sigframe.h). It is built in kernel
 * memory and copied out in one go, the FP state apart. On the way back all of it
 * is hostile: selectors are forced, flags masked, the FP image checked, so that
 * what results can be handed to the host as it is. An ip out of range is the
 * guest's own problem: it faults there.
 *
 * Context: the guest's own task, on its way back to guest code or in
 * rt_sigreturn(2). No locks.
 */
#include <linux/entry-common.h>
#include <linux/resume_user_mode.h>
#include <linux/rseq.h>
#include <linux/sched/task_stack.h>
#include <linux/signal.h>
#include <linux/syscalls.h>
#include <linux/uaccess.h>
#include <asm/entry.h>
#include <asm/fpu.h>
#include <asm/processor-flags.h>
#include <asm/processor.h>
#include <asm/platform.h>
#include <asm/sigframe.h>
#include <asm/sites.h>
#include <asm/syscall.h>
#include <asm/uaccess_direct.h>
#include "xstate.h"

#define FRAME_ALIGN	16UL
#define FP_ALIGN	64UL
#define SYSCALL_INSN	2		/* bytes of it */

/* flags that a frame may change */
#define FRAME_FLAGS	(GUEST_FLAGS_MASK & ~(X86_EFLAGS_NT | X86_EFLAGS_ID))

#define UC_FLAGS	(UC_FP_XSTATE | UC_SIGCONTEXT_SS | UC_STRICT_RESTORE_SS)

static_assert(sizeof(struct rt_sigframe) == 440);

/* where the general registers are in a sigcontext and in a pt_regs */
#define SC_REG(reg) { offsetof(struct sigcontext, reg), offsetof(struct pt_regs, reg) }

static const struct {
	u16 sc, pt;
} sc_regs[] = {
	SC_REG(r8), SC_REG(r9), SC_REG(r10), SC_REG(r11), SC_REG(r12), SC_REG(r13),
	SC_REG(r14), SC_REG(r15), SC_REG(di), SC_REG(si), SC_REG(bp), SC_REG(bx),
	SC_REG(dx), SC_REG(ax), SC_REG(cx), SC_REG(sp), SC_REG(ip),
};

static unsigned int fp_frame_size(void)
{
	return xstate.size + FP_XSTATE_MAGIC2_SIZE;
}

unsigned long get_sigframe_size(void)
{
	unsigned long size = sizeof(struct rt_sigframe) + FRAME_ALIGN - 1;

	/* as x86 does, for all features that the host knows, permitted or not */
	size += guest_fp_size + FP_XSTATE_MAGIC2_SIZE + FP_ALIGN - 1;
	return round_up(size, FRAME_ALIGN);
}

/*
 * Where the frame goes; *@fp is where its FP state goes. An address that nobody
 * can write to if it would overflow the alternate stack.
 */
static struct rt_sigframe __user *place_frame(struct ksignal *ksig, unsigned long sp,
					      unsigned long *fp)
{
	bool on_altstack = on_sig_stack(sp);
	unsigned long frame;

	sp -= SIGFRAME_RED_ZONE;
	if (ksig->ka.sa.sa_flags & SA_ONSTACK && !sas_ss_flags(sp)) {
		sp = current->sas_ss_sp + current->sas_ss_size;
		on_altstack = true;
	}
	*fp = round_down(sp - fp_frame_size(), FP_ALIGN);
	frame = round_down(*fp - sizeof(struct rt_sigframe), FRAME_ALIGN) - sizeof(long);
	if (on_altstack && !__on_sig_stack(frame))
		frame = -1UL;
	return (struct rt_sigframe __user *)frame;
}

static int put_fp(unsigned long at)
{
	struct xstate_head *head = current->thread.guest.fp;
	char __user *dst = (char __user *)at;
	u32 magic2 = FP_XSTATE_MAGIC2;
	int err;

	err = fpu_save(current);
	if (err)
		return err;
	/* bytes of the image that nobody else uses */
	head->fx.sw_reserved = (struct _fpx_sw_bytes) {
		.magic1		= FP_XSTATE_MAGIC1,
		.extended_size	= fp_frame_size(),
		.xfeatures	= xstate.features,
		.xstate_size	= xstate.size,
	};
	if (copy_to_user(dst, head, xstate.size) ||
	    copy_to_user(dst + xstate.size, &magic2, sizeof(magic2)))
		return -EFAULT;
	return 0;
}

static void fill_sigcontext(struct sigcontext *sc, const struct pt_regs *regs,
			    unsigned long fp)
{
	const struct thread_struct *thread = &current->thread;
	int i;

	for (i = 0; i < ARRAY_SIZE(sc_regs); i++)
		*(u64 *)((void *)sc + sc_regs[i].sc) =
			*(const u64 *)((const void *)regs + sc_regs[i].pt);
	sc->flags = regs->flags;
	sc->cs = regs->cs;
	sc->ss = regs->ss;
	sc->err = thread->error_code;
	sc->trapno = thread->trap_nr;
	sc->cr2 = thread->cr2;
	sc->fpstate = fp;
}

static int put_frame(struct ksignal *ksig, const struct pt_regs *regs,
		     struct rt_sigframe __user *dst, unsigned long fp)
{
	struct rt_sigframe frame = {};
	size_t size = offsetof(struct rt_sigframe, info);
	sigset_t *mask = sigmask_to_save();

	frame.restorer = (unsigned long)ksig->ka.sa.sa_restorer;
	frame.uc.uc_flags = UC_FLAGS;
	frame.uc.uc_stack.ss_sp = (void __user *)current->sas_ss_sp;
	frame.uc.uc_stack.ss_flags = current->sas_ss_flags;
	frame.uc.uc_stack.ss_size = current->sas_ss_size;
	fill_sigcontext(&frame.uc.uc_mcontext, regs, fp);
	frame.uc.uc_mcontext.oldmask = mask->sig[0];
	frame.uc.uc_sigmask = *mask;
	if (ksig->ka.sa.sa_flags & SA_SIGINFO) {
		/* the kernel's siginfo is the beginning of the guest's */
		memcpy(&frame.info, &ksig->info, sizeof(ksig->info));
		size = sizeof(frame);
	}
	return copy_to_user(dst, &frame, size) ? -EFAULT : 0;
}

static int setup_frame(struct ksignal *ksig, struct pt_regs *regs)
{
	struct rt_sigframe __user *frame;
	unsigned long fp;
	int err;

	if (!(ksig->ka.sa.sa_flags & SA_RESTORER))
		return -EFAULT;
	frame = place_frame(ksig, regs->sp, &fp);
	if (!access_ok(frame, sizeof(*frame)))
		return -EFAULT;
	err = put_fp(fp);
	if (!err)
		err = put_frame(ksig, regs, frame, fp);
	if (err)
		return err;

	regs->di = ksig->sig;
	regs->si = (unsigned long)&frame->info;
	regs->dx = (unsigned long)&frame->uc;
	regs->ax = 0;		/* no vector registers: for handlers without prototype */
	regs->sp = (unsigned long)frame;
	regs->ip = (unsigned long)ksig->ka.sa.sa_handler;
	regs->flags &= ~(X86_EFLAGS_DF | X86_EFLAGS_RF | X86_EFLAGS_TF);
	regs_make_guest(regs);
	xstate_reset(current->thread.guest.fp);
	return 0;
}

/* run the system call instruction once more, as call number @nr */
static void restart_syscall_as(struct pt_regs *regs, unsigned long nr)
{
	regs->ax = nr;
	regs->ip -= SYSCALL_INSN;
}

/* @ka: the handler that runs first, NULL: none does */
static void handle_restart(struct pt_regs *regs, const struct k_sigaction *ka)
{
	if (syscall_get_nr(current, regs) == -1)
		return;

	switch (syscall_get_error(current, regs)) {
	case -ERESTARTNOINTR:
		restart_syscall_as(regs, regs->orig_ax);
		break;
	case -ERESTARTSYS:
		if (!ka || ka->sa.sa_flags & SA_RESTART)
			restart_syscall_as(regs, regs->orig_ax);
		else
			regs->ax = -EINTR;
		break;
	case -ERESTARTNOHAND:
		if (!ka)
			restart_syscall_as(regs, regs->orig_ax);
		else
			regs->ax = -EINTR;
		break;
	case -ERESTART_RESTARTBLOCK:
		if (!ka)
			restart_syscall_as(regs, __NR_restart_syscall);
		else
			regs->ax = -EINTR;
		break;
	}
}

void arch_do_signal_or_restart(struct pt_regs *regs)
{
	struct ksignal ksig;
	bool stepping;
	int err;

	/* a tracer, a core file, the frame: all that comes now wants them */
	guest_regs_complete();
	if (!get_signal(&ksig)) {
		handle_restart(regs, NULL);
		restore_saved_sigmask();
		return;
	}

	handle_restart(regs, &ksig.ka);
	stepping = current->thread.guest.single_step;
	if (stepping)
		user_disable_single_step(current);
	/* its handler may look at the instruction that it is about */
	if (ksig.sig == SIGSYS && guest_is_mapped())
		sites_hide();
	rseq_signal_deliver(&ksig, regs);
	err = setup_frame(&ksig, regs);
	signal_setup_done(err, &ksig, stepping);
}

/* the frame's FP state, if it is one with extended state: features to load */
static int get_fp_features(const struct _fpx_sw_bytes *sw, const char __user *src,
			   u64 *features)
{
	u32 magic2;

	*features = XSTATE_FPSSE;
	if (sw->magic1 != FP_XSTATE_MAGIC1 ||
	    sw->xstate_size < sizeof(struct xstate_head) ||
	    sw->xstate_size > xstate.size || sw->xstate_size > sw->extended_size)
		return 0;
	if (copy_from_user(&magic2, src + sw->xstate_size, sizeof(magic2)))
		return -EFAULT;
	/* without it only the legacy part was copied here by someone */
	if (magic2 == FP_XSTATE_MAGIC2)
		*features = sw->xfeatures;
	return magic2 == FP_XSTATE_MAGIC2;
}

static int get_fp(unsigned long at)
{
	const char __user *src = (const char __user *)at;
	void *image = current->thread.guest.fp;
	struct xstate_head head = {};
	u64 features, load;
	int err;

	fpu_drop(current);
	xstate_reset(image);
	if (!at)
		return 0;
	if (copy_from_user(&head.fx, src, sizeof(head.fx)))
		return -EFAULT;
	err = get_fp_features(&head.fx.sw_reserved, src, &features);
	if (err < 0)
		return err;
	if (err && copy_from_user(&head.header, src + sizeof(head.fx), sizeof(head.header)))
		return -EFAULT;
	load = err ? features & head.header.xfeatures : XSTATE_FPSSE;
	if (xstate_check_sigframe(&head, features))
		return -EINVAL;
	return xstate_import(image, &head, load, features & XSTATE_MXCSR, NULL, src);
}

static void take_sigcontext(struct pt_regs *regs, const struct sigcontext *sc)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(sc_regs); i++)
		*(u64 *)((void *)regs + sc_regs[i].pt) =
			*(const u64 *)((const void *)sc + sc_regs[i].sc);
	regs->flags = (regs->flags & ~FRAME_FLAGS) | (sc->flags & FRAME_FLAGS);
	regs->orig_ax = -1;		/* nothing to restart */
	regs_make_guest(regs);
}

SYSCALL_DEFINE0(rt_sigreturn)
{
	struct pt_regs *regs = current_pt_regs();
	struct rt_sigframe __user *frame;
	struct ucontext uc;

	/* the handler's return popped the restorer's address */
	frame = (struct rt_sigframe __user *)(regs->sp - sizeof(frame->restorer));
	if (copy_from_user(&uc, &frame->uc, sizeof(uc)))
		goto err_frame;
	set_current_blocked(&uc.uc_sigmask);
	if (restore_altstack(&frame->uc.uc_stack))
		goto err_frame;
	current->restart_block.fn = do_no_restart_syscall;
	take_sigcontext(regs, &uc.uc_mcontext);
	if (get_fp(uc.uc_mcontext.fpstate))
		goto err_frame;
	return regs->ax;

err_frame:
	force_sig(SIGSEGV);
	return 0;
}
