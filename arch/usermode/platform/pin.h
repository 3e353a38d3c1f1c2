/* SPDX-License-Identifier: GPL-2.0 */
/*
 * pin.h - the host CPU that a virtual CPU's host tasks share.
 *
 * Kernel and guest code of a virtual CPU take turns, so their host tasks are pinned
 * to one host CPU: a turn then costs a switch there, and wakes no other CPU. Which
 * one it is the host says, at the start and again and again (platform_repin()). Host tasks
 * that do not run meanwhile follow when it is their turn (pin_follow()).
 *
 * Everything runs on the virtual CPU.
 */
#ifndef __USERMODE_PLATFORM_PIN_H
#define __USERMODE_PLATFORM_PIN_H

#include <asm/host.h>
#include "vcpu.h"

/* the caller, and with it what it starts, to where it runs now */
void pin_start(void);

/* @pid, which was pinned to *cpu, is about to run */
static inline void pin_follow(int pid, int *cpu)
{
	int here = platform_this_vcpu()->cpu;

	if (*cpu == here)
		return;
	*cpu = here;
	/* where it may not, it is slower, no more */
	host_pin(pid, here);
}

#endif
