/* SPDX-License-Identifier: GPL-2.0 */
/* What a waiting loop does; apart because barriers and the vDSO need it too. */
#ifndef __ASM_USERMODE_VDSO_PROCESSOR_H
#define __ASM_USERMODE_VDSO_PROCESSOR_H

#ifndef __ASSEMBLY__

static __always_inline void cpu_relax(void)
{
	asm volatile("pause" : : : "memory");
}

#endif
#endif
