// SPDX-License-Identifier: GPL-2.0
/*
 * traps.c - exceptions: guest code gets a signal, the kernel an oops.
 *
 * Context: the task, interrupts on for guest exceptions; kernel exceptions run
 * with interrupts off, on the interrupted stack.
 */
#include <linux/bug.h>
#include <linux/extable.h>
#include <linux/kdebug.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/sched/debug.h>
#include <linux/sched/signal.h>
#include <linux/sched/task_stack.h>
#include <linux/uaccess.h>
#include <asm/entry.h>
#include <asm/processor-flags.h>
#include <asm/tlbflush.h>
#include <asm/traps.h>

static DEFINE_RAW_SPINLOCK(die_lock);

/* the report of an oops; others wait, so that two do not mix */
static void oops_report(const char *what, struct pt_regs *regs, long err)
{
	static unsigned int count;

	console_verbose();
	bust_spinlocks(1);
	count++;
	pr_emerg("%s: %04lx [#%u]\n", what, err & 0xffff, count);
	show_regs(regs);
	print_modules();
	bust_spinlocks(0);
}

/* the task that oopsed ends; the kernel goes on unless it was in an interrupt */
void die(const char *what, struct pt_regs *regs, long err)
{
	unsigned long flags;

	oops_enter();
	raw_spin_lock_irqsave(&die_lock, flags);
	oops_report(what, regs, err);
	raw_spin_unlock_irqrestore(&die_lock, flags);
	add_taint(TAINT_DIE, LOCKDEP_NOW_UNRELIABLE);
	oops_exit();
	notify_die(DIE_OOPS, what, regs, err, current->thread.trap_nr, SIGSEGV);

	if (in_interrupt() || panic_on_oops)
		panic("%s", what);
	/* as the task had them: it ends in code that sleeps */
	if (!regs_irqs_disabled(regs))
		local_irq_enable();
	make_task_dead(SIGSEGV);
}

int is_valid_bugaddr(unsigned long addr)
{
	u16 insn;

	return !get_kernel_nofault(insn, (u16 *)addr) && insn == 0x0b0f;
}

static bool handle_bug(struct pt_regs *regs)
{
	if (!is_valid_bugaddr(regs->ip))
		return false;
	if (report_bug(regs->ip, regs) != BUG_TRAP_TYPE_WARN)
		return false;
	regs->ip += 2;			/* ud2 */
	return true;
}

void kernel_trap(struct pt_regs *regs, struct kernel_trap *trap)
{
	if (trap->nr == TRAP_UD && handle_bug(regs))
		return;
	if (trap->nr == TRAP_PF &&
	    (kmap_fault(trap->addr) || kernel_guest_fault(regs, trap->addr, trap->err)))
		return;
	if (fixup_exception(regs))
		return;
	if (trap->nr == TRAP_PF)
		pr_alert("BUG: unable to handle page fault for address: %016lx\n", trap->addr);
	else if (trap->sig == SIGBUS)
		pr_alert("BUG: the host has no memory left for address %016lx\n", trap->addr);
	die(trap->nr == TRAP_UD ? "Invalid opcode" :
	    trap->nr == TRAP_PF ? "Oops" : "Exception", regs, trap->err);
}

/* the exception table knows where a fault of this instruction continues */
int fixup_exception(struct pt_regs *regs)
{
	const struct exception_table_entry *e = search_exception_tables(regs->ip);

	if (!e)
		return 0;
	regs->ip = (unsigned long)&e->fixup + e->fixup;
	return 1;
}

void guest_exception(struct pt_regs *regs, struct guest *guest)
{
	struct thread_struct *t = &current->thread;
	void __user *ip = (void __user *)regs->ip;

	t->trap_nr = guest->trap_nr;
	t->error_code = guest->error_code;

	switch (guest->trap_nr) {
	case TRAP_DB:
		force_sig_fault(SIGTRAP, TRAP_TRACE, ip);
		break;
	case TRAP_BP:
		force_sig(SIGTRAP);
		break;
	case TRAP_DE:
		force_sig_fault(SIGFPE, FPE_INTDIV, ip);
		break;
	case TRAP_MF:
	case TRAP_XF:
		force_sig_fault(SIGFPE, guest->sig_code, ip);
		break;
	case TRAP_UD:
		force_sig_fault(SIGILL, ILL_ILLOPN, ip);
		break;
	case TRAP_AC:
		force_sig_fault(SIGBUS, BUS_ADRALN, (void __user *)guest->fault_addr);
		break;
	case TRAP_PF:
		/* the host could not give the page: its memory is exhausted */
		force_sig_fault(SIGBUS, BUS_ADRERR, (void __user *)guest->fault_addr);
		break;
	default:
		force_sig(guest->sig ?: SIGSEGV);
	}
}
