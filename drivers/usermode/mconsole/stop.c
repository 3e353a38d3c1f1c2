// SPDX-License-Identifier: GPL-2.0
/*
 * stop.c - a guest that is paused, and goes on.
 *
 * The CPU that takes the console's interrupts stays in it and serves the console
 * until "go"; it parks the others in interrupts of their own. All of them sleep
 * in the host. Time passes meanwhile, so the kernel's detectors of hangs are told
 * to begin anew.
 *
 * No locks: "stopped" is written by the serving CPU alone, the others wait on it
 * as a futex.
 */
#include <linux/cpumask.h>
#include <linux/init.h>
#include <linux/nmi.h>
#include <linux/percpu.h>
#include <linux/rcupdate.h>
#include <linux/smp.h>
#include "../watchdog/watchdog.h"
#include "mconsole.h"

static u32 stopped;
static DEFINE_PER_CPU(call_single_data_t, park_call);

static void park(void *unused)
{
	while (READ_ONCE(stopped))
		host_futex_wait(&stopped, 1, -1);
	touch_softlockup_watchdog();
}

static void park_others(void)
{
	unsigned int cpu;

	for_each_online_cpu(cpu) {
		call_single_data_t *call = per_cpu_ptr(&park_call, cpu);

		if (cpu == smp_processor_id())
			continue;
		INIT_CSD(call, park, NULL);
		smp_call_function_single_async(cpu, call);
	}
}

static void serve_until_go(void)
{
	struct call *call;

	while (stopped) {
		call = server_take();
		if (call)
			command_run(call, true);
		else
			server_wait();
	}
}

void command_stop(struct request *req, struct reply *reply)
{
	if (stopped) {
		reply_puts(reply, "the guest is stopped already");
		return;
	}
	WRITE_ONCE(stopped, 1);
	watchdog_pause(true);
	park_others();
	reply_puts(reply, "stopped");
	reply_end(reply);
	serve_until_go();
	watchdog_pause(false);
	touch_all_softlockup_watchdogs();
	rcu_cpu_stall_reset();
}

void command_go(struct request *req, struct reply *reply)
{
	if (!stopped)
		reply_puts(reply, "the guest was not stopped");
	WRITE_ONCE(stopped, 0);
	host_futex_wake(&stopped, INT_MAX);
}
