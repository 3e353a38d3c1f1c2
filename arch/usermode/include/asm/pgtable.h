/* SPDX-License-Identifier: GPL-2.0 */
/*
 * pgtable.h - guest page tables: four levels of 512 entries, as on x86-64.
 *
 * No hardware walks them. The host's mappings are filled from them (mm/tlb.c),
 * so the accessed and dirty bits are set in software: a translation is cached
 * in the host only when it is young, and writable only when it is dirty too.
 *
 * A pmd is a table's, or a huge page's: then it has the form of an entry and the bit
 * "huge", and its frame is the first of 512.
 *
 * Entry: bits 0-11 below, bits 12-51 the frame. Not present and not zero: a
 * swap entry, with bit 1 "exclusive", bits 2-6 the type and bits 12-63 the offset.
 */
#ifndef __ASM_USERMODE_PGTABLE_H
#define __ASM_USERMODE_PGTABLE_H

#include <asm/page.h>

#define vmemmap		((struct page *)VMEMMAP_START)

#define PGDIR_SHIFT	39
#define PUD_SHIFT	30
#define PMD_SHIFT	21

#define PGDIR_SIZE	_BITUL(PGDIR_SHIFT)
#define PGDIR_MASK	(~(PGDIR_SIZE - 1))
#define PUD_SIZE	_BITUL(PUD_SHIFT)
#define PUD_MASK	(~(PUD_SIZE - 1))
#define PMD_SIZE	_BITUL(PMD_SHIFT)
#define PMD_MASK	(~(PMD_SIZE - 1))

#define PTRS_PER_PGD	512
#define PTRS_PER_PUD	512
#define PTRS_PER_PMD	512
#define PTRS_PER_PTE	512

#define USER_PTRS_PER_PGD	(TASK_SIZE_MAX / PGDIR_SIZE)

#define _PAGE_PRESENT	_BITUL(0)
#define _PAGE_WRITE	_BITUL(1)
#define _PAGE_READ	_BITUL(2)	/* clear in PROT_NONE */
#define _PAGE_EXEC	_BITUL(3)
#define _PAGE_ACCESSED	_BITUL(4)
#define _PAGE_DIRTY	_BITUL(5)
#define _PAGE_SPECIAL	_BITUL(6)
#define _PAGE_HUGE	_BITUL(7)	/* of a pmd: no table */
#define _PAGE_SWP_EXCLUSIVE _BITUL(1)	/* of an entry that is not present */

#define _PAGE_TABLE	(_PAGE_PRESENT | _PAGE_READ | _PAGE_ACCESSED)
#define _PAGE_PFN_MASK	(((_AC(1, UL) << 52) - 1) & PAGE_MASK)
#define _PAGE_CHG_MASK	(_PAGE_PFN_MASK | _PAGE_ACCESSED | _PAGE_DIRTY | _PAGE_SPECIAL | \
			 _PAGE_HUGE)

#define HPAGE_SHIFT		PMD_SHIFT
#define HPAGE_SIZE		PMD_SIZE
#define HPAGE_MASK		PMD_MASK
#define HUGETLB_PAGE_ORDER	(HPAGE_SHIFT - PAGE_SHIFT)

#ifndef __ASSEMBLY__

#include <asm-generic/pgtable-nop4d.h>
#include <linux/mm_types.h>
#include <asm/sections.h>

#define _PAGE_BASE	(_PAGE_PRESENT | _PAGE_ACCESSED)

#define PAGE_NONE		__pgprot(_PAGE_BASE)
#define PAGE_READONLY		__pgprot(_PAGE_BASE | _PAGE_READ)
#define PAGE_READONLY_EXEC	__pgprot(_PAGE_BASE | _PAGE_READ | _PAGE_EXEC)
#define PAGE_SHARED		__pgprot(_PAGE_BASE | _PAGE_READ | _PAGE_WRITE)
#define PAGE_SHARED_EXEC	__pgprot(_PAGE_BASE | _PAGE_READ | _PAGE_WRITE | _PAGE_EXEC)
#define PAGE_KERNEL		__pgprot(_PAGE_BASE | _PAGE_READ | _PAGE_WRITE | _PAGE_DIRTY)
#define PAGE_KERNEL_RO		__pgprot(_PAGE_BASE | _PAGE_READ)
#define PAGE_KERNEL_ROX		__pgprot(_PAGE_BASE | _PAGE_READ | _PAGE_EXEC)
#define PAGE_KERNEL_EXEC	__pgprot(_PAGE_BASE | _PAGE_READ | _PAGE_WRITE | \
					 _PAGE_DIRTY | _PAGE_EXEC)

