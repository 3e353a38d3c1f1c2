// SPDX-License-Identifier: GPL-2.0
/*
 * entry.c - between guest code and the kernel.
 *
 * Each guest thread's kernel stack has guest_loop() at its bottom: it lets the
 * platform run guest code and turns the reason why that stopped into the calls
 * of the generic entry code. It is the only caller of trap_ops->enter().
 *
 * Context: the task itself. Interrupts are off around enter(); the generic
 * entry and exit functions turn them on and off and account for it.
 */
#include <linux/entry-common.h>
#include <linux/sched/debug.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <asm/entry.h>
#include <asm/mmu_context.h>
#include <asm/platform.h>
#include <asm/sites.h>
#include <asm/switch_frame.h>
#include <asm/syscall.h>
#include <asm/traps.h>
#include <asm/uaccess_direct.h>

void guest_regs_complete(void)
{
	struct guest *guest = &current->thread.guest;
	unsigned long flags;

	if (!trap_ops->regs_save)
		return;
	local_irq_save(flags);
	/* had they been lost, enter() would say so, and the task dies */
	trap_ops->regs_save(guest);
	local_irq_restore(flags);
}

/* calls that read or replace registers other than their arguments */
static bool needs_all_regs(int nr)
{
	switch (nr) {
	case __NR_rt_sigreturn:
	case __NR_clone:
	case __NR_clone3:
	case __NR_fork:
	case __NR_vfork:
	case __NR_sigaltstack:
	case __NR_arch_prctl:
		return true;
	default:
		/* a tracer may look whenever the call stops */
		return current->ptrace || (READ_ONCE(current_thread_info()->syscall_work) &
					   SYSCALL_WORK_ENTER);
	}
}

static void do_syscall(struct pt_regs *regs)
{
	int nr = regs->orig_ax;		/* the ABI has 32 bits of it */

	if (unlikely(needs_all_regs(nr)))
		guest_regs_complete();
	regs->ax = -ENOSYS;
	nr = syscall_enter_from_user_mode(regs, nr);
	if (guest_is_mapped() && current->thread.guest.sig == SIGSYS)
		site_trapped(regs->ip, regs->orig_ax);
	if (likely((unsigned int)nr < NR_syscalls)) {
		nr = array_index_nospec(nr, NR_syscalls);
		regs->ax = sys_call_table[nr](regs->di, regs->si, regs->dx,
					      regs->r10, regs->r8, regs->r9);
	} else if (nr != -1) {
		regs->ax = -ENOSYS;	/* whatever a tracer wrote there */
	}
	if (unlikely(fork_is_fresh(current->mm)))
		fork_refill(current->mm);
	syscall_exit_to_user_mode(regs);
}

/* the second half of a site, which is no instruction any more, was meant as one */
static bool do_half(struct pt_regs *regs)
{
	if (!guest_is_mapped() || current->thread.guest.sig != SIGILL || !site_half(regs->ip))
		return false;
	regs->orig_ax = regs->ax;
	regs->ip += SITE_BYTES - SITE_HALF;
	regs->cx = regs->ip;
	regs->r11 = regs->flags;
	do_syscall(regs);
	return true;
}

static void do_exception(struct pt_regs *regs, enum guest_exit why)
{
	irqentry_state_t state = irqentry_enter(regs);

	local_irq_enable();
	switch (why) {
	case EXIT_FAULT:
		guest_fault(regs, &current->thread.guest);
		break;
	case EXIT_SIGNAL:
		guest_exception(regs, &current->thread.guest);
		break;
	default:
		/* the host process is gone: so is all that ran in it. init ignores SIGKILL */
		do_group_exit(SIGKILL);
	}
	local_irq_disable();
	irqentry_exit(regs, state);
}

static void do_interrupt(struct pt_regs *regs)
{
	irqentry_state_t state = irqentry_enter(regs);

	irq_dispatch(regs);
	irqentry_exit(regs, state);
}

static void __noreturn guest_loop(void)
{
	struct pt_regs *regs = current_pt_regs();
	enum guest_exit why;

	for (;;) {
		why = trap_ops->enter(&current->thread.guest, current->mm->context.space);
		switch (why) {
		case EXIT_SYSCALL:
			do_syscall(regs);
			break;
		case EXIT_INTERRUPT:
			do_interrupt(regs);
			break;
		case EXIT_SIGNAL:
			if (do_half(regs))
				break;
			fallthrough;
		default:
			regs->orig_ax = -1;
			do_exception(regs, why);
		}
	}
}

/* a new task's first steps, on its own stack; @fn is set for kernel threads */
__visible void __noreturn ret_from_fork(struct task_struct *prev, int (*fn)(void *), void *arg)
{
	schedule_tail(prev);
	if (fn)
		fn(arg);		/* returns only after a successful kernel_execve() */
	if (fork_is_fresh(current->mm))
		fork_refill(current->mm);
	syscall_exit_to_user_mode(current_pt_regs());
	guest_loop();
}

/* interrupted kernel code was diverted here by a signal handler (irq_entry.S) */
__visible void kernel_interrupt(struct pt_regs *regs)
{
	irqentry_state_t state;

	this_vcpu()->irq_enabled = 0;	/* irq_replay() comes with interrupts on */
	state = irqentry_enter(regs);
	irq_dispatch(regs);
	irqentry_exit(regs, state);
	irq_resume(regs);
}

/*
 * As above, for an exception in kernel code. In tt that may be a per-CPU variable
 * that is not mapped here yet, between raw_local_irq_save() and restore: there
 * lockdep knows interrupts as enabled, and shall afterwards.
 */
__visible void kernel_exception(struct pt_regs *regs)
{
	bool lockdep = lockdep_hardirqs_enabled();
	struct kernel_trap trap;
	irqentry_state_t state;

	irq_take_trap(&trap);
	state = irqentry_enter(regs);
	kernel_trap(regs, &trap);
	irqentry_exit(regs, state);
	if (lockdep && regs_irqs_disabled(regs)) {
		lockdep_hardirqs_on_prepare();
		lockdep_hardirqs_on(CALLER_ADDR0);
	}
	irq_resume(regs);
}
