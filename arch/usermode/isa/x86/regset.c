// SPDX-License-Identifier: GPL-2.0
/*
 * regset.c - a guest thread's registers as debuggers and core files see them.
 *
 * Sets may only be called on a stopped task, gets also on current (a core is
 * written by the task itself): the register file at the top of the kernel stack
 * and guest.fp are then nobody else's.
 */
#include <linux/elf.h>
#include <linux/mm.h>
#include <linux/regset.h>
#include <linux/sched/task_stack.h>
#include <linux/user.h>
#include <asm/fpu.h>
#include "regset.h"
#include "xstate.h"

/* bytes 464..471 of the image that debuggers get: features that it can hold */
#define XSTATE_XCR0_OFFSET	offsetof(struct _fpstate_64, sw_reserved)

static_assert(sizeof(struct user_regs_struct) == sizeof(struct guest_regs));
static_assert(sizeof(struct user_i387_struct) == sizeof(struct _fpstate_64));

unsigned long guest_reg_get(struct task_struct *task, unsigned int offset)
{
	return ((unsigned long *)task_guest_regs(task))[offset / sizeof(long)];
}

int guest_reg_set(struct task_struct *task, unsigned int offset, unsigned long value)
{
	struct guest_regs *regs = task_guest_regs(task);

	switch (offset) {
	case offsetof(struct guest_regs, pt.cs):
	case offsetof(struct guest_regs, pt.ss):
		/* there is one code and one stack segment, whatever was asked for */
		if ((u16)value == 0 || (value & SEGMENT_RPL_MASK) != USER_RPL)
			return -EIO;
		return 0;
	case offsetof(struct guest_regs, ds):
	case offsetof(struct guest_regs, es):
	case offsetof(struct guest_regs, fs):
	case offsetof(struct guest_regs, gs):
		value = (u16)value;
		if (value && (value & SEGMENT_RPL_MASK) != USER_RPL)
			return -EIO;
		break;
	case offsetof(struct guest_regs, fs_base):
	case offsetof(struct guest_regs, gs_base):
		if (value >= TASK_SIZE_MAX)
			return -EIO;
		break;
	case offsetof(struct guest_regs, pt.flags):
		regs->pt.flags = value;
		regs_make_guest(&regs->pt);
		return 0;
	}
	((unsigned long *)regs)[offset / sizeof(long)] = value;
	return 0;
}

static int general_get(struct task_struct *target, const struct user_regset *regset,
		       struct membuf to)
{
	return membuf_write(&to, task_guest_regs(target), sizeof(struct guest_regs));
}

static int general_set(struct task_struct *target, const struct user_regset *regset,
		       unsigned int pos, unsigned int count,
		       const void *kbuf, const void __user *ubuf)
{
	unsigned long word;
	int err = 0;

	while (count >= sizeof(word) && !err) {
		/* advances pos and count by what it copies, which is one word */
		unsigned int one = sizeof(word), at = pos;

		err = user_regset_copyin(&at, &one, &kbuf, &ubuf, &word, pos,
					 pos + sizeof(word));
		if (!err)
			err = guest_reg_set(target, pos, word);
		pos += sizeof(word);
		count -= sizeof(word);
	}
	return err;
}

/* x87 and SSE, in the format of FXSAVE */
static int fx_get(struct task_struct *target, const struct user_regset *regset,
		  struct membuf to)
{
	const struct xstate_head *image;
	int err = fpu_save(target);

	if (err)
		return err;
	image = target->thread.guest.fp;
	membuf_write(&to, &image->fx, offsetof(struct _fpstate_64, reserved2));
	return membuf_zero(&to, to.left);
}