struct vm_fault;
struct vm_area_struct;

extern pgd_t swapper_pg_dir[PTRS_PER_PGD];
extern unsigned long empty_zero_page[PAGE_SIZE / sizeof(unsigned long)];

#define ZERO_PAGE(vaddr)	((void)(vaddr), virt_to_page(empty_zero_page))

#define MODULES_VADDR	PAGE_ALIGN((unsigned long)_end)
#define MODULES_END	KERNEL_TEXT_LIMIT
#define MODULES_LEN	(MODULES_END - MODULES_VADDR)

void paging_init(void);

#define pte_ERROR(e) pr_err("%s:%d: bad pte %016lx\n", __FILE__, __LINE__, pte_val(e))
#define pmd_ERROR(e) pr_err("%s:%d: bad pmd %016lx\n", __FILE__, __LINE__, pmd_val(e))
#define pud_ERROR(e) pr_err("%s:%d: bad pud %016lx\n", __FILE__, __LINE__, pud_val(e))
#define pgd_ERROR(e) pr_err("%s:%d: bad pgd %016lx\n", __FILE__, __LINE__, pgd_val(e))

/* ---- upper levels ---- */

#define set_pmd(pmdp, pmd)	WRITE_ONCE(*(pmdp), pmd)
#define set_pud(pudp, pud)	WRITE_ONCE(*(pudp), pud)
#define set_p4d(p4dp, p4d)	WRITE_ONCE(*(p4dp), p4d)

static inline int pmd_none(pmd_t pmd)		{ return !pmd_val(pmd); }
static inline int pmd_present(pmd_t pmd)	{ return pmd_val(pmd) & _PAGE_PRESENT; }
static inline int pmd_bad(pmd_t pmd)
{
	return (pmd_val(pmd) & ~_PAGE_PFN_MASK) != _PAGE_TABLE;
}

static inline void pmd_clear(pmd_t *pmdp)	{ set_pmd(pmdp, __pmd(0)); }

#define pmd_leaf pmd_leaf
static inline bool pmd_leaf(pmd_t pmd)
{
	return (pmd_val(pmd) & (_PAGE_PRESENT | _PAGE_HUGE)) == (_PAGE_PRESENT | _PAGE_HUGE);
}

static inline int pud_none(pud_t pud)		{ return !pud_val(pud); }
static inline int pud_present(pud_t pud)	{ return pud_val(pud) & _PAGE_PRESENT; }
static inline int pud_bad(pud_t pud)
{
	return (pud_val(pud) & ~_PAGE_PFN_MASK) != _PAGE_TABLE;
}

static inline void pud_clear(pud_t *pudp)	{ set_pud(pudp, __pud(0)); }

static inline int p4d_none(p4d_t p4d)		{ return !p4d_val(p4d); }
static inline int p4d_present(p4d_t p4d)	{ return p4d_val(p4d) & _PAGE_PRESENT; }
static inline int p4d_bad(p4d_t p4d)
{
	return (p4d_val(p4d) & ~_PAGE_PFN_MASK) != _PAGE_TABLE;
}

static inline void p4d_clear(p4d_t *p4dp)	{ set_p4d(p4dp, __p4d(0)); }

