// SPDX-License-Identifier: GPL-2.0
/*
 * frame_fuzz.c - the parser of signal frames is fed with everything.
 *
 * frame_fuzz ROUNDS [SEED]. It is built with the address sanitizer, and the stack
 * that it reads lies at the end of an allocation of its size.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "seccomp_frame.h"

#define VA	0x780000013000UL

static u64 state;

static u64 rnd(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

static u64 value(unsigned long bytes)
{
	const u64 values[] = {
		0, 1, 8, 63, 64, 511, 512, 576, -1UL, -8UL, -64UL, VA - 64, VA, VA + bytes,
		VA + bytes - 8, VA + bytes - 64, VA + bytes - 576, VA + bytes - 512,
		0x8000000000000000UL, 0x33, 0x23, 0x10, 0x246, ~0UL >> 1,
	};

	switch (rnd() % 4) {
	case 0:
		return rnd();
	case 1:
		return VA + rnd() % (bytes / 8) * 8;
	case 2:
		return VA + rnd() % (bytes / 64) * 64;
	default:
		return values[rnd() % ARRAY_SIZE(values)];
	}
}

static void broken(const char *what, u64 got)
{
	printf("FAIL: %s 0x%llx\n", what, (unsigned long long)got);
	exit(1);
}

static void check(const struct seccomp_frame *frame, const u8 *fp, const struct seccomp_fp *limits)
{
	const u64 *words = (const u64 *)fp;
	int i;

	if (frame->regs.cs != GUEST_CS && frame->regs.cs != GUEST_CS32)
		broken("cs", frame->regs.cs);
	if (frame->regs.ss != GUEST_SS)
		broken("ss", frame->regs.ss);
	if (frame->regs.flags & ~(GUEST_FLAGS_MASK | GUEST_FLAGS_FIXED) ||
	    !(frame->regs.flags & 0x200))
		broken("flags", frame->regs.flags);
	if (frame->fp_bytes < 576 || frame->fp_bytes > limits->bytes)
		broken("FP bytes", frame->fp_bytes);
	if (words[64] & ~limits->features)
		broken("features", words[64]);
	for (i = 65; i < 72; i++)
		if (words[i])
			broken("reserved", words[i]);
	if (*(const u32 *)(fp + 24) & ~limits->mxcsr_mask)
		broken("mxcsr", *(const u32 *)(fp + 24));
}

int main(int argc, char **argv)
{
	unsigned long rounds = argc > 1 ? strtoul(argv[1], NULL, 0) : 100000, good = 0, r, i;
	const struct seccomp_fp limits = { 0xe7, 0xffff, 2688 };
	u8 *fp = aligned_alloc(64, limits.bytes);

	state = argc > 2 ? strtoull(argv[2], NULL, 0) : 88172645463325252ULL;
	for (r = 0; r < rounds; r++) {
		unsigned long bytes = 4096 * (1 + rnd() % 5);
		u8 *mem = malloc(bytes);
		struct seccomp_stack stack = { VA, (const char *)mem, bytes };
		struct seccomp_frame frame;
		u64 context = value(bytes), info = value(bytes), at = value(bytes);

		memset(mem, rnd(), bytes);
		for (i = 0; i < 32; i++)
			((u64 *)mem)[rnd() % (bytes / 8)] = value(bytes);
		/* a frame that is nearly right, most of the time */
		if (rnd() % 4 && context - VA < bytes - 40 - 256) {
			u8 *uc = mem + (context - VA);

			memcpy(uc + 40 + 184, &at, 8);
			if (at - VA < bytes - 512) {
				u32 sw[5] = { 0x46505853, 0, rnd(), rnd(), value(bytes) };

				if (rnd() % 2)
					sw[4] = 576 + rnd() % 2400;
				memcpy(mem + (at - VA) + 464, sw, sizeof(sw));
			}
		}
		if (!seccomp_frame_read(&stack, info, context, &limits, &frame,
					rnd() % 8 ? fp : NULL)) {
			good++;
			if (!seccomp_frame_read(&stack, info, context, &limits, &frame, fp))
				check(&frame, fp, &limits);
		}
		free(mem);
	}
	printf("%lu rounds, %lu taken for frames\n", rounds, good);
	if (good < rounds / 1000)
		broken("too few are taken for frames:", good);
	free(fp);
	return 0;
}
