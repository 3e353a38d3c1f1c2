// SPDX-License-Identifier: GPL-2.0
/*
 * pause.c - times when the host did not let the machine run (pause.h).
 *
 * SIGSTOP, a frozen control group, a host that slept or has no time: the clock goes
 * on, and what did not run meanwhile looks as if it hung. It is known by the CPU's
 * timer, whose interrupt then comes late. A CPU that hangs with interrupts on gets it in
 * time; one that has them off for long is not told from a pause.
 *
 * No locks: each word is written by the one CPU, with interrupts off.
 */
#include <linux/compiler.h>
#include <linux/nmi.h>
#include <linux/rcupdate.h>
#include <linux/sched/debug.h>
#include <linux/time64.h>
#include <asm/host.h>
#include <asm/kvm_para.h>
#include <asm/pause.h>

#define LATE	(NSEC_PER_SEC)	/* no busy host's scheduler makes others wait so long */

static u64 expected;		/* when the timer is due, 0: never */
static bool paused;

void pause_expect(u64 due)
{
	WRITE_ONCE(expected, due);
}

void pause_notice(void)
{
	u64 due = READ_ONCE(expected);

	if (due && host_monotonic_ns() > due + LATE)
		WRITE_ONCE(paused, true);
}

bool kvm_check_and_clear_guest_paused(void)
{
	if (!READ_ONCE(paused))
		return false;
	WRITE_ONCE(paused, false);
	touch_softlockup_watchdog_sync();
	rcu_cpu_stall_reset();
	reset_hung_task_detector();
	return true;
}
