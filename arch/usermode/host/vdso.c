// SPDX-License-Identifier: GPL-2.0
/*
 * vdso.c - the host's clocks, read without entering the host.
 *
 * Owns vdso_clock, which is set once, before there is a second host thread, and
 * only read afterwards. No locks, any context; the host's vDSO does with a few
 * hundred bytes of stack and no FP registers.
 */
#include <uapi/linux/auxvec.h>
#include <uapi/linux/elf.h>
#include <uapi/linux/time.h>
#include <uapi/linux/time_types.h>
#include <asm/host.h>
#include "syscall.h"

#ifndef DT_GNU_HASH
#define DT_GNU_HASH	0x6ffffef5
#endif

#define NSEC_PER_SEC	1000000000ULL

/* Elf64_Dyn of linux/elf.h */
struct vdso_dyn {
	s64 tag;
	u64 at;			/* as linked */
};

typedef int (*vdso_clock_fn)(int clock, struct __kernel_timespec *ts);

static vdso_clock_fn vdso_clock;

/* what the dynamic section says; pointers are NULL where it says nothing */
struct vdso_image {
	const char *bias;		/* add to an address in the file */
	const struct elf64_sym *sym;
	const char *str;
	const u32 *hash;
	const u32 *gnu_hash;
};

static bool vdso_parse(const char *base, struct vdso_image *im)
{
	const struct elf64_hdr *eh = (const void *)base;
	const struct elf64_phdr *ph = (const void *)(base + eh->e_phoff);
	const struct vdso_dyn *dyn = NULL;
	int i;

	for (i = 0; i < eh->e_phnum; i++) {
		if (ph[i].p_type == PT_LOAD && !im->bias)
			im->bias = base + ph[i].p_offset - ph[i].p_vaddr;
		else if (ph[i].p_type == PT_DYNAMIC)
			dyn = (const void *)(base + ph[i].p_offset);
	}
	if (!im->bias || !dyn)
		return false;

	for (; dyn->tag != DT_NULL; dyn++) {
		const void *at = im->bias + dyn->at;

		switch (dyn->tag) {
		case DT_STRTAB:
			im->str = at;
			break;
		case DT_SYMTAB:
			im->sym = at;
			break;
		case DT_HASH:
			im->hash = at;
			break;
		case DT_GNU_HASH:
			im->gnu_hash = at;
			break;
		}
	}
	return im->str && im->sym && (im->hash || im->gnu_hash);
}

/* the symbol table does not say how long it is, the hash tables do */
static u32 vdso_symbols(const struct vdso_image *im)
{
	const u32 *bucket, *chain;
	u32 n, i, first, last = 0;

	if (im->hash)
		return im->hash[1];	/* nbucket, nchain: one chain link a symbol */

	/* nbucket, first hashed symbol, 64-bit bloom words, shift */
	n = im->gnu_hash[0];
	first = im->gnu_hash[1];
	bucket = im->gnu_hash + 4 + 2 * im->gnu_hash[2];
	chain = bucket + n;
	for (i = 0; i < n; i++) {
		if (bucket[i] > last)
			last = bucket[i];
	}
	if (last < first)
		return 0;
	while (!(chain[last - first] & 1))	/* bit 0 ends a chain */
		last++;
	return last + 1;
}

static bool vdso_same(const char *a, const char *b)
{
	while (*a && *a == *b) {
		a++;
		b++;
	}
	return *a == *b;
}

static const void *vdso_find(const struct vdso_image *im, const char *name)
{
	u32 i, n = vdso_symbols(im);

	for (i = 0; i < n; i++) {
		const struct elf64_sym *s = &im->sym[i];

		if (s->st_shndx && vdso_same(im->str + s->st_name, name))
			return im->bias + s->st_value;
	}
	return NULL;
}

void host_vdso_init(const unsigned long *auxv)
{
	struct vdso_image im = {};

	for (; auxv[0] != AT_NULL; auxv += 2) {
		if (auxv[0] == AT_SYSINFO_EHDR && auxv[1] &&
		    vdso_parse((const char *)auxv[1], &im))
			vdso_clock = (vdso_clock_fn)vdso_find(&im, "__vdso_clock_gettime");
	}
}

static u64 vdso_read(int clock)
{
	struct __kernel_timespec ts = {};

	if (!vdso_clock || vdso_clock(clock, &ts))
		host_syscall2(__NR_clock_gettime, clock, &ts);
	return ts.tv_sec * NSEC_PER_SEC + ts.tv_nsec;
}

u64 host_monotonic_ns(void)
{
	return vdso_read(CLOCK_MONOTONIC);
}

u64 host_realtime_ns(void)
{
	return vdso_read(CLOCK_REALTIME);
}

u64 host_boottime_ns(void)
{
	return vdso_read(CLOCK_BOOTTIME);
}
