// SPDX-License-Identifier: GPL-2.0
/*
 * vdso_image.c - a vDSO for vdso.c to find its way in, linked with each kind of
 * hash table. Its clock stands still; some neighbours make a lookup more than luck.
 */
struct timespec_image {
	long sec;
	long nsec;
};

#ifndef IMAGE_ALONE
int __vdso_gettimeofday(void);
int __vdso_gettimeofday(void)
{
	return -1;
}
#endif

int __vdso_clock_gettime(int clock, struct timespec_image *ts);
int __vdso_clock_gettime(int clock, struct timespec_image *ts)
{
	ts->sec = 1000 + clock;
	ts->nsec = 7;
	return IMAGE_RESULT;
}

#ifndef IMAGE_ALONE
int __vdso_clock_getres(void);
int __vdso_clock_getres(void)
{
	return -1;
}

int __vdso_clock_gettime64(void);
int __vdso_clock_gettime64(void)
{
	return -1;
}

int __vdso_getcpu(void);
int __vdso_getcpu(void)
{
	return -1;
}
#endif
