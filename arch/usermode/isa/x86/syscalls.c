// SPDX-License-Identifier: GPL-2.0
/*
 * syscalls.c - the small system calls that every x86-64 kernel brings itself.
 *
 * Context: process. No state, no locks.
 */
#include <linux/mm.h>
#include <linux/syscalls.h>

SYSCALL_DEFINE6(mmap, unsigned long, addr, unsigned long, len,
		unsigned long, prot, unsigned long, flags,
		unsigned long, fd, unsigned long, offset)
{
	if (offset_in_page(offset))
		return -EINVAL;
	return ksys_mmap_pgoff(addr, len, prot, flags, fd, offset >> PAGE_SHIFT);
}

/* there are no I/O ports; what x86 says when it is built without them */
SYSCALL_DEFINE1(iopl, unsigned int, level)
{
	return -ENOSYS;
}

SYSCALL_DEFINE3(ioperm, unsigned long, from, unsigned long, num, int, on)
{
	return -ENOSYS;
}
