// SPDX-License-Identifier: GPL-2.0
/*
 * syscall_table.c - system calls by number.
 *
 * Generated from x86's own list. Entries are declared here with the six
 * argument registers as parameters, whatever the real function takes: the C
 * calling convention lets it ignore the rest. (So <linux/syscalls.h>, which has
 * the real prototypes, must not be included.)
 */
#include <asm/syscall.h>

/* there are no I/O ports: what x86 does when it is built without them */
#define sys_iopl	sys_ni_syscall
#define sys_ioperm	sys_ni_syscall

#define __SYSCALL_NORETURN(nr, sym)	__SYSCALL(nr, sym)

#define __SYSCALL(nr, sym)						\
	long sym(unsigned long, unsigned long, unsigned long,		\
		 unsigned long, unsigned long, unsigned long);
#include <asm/syscall_table_64.h>
#undef __SYSCALL

#define __SYSCALL(nr, sym)	[nr] = sym,
const sys_call_ptr_t sys_call_table[NR_syscalls] = {
#include <asm/syscall_table_64.h>
};