#define pmd_pfn(pmd)		((pmd_val(pmd) & _PAGE_PFN_MASK) >> PAGE_SHIFT)
#define pud_pfn(pud)		((pud_val(pud) & _PAGE_PFN_MASK) >> PAGE_SHIFT)
#define p4d_pfn(p4d)		((p4d_val(p4d) & _PAGE_PFN_MASK) >> PAGE_SHIFT)
#define pmd_page(pmd)		pfn_to_page(pmd_pfn(pmd))
#define pud_page(pud)		pfn_to_page(pud_pfn(pud))
#define p4d_page(p4d)		pfn_to_page(p4d_pfn(p4d))
#define pmd_page_vaddr(pmd)	((unsigned long)__va(pmd_val(pmd) & _PAGE_PFN_MASK))
#define pmd_pgtable(pmd)	pmd_page(pmd)

static inline pmd_t *pud_pgtable(pud_t pud)
{
	return __va(pud_val(pud) & _PAGE_PFN_MASK);
}

static inline pud_t *p4d_pgtable(p4d_t p4d)
{
	return __va(p4d_val(p4d) & _PAGE_PFN_MASK);
}

/* ---- entries ---- */

#define pte_page(pte)		pfn_to_page(pte_pfn(pte))
#define mk_pte(page, prot)	pfn_pte(page_to_pfn(page), prot)

static inline unsigned long pte_pfn(pte_t pte)
{
	return (pte_val(pte) & _PAGE_PFN_MASK) >> PAGE_SHIFT;
}

static inline pte_t pfn_pte(unsigned long pfn, pgprot_t prot)
{
	return __pte((pfn << PAGE_SHIFT) | pgprot_val(prot));
}

static inline int pte_none(pte_t pte)		{ return !pte_val(pte); }
static inline int pte_present(pte_t pte)	{ return pte_val(pte) & _PAGE_PRESENT; }
static inline int pte_read(pte_t pte)		{ return pte_val(pte) & _PAGE_READ; }
static inline int pte_write(pte_t pte)		{ return pte_val(pte) & _PAGE_WRITE; }
static inline int pte_exec(pte_t pte)		{ return pte_val(pte) & _PAGE_EXEC; }
static inline int pte_dirty(pte_t pte)		{ return pte_val(pte) & _PAGE_DIRTY; }
static inline int pte_young(pte_t pte)		{ return pte_val(pte) & _PAGE_ACCESSED; }
static inline int pte_special(pte_t pte)	{ return pte_val(pte) & _PAGE_SPECIAL; }
static inline int pte_huge(pte_t pte)		{ return !!(pte_val(pte) & _PAGE_HUGE); }

#define PTE_CLEAR_FUNC(name, bit) \
static inline pte_t pte_##name(pte_t pte) { return __pte(pte_val(pte) & ~(bit)); }
#define PTE_SET_FUNC(name, bit) \
static inline pte_t pte_##name(pte_t pte) { return __pte(pte_val(pte) | (bit)); }

PTE_CLEAR_FUNC(wrprotect, _PAGE_WRITE)
PTE_SET_FUNC(mkwrite_novma, _PAGE_WRITE)
PTE_CLEAR_FUNC(mkclean, _PAGE_DIRTY)
PTE_SET_FUNC(mkdirty, _PAGE_DIRTY)
PTE_CLEAR_FUNC(mkold, _PAGE_ACCESSED)
PTE_SET_FUNC(mkyoung, _PAGE_ACCESSED)
PTE_SET_FUNC(mkspecial, _PAGE_SPECIAL)
PTE_SET_FUNC(mkhuge, _PAGE_HUGE)

static inline pte_t pte_modify(pte_t pte, pgprot_t prot)
{
	return __pte((pte_val(pte) & _PAGE_CHG_MASK) | (pgprot_val(prot) & ~_PAGE_CHG_MASK));
}

static inline void set_pte(pte_t *ptep, pte_t pte)
{
	WRITE_ONCE(*ptep, pte);
}

static inline void pte_clear(struct mm_struct *mm, unsigned long addr, pte_t *ptep)
{
	set_pte(ptep, __pte(0));
}

#define PFN_PTE_SHIFT	PAGE_SHIFT

#define pgprot_nx pgprot_nx
static inline pgprot_t pgprot_nx(pgprot_t prot)
{
	return __pgprot(pgprot_val(prot) & ~_PAGE_EXEC);
}

