/* SPDX-License-Identifier: GPL-2.0 */
/* System calls that the vDSO makes where it does not know the answer itself. */
#ifndef __ASM_USERMODE_VDSO_SYSCALL_H
#define __ASM_USERMODE_VDSO_SYSCALL_H

static __always_inline long vdso_syscall3(long nr, long a, long b, long c)
{
	long ret;

	asm volatile("syscall"
		     : "=a" (ret)
		     : "0" (nr), "D" (a), "S" (b), "d" (c)
		     : "rcx", "r11", "memory");
	return ret;
}

#endif
