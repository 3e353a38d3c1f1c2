/* SPDX-License-Identifier: GPL-2.0 */
/* What the generic vDSO asks of an architecture: its counter and its calls. */
#ifndef __ASM_USERMODE_VDSO_GETTIMEOFDAY_H
#define __ASM_USERMODE_VDSO_GETTIMEOFDAY_H

#ifndef __ASSEMBLY__

#include <asm/unistd.h>
#include <asm/vdso/syscall.h>
#include <asm/vdso/tscline.h>

#define VDSO_HAS_TIME		1
#define VDSO_HAS_CLOCK_GETRES	1

static __always_inline
long clock_gettime_fallback(clockid_t clock, struct __kernel_timespec *ts)
{
	return vdso_syscall3(__NR_clock_gettime, clock, (long)ts, 0);
}

static __always_inline
long clock_getres_fallback(clockid_t clock, struct __kernel_timespec *ts)
{
	return vdso_syscall3(__NR_clock_getres, clock, (long)ts, 0);
}

static __always_inline
long gettimeofday_fallback(struct __kernel_old_timeval *tv, struct timezone *tz)
{
	return vdso_syscall3(__NR_gettimeofday, (long)tv, (long)tz, 0);
}

static __always_inline const struct vdso_data *__arch_get_vdso_data(void)
{
	return _vdso_data;
}

#ifdef CONFIG_TIME_NS
static __always_inline
const struct vdso_data *__arch_get_timens_vdso_data(const struct vdso_data *vd)
{
	return _timens_data;
}
#endif

/* the generic code has seen that the clock source is one that can be read here */
static __always_inline u64 __arch_get_hw_counter(s32 clock_mode, const struct vdso_data *vd)
{
	return tsc_line_ns(&vd->arch_data.line, tsc_read());
}

#define vdso_calc_ns vdso_calc_tsc

/*
 * The counters of two CPUs may differ by less than what a program can notice,
 * and then the difference to the last update is negative; in no other case.
 */
static __always_inline u64 vdso_calc_tsc(const struct vdso_data *vd, u64 ns, u64 base)
{
	u64 delta = ns - vd->cycle_last;

	if (likely(delta < vd->max_cycles))
		return (delta * vd->mult + base) >> vd->shift;
	if ((s64)delta < 0)
		return base >> vd->shift;
	return mul_u64_u32_add_u64_shr(delta, vd->mult, base, vd->shift);
}

#endif /* __ASSEMBLY__ */
#endif
