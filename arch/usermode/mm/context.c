// SPDX-License-Identifier: GPL-2.0
/*
 * context.c - an mm and its space in the platform, and what each guest address
 * space holds from birth: the kernel's own range, sealed, and the vDSO.
 */
#include <linux/binfmts.h>
#include <linux/elf.h>
#include <linux/mm.h>
#include <linux/mm_types.h>
#include <asm/mmu_context.h>
#include <asm/pgalloc.h>
#include <asm/platform.h>
#include <asm/vdso.h>

int init_new_context(struct task_struct *tsk, struct mm_struct *mm)
{
	mm->context.space = space_ops->create();
	return mm->context.space ? 0 : -ENOMEM;
}

void destroy_context(struct mm_struct *mm)
{
	unsigned long flags;

	if (mm->context.space) {
		local_irq_save(flags);
		space_ops->destroy(mm->context.space);
		local_irq_restore(flags);
	}
	mm->context.space = NULL;
}

pgd_t *pgd_alloc(struct mm_struct *mm)
{
	return (pgd_t *)get_zeroed_page(GFP_PGTABLE_USER);
}

/* ---- the kernel's range in guests: one VMA that nobody can touch or move ---- */

static vm_fault_t kernel_range_fault(const struct vm_special_mapping *sm,
				     struct vm_area_struct *vma, struct vm_fault *vmf)
{
	return VM_FAULT_SIGSEGV;
}

/* without a name: what has one goes into core files, and this is half a gigabyte */
static const struct vm_special_mapping kernel_range = {
	.fault	= kernel_range_fault,
};

int arch_setup_additional_pages(struct linux_binprm *bprm, int uses_interp)
{
	struct mm_struct *mm = current->mm;
	struct vm_area_struct *vma;
	int err;

	if (mmap_write_lock_killable(mm))
		return -EINTR;
	vma = _install_special_mapping(mm, KERNEL_START, KERNEL_LIMIT - KERNEL_START,
				       VM_SEALED | VM_DONTDUMP | VM_DONTEXPAND, &kernel_range);
	err = PTR_ERR_OR_ZERO(vma);
	if (!err)
		err = vdso_map(mm);
	mmap_write_unlock(mm);
	return err;
}
