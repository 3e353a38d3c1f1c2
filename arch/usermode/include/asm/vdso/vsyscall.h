/* SPDX-License-Identifier: GPL-2.0 */
/* Where the generic code writes the data that guest programs read. */
#ifndef __ASM_USERMODE_VDSO_VSYSCALL_H
#define __ASM_USERMODE_VDSO_VSYSCALL_H

#ifndef __ASSEMBLY__

#include <linux/timekeeper_internal.h>
#include <asm/tsc.h>
#include <asm/vdso.h>
#include <vdso/datapage.h>

extern union vdso_data_store vdso_time_data;

extern union vdso_other_store {
	struct vdso_other_data data;
	u8 page[1U << CONFIG_PAGE_SHIFT];
} vdso_other_data;

#define __arch_get_k_vdso_data usermode_vdso_data
static __always_inline struct vdso_data *usermode_vdso_data(void)
{
	return vdso_time_data.data;
}

#define __arch_get_k_vdso_rng_data usermode_vdso_rng_data
static __always_inline struct vdso_rng_data *usermode_vdso_rng_data(void)
{
	return &vdso_other_data.data.rng;
}

#define __arch_update_vsyscall usermode_update_vsyscall

/* readers are kept out by the sequence counts: the line may be bent here */
static __always_inline void usermode_update_vsyscall(struct vdso_data *data,
						     struct timekeeper *tk)
{
	const struct tsc_line *line = tsc_bend();

	data[CS_HRES_COARSE].arch_data.line = *line;
	data[CS_RAW].arch_data.line = *line;
}

#include <asm-generic/vdso/vsyscall.h>

#endif /* __ASSEMBLY__ */
#endif
