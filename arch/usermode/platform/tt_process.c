// SPDX-License-Identifier: GPL-2.0
/*
 * tt_process.c - host processes that guest code and the kernel run in: made,
 * kept, moved between, ended.
 *
 * Owns all of them, the idle ones, and a short memory of which of the kernel's
 * own mappings went away. Everything runs on the virtual CPU with interrupts
 * off, but died(): that runs on the watching thread, reads the list of all, which
 * only grows, and writes @dead.
 *
 * They are forked off the program's own process, which holds no guest pages: so
 * all are children of the host thread that started, and end with it.
 */
#include <uapi/asm/signal.h>
#include <uapi/linux/errno.h>
#include <asm/host.h>
#include <asm/host_process.h>
#include "pin.h"
#include "tt.h"
#include "tt_sites.h"

#define IDLE_MAX	32
#define IDLE_MAPS	8192	/* guest mappings that an idle host process may hold */

#define FLUSHES		64	/* remembered; a power of two */

/* how long those that are ended are waited for, at most: a second */
#define END_NAPS	5000
#define END_NAP_NS	200000

struct host_thread tt_main;
struct host_thread *tt_active = &tt_main;

static struct host_thread *all;		/* but tt_main */
static struct host_thread *idle;
static struct host_thread *unused;	/* without a host process */
static unsigned int idles;
static int (*arm_area)(struct tt_area *area);
static bool ending;			/* we end them all ourselves */

static struct {
	unsigned long start, len;
} flushed[FLUSHES];
static u64 flushes;

/* ---- moving -------------------------------------------------------------- */

/* what the kernel's mappings lost while nobody ran here */
static void catch_up(struct host_thread *thread)
{
	if (flushes - thread->flushes > FLUSHES) {
		host_unmap((void *)VMALLOC_START, VMALLOC_END - VMALLOC_START);
		host_unmap(platform_params.modules, KERNEL_TEXT_LIMIT -
			   (unsigned long)platform_params.modules);
		thread->flushes = flushes;
	}
	for (; thread->flushes < flushes; thread->flushes++) {
		unsigned int i = thread->flushes % FLUSHES;

		host_unmap((void *)flushed[i].start, flushed[i].len);
	}
}

void tt_process_go(struct host_thread *to)
{
	struct host_thread *from = tt_active;

	if (to == from)
		return;
	tt_active = to;
	pin_follow(to->host.pid, &to->cpu);
	platform_params.moved(to->host.pid, to->host.timer);
	host_process_switch(&from->host, &to->host);
	/* again: one that was just forked had no timer yet */
	platform_params.moved(to->host.pid, to->host.timer);
	if (to->flushes != flushes)
		catch_up(to);
}

void tt_kernel_unmapped(unsigned long start, unsigned long len)
{
	flushed[flushes % FLUSHES].start = start;
	flushed[flushes % FLUSHES].len = len;
	/* the caller has done it where it runs */
	if (tt_active->flushes == flushes)
		tt_active->flushes++;
	flushes++;
}

/* ---- birth and death ----------------------------------------------------- */

static bool died(int pid)
{
	struct host_thread *thread;

	for (thread = __atomic_load_n(&all, __ATOMIC_ACQUIRE); thread; thread = thread->all) {
		if (thread->host.pid != pid)
			continue;
		__atomic_store_n(&thread->dead, true, __ATOMIC_RELEASE);
		if (thread == __atomic_load_n(&tt_active, __ATOMIC_ACQUIRE) &&
		    !__atomic_load_n(&ending, __ATOMIC_ACQUIRE))
			host_upcall_panic("linux: the host ended the process that runs the kernel");
		return true;
	}
	return false;
}

static void set_unused(struct host_thread *thread)
{
	thread->idle = unused;
	unused = thread;
}

/* the watching thread must have reaped what was there before */
static struct host_thread *new_thread(struct host_thread **spare)
{
	struct host_thread **link, *thread;

	for (link = &unused; (thread = *link); link = &thread->idle) {
		if (__atomic_load_n(&thread->dead, __ATOMIC_ACQUIRE)) {
			*link = thread->idle;
			return thread;
		}
	}
	thread = *spare;
	*spare = NULL;
	thread->all = all;
	__atomic_store_n(&all, thread, __ATOMIC_RELEASE);
	return thread;
}

/* in the new process */
static void set_up(struct host_process *p)
{
	struct tt_area *area = tt_this_area();

	area->self = (struct host_thread *)p;	/* it comes first */
	arm_area(area);
}

