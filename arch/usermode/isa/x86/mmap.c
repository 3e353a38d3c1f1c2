// SPDX-License-Identifier: GPL-2.0
/*
 * mmap.c - mmap(2) with what x86-64 adds to it: MAP_32BIT.
 *
 * Context: process; placement runs under the caller's mmap_lock.
 */
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/personality.h>
#include <linux/random.h>
#include <linux/sched/mm.h>
#include <linux/sizes.h>
#include <linux/syscalls.h>
#include <asm/layout.h>

/*
 * Where MAP_32BIT looks: first where x86-64 does, as far as the kernel's range
 * leaves it, then below, where the heap of a fixed executable grows.
 */
#define LOW_FIRST	0x40000000UL
#define LOW_SECOND	0x10000000UL

SYSCALL_DEFINE6(mmap, unsigned long, addr, unsigned long, len,
		unsigned long, prot, unsigned long, flags,
		unsigned long, fd, unsigned long, offset)
{
	if (offset_in_page(offset))
		return -EINVAL;
	return ksys_mmap_pgoff(addr, len, prot, flags, fd, offset >> PAGE_SHIFT);
}

static unsigned long find_low_area(struct file *file, unsigned long addr,
				   unsigned long len, unsigned long pgoff,
				   unsigned long flags, vm_flags_t vm_flags)
{
	struct vm_unmapped_area_info info = {
		.length		= len,
		.low_limit	= LOW_FIRST,
		.high_limit	= KERNEL_START,
	};

	if (len > KERNEL_START)
		return -ENOMEM;
	/* a hint is taken if the place is free and low */
	if (addr && addr <= KERNEL_START - len) {
		unsigned long at = generic_get_unmapped_area(file, addr, len, pgoff,
							     flags, vm_flags);

		if (at == PAGE_ALIGN(addr))
			return at;
	}
	if (current->flags & PF_RANDOMIZE)
		info.low_limit = randomize_page(LOW_FIRST, SZ_32M);
	addr = vm_unmapped_area(&info);
	if (!IS_ERR_VALUE(addr))
		return addr;
	info.low_limit = LOW_SECOND;
	return vm_unmapped_area(&info);
}

static bool wants_low(unsigned long flags)
{
	return (flags & (MAP_32BIT | MAP_FIXED)) == MAP_32BIT;
}

unsigned long arch_get_unmapped_area(struct file *file, unsigned long addr,
				     unsigned long len, unsigned long pgoff,
				     unsigned long flags, vm_flags_t vm_flags)
{
	if (wants_low(flags))
		return find_low_area(file, addr, len, pgoff, flags, vm_flags);
	return generic_get_unmapped_area(file, addr, len, pgoff, flags, vm_flags);
}

unsigned long arch_get_unmapped_area_topdown(struct file *file, unsigned long addr,
					     unsigned long len, unsigned long pgoff,
					     unsigned long flags, vm_flags_t vm_flags)
{
	if (wants_low(flags))
		return find_low_area(file, addr, len, pgoff, flags, vm_flags);
	return generic_get_unmapped_area_topdown(file, addr, len, pgoff, flags, vm_flags);
}
