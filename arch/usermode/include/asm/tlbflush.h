/* SPDX-License-Identifier: GPL-2.0 */
/*
 * tlbflush.h - the host's mappings as a TLB.
 *
 * A guest address space's mappings in the host are a cache of its page tables
 * (mm/tlb.c). Flushes are queued to the space and take effect before guest
 * code runs in it again. Kernel mappings outside of the linear map follow
 * init_mm's page tables at once.
 */
#ifndef __ASM_USERMODE_TLBFLUSH_H
#define __ASM_USERMODE_TLBFLUSH_H

#include <linux/mm_types.h>

struct vm_area_struct;

void flush_tlb_all(void);
void flush_tlb_mm(struct mm_struct *mm);
void flush_tlb_range(struct vm_area_struct *vma, unsigned long start, unsigned long end);
void flush_tlb_page(struct vm_area_struct *vma, unsigned long addr);
void flush_tlb_kernel_range(unsigned long start, unsigned long end);

/**
 * tlb_fill - cache the translations around @addr in the host
 * @mm:   current's mm
 * @addr: address that faulted
 *
 * Context: process, mm's page tables stable or not: each run of entries is read
 * under its page table lock.
 */
void tlb_fill(struct mm_struct *mm, unsigned long addr);

/* make the host's mappings of a kernel range equal to init_mm's page tables */
void kmap_sync(unsigned long start, unsigned long end);

/* a kernel access to @addr faulted: true if it may be repeated */
bool kmap_fault(unsigned long addr);

#endif
