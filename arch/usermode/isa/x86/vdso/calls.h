/* SPDX-License-Identifier: GPL-2.0 */
/* calls.h - what the vDSO exports; each has its C library name as a weak alias. */
#ifndef __USERMODE_VDSO_CALLS_H
#define __USERMODE_VDSO_CALLS_H

#include <linux/types.h>

struct __kernel_timespec;
struct __kernel_old_timeval;
struct getcpu_cache;
struct timezone;

int __vdso_clock_gettime(clockid_t clock, struct __kernel_timespec *ts);
int __vdso_clock_getres(clockid_t clock, struct __kernel_timespec *res);
int __vdso_gettimeofday(struct __kernel_old_timeval *tv, struct timezone *tz);
__kernel_old_time_t __vdso_time(__kernel_old_time_t *t);
long __vdso_getcpu(unsigned int *cpu, unsigned int *node, struct getcpu_cache *unused);

#endif
