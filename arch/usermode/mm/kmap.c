// SPDX-License-Identifier: GPL-2.0
/*
 * kmap.c - the kernel's own mappings outside of the linear map: vmalloc, modules.
 *
 * The host's mappings there follow init_mm's page tables: made when the
 * generic code has set entries, removed when it flushes them, and at the
 * latest by the first access (kmap_fault()).
 *
 * Context: any; host calls only. init_mm's page tables are never freed.
 */
#include <linux/init.h>
#include <linux/mm.h>
#include <linux/vmalloc.h>
#include <asm/boot.h>
#include <asm/host.h>
#include <asm/pgwalk.h>
#include <asm/platform.h>
#include <asm/tlbflush.h>
#include <asm/traps.h>

static int kernel_prot(pte_t pte)
{
	int prot = HOST_PROT_READ;

	if (pte_write(pte))
		prot |= HOST_PROT_WRITE;
	if (pte_exec(pte))
		prot |= HOST_PROT_EXEC;
	return prot;
}

static pte_t kernel_pte(unsigned long addr, unsigned long *next, unsigned long end)
{
	pgd_t *pgd = pgd_offset_k(addr);
	p4d_t *p4d = p4d_offset(pgd, addr);
	pud_t *pud;
	pmd_t *pmd;

	*next = pgd_addr_end(addr, end);
	if (p4d_none(*p4d))
		return __pte(0);
	*next = pud_addr_end(addr, end);
	pud = pud_offset(p4d, addr);
	if (pud_none(*pud))
		return __pte(0);
	*next = pmd_addr_end(addr, end);
	pmd = pmd_offset(pud, addr);
	if (pmd_none(*pmd))
		return __pte(0);
	*next = min(addr + PAGE_SIZE, end);
	return ptep_get(pte_offset_kernel(pmd, addr));
}

/* a maximal piece of [start, end) that one host call can treat */
static pte_t next_run(unsigned long start, unsigned long end, unsigned long *stop)
{
	unsigned long next, at;
	pte_t first = kernel_pte(start, &next, end), pte;

	for (at = next; at < end; at = next) {
		pte = kernel_pte(at, &next, end);
		if (pte_present(first) ?
		    pte_val(pte) != pte_val(first) + (at - start) : pte_present(pte))
			break;
	}
	*stop = at;
	return first;
}

static void host_follow(unsigned long start, unsigned long stop, pte_t pte)
{
	long ret;

	if (!pte_present(pte)) {
		ret = host_unmap((void *)start, stop - start);
	} else {
		ret = host_map((void *)start, stop - start, kernel_prot(pte),
			       HOST_MAP_SHARED | HOST_MAP_FIXED, physmem_fd,
			       (u64)pte_pfn(pte) << PAGE_SHIFT);
		ret = ret < 0 ? ret : 0;
	}
	if (ret)
		panic("usermode: the host refuses a kernel mapping (%ld); see vm.max_map_count",
		      ret);
}

void kmap_sync(unsigned long start, unsigned long end)
{
	unsigned long stop;
	pte_t pte;

	start &= PAGE_MASK;
	for (end = PAGE_ALIGN(end); start < end; start = stop) {
		pte = next_run(start, end, &stop);
		host_follow(start, stop, pte);
	}
}

/* other host processes that the kernel runs in may hold what is not valid any more */
static void flush_range(unsigned long start, unsigned long end)
{
	unsigned long flags;

	if (start >= end)
		return;
	kmap_sync(start, end);
	if (!space_ops->kernel_unmapped)
		return;
	local_irq_save(flags);
	space_ops->kernel_unmapped(start & PAGE_MASK, PAGE_ALIGN(end) - (start & PAGE_MASK));
	local_irq_restore(flags);
}

void flush_tlb_kernel_range(unsigned long start, unsigned long end)
{
	flush_range(max(start, VMALLOC_START), min(end, VMALLOC_END));
	flush_range(max(start, MODULES_VADDR), min(end, MODULES_END));
}

/* a kernel access faulted: true if the page tables allow it after all */
bool kmap_fault(unsigned long addr)
{
	unsigned long next;
	pte_t pte;

	if (!is_vmalloc_or_module_addr((void *)addr))
		return false;
	addr &= PAGE_MASK;
	pte = kernel_pte(addr, &next, addr + PAGE_SIZE);
	if (!pte_present(pte))
		return false;
	host_follow(addr, addr + PAGE_SIZE, pte);
	return true;
}
