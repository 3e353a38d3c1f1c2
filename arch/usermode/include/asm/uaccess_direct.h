/* SPDX-License-Identifier: GPL-2.0 */
/*
 * uaccess_direct.h - guest memory at its own addresses.
 *
 * For modes in which the host process of the guest's mm is the one that the
 * kernel runs in. A fault is handled in place (mm/fault.c); what the page tables
 * do not allow continues at the exception table's fixup. All refuse the kernel's
 * own range, which lies among the guest's addresses.
 */
#ifndef __ASM_USERMODE_UACCESS_DIRECT_H
#define __ASM_USERMODE_UACCESS_DIRECT_H

#include <linux/compiler.h>
#include <linux/errno.h>
#include <linux/jump_label.h>
#include <asm/asm.h>

DECLARE_STATIC_KEY_FALSE(guest_mapped_key);

/* is guest memory reached at its own addresses? Constant after boot */
static __always_inline bool guest_is_mapped(void)
{
	return static_branch_unlikely(&guest_mapped_key);
}

static __always_inline int direct_cmpxchg(u32 *word, u32 *old, u32 new)
{
	asm_goto_output("1: lock; cmpxchgl %2, %1\n"
			EXTABLE_ENTRY("1b", "%l[fault]")
			: "+a" (*old), "+m" (*word) : "r" (new) : "memory", "cc" : fault);
	return 0;
fault:
	return -EFAULT;
}

/* can these be a guest's own? */
bool direct_range_ok(const void __user *at, unsigned long n);

/* mm/uaccess_direct.c, with the meaning of their namesakes in uaccess.c */
unsigned long direct_copy_from(void *to, const void __user *from, unsigned long n);
unsigned long direct_copy_to(void __user *to, const void *from, unsigned long n);
unsigned long direct_clear(void __user *to, unsigned long n);
long direct_strncpy(char *dst, const char __user *src, long count);
long direct_strnlen(const char __user *str, long n);
int direct_futex_cmpxchg(u32 *uval, u32 __user *uaddr, u32 oldval, u32 newval);
int direct_futex_op(int op, u32 oparg, int *oval, u32 __user *uaddr);

/* once, with jump labels up: guest memory is mapped in this mode */
void direct_uaccess_init(void);

#endif
