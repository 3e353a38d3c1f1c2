/* SPDX-License-Identifier: GPL-2.0 */
/*
 * syscall.h - the instruction that enters the host.
 *
 * The only place of the host layer with a "syscall" in it, but for start.S. The
 * host destroys rcx and r11, may read and write any memory, and returns a value
 * or -errno in rax.
 *
 * With HOST_FAULT_INJECT (tests/host) each call first asks host_fault(), which
 * makes it fail by returning -errno, or lets it pass by returning 0.
 */
#ifndef __USERMODE_HOST_SYSCALL_H
#define __USERMODE_HOST_SYSCALL_H

#include <linux/types.h>
#include <asm/unistd.h>

#ifdef HOST_FAULT_INJECT
long host_fault(long nr, unsigned long a, unsigned long b);
#else
static inline long host_fault(long nr, unsigned long a, unsigned long b)
{
	return 0;
}
#endif

static __always_inline long __host_syscall(long nr, unsigned long a, unsigned long b,
					   unsigned long c, unsigned long d,
					   unsigned long e, unsigned long f)
{
	long ret = host_fault(nr, a, b);

	if (ret)
		return ret;
	/* no call may stand between these and the instruction */
	{
		register unsigned long r10 asm("r10") = d;
		register unsigned long r8 asm("r8") = e;
		register unsigned long r9 asm("r9") = f;

		asm volatile("syscall"
			     : "=a" (ret)
			     : "0" (nr), "D" (a), "S" (b), "d" (c), "r" (r10), "r" (r8), "r" (r9)
			     : "rcx", "r11", "cc", "memory");
	}
	return ret;
}

#define __host_arg(x)	((unsigned long)(x))

#define host_syscall6(nr, a, b, c, d, e, f) \
	__host_syscall(nr, __host_arg(a), __host_arg(b), __host_arg(c), \
		       __host_arg(d), __host_arg(e), __host_arg(f))
#define host_syscall5(nr, a, b, c, d, e)	host_syscall6(nr, a, b, c, d, e, 0)
#define host_syscall4(nr, a, b, c, d)		host_syscall5(nr, a, b, c, d, 0)
#define host_syscall3(nr, a, b, c)		host_syscall4(nr, a, b, c, 0)
#define host_syscall2(nr, a, b)			host_syscall3(nr, a, b, 0)
#define host_syscall1(nr, a)			host_syscall2(nr, a, 0)
#define host_syscall0(nr)			host_syscall1(nr, 0)

/*
 * clone(2) of a task that starts on a stack of its own. @sp, a multiple of 16,
 * holds fn at sp[0] and its argument at sp[1]; both are popped. The child never
 * sees the caller's frame: it calls fn there and exits, itself alone, when fn
 * returns. @tid receives its id before it runs. Returns in the parent only.
 */
static __always_inline long host_clone_call(unsigned long flags, void *sp, u32 *tid)
{
	long ret = host_fault(__NR_clone, flags, __host_arg(sp));

	if (ret)
		return ret;
	{
		register u32 *r10 asm("r10") = tid;

		asm volatile("syscall\n\t"
			     "testq %%rax, %%rax\n\t"
			     "jnz 1f\n\t"
			     "xorl %%ebp, %%ebp\n\t"	/* backtraces end here */
			     "popq %%rax\n\t"
			     "popq %%rdi\n\t"
			     "callq *%%rax\n\t"
			     "movl %[exit], %%eax\n\t"
			     "xorl %%edi, %%edi\n\t"
			     "syscall\n\t"
			     "ud2\n"
			     "1:"
			     : "=a" (ret)
			     : "0" ((long)__NR_clone), "D" (flags), "S" (sp), "d" (tid), "r" (r10),
			       [exit] "i" (__NR_exit)
			     : "rcx", "r11", "cc", "memory");
	}
	return ret;
}

#endif /* __USERMODE_HOST_SYSCALL_H */
