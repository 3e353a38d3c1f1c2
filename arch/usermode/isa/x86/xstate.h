/* SPDX-License-Identifier: GPL-2.0 */
/*
 * xstate.h - FP state as memory: the XSAVE format, standard layout.
 *
 * An image is a head of 576 bytes (x87, SSE, header) and one component for each
 * further feature at an offset that the CPU fixes. What a guest hands in, in a
 * signal frame or through ptrace, is an image too, and hostile.
 */
#ifndef __ISA_X86_XSTATE_H
#define __ISA_X86_XSTATE_H

#include <linux/bits.h>
#include <linux/types.h>
#include <asm/sigcontext.h>

#define XSTATE_MAX	63		/* features have the numbers below */

#define XSTATE_FP	BIT_ULL(0)
#define XSTATE_SSE	BIT_ULL(1)
#define XSTATE_YMM	BIT_ULL(2)
#define XSTATE_PKRU	BIT_ULL(9)
#define XSTATE_TILEDATA	BIT_ULL(18)

#define XSTATE_FPSSE	(XSTATE_FP | XSTATE_SSE)
/* features with which MXCSR is loaded */
#define XSTATE_MXCSR	(XSTATE_SSE | XSTATE_YMM)

struct xstate_head {
	struct _fpstate_64 fx;
	struct _header header;
};

/**
 * struct xstate_layout - what images look like on this host; constant after boot
 * @features:	all that an image may hold
 * @size:	bytes that they need
 * @mxcsr_mask:	bits of MXCSR that may be set
 * @component:	where features 2 and up lie; offset 0: not there
 */
struct xstate_layout {
	u64 features;
	unsigned int size;
	u32 mxcsr_mask;
	struct {
		u32 offset, size;
	} component[XSTATE_MAX];
};

extern struct xstate_layout xstate;

/* @max: bytes that the platform provides for an image */
void xstate_probe(unsigned int max);

/* @image becomes what a program finds when it starts */
void xstate_reset(void *image);

/* @image comes from the host: give it the properties that fpu.h promises */
void xstate_normalise(void *image);

/* may the header and MXCSR of a hostile image be believed? 0 or -EINVAL */
int xstate_check_sigframe(const struct xstate_head *head, u64 features);
int xstate_check_ptrace(const struct xstate_head *head);

/**
 * xstate_import - take a checked image over
 * @image:	destination
 * @head:	copy of the source's head, checked
 * @load:	features to take; the others get their initial state
 * @mxcsr:	take MXCSR
 * @kbuf:	the source, or NULL: @ubuf, guest memory, is
 *
 * Return: 0 or -EFAULT, @image is then the initial state.
 */
int xstate_import(void *image, const struct xstate_head *head, u64 load, bool mxcsr,
		  const void *kbuf, const void __user *ubuf);

#endif
