// SPDX-License-Identifier: GPL-2.0
/*
 * init.c - physical memory: memblock, zones, freeing what boot needed.
 */
#include <linux/init.h>
#include <linux/memblock.h>
#include <linux/mm.h>
#include <asm/boot.h>
#include <asm/host.h>
#include <asm/pgalloc.h>
#include <asm/sections.h>

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
	return x >= PAGE_OFFSET && x < PAGE_OFFSET + memory_size;
}
EXPORT_SYMBOL(virt_addr_is_linear);

void __init paging_init(void)
{
	unsigned long max_zone_pfn[MAX_NR_ZONES] = { };

	max_zone_pfn[ZONE_NORMAL] = max_low_pfn;
	free_area_init(max_zone_pfn);
}

void __init mem_init(void)
{
	set_max_mapnr(max_low_pfn);
	high_memory = __va(memory_size);
	memblock_free_all();
}

/* the text of init sections was mapped apart; its pages go back through the linear map */
void free_initmem(void)
{
	host_unmap(__init_begin, __init_end - __init_begin);
	free_reserved_area(lm_alias(__init_begin), lm_alias(__init_end),
			   POISON_FREE_INITMEM, "unused kernel");
}
