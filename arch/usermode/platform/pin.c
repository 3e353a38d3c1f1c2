// SPDX-License-Identifier: GPL-2.0
/*
 * pin.c - which host CPU a virtual CPU's host tasks share (pin.h).
 *
 * Without a second look, two guests that happened to start on one host CPU would
 * share it for ever, with another one idle beside them.
 */
#include "pin.h"

/* the shortest sleep: the host's timer slack makes it some 50 us */
#define NAP_NS	1

void pin_start(void)
{
	int cpu = host_getcpu();

	host_pin(0, cpu);
	platform_this_vcpu()->cpu = cpu;
}

/*
 * The host chooses a CPU for whoever wakes up: the last one if that is idle, and
 * nobody else wanted it during our sleep; else an idle one, if there is any.
 */
void platform_repin(void)
{
	u32 word = 0;

	if (host_pin(0, -1))
		return;
	host_futex_wait(&word, 0, NAP_NS);
	pin_start();
}