static int fx_set(struct task_struct *target, const struct user_regset *regset,
		  unsigned int pos, unsigned int count,
		  const void *kbuf, const void __user *ubuf)
{
	struct xstate_head *image;
	struct _fpstate_64 fx;
	int err;

	if (pos != 0 || count != sizeof(fx))
		return -EINVAL;
	err = user_regset_copyin(&pos, &count, &kbuf, &ubuf, &fx, 0, sizeof(fx));
	if (err)
		return err;
	if (fx.mxcsr & ~xstate.mxcsr_mask)
		return -EINVAL;
	err = fpu_save(target);
	if (err)
		return err;
	image = target->thread.guest.fp;
	image->fx = fx;
	return 0;
}

static int xstate_active(struct task_struct *target, const struct user_regset *regset)
{
	return target->thread.guest.fp ? regset->n : 0;
}

static int xstate_get(struct task_struct *target, const struct user_regset *regset,
		      struct membuf to)
{
	const struct xstate_head *image;
	struct xstate_head head = {};
	unsigned int at = sizeof(head);
	int i, err = fpu_save(target);

	if (err)
		return err;
	image = target->thread.guest.fp;
	memcpy(&head.fx, &image->fx, offsetof(struct _fpstate_64, reserved2));
	memcpy((void *)&head + XSTATE_XCR0_OFFSET, &xstate.features, sizeof(u64));
	head.header.xfeatures = image->header.xfeatures;
	membuf_write(&to, &head, sizeof(head));

	/* components lie in the order of their numbers on every CPU so far */
	for (i = 2; i < XSTATE_MAX; i++) {
		unsigned int offset = xstate.component[i].offset;
		unsigned int size = xstate.component[i].size;

		if (!(head.header.xfeatures & BIT_ULL(i)) || offset < at)
			continue;
		membuf_zero(&to, offset - at);
		membuf_write(&to, (void *)image + offset, size);
		at = offset + size;
	}
	return membuf_zero(&to, to.left);
}

static int xstate_set(struct task_struct *target, const struct user_regset *regset,
		      unsigned int pos, unsigned int count,
		      const void *kbuf, const void __user *ubuf)
{
	const struct xstate_head *head;
	void *copy = NULL;
	u64 features;
	int err;

	if (pos != 0 || count != regset->n * regset->size)
		return -EFAULT;
	if (!kbuf) {
		copy = vmemdup_user(ubuf, count);
		if (IS_ERR(copy))
			return PTR_ERR(copy);
		kbuf = copy;
	}
	head = kbuf;
	features = head->header.xfeatures;
	err = xstate_check_ptrace(head);
	if (!err)
		err = fpu_save(target);
	if (!err)
		err = xstate_import(target->thread.guest.fp, head, features,
				    features & (XSTATE_FP | XSTATE_MXCSR), kbuf, NULL);
	kvfree(copy);
	return err;
}

static struct user_regset guest_regsets[] __ro_after_init = {
	[REGSET_GENERAL] = {
		.core_note_type	= NT_PRSTATUS,
		.n		= ELF_NGREG,
		.size		= sizeof(long),
		.align		= sizeof(long),
		.regset_get	= general_get,
		.set		= general_set,
	},
	[REGSET_FX] = {
		.core_note_type	= NT_PRFPREG,
		.n		= sizeof(struct user_i387_struct) / sizeof(long),
		.size		= sizeof(long),
		.align		= sizeof(long),
		.active		= xstate_active,
		.regset_get	= fx_get,
		.set		= fx_set,
	},
	[REGSET_XSTATE] = {
		.core_note_type	= NT_X86_XSTATE,
		.size		= sizeof(u64),
		.align		= sizeof(u64),
		.active		= xstate_active,
		.regset_get	= xstate_get,
		.set		= xstate_set,
	},
};

const struct user_regset_view guest_regset_view = {
	.name		= "x86_64",
	.e_machine	= EM_X86_64,
	.regsets	= guest_regsets,
	.n		= ARRAY_SIZE(guest_regsets),
};

const struct user_regset_view *task_user_regset_view(struct task_struct *task)
{
	return &guest_regset_view;
}

static int __init regset_init(void)
{
	guest_regsets[REGSET_XSTATE].n = xstate.size / sizeof(u64);
	return 0;
}
core_initcall(regset_init);
