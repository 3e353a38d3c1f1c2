/* SPDX-License-Identifier: GPL-2.0 */
/*
 * vcpu.h - what platform/ keeps for the whole guest, and for each virtual CPU.
 */
#ifndef __USERMODE_PLATFORM_VCPU_H
#define __USERMODE_PLATFORM_VCPU_H

#include <asm/platform.h>

#define PLATFORM_VCPUS	1

/**
 * struct platform_vcpu - one virtual CPU
 * @running:	host task whose guest code enter() waits for, 0: none. Written by
 *		enter(), read by signal handlers on the same host thread
 * @kicked:	trap seccomp: it was sent a signal that has not shown up yet; written by
 *		both
 * @cpu:	the host CPU that its host tasks are pinned to (pin.h)
 */
struct platform_vcpu {
	int running;
	int kicked;
	int cpu;
};

/* what platform_init() was told; constant afterwards */
extern struct platform_params platform_params;

static inline unsigned int platform_vcpu_nr(void)
{
	return 0;
}

static inline struct platform_vcpu *platform_this_vcpu(void)
{
	extern struct platform_vcpu platform_vcpus[PLATFORM_VCPUS];

	return &platform_vcpus[platform_vcpu_nr()];
}

/* what memory of platform_params.alloc() is called below phys_fd */
static inline u64 platform_phys(const void *p)
{
	return (const char *)p - platform_params.phys_map;
}

/**
 * struct platform_pair - a space and a trap that go together
 * @space, @trap: as mode= and trap= name them
 * @space_ops, @trap_ops: NULL: this pair does not exist in this kernel
 * @trusting:	platform_trusts_guests(), NULL: it does not. Who trusts is only taken
 *		when mode= asks for it
 * @probe:	can this host do it? Sets guest_fp_size. 0, or -errno after naming
 *		the reason in *why
 * @interrupt:	platform_interrupt() for this pair
 */
struct platform_pair {
	const char *space;
	const char *trap;
	const struct space_ops *space_ops;
	const struct trap_ops *trap_ops;
	const char *(*trusting)(void);
	int (*probe)(const char **why);
	bool (*interrupt)(struct sigcontext_64 *sc);
	void (*stop)(void);			/* platform_stop() */
	void (*home)(void);			/* platform_home(), NULL: always there */
};

#endif
