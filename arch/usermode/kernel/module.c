// SPDX-License-Identifier: GPL-2.0
/*
 * module.c - memory and relocations of loadable modules.
 *
 * Modules live between the image and KERNEL_LIMIT, below 2 GiB, so that the
 * small code model's 32-bit relocations always reach.
 */
#include <linux/elf.h>
#include <linux/execmem.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/moduleloader.h>
#include <linux/pgtable.h>

static struct execmem_info module_memory __ro_after_init;

struct execmem_info __init *execmem_arch_setup(void)
{
	module_memory = (struct execmem_info) {
		.ranges = {
			[EXECMEM_DEFAULT] = {
				.start		= MODULES_VADDR,
				.end		= MODULES_END,
				.pgprot		= PAGE_KERNEL_EXEC,
				.alignment	= 1,
			},
		},
	};
	return &module_memory;
}

/* write @value of @size bytes where only zeros may be; false if it does not fit there */
static bool relocate(void *where, u64 value, size_t size, bool is_signed)
{
	if (size == 4 && (is_signed ? (s64)value != (s32)value : value != (u32)value))
		return false;
	memcpy(where, &value, size);
	return true;
}

static int apply_one(struct module *me, const struct elf64_rela *rel, void *where, u64 value)
{
	bool fits;

	switch (ELF64_R_TYPE(rel->r_info)) {
	case R_X86_64_NONE:
		return 0;
	case R_X86_64_64:
		fits = relocate(where, value, 8, false);
		break;
	case R_X86_64_32:
		fits = relocate(where, value, 4, false);
		break;
	case R_X86_64_32S:
		fits = relocate(where, value, 4, true);
		break;
	case R_X86_64_PC32:
	case R_X86_64_PLT32:
		fits = relocate(where, value - (u64)where, 4, true);
		break;
	case R_X86_64_PC64:
		fits = relocate(where, value - (u64)where, 8, false);
		break;
	default:
		pr_err("%s: unknown relocation type %llu\n", me->name,
		       ELF64_R_TYPE(rel->r_info));
		return -ENOEXEC;
	}
	if (fits)
		return 0;
	pr_err("%s: relocation of type %llu does not reach %#llx\n", me->name,
	       ELF64_R_TYPE(rel->r_info), value);
	return -ENOEXEC;
}

int apply_relocate_add(struct elf64_shdr *sechdrs, const char *strtab, unsigned int symindex,
		       unsigned int relsec, struct module *me)
{
	const struct elf64_rela *rel = (void *)sechdrs[relsec].sh_addr;
	const struct elf64_sym *symbols = (void *)sechdrs[symindex].sh_addr;
	void *base = (void *)sechdrs[sechdrs[relsec].sh_info].sh_addr;
	unsigned int i, n = sechdrs[relsec].sh_size / sizeof(*rel);
	int err = 0;

	for (i = 0; i < n && !err; i++) {
		const struct elf64_sym *sym = symbols + ELF64_R_SYM(rel[i].r_info);

		err = apply_one(me, rel + i, base + rel[i].r_offset,
				sym->st_value + rel[i].r_addend);
	}
	return err;
}
