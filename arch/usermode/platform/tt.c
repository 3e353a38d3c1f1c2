// SPDX-License-Identifier: GPL-2.0
/*
 * tt.c - guest address spaces, each cached in a host process in which the kernel
 * runs as well.
 *
 * Owns struct space: its host process, and the queue of operations on it. While
 * it is active, that is while the kernel runs in its host process, operations are
 * made at once, for the kernel reads and writes guest memory through the very
 * mappings. Otherwise they wait until it is activated. The caller serialises,
 * with interrupts off where it says so in platform.h.
 *
 * What is mapped is a cache: if the host allows no more mappings, or there are
 * TT_MAPS_MAX, all are dropped, and whoever uses them faults.
 */
#include <uapi/asm-generic/mman-common.h>
#include <uapi/linux/errno.h>
#include <uapi/linux/mman.h>
#include <asm/host.h>
#include "trap_dispatch.h"
#include "tt.h"

#define SPACE_BYTES	8192
#define TT_MAPS_MAX	60000		/* the host's vm.max_map_count is 65530 unless raised */
#define POPULATE_MAX	(2UL << 20)	/* larger ranges take the host's own faults */

/* ---- mapping, where we run ----------------------------------------------- */

/* guest addresses, without the kernel's own among them; 0 or -errno */
static int unmap_guest(unsigned long start, unsigned long end)
{
	int err = 0;

	if (start < KERNEL_START)
		err = host_unmap((void *)start, (end < KERNEL_START ? end : KERNEL_START) - start);
	if (!err && end > KERNEL_LIMIT) {
		start = start > KERNEL_LIMIT ? start : KERNEL_LIMIT;
		err = host_unmap((void *)start, end - start);
	}
	return err;
}

static void drop_all(struct host_thread *thread)
{
	if (thread->maps)
		unmap_guest(GUEST_START, platform_params.task_size);
	thread->maps = 0;
}

static void make(struct host_thread *thread, const struct skas_order *o)
{
	int flags = HOST_MAP_SHARED | HOST_MAP_FIXED;
	long at;

	if (o->prot == HOST_PROT_NONE) {
		/* what would make too many mappings of one is dropped */
		if (thread->maps && unmap_guest(o->va, o->va + o->len))
			drop_all(thread);
		return;
	}
	if (o->len <= POPULATE_MAX)
		flags |= HOST_MAP_POPULATE;
	if (thread->maps >= TT_MAPS_MAX)
		drop_all(thread);
	at = host_map((void *)o->va, o->len, o->prot, flags, platform_params.phys_fd, o->phys);
	if (at < 0) {
		/* too many mappings, most likely: begin again, with none */
		drop_all(thread);
		at = host_map((void *)o->va, o->len, o->prot, flags, platform_params.phys_fd,
			      o->phys);
	}
	if (at < 0)
		host_upcall_panic("linux: the host has no memory left to map guest memory with");
	thread->maps++;
}

static void run_queue(struct space *space)
{
	struct skas_queue *queue = &space->queue;
	unsigned int i;

	if (queue->drop_all)
		drop_all(space->thread);
	for (i = 0; i < queue->nr; i++)
		make(space->thread, &queue->order[i]);
	queue->nr = 0;
	queue->drop_all = false;
}

/* ---- the operations ------------------------------------------------------ */

static struct space *tt_create(void)
{
	struct space *space = platform_params.alloc(SPACE_BYTES);

	if (!space)
		return NULL;
	space->spare = platform_params.alloc(THREAD_BYTES);
	if (!space->spare) {
		platform_params.free(space, SPACE_BYTES);
		return NULL;
	}
	return space;
}

static void tt_destroy(struct space *space)
{
	if (space->thread) {
		if (space->thread == tt_active)
			tt_process_go(&tt_main);
		dispatch_evict(space->thread);
		tt_process_put(space->thread);
	}
	if (space->spare)
		platform_params.free(space->spare, THREAD_BYTES);
	platform_params.free(space, SPACE_BYTES);
}

/* the first time that it is needed, or its host process has died */
static bool attach(struct space *space)
{
	struct host_thread *thread = space->thread;

	if (space->lost)
		return false;
	if (thread && !thread->dead)
		return true;
	if (thread) {
		dispatch_forget(thread);
		space->lost = true;
		space->thread = NULL;
		return false;
	}
	thread = tt_process_get(&space->spare);
	if (!thread) {
		host_upcall_log("usermode: the host cannot start a process for a guest's");
		space->lost = true;
		return false;
	}
	thread->space = space;
	space->thread = thread;
	space->queue.nr = 0;
	space->queue.drop_all = true;
	return true;
}

/* ---- shadows ------------------------------------------------------------- */

static u64 forgets;

void platform_space_plain(struct space *space)
{
	if (space->plain)
		return;
	space->plain = true;
	drop_all(space->thread);
}

static void forget_slots(struct space *space)
{
	for (unsigned int i = 0; i < SITE_SLOTS; i++)
		space->slots[i] = 0;
	space->forgets = forgets;
}

void platform_slots_forget(void)
{
	struct space *space = tt_active->space;

	forgets++;
	if (!space)
		return;
	drop_all(space->thread);
	forget_slots(space);
}

/* ---- activation ---------------------------------------------------------- */

static void tt_activate(struct space *space)
{
	if (!space || !attach(space)) {
		tt_process_go(&tt_main);
		return;
	}
	tt_process_go(space->thread);
	if (space->forgets != forgets) {
		forget_slots(space);
		skas_queue_drop_all(&space->queue);
	}
	if (space->queue.nr || space->queue.drop_all)
		run_queue(space);
}

static bool tt_usable(struct space *space)
{
	return space && space->thread == tt_active;
}

static void order(struct space *space, const struct skas_order *o)
{
	if (tt_usable(space))
		make(space->thread, o);
	else if (space->thread && !space->queue.drop_all && !skas_queue_add(&space->queue, o))
		skas_queue_drop_all(&space->queue);
}

static void tt_unmap(struct space *space, unsigned long va, unsigned long len)
{
	const struct skas_order o = { .va = va, .len = len, .prot = HOST_PROT_NONE };

	order(space, &o);
}

static void tt_map(struct space *space, unsigned long va, unsigned long len, u64 phys, int prot)
{
	const struct skas_order o = { .va = va, .len = len, .phys = phys, .prot = prot };

	order(space, &o);
}

static void tt_unmap_all(struct space *space)
{
	if (tt_usable(space))
		drop_all(space->thread);
	else
		skas_queue_drop_all(&space->queue);
}

const struct space_ops tt_space_ops = {
	.name			= "tt",
	.create			= tt_create,
	.destroy		= tt_destroy,
	.map			= tt_map,
	.unmap			= tt_unmap,
	.unmap_all		= tt_unmap_all,
	.activate		= tt_activate,
	.usable			= tt_usable,
	.kernel_unmapped	= tt_kernel_unmapped,
};
