/* SPDX-License-Identifier: GPL-2.0 */
/*
 * layout.h - the one address map that every mode shares (docs/architecture.md).
 *
 *   0x00010000      - 0x5fffffff      guest
 *   KERNEL_START    - KERNEL_LIMIT    kernel image, modules and BPF text, tt's own;
 *                                     in guests one sealed, untouchable VMA
 *   KERNEL_LIMIT    - TASK_SIZE       guest
 *   PAGE_OFFSET     -                 linear map of physical memory
 *   VMALLOC_START   - VMALLOC_END     vmalloc
 *   VMEMMAP_START   -                 struct pages, of memory that may come yet, too
 *   STUB_START      -                 stub pages (in guests' host processes)
 *
 * Physical memory is one memfd: physical address p is its offset p. The kernel
 * image is its beginning, so kernel symbols have physical addresses as well.
 */
#ifndef __ASM_USERMODE_LAYOUT_H
#define __ASM_USERMODE_LAYOUT_H

#include <linux/const.h>

#define GUEST_START	_AC(0x10000, UL)

#define KERNEL_START	_AC(0x60000000, UL)
#define KERNEL_LIMIT	_AC(0x80000000, UL)

#define KERNEL_TEXT_LIMIT _AC(0x7e000000, UL)	/* modules end here */

/*
 * Rewritten system calls jump through this table (tt): bits 16 to 23 of its
 * addresses are 06, an invalid opcode (platform/tt_sites.c).
 */
#define SITES_START	_AC(0x7e060000, UL)
#define SITES_SIZE	_AC(0x10000, UL)

/* what each host process has of its own in tt (platform/tt.h): one for each virtual CPU */
#define AREA_START	_AC(0x7f000000, UL)
#define AREA_SIZE	_AC(0x40000, UL)

#define TASK_SIZE_MAX	_AC(0x700000000000, UL)
#define PAGE_OFFSET	_AC(0x700000000000, UL)
#define PHYS_MAX	_AC(0x080000000000, UL)		/* 8 TiB */

#define VMALLOC_START	_AC(0x790000000000, UL)
#define VMALLOC_END	_AC(0x7a0000000000, UL)		/* 1 TiB */

#define VMEMMAP_START	_AC(0x7a8000000000, UL)		/* 128 GiB for PHYS_MAX */

#endif
