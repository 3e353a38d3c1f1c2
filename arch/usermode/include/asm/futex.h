/* SPDX-License-Identifier: GPL-2.0 */
/*
 * futex.h - atomic operations on a word of guest memory (mm/uaccess.c).
 *
 * Called with page faults disabled; -EFAULT makes the caller fault it in.
 */
#ifndef __ASM_USERMODE_FUTEX_H
#define __ASM_USERMODE_FUTEX_H

#include <uapi/linux/futex.h>
#include <linux/types.h>

int arch_futex_atomic_op_inuser(int op, u32 oparg, int *oval, u32 __user *uaddr);
int futex_atomic_cmpxchg_inatomic(u32 *uval, u32 __user *uaddr, u32 oldval, u32 newval);

/* *@new is what operation @op makes of @old; 0 or -ENOSYS */
int futex_result(int op, u32 old, u32 oparg, u32 *new);

#endif
