/* SPDX-License-Identifier: GPL-2.0 */
/*
 * page.h - pages and the linear map.
 */
#ifndef __ASM_USERMODE_PAGE_H
#define __ASM_USERMODE_PAGE_H

#include <linux/const.h>
#include <asm/layout.h>

#define PAGE_SHIFT	CONFIG_PAGE_SHIFT
#define PAGE_SIZE	(_AC(1, UL) << PAGE_SHIFT)
#define PAGE_MASK	(~(PAGE_SIZE - 1))

#ifndef __ASSEMBLY__

#include <linux/pfn.h>
#include <linux/string.h>

struct page;

typedef struct { unsigned long pte; } pte_t;
typedef struct { unsigned long pmd; } pmd_t;
typedef struct { unsigned long pud; } pud_t;
typedef struct { unsigned long pgd; } pgd_t;
typedef struct { unsigned long pgprot; } pgprot_t;
typedef struct page *pgtable_t;

#define pte_val(x)	((x).pte)
#define pmd_val(x)	((x).pmd)
#define pud_val(x)	((x).pud)
#define pgd_val(x)	((x).pgd)
#define pgprot_val(x)	((x).pgprot)

#define __pte(x)	((pte_t) { (x) })
#define __pmd(x)	((pmd_t) { (x) })
#define __pud(x)	((pud_t) { (x) })
#define __pgd(x)	((pgd_t) { (x) })
#define __pgprot(x)	((pgprot_t) { (x) })

#define clear_page(page)	memset((page), 0, PAGE_SIZE)
#define copy_page(to, from)	memcpy((to), (from), PAGE_SIZE)

static inline void clear_user_page(void *to, unsigned long vaddr, struct page *page)
{
	clear_page(to);
}

static inline void copy_user_page(void *to, const void *from, unsigned long vaddr,
				  struct page *page)
{
	copy_page(to, from);
}

/* kernel symbols live at KERNEL_START, everything else in the linear map */
static inline unsigned long __virt_to_phys(unsigned long x)
{
	return x < KERNEL_LIMIT ? x - KERNEL_START : x - PAGE_OFFSET;
}

#define __pa(x)			__virt_to_phys((unsigned long)(x))
#define __pa_symbol(x)		((unsigned long)(x) - KERNEL_START)
#define __va(x)			((void *)((unsigned long)(x) + PAGE_OFFSET))

#define virt_to_pfn(kaddr)	(__pa(kaddr) >> PAGE_SHIFT)
#define pfn_to_virt(pfn)	__va((unsigned long)(pfn) << PAGE_SHIFT)
#define virt_to_page(kaddr)	pfn_to_page(virt_to_pfn(kaddr))
#define page_to_virt(page)	pfn_to_virt(page_to_pfn(page))
#define page_to_phys(page)	((phys_addr_t)page_to_pfn(page) << PAGE_SHIFT)
#define phys_to_page(phys)	pfn_to_page((phys) >> PAGE_SHIFT)

bool virt_addr_is_linear(unsigned long x);
#define virt_addr_valid(kaddr)	virt_addr_is_linear((unsigned long)(kaddr))

#include <asm-generic/memory_model.h>
#include <asm-generic/getorder.h>

#endif /* __ASSEMBLY__ */

#define VM_DATA_DEFAULT_FLAGS	VM_DATA_FLAGS_TSK_EXEC

#endif
