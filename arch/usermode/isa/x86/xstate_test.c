// SPDX-License-Identifier: GPL-2.0
/*
 * xstate_test.c - KUnit: what becomes of hostile FP images.
 */
#include <kunit/test.h>
#include <linux/module.h>
#include <linux/slab.h>
#include "xstate.h"

#define UNKNOWN_FEATURE	BIT_ULL(62)
#define BAD_MXCSR	0xffff0000
#define SOME_MXCSR	0x1fa0

struct images {
	struct xstate_head *src;	/* what the guest hands in */
	struct xstate_head *dst;	/* what the host would be given */
};

static int xstate_test_init(struct kunit *test)
{
	struct images *im = kunit_kzalloc(test, sizeof(*im), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, im);
	im->src = kunit_kzalloc(test, xstate.size, GFP_KERNEL);
	im->dst = kunit_kzalloc(test, xstate.size, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, im->src);
	KUNIT_ASSERT_NOT_NULL(test, im->dst);
	xstate_reset(im->src);
	memset(im->dst, 0xff, xstate.size);
	test->priv = im;
	return 0;
}

/* the promise of asm/fpu.h */
static void expect_loadable(struct kunit *test, const struct xstate_head *image)
{
	const struct _header *header = &image->header;

	KUNIT_EXPECT_EQ(test, header->xfeatures & XSTATE_FPSSE, XSTATE_FPSSE);
	KUNIT_EXPECT_EQ(test, header->xfeatures & ~xstate.features, 0);
	KUNIT_EXPECT_NULL(test, memchr_inv(header->reserved1, 0, sizeof(header->reserved1)));
	KUNIT_EXPECT_NULL(test, memchr_inv(header->reserved2, 0, sizeof(header->reserved2)));
	KUNIT_EXPECT_EQ(test, image->fx.mxcsr & ~xstate.mxcsr_mask, 0);
}

static void reset_is_loadable(struct kunit *test)
{
	struct images *im = test->priv;

	xstate_reset(im->dst);
	expect_loadable(test, im->dst);
	KUNIT_EXPECT_EQ(test, im->dst->fx.cwd, 0x37f);
	KUNIT_EXPECT_EQ(test, im->dst->fx.mxcsr, 0x1f80);
}

static void normalise_fills_what_is_absent(struct kunit *test)
{
	struct images *im = test->priv;

	im->dst->header.xfeatures = 0;
	xstate_normalise(im->dst);
	expect_loadable(test, im->dst);
	KUNIT_EXPECT_EQ(test, im->dst->fx.cwd, 0x37f);
	KUNIT_EXPECT_EQ(test, im->dst->fx.mxcsr, 0x1f80);
	KUNIT_EXPECT_EQ(test, im->dst->fx.xmm_space[63], 0);
}

static void unknown_features_are_refused(struct kunit *test)
{
	struct images *im = test->priv;

	im->src->header.xfeatures |= UNKNOWN_FEATURE;
	KUNIT_EXPECT_EQ(test, xstate_check_sigframe(im->src, xstate.features), -EINVAL);
	KUNIT_EXPECT_EQ(test, xstate_check_ptrace(im->src), -EINVAL);
}

static void compacted_format_is_refused(struct kunit *test)
{
	struct images *im = test->priv;

	im->src->header.reserved1[0] = BIT_ULL(63) | XSTATE_FPSSE;
	KUNIT_EXPECT_EQ(test, xstate_check_sigframe(im->src, xstate.features), -EINVAL);
	KUNIT_EXPECT_EQ(test, xstate_check_ptrace(im->src), -EINVAL);
}

/* XRSTOR does not look at the last 40 bytes of the header, ptrace does */
static void reserved_bytes(struct kunit *test)
{
	struct images *im = test->priv;

	im->src->header.reserved2[4] = 1;
	KUNIT_EXPECT_EQ(test, xstate_check_sigframe(im->src, xstate.features), 0);
	KUNIT_EXPECT_EQ(test, xstate_check_ptrace(im->src), -EINVAL);
}

static void mxcsr_is_checked_when_it_is_loaded(struct kunit *test)
{
	struct images *im = test->priv;

	im->src->fx.mxcsr = BAD_MXCSR;
	KUNIT_EXPECT_EQ(test, xstate_check_sigframe(im->src, XSTATE_FPSSE), -EINVAL);
	KUNIT_EXPECT_EQ(test, xstate_check_sigframe(im->src, XSTATE_FP), 0);
	KUNIT_EXPECT_EQ(test, xstate_check_ptrace(im->src), -EINVAL);
}

