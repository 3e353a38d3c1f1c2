// SPDX-License-Identifier: GPL-2.0
/*
 * fpu.c - the FP state of guest threads: where it is, whom it belongs to.
 *
 * Owns the slab cache of images and each task's guest.fp. A task's state is
 * touched by the task itself, or by a tracer while it is stopped; there is no
 * lock. Calls into trap_ops are made with interrupts off.
 */
#include <linux/irqflags.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <asm/fpu.h>
#include <asm/platform.h>
#include <asm/processor.h>
#include "xstate.h"

static struct kmem_cache *fpu_cachep __ro_after_init;

void __init fpu_init(void)
{
	xstate_probe(guest_fp_size);
	/* signal frames and regsets are copied from it */
	fpu_cachep = kmem_cache_create_usercopy("guest_fp", guest_fp_size, 64,
						SLAB_PANIC | SLAB_ACCOUNT,
						0, guest_fp_size, NULL);
}

void fpu_detach(struct task_struct *dst)
{
	dst->thread.guest.fp = NULL;
	dst->thread.guest.fp_host = NULL;
}

int fpu_dup(struct task_struct *dst)
{
	struct guest *parent = &current->thread.guest;
	void *fp;
	int err;

	err = fpu_save(current);
	if (err)
		return err;
	fp = kmem_cache_alloc(fpu_cachep, GFP_KERNEL);
	if (!fp)
		return -ENOMEM;
	memcpy(fp, parent->fp, guest_fp_size);
	dst->thread.guest.fp = fp;
	dst->thread.guest.fp_host = NULL;
	return 0;
}

void fpu_exec(void)
{
	struct guest *guest = &current->thread.guest;

	/* past the point of no return: exec cannot fail any more */
	if (!guest->fp)
		guest->fp = kmem_cache_zalloc(fpu_cachep, GFP_KERNEL | __GFP_NOFAIL);
	fpu_drop(current);
	xstate_reset(guest->fp);
}

void fpu_drop(struct task_struct *tsk)
{
	struct guest *guest = &tsk->thread.guest;
	unsigned long flags;

	local_irq_save(flags);
	if (guest->fp_host)
		trap_ops->fp_drop(guest);
	guest->fp_host = NULL;
	local_irq_restore(flags);
}

void fpu_free(struct task_struct *tsk)
{
	if (tsk->thread.guest.fp)
		kmem_cache_free(fpu_cachep, tsk->thread.guest.fp);
	tsk->thread.guest.fp = NULL;
}

int fpu_save(struct task_struct *tsk)
{
	struct guest *guest = &tsk->thread.guest;
	unsigned long flags;
	int err = 0;

	if (!guest->fp)
		return -ENODEV;

	local_irq_save(flags);
	if (guest->fp_host) {
		err = trap_ops->fp_save(guest);
		if (!err)
			xstate_normalise(guest->fp);
	}
	local_irq_restore(flags);
	return err;
}