/* ---- entries of huge pages ---- */

static inline pte_t pmd_pte(pmd_t pmd)		{ return __pte(pmd_val(pmd)); }
static inline pmd_t pte_pmd(pte_t pte)		{ return __pmd(pte_val(pte)); }

static inline int pmd_write(pmd_t pmd)		{ return !!pte_write(pmd_pte(pmd)); }
static inline int pmd_dirty(pmd_t pmd)		{ return !!pte_dirty(pmd_pte(pmd)); }
static inline int pmd_young(pmd_t pmd)		{ return !!pte_young(pmd_pte(pmd)); }
#define pmd_write pmd_write
#define pmd_dirty pmd_dirty
#define pmd_young pmd_young

#ifdef CONFIG_TRANSPARENT_HUGEPAGE

#define PMD_BIT_FUNC(name) \
static inline pmd_t pmd_##name(pmd_t pmd) { return pte_pmd(pte_##name(pmd_pte(pmd))); }

PMD_BIT_FUNC(wrprotect)
PMD_BIT_FUNC(mkwrite_novma)
PMD_BIT_FUNC(mkclean)
PMD_BIT_FUNC(mkdirty)
PMD_BIT_FUNC(mkold)
PMD_BIT_FUNC(mkyoung)
PMD_BIT_FUNC(mkhuge)

static inline int pmd_trans_huge(pmd_t pmd)	{ return pmd_leaf(pmd); }

/* who looks at the tables has their lock: what is being changed is not seen */
static inline pmd_t pmd_mkinvalid(pmd_t pmd)	{ return pmd; }
#define pmdp_establish generic_pmdp_establish

static inline pmd_t pfn_pmd(unsigned long pfn, pgprot_t prot)
{
	return pte_pmd(pfn_pte(pfn, prot));
}

#define mk_pmd(page, prot)	pfn_pmd(page_to_pfn(page), prot)

static inline pmd_t pmd_modify(pmd_t pmd, pgprot_t prot)
{
	return pte_pmd(pte_modify(pmd_pte(pmd), prot));
}

static inline void set_pmd_at(struct mm_struct *mm, unsigned long addr, pmd_t *pmdp, pmd_t pmd)
{
	set_pmd(pmdp, pmd);
}

static inline void update_mmu_cache_pmd(struct vm_area_struct *vma, unsigned long addr,
					pmd_t *pmdp)
{
}

#endif /* CONFIG_TRANSPARENT_HUGEPAGE */

/* ---- swap entries ---- */

#define MAX_SWAPFILES_CHECK()	BUILD_BUG_ON(MAX_SWAPFILES_SHIFT > 5)

#define __swp_type(x)		(((x).val >> 2) & 0x1f)
#define __swp_offset(x)		((x).val >> PAGE_SHIFT)
#define __swp_entry(type, offset) \
	((swp_entry_t) { (((type) & 0x1fUL) << 2) | ((unsigned long)(offset) << PAGE_SHIFT) })
#define __pte_to_swp_entry(pte)	((swp_entry_t) { pte_val(pte) })
#define __swp_entry_to_pte(x)	__pte((x).val)

static inline bool pte_swp_exclusive(pte_t pte)	{ return pte_val(pte) & _PAGE_SWP_EXCLUSIVE; }

PTE_SET_FUNC(swp_mkexclusive, _PAGE_SWP_EXCLUSIVE)
PTE_CLEAR_FUNC(swp_clear_exclusive, _PAGE_SWP_EXCLUSIVE)

/* the host's mappings are filled by the fault that needs them (tlb_fill) */
static inline void update_mmu_cache_range(struct vm_fault *vmf, struct vm_area_struct *vma,
					  unsigned long addr, pte_t *ptep, unsigned int nr)
{
}

static inline void update_mmu_cache(struct vm_area_struct *vma, unsigned long addr, pte_t *ptep)
{
}

#include <asm/tlbflush.h>

#endif /* __ASSEMBLY__ */
#endif