static void import_takes_what_was_asked(struct kunit *test)
{
	struct images *im = test->priv;
	int ret;

	im->src->fx.cwd = 0x27f;
	im->src->fx.mxcsr = SOME_MXCSR;
	memset(im->src->fx.xmm_space, 0xaa, sizeof(im->src->fx.xmm_space));

	ret = xstate_import(im->dst, im->src, XSTATE_SSE, true, im->src, NULL);
	KUNIT_EXPECT_EQ(test, ret, 0);
	expect_loadable(test, im->dst);
	KUNIT_EXPECT_EQ(test, im->dst->fx.cwd, 0x37f);
	KUNIT_EXPECT_EQ(test, im->dst->fx.mxcsr, SOME_MXCSR);
	KUNIT_EXPECT_EQ(test, im->dst->fx.xmm_space[63], 0xaaaaaaaa);

	ret = xstate_import(im->dst, im->src, XSTATE_FP, false, im->src, NULL);
	KUNIT_EXPECT_EQ(test, ret, 0);
	expect_loadable(test, im->dst);
	KUNIT_EXPECT_EQ(test, im->dst->fx.cwd, 0x27f);
	KUNIT_EXPECT_EQ(test, im->dst->fx.mxcsr, 0x1f80);
	KUNIT_EXPECT_EQ(test, im->dst->fx.xmm_space[63], 0);
}

static void import_copies_components(struct kunit *test)
{
	u32 offset = xstate.component[2].offset;
	struct images *im = test->priv;
	u8 *src = (u8 *)im->src, *dst = (u8 *)im->dst;

	if (!(xstate.features & XSTATE_YMM))
		kunit_skip(test, "the host has no AVX");
	src[offset] = 0x5a;
	xstate_import(dst, im->src, XSTATE_YMM, true, src, NULL);
	KUNIT_EXPECT_EQ(test, dst[offset], 0x5a);
	KUNIT_EXPECT_EQ(test, im->dst->header.xfeatures, XSTATE_YMM | XSTATE_FPSSE);
	/* a feature that this host does not have is not marked */
	xstate_import(dst, im->src, UNKNOWN_FEATURE, true, src, NULL);
	expect_loadable(test, im->dst);
}

/* guest memory that is not there: the result is the initial state */
static void import_fault_resets(struct kunit *test)
{
	struct images *im = test->priv;

	if (!(xstate.features & XSTATE_YMM))
		kunit_skip(test, "the host has no AVX");
	im->src->fx.mxcsr = SOME_MXCSR;
	KUNIT_EXPECT_EQ(test, xstate_import(im->dst, im->src, XSTATE_YMM, true, NULL,
					    (void __user *)~0UL), -EFAULT);
	expect_loadable(test, im->dst);
	KUNIT_EXPECT_EQ(test, im->dst->fx.mxcsr, 0x1f80);
}

static void layout_fits(struct kunit *test)
{
	int i;

	KUNIT_EXPECT_EQ(test, xstate.features & XSTATE_FPSSE, XSTATE_FPSSE);
	for (i = 2; i < XSTATE_MAX; i++) {
		u32 end = xstate.component[i].offset + xstate.component[i].size;

		if (!(xstate.features & BIT_ULL(i)))
			continue;
		KUNIT_EXPECT_GE(test, xstate.component[i].offset, sizeof(struct xstate_head));
		KUNIT_EXPECT_LE(test, end, xstate.size);
	}
}

static struct kunit_case xstate_cases[] = {
	KUNIT_CASE(reset_is_loadable),
	KUNIT_CASE(normalise_fills_what_is_absent),
	KUNIT_CASE(unknown_features_are_refused),
	KUNIT_CASE(compacted_format_is_refused),
	KUNIT_CASE(reserved_bytes),
	KUNIT_CASE(mxcsr_is_checked_when_it_is_loaded),
	KUNIT_CASE(import_takes_what_was_asked),
	KUNIT_CASE(import_copies_components),
	KUNIT_CASE(import_fault_resets),
	KUNIT_CASE(layout_fits),
	{}
};

static struct kunit_suite xstate_suite = {
	.name		= "usermode_xstate",
	.init		= xstate_test_init,
	.test_cases	= xstate_cases,
};

kunit_test_suite(xstate_suite);

MODULE_DESCRIPTION("KUnit tests of the usermode port's FP images");
MODULE_LICENSE("GPL");
