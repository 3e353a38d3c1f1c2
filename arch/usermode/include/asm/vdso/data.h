/* SPDX-License-Identifier: GPL-2.0 */
/* What guest code reads of the kernel's beyond the generic time data. */
#ifndef __ASM_USERMODE_VDSO_DATA_H
#define __ASM_USERMODE_VDSO_DATA_H

#include <asm/vdso/tscline.h>

/* lies beside the time data and is guarded by their sequence count */
struct arch_vdso_data {
	struct tsc_line line;
};

#endif