static struct host_thread *fork_thread(struct host_thread **spare)
{
	struct host_thread *thread = new_thread(spare);
	struct host_thread *here = tt_active;
	int pid;

	tt_process_go(&tt_main);
	thread->dead = false;
	thread->maps = 0;
	thread->fp_owner = NULL;
	thread->flushes = flushes;
	thread->cpu = platform_this_vcpu()->cpu;
	pid = host_process_fork(&thread->host, (char *)tt_this_area() + AREA_BIRTH, set_up);
	host_process_watch_wake();
	tt_process_go(here);
	if (pid > 0)
		return thread;
	thread->dead = true;
	set_unused(thread);
	return NULL;
}

static void end_thread(struct host_thread *thread)
{
	if (!__atomic_load_n(&thread->dead, __ATOMIC_ACQUIRE))
		host_kill(thread->host.pid, SIGKILL);
	set_unused(thread);
	/* the next clock event may have been armed there: it is asked for anew */
	host_tgkill(tt_active->host.pid, tt_active->host.pid, HOST_SIG_TIMER);
}

struct host_thread *tt_process_get(struct host_thread **spare)
{
	struct host_thread *thread;

	while (idle) {
		thread = idle;
		idle = thread->idle;
		idles--;
		if (!__atomic_load_n(&thread->dead, __ATOMIC_ACQUIRE))
			return thread;
		end_thread(thread);
	}
	return fork_thread(spare);
}

void tt_process_put(struct host_thread *thread)
{
	thread->space = NULL;
	if (idles >= IDLE_MAX || thread->maps > IDLE_MAPS) {
		end_thread(thread);
		return;
	}
	thread->idle = idle;
	idle = thread;
	idles++;
}

/* or the watching thread is faster; and who is being traced may stay a while */
static void await_end(struct host_thread *thread, unsigned int *naps)
{
	u32 word = 0;

	for (; *naps < END_NAPS; ++*naps) {
		if (__atomic_load_n(&thread->dead, __ATOMIC_ACQUIRE) ||
		    host_wait(thread->host.pid, NULL, HOST_WAIT_NOHANG))
			return;
		host_futex_wait(&word, 0, END_NAP_NS);
	}
}

/*
 * They hold descriptors: until the last is gone, files stay open and locked. Where
 * this is not the virtual CPU's own host thread, that one may be ended too.
 */
static void end_all(void)
{
	struct host_thread *thread;
	unsigned int naps = 0;

	__atomic_store_n(&ending, true, __ATOMIC_RELEASE);
	for (thread = all; thread; thread = thread->all)
		if (!__atomic_load_n(&thread->dead, __ATOMIC_ACQUIRE))
			host_kill(thread->host.pid, SIGKILL);
	for (thread = all; thread; thread = thread->all)
		await_end(thread, &naps);
}

void tt_home(void)
{
	if (host_getpid() != tt_main.host.pid) {
		host_signal_block(true);
		tt_process_go(&tt_main);
		host_signal_block(true);
	}
	end_all();
}

void tt_stop(void)
{
	tt_process_go(&tt_main);
	end_all();
}

/* ---- start --------------------------------------------------------------- */

static int map_areas(void)
{
	const int prot = HOST_PROT_READ | HOST_PROT_WRITE;
	const int flags = HOST_MAP_PRIVATE | HOST_MAP_ANON | HOST_MAP_FIXED;
	long at = host_map((void *)AREA_START, PLATFORM_VCPUS * AREA_SIZE, prot, flags, -1, 0);

	return at < 0 ? at : 0;
}

int tt_process_init(int (*arm)(struct tt_area *area), const char **why)
{
	struct tt_area *area = tt_this_area();
	int err;

	*why = "the host refuses memory at a fixed address";
	err = map_areas();
	if (err)
		return err;
	area->selector = HOST_DISPATCH_ALLOW;
	area->attention = platform_params.attention;
	area->self = &tt_main;
	tt_main.host.pid = host_getpid();
	tt_main.host.timer = platform_params.timer;

	*why = "the host refuses a signal stack";
	err = host_signal_stack((char *)area + AREA_SIGNALS, AREA_SIZE - AREA_SIGNALS);
	if (err)
		return err;
	arm_area = arm;
	*why = "the host allows no more address space (ulimit -v)";
	err = host_shared_init();
	if (err)
		return err;
	*why = "the host refuses memory at a fixed address";
	err = tt_sites_init();
	if (err)
		return err;
	*why = "the host allows no more threads (ulimit -u, or pids of the container)";
	return host_process_watch(died) ?: host_home_start();
}
