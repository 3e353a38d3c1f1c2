// SPDX-License-Identifier: GPL-2.0
/*
 * process.c - tasks: creation, switching, exec, exit, address randomisation.
 */
#include <linux/elf-randomize.h>
#include <linux/export.h>
#include <linux/mm.h>
#include <linux/personality.h>
#include <linux/random.h>
#include <linux/sched.h>
#include <linux/sched/debug.h>
#include <linux/sched/task.h>
#include <linux/sched/task_stack.h>
#include <linux/ptrace.h>
#include <asm/entry.h>
#include <asm/fpu.h>
#include <asm/stacktrace.h>
#include <asm/switch_frame.h>
#include <asm/switch_to.h>
#include <asm/vcpu.h>

struct task_struct *__switch_to(struct task_struct *prev, struct task_struct *next)
{
	this_vcpu()->current_task = next;
	return __switch_to_asm(prev, next, &prev->thread.sp, next->thread.sp);
}

int arch_dup_task_struct(struct task_struct *dst, struct task_struct *src)
{
	*dst = *src;
	fpu_detach(dst);
	return 0;
}

int copy_thread(struct task_struct *p, const struct kernel_clone_args *args)
{
	struct guest_regs *regs = task_guest_regs(p);
	struct switch_frame *frame = (struct switch_frame *)regs - 1;

	memset(&p->thread, 0, sizeof(p->thread));
	p->thread.guest.regs = regs;
	*frame = (struct switch_frame) {
		.ret = (unsigned long)ret_from_fork_asm,
		.r12 = (unsigned long)args->fn,
		.r13 = (unsigned long)args->fn_arg,
	};
	p->thread.sp = (unsigned long)frame;
	if (args->fn) {
		memset(regs, 0, sizeof(*regs));
		return 0;
	}
	*regs = *current_guest_regs();
	regs->pt.ax = 0;
	if (args->stack)
		regs->pt.sp = args->stack;
	if (args->flags & CLONE_SETTLS) {
		if (args->tls >= TASK_SIZE)
			return -EPERM;
		regs->fs = 0;
		regs->fs_base = args->tls;
	}
	return fpu_dup(p);
}

void start_thread(struct pt_regs *regs, unsigned long ip, unsigned long sp)
{
	struct guest_regs *g = current_guest_regs();

	/* ELF_PLAT_INIT() has cleared the others */
	g->fs_base = 0;
	g->gs_base = 0;
	g->ds = 0;
	g->es = 0;
	g->fs = 0;
	g->gs = 0;
	regs->ip = ip;
	regs->sp = sp;
	regs->cs = GUEST_CS;
	regs->ss = GUEST_SS;
	regs->flags = GUEST_FLAGS_FIXED;
}

void flush_thread(void)
{
	fpu_exec();
}

void exit_thread(struct task_struct *tsk)
{
	fpu_drop(tsk);
}

void arch_release_task_struct(struct task_struct *tsk)
{
	fpu_free(tsk);
}

/* ---- address space randomisation ---- */

unsigned long arch_align_stack(unsigned long sp)
{
	if (!(current->personality & ADDR_NO_RANDOMIZE) && randomize_va_space)
		sp -= get_random_u32_below(8192);
	return sp & ~0xfUL;
}

unsigned long arch_randomize_brk(struct mm_struct *mm)
{
	/* below KERNEL_START the heap of a fixed executable may not reach the kernel's range */
	if (mm->brk < KERNEL_START)
		return randomize_page(mm->brk, min(0x02000000UL, (KERNEL_START - mm->brk) / 4));
	return randomize_page(mm->brk, 0x40000000);
}

/* ---- where a task sleeps ---- */

static bool note_wchan(void *arg, unsigned long addr)
{
	if (in_sched_functions(addr))
		return true;
	*(unsigned long *)arg = addr;
	return false;
}

unsigned long __get_wchan(struct task_struct *task)
{
	unsigned long addr = 0;

	stack_walk(task, NULL, note_wchan, &addr);
	return addr;
}
