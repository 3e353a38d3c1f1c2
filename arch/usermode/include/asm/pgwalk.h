/* SPDX-License-Identifier: GPL-2.0 */
/*
 * pgwalk.h - finding the entries of guest addresses, whatever their page's size, and
 * caching them in the host.
 */
#ifndef __ASM_USERMODE_PGWALK_H
#define __ASM_USERMODE_PGWALK_H

#include <linux/mm.h>

/**
 * struct pgwalk - the entries of the 2 MB around an address, locked
 * @table: the first of 512 entries; NULL: it is one huge page, and @pmd its entry
 * @pmd:   of the table, or of the huge page
 * @ptl:   the lock that is held
 */
struct pgwalk {
	pte_t *table;
	pmd_t *pmd;
	spinlock_t *ptl;	/* taken by pgwalk_lock() */
};

/**
 * pgwalk_lock - find and lock the entries around an address
 * @mm:   its page tables
 * @addr: guest address
 * @wait: wait for the lock; else give up where it is taken: code that may not sleep
 *	  may hold the very lock
 * @walk: the result
 *
 * Context: page tables not being freed. Between lock and pgwalk_unlock() nothing sleeps.
 * Return: false if there are no entries, or no lock to be had; nothing is locked then.
 */
bool pgwalk_lock(struct mm_struct *mm, unsigned long addr, bool wait, struct pgwalk *walk);

void pgwalk_unlock(const struct pgwalk *walk);

/* as pgwalk_get(), without a lock, and nothing (pte_none()) where there is no entry */
pte_t pgwalk_peek(struct mm_struct *mm, unsigned long addr);

/* the part of a huge page that is at @addr, as if it were a page of its own */
static inline pte_t pgwalk_part(pmd_t pmd, unsigned long addr)
{
	return __pte(pmd_val(pmd) + (addr & ~PMD_MASK & PAGE_MASK));
}

/* the entry of the page at @addr */
static inline pte_t pgwalk_get(const struct pgwalk *walk, unsigned long addr)
{
	if (likely(walk->table))
		return ptep_get(walk->table + pte_index(addr));
	return pgwalk_part(*walk->pmd, addr);
}

/* @addr is accessed: young, and dirty if @write, as the hardware would mark it */
static inline void pgwalk_mark(const struct pgwalk *walk, unsigned long addr, bool write)
{
	unsigned long marks = _PAGE_ACCESSED | (write ? _PAGE_DIRTY : 0);
	pte_t *ptep;

	if (likely(walk->table)) {
		ptep = walk->table + pte_index(addr);
		set_pte(ptep, __pte(pte_val(*ptep) | marks));
	} else {
		set_pmd(walk->pmd, __pmd(pmd_val(*walk->pmd) | marks));
	}
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
