/* SPDX-License-Identifier: GPL-2.0 */
/* fault.h - what page faults and forks share. */
#ifndef __USERMODE_MM_FAULT_H
#define __USERMODE_MM_FAULT_H

struct vm_area_struct;

/**
 * fault_ahead - handle accesses that are expected, as far as that is quick
 * @vma:   the area; it allows them
 * @addr:  first page
 * @end:   of the last page; what is behind the area's end is left out
 * @error: kind of the access: FAULT_WRITE, FAULT_EXEC or 0
 *
 * Nothing is waited for, and shared pages are not made dirty.
 *
 * Context: process; mmap_lock of the area's mm is held for reading.
 */
void fault_ahead(struct vm_area_struct *vma, unsigned long addr, unsigned long end,
		 unsigned int error);

#endif
