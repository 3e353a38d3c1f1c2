// SPDX-License-Identifier: GPL-2.0
/*
 * stacktrace.c - kernel stacks by frame pointers.
 *
 * A frame is the saved rbp and, above it, the return address. An interrupt
 * frame continues into the interrupted function because irq_entry.S links it.
 */
#include <linux/export.h>
#include <linux/kallsyms.h>
#include <linux/sched/debug.h>
#include <linux/sched/task_stack.h>
#include <linux/stacktrace.h>
#include <asm/stacktrace.h>
#include <asm/switch_frame.h>

struct stack_frame {
	struct stack_frame *next;
	unsigned long ret;
};

static bool on_stack(struct task_struct *task, const struct stack_frame *f)
{
	unsigned long low = (unsigned long)task_stack_page(task);
	unsigned long at = (unsigned long)f;

	return at >= low && at <= low + THREAD_SIZE - sizeof(*f) && IS_ALIGNED(at, 8);
}

noinline void stack_walk(struct task_struct *task, struct pt_regs *regs,
			 bool (*fn)(void *arg, unsigned long addr), void *arg)
{
	struct stack_frame *f, *next;

	if (!task)
		task = current;
	if (regs) {
		if (user_mode(regs) || !fn(arg, regs->ip))
			return;
		f = (struct stack_frame *)regs->bp;
	} else if (task == current) {
		f = __builtin_frame_address(0);
	} else {
		struct switch_frame *sf = (struct switch_frame *)task->thread.sp;

		f = (struct stack_frame *)&sf->bp;
	}
	for (; on_stack(task, f); f = next) {
		unsigned long ret = READ_ONCE_NOCHECK(f->ret);

		next = (struct stack_frame *)READ_ONCE_NOCHECK(f->next);
		if (!ret || !fn(arg, ret) || next <= f)
			return;
	}
}

void arch_stack_walk(stack_trace_consume_fn consume, void *cookie,
		     struct task_struct *task, struct pt_regs *regs)
{
	stack_walk(task, regs, consume, cookie);
}

static bool print_entry(void *arg, unsigned long addr)
{
	if (__kernel_text_address(addr))
		printk("%s %pB\n", (const char *)arg, (void *)addr);
	return true;
}

void show_stack(struct task_struct *task, unsigned long *sp, const char *loglvl)
{
	printk("%sCall Trace:\n", loglvl);
	stack_walk(task, NULL, print_entry, (void *)loglvl);
}

void show_regs(struct pt_regs *regs)
{
	show_regs_print_info(KERN_INFO);
	if (user_mode(regs))
		pr_info("RIP: %04lx:%#lx\n", regs->cs, regs->ip);
	else
		pr_info("RIP: %04lx:%pS\n", regs->cs, (void *)regs->ip);
	pr_info("RSP: %04lx:%016lx EFLAGS: %08lx ORIG_RAX: %016lx\n",
		regs->ss, regs->sp, regs->flags, regs->orig_ax);
	pr_info("RAX: %016lx RBX: %016lx RCX: %016lx\n", regs->ax, regs->bx, regs->cx);
	pr_info("RDX: %016lx RSI: %016lx RDI: %016lx\n", regs->dx, regs->si, regs->di);
	pr_info("RBP: %016lx R08: %016lx R09: %016lx\n", regs->bp, regs->r8, regs->r9);
	pr_info("R10: %016lx R11: %016lx R12: %016lx\n", regs->r10, regs->r11, regs->r12);
	pr_info("R13: %016lx R14: %016lx R15: %016lx\n", regs->r13, regs->r14, regs->r15);
	if (!user_mode(regs)) {
		pr_info("Call Trace:\n");
		stack_walk(current, regs, print_entry, (void *)KERN_INFO);
	}
}
