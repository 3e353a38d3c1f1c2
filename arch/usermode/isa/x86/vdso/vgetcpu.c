// SPDX-License-Identifier: GPL-2.0
/*
 * vgetcpu.c - which CPU. Runs in guest programs.
 *
 * Where there is but one, that is all to know. Else the kernel is asked: guest
 * code runs on a virtual CPU, and the instructions that tell a CPU's number
 * would tell the host's.
 */
#include <linux/compiler.h>
#include <linux/getcpu.h>
#include <linux/types.h>
#include <asm/unistd.h>
#include <asm/vdso.h>
#include <asm/vdso/syscall.h>
#include "calls.h"

extern const struct vdso_other_data _vdso_other_data __attribute__((visibility("hidden")));

__weak __alias(__vdso_getcpu)
long getcpu(unsigned int *cpu, unsigned int *node, struct getcpu_cache *unused);

long __vdso_getcpu(unsigned int *cpu, unsigned int *node, struct getcpu_cache *unused)
{
	if (!READ_ONCE(_vdso_other_data.one_cpu))
		return vdso_syscall3(__NR_getcpu, (long)cpu, (long)node, 0);
	if (cpu)
		*cpu = 0;
	if (node)
		*node = 0;
	return 0;
}
