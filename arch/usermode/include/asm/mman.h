/* SPDX-License-Identifier: GPL-2.0 */
/*
 * mman.h - MAP_32BIT needs its own placement of mappings (isa/x86/mmap.c), and
 * what the host gives to no ordinary user (vm.mmap_min_addr) no guest can have,
 * its root included.
 */
#ifndef __ASM_USERMODE_MMAN_H
#define __ASM_USERMODE_MMAN_H

#include <uapi/asm/mman.h>

#include <linux/errno.h>
#include <asm/layout.h>

#define arch_mmap_check arch_mmap_check
static inline int arch_mmap_check(unsigned long addr, unsigned long len, unsigned long flags)
{
	return (flags & MAP_FIXED) && addr < GUEST_START ? -EPERM : 0;
}

#define HAVE_ARCH_UNMAPPED_AREA
#define HAVE_ARCH_UNMAPPED_AREA_TOPDOWN

#endif
