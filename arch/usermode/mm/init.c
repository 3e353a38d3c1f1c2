// SPDX-License-Identifier: GPL-2.0
/*
 * init.c - physical memory: memblock, zones, what comes later, freeing what boot
 * needed.
 */
#include <linux/init.h>
#include <linux/memblock.h>
#include <linux/memory.h>
#include <linux/memory_hotplug.h>
#include <linux/mm.h>
#include <asm/boot.h>
#include <asm/host.h>
#include <asm/pgalloc.h>
#include <asm/sections.h>

#define BLOCKS_MAX	1024		/* of the memory at boot */

pgd_t swapper_pg_dir[PTRS_PER_PGD] __page_aligned_bss;
unsigned long empty_zero_page[PAGE_SIZE / sizeof(unsigned long)] __page_aligned_bss;
EXPORT_SYMBOL(empty_zero_page);

static const pgprot_t protection_map[16] = {
	[VM_NONE]					= PAGE_NONE,
	[VM_READ]					= PAGE_READONLY,
	[VM_WRITE]					= PAGE_READONLY,
	[VM_WRITE | VM_READ]				= PAGE_READONLY,
	[VM_EXEC]					= PAGE_READONLY_EXEC,
	[VM_EXEC | VM_READ]				= PAGE_READONLY_EXEC,
	[VM_EXEC | VM_WRITE]				= PAGE_READONLY_EXEC,
	[VM_EXEC | VM_WRITE | VM_READ]			= PAGE_READONLY_EXEC,
	[VM_SHARED]					= PAGE_NONE,
	[VM_SHARED | VM_READ]				= PAGE_READONLY,
	[VM_SHARED | VM_WRITE]				= PAGE_SHARED,
	[VM_SHARED | VM_WRITE | VM_READ]		= PAGE_SHARED,
	[VM_SHARED | VM_EXEC]				= PAGE_READONLY_EXEC,
	[VM_SHARED | VM_EXEC | VM_READ]			= PAGE_READONLY_EXEC,
	[VM_SHARED | VM_EXEC | VM_WRITE]		= PAGE_SHARED_EXEC,
	[VM_SHARED | VM_EXEC | VM_WRITE | VM_READ]	= PAGE_SHARED_EXEC,
};
DECLARE_VM_GET_PAGE_PROT

bool virt_addr_is_linear(unsigned long x)
{
	if (x >= KERNEL_START && x < (unsigned long)_end)
		return true;
	return x >= PAGE_OFFSET && x < PAGE_OFFSET + memory_max && pfn_valid(virt_to_pfn(x));
}
EXPORT_SYMBOL(virt_addr_is_linear);

void __init paging_init(void)
{
	unsigned long max_zone_pfn[MAX_NR_ZONES] = { };

	max_zone_pfn[ZONE_NORMAL] = max_low_pfn;
	sparse_init();
	free_area_init(max_zone_pfn);
}

void __init mem_init(void)
{
	high_memory = __va(memory_size);
	memblock_free_all();
}

/* ---- memory that comes while the guest runs (resize.c) ---- */

/* struct pages are mapped for all that can come, and are no memory of the guest's (boot.c) */
int __meminit vmemmap_populate(unsigned long start, unsigned long end, int node,
			       struct vmem_altmap *altmap)
{
	return end <= VMEMMAP_START + PFN_DOWN(memory_max) * sizeof(struct page) ? 0 : -ENOMEM;
}

void vmemmap_free(unsigned long start, unsigned long end, struct vmem_altmap *altmap)
{
}

/* huge guests have larger blocks: each is a directory in sysfs */
unsigned long memory_block_size_bytes(void)
{
	return max_t(u64, MIN_MEMORY_BLOCK_SIZE, roundup_pow_of_two(memory_size / BLOCKS_MAX));
}

/* it is in the linear map already */
int arch_add_memory(int nid, u64 start, u64 size, struct mhp_params *params)
{
	int err = __add_pages(nid, PFN_DOWN(start), PFN_DOWN(size), params);

	if (err)
		return err;
	max_pfn = max(max_pfn, PFN_DOWN(start + size));
	max_low_pfn = max_pfn;
	high_memory = __va(PFN_PHYS(max_pfn));
	return 0;
}

void arch_remove_memory(u64 start, u64 size, struct vmem_altmap *altmap,
			struct dev_pagemap *pgmap)
{
	__remove_pages(PFN_DOWN(start), PFN_DOWN(size), altmap, pgmap);
}

/* the text of init sections was mapped apart; its pages go back through the linear map */
void free_initmem(void)
{
	host_unmap(__init_begin, __init_end - __init_begin);
	free_reserved_area(lm_alias(__init_begin), lm_alias(__init_end),
			   POISON_FREE_INITMEM, "unused kernel");
}
