// SPDX-License-Identifier: GPL-2.0
/*
 * pgwalk.c - finding the entries of guest addresses.
 *
 * A huge page's entry is guarded by the lock of its pmd, others by that of their table.
 */
#include <linux/mm.h>
#include <asm/pgwalk.h>

/* the pmd that covers @addr, or NULL: there is nothing */
static pmd_t *find_pmd(struct mm_struct *mm, unsigned long addr)
{
	p4d_t *p4d = p4d_offset(pgd_offset(mm, addr), addr);
	pud_t *pud;
	pmd_t *pmd;

	if (p4d_none(*p4d))
		return NULL;
	pud = pud_offset(p4d, addr);
	if (pud_none(*pud))
		return NULL;
	pmd = pmd_offset(pud, addr);
	return pmd_present(*pmd) ? pmd : NULL;
}

static bool take(spinlock_t *ptl, bool wait)
{
	if (!wait)
		return spin_trylock(ptl);
	spin_lock(ptl);
	return true;
}

bool pgwalk_lock(struct mm_struct *mm, unsigned long addr, bool wait, struct pgwalk *walk)
{
	pmd_t *pmd = find_pmd(mm, addr), found;

	while (pmd && pmd_present(found = READ_ONCE(*pmd))) {
		*walk = (struct pgwalk) { .pmd = pmd };
		if (pmd_leaf(found))
			walk->ptl = pmd_lockptr(mm, pmd);
		else
			walk->table = pte_offset_map_nolock(mm, pmd, addr & PMD_MASK, &walk->ptl);
		if (!walk->ptl)
			continue;
		if (!take(walk->ptl, wait)) {
			if (walk->table)
				pte_unmap(walk->table);
			return false;
		}
		/* a huge page may have been split meanwhile, or have become one */
		if (likely(pmd_same(found, READ_ONCE(*pmd))))
			return true;
		pgwalk_unlock(walk);
	}
	return false;
}

void pgwalk_unlock(const struct pgwalk *walk)
{
	spin_unlock(walk->ptl);
	if (walk->table)
		pte_unmap(walk->table);
}

pte_t pgwalk_peek(struct mm_struct *mm, unsigned long addr)
{
	pmd_t *pmd = find_pmd(mm, addr);
	pte_t *ptep, pte = __pte(0);

	if (!pmd)
		return pte;
	if (pmd_leaf(*pmd))
		return pgwalk_part(*pmd, addr);
	ptep = pte_offset_map(pmd, addr);
	if (ptep) {
		pte = ptep_get(ptep);
		pte_unmap(ptep);
	}
	return pte;
}
