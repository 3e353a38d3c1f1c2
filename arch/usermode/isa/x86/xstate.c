// SPDX-License-Identifier: GPL-2.0
/*
 * xstate.c - FP state as memory: its layout on this host, and images that come
 * from guests.
 *
 * Owns the layout, which is constant after boot. The rest works on memory that
 * the caller owns. Takes no lock.
 */
#include <linux/cache.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/log2.h>
#include <linux/panic.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include "xstate.h"

#define CPUID_FEATURES	1
#define CPUID_OSXSAVE	BIT(27)		/* ecx */
#define CPUID_XSTATE	0xd

#define INITIAL_CWD	0x37f
#define INITIAL_MXCSR	0x1f80
#define INITIAL_PKRU	0x55555554	/* all keys but 0 closed */
#define DEFAULT_MXCSR_MASK 0xffbf	/* of CPUs that do not say */

struct xstate_layout xstate __ro_after_init;

static_assert(sizeof(struct xstate_head) == 576);

struct cpuid {
	u32 eax, ebx, ecx, edx;
};

static struct cpuid __init cpuid(u32 leaf, u32 subleaf)
{
	struct cpuid r = { .eax = leaf, .ecx = subleaf };

	asm volatile("cpuid"
		     : "+a" (r.eax), "=b" (r.ebx), "+c" (r.ecx), "=d" (r.edx));
	return r;
}

/* the features that the host's kernel switched on */
static u64 __init read_xcr0(void)
{
	u32 low, high;

	asm volatile("xgetbv" : "=a" (low), "=d" (high) : "c" (0));
	return low | (u64)high << 32;
}

static u32 __init read_mxcsr_mask(void)
{
	/* not on the stack, which need not have this alignment */
	static struct _fpstate_64 fx __initdata __aligned(16);

	asm volatile("fxsave64 %0" : "=m" (fx));
	return fx.mxcsr_mask ?: DEFAULT_MXCSR_MASK;
}

void __init xstate_probe(unsigned int max)
{
	u64 xcr0;
	int i;

	if (!(cpuid(CPUID_FEATURES, 0).ecx & CPUID_OSXSAVE) ||
	    max < sizeof(struct xstate_head))
		panic("the host has no XSAVE");

	/* AMX data needs a permission that the host process was not given */
	xcr0 = read_xcr0() & ~XSTATE_TILEDATA;
	xstate.mxcsr_mask = read_mxcsr_mask();
	xstate.features = XSTATE_FPSSE;
	xstate.size = sizeof(struct xstate_head);
	for (i = 2; i < XSTATE_MAX; i++) {
		struct cpuid r;

		if (!(xcr0 & BIT_ULL(i)))
			continue;
		r = cpuid(CPUID_XSTATE, i);
		if (!r.eax || r.ebx < sizeof(struct xstate_head) || r.ebx + r.eax > max)
			continue;
		xstate.component[i].offset = r.ebx;
		xstate.component[i].size = r.eax;
		xstate.features |= BIT_ULL(i);
		xstate.size = max(xstate.size, r.ebx + r.eax);
	}
}

static void reset_x87(struct _fpstate_64 *fx)
{
	memset(fx, 0, offsetof(struct _fpstate_64, mxcsr));
	memset(fx->st_space, 0, sizeof(fx->st_space));
	fx->cwd = INITIAL_CWD;
}

void xstate_reset(void *image)
{
	struct xstate_head *head = image;
	int pkru = ilog2(XSTATE_PKRU);

	memset(head, 0, sizeof(*head));
	head->fx.cwd = INITIAL_CWD;
	head->fx.mxcsr = INITIAL_MXCSR;
	head->fx.mxcsr_mask = xstate.mxcsr_mask;
	head->header.xfeatures = XSTATE_FPSSE;
	if (xstate.features & XSTATE_PKRU) {
		*(u64 *)(image + xstate.component[pkru].offset) = INITIAL_PKRU;
		head->header.xfeatures |= XSTATE_PKRU;
	}
}

void xstate_normalise(void *image)
{
	struct xstate_head *head = image;
	u64 features = head->header.xfeatures & xstate.features;

	if (!(features & XSTATE_FP))
		reset_x87(&head->fx);
	if (!(features & XSTATE_SSE))
		memset(head->fx.xmm_space, 0, sizeof(head->fx.xmm_space));
	if (!(features & XSTATE_MXCSR))
		head->fx.mxcsr = INITIAL_MXCSR;
	memset(&head->header, 0, sizeof(head->header));
	head->header.xfeatures = features | XSTATE_FPSSE;
}

static bool mxcsr_valid(const struct xstate_head *head)
{
	return !(head->fx.mxcsr & ~xstate.mxcsr_mask);
}

/* as the XRSTOR instruction judges, told to load @features */
int xstate_check_sigframe(const struct xstate_head *head, u64 features)
{
	const struct _header *header = &head->header;

	if (header->xfeatures & ~xstate.features ||
	    header->reserved1[0] || header->reserved1[1])
		return -EINVAL;
	if (features & XSTATE_MXCSR && !mxcsr_valid(head))
		return -EINVAL;
	return 0;
}

int xstate_check_ptrace(const struct xstate_head *head)
{
	const struct _header *header = &head->header;
	const size_t reserved = offsetof(struct _header, reserved1);

	if (header->xfeatures & ~xstate.features ||
	    memchr_inv((void *)header + reserved, 0, sizeof(*header) - reserved))
		return -EINVAL;
	if (header->xfeatures & (XSTATE_FP | XSTATE_MXCSR) && !mxcsr_valid(head))
		return -EINVAL;
	return 0;
}

int xstate_import(void *image, const struct xstate_head *head, u64 load, bool mxcsr,
		  const void *kbuf, const void __user *ubuf)
{
	struct xstate_head *dst = image;
	int i;

	load &= xstate.features;
	dst->fx = head->fx;
	dst->fx.mxcsr_mask = xstate.mxcsr_mask;
	if (!(load & XSTATE_FP))
		reset_x87(&dst->fx);
	if (!(load & XSTATE_SSE))
		memset(dst->fx.xmm_space, 0, sizeof(dst->fx.xmm_space));
	if (!mxcsr)
		dst->fx.mxcsr = INITIAL_MXCSR;
	memset(&dst->header, 0, sizeof(dst->header));
	dst->header.xfeatures = load | XSTATE_FPSSE;

	for (i = 2; i < XSTATE_MAX; i++) {
		u32 offset = xstate.component[i].offset;
		u32 size = xstate.component[i].size;

		if (!(load & BIT_ULL(i)))
			continue;
		if (kbuf)
			memcpy(image + offset, kbuf + offset, size);
		else if (copy_from_user(image + offset, ubuf + offset, size))
			goto err_reset;
	}
	return 0;

err_reset:
	xstate_reset(image);
	return -EFAULT;
}
