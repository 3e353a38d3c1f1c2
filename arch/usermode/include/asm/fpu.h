/* SPDX-License-Identifier: GPL-2.0 */
/*
 * fpu.h - the FP state of guest threads (isa/x86/fpu.c).
 *
 * A guest thread's state lies in guest.fp in the standard XSAVE format, or, as
 * long as guest.fp_host says so, in a host thread. Kernel threads have none.
 * Whatever stands in guest.fp can be loaded by the host: x87 and SSE are always
 * marked present, the header has no reserved bit, MXCSR none either.
 */
#ifndef __ASM_USERMODE_FPU_H
#define __ASM_USERMODE_FPU_H

#include <linux/types.h>

struct task_struct;

/* once, after platform_init() and with the slab allocator up */
void fpu_init(void);

/*
 * arch_dup_task_struct() copied the parent's thread_struct: take the FP state
 * out of @dst, which does not own it.
 */
void fpu_detach(struct task_struct *dst);

/* copy_thread() of a user thread: @dst gets a copy of current's state. 0 or -ENOMEM */
int fpu_dup(struct task_struct *dst);

/* flush_thread(): initial state for current, which may have had none */
void fpu_exec(void);

/* exit_thread(): no host thread need keep @tsk's state any more */
void fpu_drop(struct task_struct *tsk);

/* arch_release_task_struct(): frees the memory */
void fpu_free(struct task_struct *tsk);

/*
 * Make guest.fp the truth: @tsk is current or stopped. Afterwards it may be
 * read and changed; the next entry into guest code loads it. 0 or -errno.
 */
int fpu_save(struct task_struct *tsk);

#endif
