/* SPDX-License-Identifier: GPL-2.0 */
/* pgwalk.h - finding the entry of a guest address. */
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

#endif
