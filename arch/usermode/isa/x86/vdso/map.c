// SPDX-License-Identifier: GPL-2.0
/*
 * map.c - the vDSO in guest programs: [vvar] and [vdso], and what is in them.
 *
 * Owns the data pages. The generic code writes the time data (under
 * timekeeper_lock) and the state of the random number generator; readers are
 * guest programs, which see sequence counts.
 *
 * Context: exec, page faults, setns(); all in process context.
 */
#include <linux/cpumask.h>
#include <linux/init.h>
#include <linux/mm.h>
#include <linux/mm_types.h>
#include <linux/time_namespace.h>
#include <asm/sections.h>
#include <asm/vdso.h>
#include <vdso/vsyscall.h>

union vdso_data_store vdso_time_data __page_aligned_data;
union vdso_other_store vdso_other_data __page_aligned_data;

static struct page *vdso_pages[4];
static bool vdso_enabled = true;

static int vdso_moved(const struct vm_special_mapping *sm, struct vm_area_struct *vma)
{
	current->mm->context.vdso = vma->vm_start;
	return 0;
}

/*
 * In a time namespace the first page holds the namespace's offsets and sends
 * the reader on to the second, which holds what the first one does elsewhere.
 */
static vm_fault_t vvar_fault(const struct vm_special_mapping *sm, struct vm_area_struct *vma,
			     struct vm_fault *vmf)
{
	struct page *timens = find_timens_vvar_page(vma);
	unsigned long pfn;

	switch (vmf->pgoff) {
	case VVAR_TIME:
		pfn = timens ? page_to_pfn(timens) : PHYS_PFN(__pa_symbol(&vdso_time_data));
		break;
	case VVAR_TIMENS:
		if (!timens)
			return VM_FAULT_SIGBUS;
		pfn = PHYS_PFN(__pa_symbol(&vdso_time_data));
		break;
	case VVAR_OTHER:
		pfn = PHYS_PFN(__pa_symbol(&vdso_other_data));
		break;
	default:
		return VM_FAULT_SIGBUS;
	}
	return vmf_insert_pfn(vma, vmf->address, pfn);
}

static const struct vm_special_mapping vvar_mapping = {
	.name	= "[vvar]",
	.fault	= vvar_fault,
};

static const struct vm_special_mapping vdso_mapping = {
	.name	= "[vdso]",
	.pages	= vdso_pages,
	.mremap	= vdso_moved,
};

int vdso_map(struct mm_struct *mm)
{
	unsigned long vdso_size = vdso_end - vdso_start, data, code;
	struct vm_area_struct *vma;

	mm->context.vdso = 0;
	if (!vdso_enabled)
		return 0;
	data = get_unmapped_area(NULL, 0, VVAR_PAGES * PAGE_SIZE + vdso_size, 0, 0);
	if (IS_ERR_VALUE(data))
		return data;
	code = data + VVAR_PAGES * PAGE_SIZE;

	/* a debugger may set breakpoints: it gets a copy of the page */
	vma = _install_special_mapping(mm, code, vdso_size, VM_READ | VM_EXEC | VM_MAYREAD |
				       VM_MAYWRITE | VM_MAYEXEC, &vdso_mapping);
	if (IS_ERR(vma))
		return PTR_ERR(vma);
	vma = _install_special_mapping(mm, data, code - data, VM_READ | VM_MAYREAD | VM_IO |
				       VM_DONTDUMP | VM_PFNMAP, &vvar_mapping);
	if (IS_ERR(vma)) {
		do_munmap(mm, code, vdso_size, NULL);
		return PTR_ERR(vma);
	}
	mm->context.vdso = code;
	return 0;
}

#ifdef CONFIG_TIME_NS

struct vdso_data *arch_get_vdso_data(void *vvar_page)
{
	return vvar_page;
}

/* @task enters @ns, alone in its mm: what its pages hold is faulted in anew */
int vdso_join_timens(struct task_struct *task, struct time_namespace *ns)
{
	VMA_ITERATOR(vmi, task->mm, 0);
	struct mm_struct *mm = task->mm;
	struct vm_area_struct *vma;

	mmap_read_lock(mm);
	for_each_vma(vmi, vma)
		if (vma_is_special_mapping(vma, &vvar_mapping))
			zap_vma_pages(vma);
	mmap_read_unlock(mm);
	return 0;
}

#endif

static int __init vdso_setup(char *value)
{
	return !kstrtobool(value, &vdso_enabled);
}
__setup("vdso=", vdso_setup);

static int __init vdso_init(void)
{
	unsigned int i, pages = (vdso_end - vdso_start) / PAGE_SIZE;

	/* one is left over: a special mapping's pages end with NULL */
	if (WARN_ON(pages >= ARRAY_SIZE(vdso_pages)))
		vdso_enabled = false;
	else
		for (i = 0; i < pages; i++)
			vdso_pages[i] = phys_to_page(__pa_symbol(vdso_start) + i * PAGE_SIZE);
	vdso_other_data.data.one_cpu = num_possible_cpus() == 1;
	return 0;
}
subsys_initcall(vdso_init);
