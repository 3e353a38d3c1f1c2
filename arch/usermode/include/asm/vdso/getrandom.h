/* SPDX-License-Identifier: GPL-2.0 */
/* What the generic vDSO's getrandom() asks of an architecture, but for the cipher. */
#ifndef __ASM_USERMODE_VDSO_GETRANDOM_H
#define __ASM_USERMODE_VDSO_GETRANDOM_H

#ifndef __ASSEMBLY__

#include <asm/barrier.h>
#include <asm/unistd.h>
#include <asm/vdso/syscall.h>

static __always_inline ssize_t getrandom_syscall(void *buffer, size_t len, unsigned int flags)
{
	return vdso_syscall3(__NR_getrandom, (long)buffer, len, flags);
}

static __always_inline const struct vdso_rng_data *__arch_get_vdso_rng_data(void)
{
	return &_vdso_rng_data;
}

#endif /* __ASSEMBLY__ */
#endif
