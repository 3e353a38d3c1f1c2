// SPDX-License-Identifier: GPL-2.0
/*
 * syscalls.c - mmap(2), which every architecture brings itself.
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
