/* SPDX-License-Identifier: GPL-2.0 */
/*
 * vdso.h - the kernel's pages in guest programs: [vvar], data that programs may
 * read, and behind it [vdso], code that does (isa/x86/vdso).
 */
#ifndef __ASM_USERMODE_VDSO_H
#define __ASM_USERMODE_VDSO_H

/* pages of [vvar] */
#define VVAR_TIME	0	/* time data; those of the time namespace, in one */
#define VVAR_TIMENS	1	/* in a time namespace: the time data that it starts from */
#define VVAR_OTHER	2	/* struct vdso_other_data */
#define VVAR_PAGES	3

#ifndef __ASSEMBLY__

#include <vdso/datapage.h>

/**
 * struct vdso_other_data - what no time namespace changes
 * @rng:	the state of the kernel's random number generator
 * @one_cpu:	there is no CPU but the first, and no node
 */
struct vdso_other_data {
	struct vdso_rng_data rng;
	u32 one_cpu;
};

/* the code, as it is linked into the kernel (vdso/image.S): whole pages */
extern char vdso_start[], vdso_end[];

struct mm_struct;

/**
 * vdso_map - map [vvar] and [vdso] in a new program
 * @mm: its mm, current's
 *
 * Return: 0 or -errno.
 * Context: mmap_lock of @mm held for writing.
 */
int vdso_map(struct mm_struct *mm);

#endif /* __ASSEMBLY__ */
#endif
