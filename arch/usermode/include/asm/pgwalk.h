/* SPDX-License-Identifier: GPL-2.0 */
/* pgwalk.h - finding the entries of guest addresses, and caching them in the host. */
#ifndef __ASM_USERMODE_PGWALK_H
#define __ASM_USERMODE_PGWALK_H

#include <linux/mm.h>

/* the pmd that covers @addr, or NULL; context: page tables not being freed */
static inline pmd_t *pgwalk_pmd(struct mm_struct *mm, unsigned long addr)
{
	pgd_t *pgd = pgd_offset(mm, addr);
	p4d_t *p4d = p4d_offset(pgd, addr);
	pud_t *pud;
	pmd_t *pmd;

	if (p4d_none(*p4d))
		return NULL;
	pud = pud_offset(p4d, addr);
	if (pud_none(*pud))
		return NULL;
	pmd = pmd_offset(pud, addr);
	return pmd_none(*pmd) ? NULL : pmd;
}

/* the entry of @addr, locked and mapped (pte_unmap_unlock()), or NULL: there is no table */
static inline pte_t *pgwalk_lock(struct mm_struct *mm, unsigned long addr, spinlock_t **ptl)
{
	pmd_t *pmd = pgwalk_pmd(mm, addr);

	return pmd ? pte_offset_map_lock(mm, pmd, addr, ptl) : NULL;
}

/**
 * tlb_fill_to - as tlb_fill(), where more than the page at @addr will be needed
 * @mm:   current's mm
 * @addr: address that faulted
 * @end:  of the pages that will be needed next; the end of @addr's page at least,
 *	  the end of its page table's range at most
 *
 * Return: all pages from @addr's to this address are cached, and allow what that does.
 */
unsigned long tlb_fill_to(struct mm_struct *mm, unsigned long addr, unsigned long end);

#endif
