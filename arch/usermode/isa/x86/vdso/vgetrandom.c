// SPDX-License-Identifier: GPL-2.0
/*
 * vgetrandom.c - random bytes without a system call. Runs in guest programs;
 * lib/vdso/getrandom.c is included by the command line.
 */
#include <linux/types.h>

ssize_t getrandom(void *buffer, size_t len, unsigned int flags, void *state, size_t state_len)
	__weak __alias(__vdso_getrandom);

ssize_t __vdso_getrandom(void *buffer, size_t len, unsigned int flags, void *state,
			 size_t state_len)
{
	return __cvdso_getrandom(buffer, len, flags, state, state_len);
}
