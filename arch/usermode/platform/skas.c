// SPDX-License-Identifier: GPL-2.0
/*
 * skas.c - guest address spaces, each cached in a host process of its own.
 *
 * Owns struct space: the queue of operations, and for each virtual CPU the host
 * thread that runs guest code. The caller serialises operations on one space.
 * The queue is executed just before guest code runs (skas_prepare(), skas_list()),
 * or when it is full; create and destroy make no host call as a rule.
 *
 * What is mapped in the host process is a cache. If the host allows no more
 * mappings, or there are SKAS_MAPS_MAX, all are dropped, and the guest faults
 * for those that it still uses.
 */
#include <linux/build_bug.h>
#include <uapi/asm-generic/mman-common.h>
#include <uapi/linux/errno.h>
#include <uapi/linux/mman.h>
#include <asm/host.h>
#include <asm/layout.h>
#include <asm/unistd.h>
#include "pin.h"
#include "skas.h"
#include "skas_process.h"

#define SPACE_BYTES	4096
static_assert(sizeof(struct space) <= SPACE_BYTES);

/*
 * Mappings made since all were dropped. One may split another in two, so the
 * host's limit may come first (its vm.max_map_count is 65530 unless raised).
 */
#define SKAS_MAPS_MAX	60000

#define POPULATE_MAX	(2UL << 20)	/* larger ranges take the host's own faults */

void skas_lost(struct host_thread *ht)
{
	ht->dead = true;
	ht->regs_known = false;
	skas_driver->forget(ht);
	skas_process_end(ht->process);
}

/* ---- executing the queue ------------------------------------------------- */

static void put_order(struct skas_process *process, unsigned int *n, const struct skas_order *o)
{
	int flags = MAP_SHARED | MAP_FIXED;

	if (o->prot == HOST_PROT_NONE) {
		/* nothing is mapped: nothing to unmap */
		if (process->maps)
			skas_process_call(process, n, __NR_munmap, o->va, o->len, 0, 0, 0, 0, 0);
		return;
	}
	if (o->len <= POPULATE_MAX)
		flags |= MAP_POPULATE;
	skas_process_call(process, n, __NR_mmap, o->va, o->len, o->prot, flags, 0, o->phys, o->va);
	process->maps++;
}

unsigned int skas_list(struct space *space, struct host_thread *ht)
{
	struct skas_queue *queue = &space->queue;
	struct skas_process *process = ht->process;
	unsigned int i, n = 0;

	if (process->maps + queue->nr > SKAS_MAPS_MAX)
		skas_queue_begin_again(queue);
	if (queue->drop_all) {
		skas_process_call(process, &n, __NR_munmap, GUEST_START,
				  platform_params.task_size - GUEST_START, 0, 0, 0, 0, 0);
		process->maps = 0;
	}
	for (i = 0; i < queue->nr; i++)
		put_order(process, &n, &queue->order[i]);
	return n;
}

void skas_list_done(struct space *space)
{
	skas_queue_done(&space->queue);
}

unsigned int skas_list_again(struct space *space, struct host_thread *ht)
{
	if (space->queue.drop_all)
		return 0;
	/* too many mappings, most likely: begin again, with none */
	skas_queue_begin_again(&space->queue);
	return skas_list(space, ht);
}

bool skas_flush(struct space *space, struct host_thread *ht)
{
	unsigned int n = skas_list(space, ht);
	int err = 0;

	while (n) {
		err = skas_driver->run(ht, n);
		n = err && err != -ESRCH ? skas_list_again(space, ht) : 0;
	}
	skas_list_done(space);
	if (err)
		skas_lost(ht);
	return !err;
}

struct host_thread *skas_start(struct space *space)
{
	struct host_thread *ht = &space->thread[platform_vcpu_nr()];

	if (ht->dead)
		return NULL;
	/* an idle one may have been killed meanwhile: that is nobody's loss */
	if (!ht->used && ht->process->pid)
		skas_process_check(ht->process);
	ht->used = true;
	if (!ht->process->pid && skas_driver->start(ht->process)) {
		skas_lost(ht);
		host_upcall_log("usermode: the host cannot start a process for a guest's");
		return NULL;
	}
	pin_follow(ht->process->pid, &ht->process->cpu);
	return ht;
}

struct host_thread *skas_prepare(struct space *space)
{
	struct host_thread *ht = skas_start(space);

	return ht && skas_flush(space, ht) ? ht : NULL;
}

/* ---- the operations ------------------------------------------------------ */

static struct space *skas_create(void)
{
	struct space *space;
	int i;

	space = platform_params.alloc(SPACE_BYTES);
	if (!space)
		return NULL;
	for (i = 0; i < PLATFORM_VCPUS; i++) {
		space->thread[i].process = skas_process_get();
		if (!space->thread[i].process)
			goto err_free;
		space->queue.drop_all |= !!space->thread[i].process->maps;
	}
	return space;

err_free:
	while (i--)
		skas_process_put(space->thread[i].process);
	platform_params.free(space, SPACE_BYTES);
	return NULL;
}

static void skas_destroy(struct space *space)
{
	int i;

	for (i = 0; i < PLATFORM_VCPUS; i++) {
		skas_driver->evict(&space->thread[i]);
		skas_process_put(space->thread[i].process);
	}
	platform_params.free(space, SPACE_BYTES);
}

static void queue_order(struct space *space, const struct skas_order *order)
{
	struct host_thread *ht = &space->thread[platform_vcpu_nr()];

	if (skas_queue_add(&space->queue, order))
		return;
	/* where nothing ever ran, nothing is cached: what is queued may be forgotten */
	if (!ht->process->pid || ht->dead)
		skas_queue_forget(&space->queue);
	else
		skas_flush(space, ht);
	skas_queue_add(&space->queue, order);
}

static void skas_unmap(struct space *space, unsigned long va, unsigned long len)
{
	const struct skas_order order = { .va = va, .len = len, .prot = HOST_PROT_NONE };
	const struct host_thread *ht = &space->thread[platform_vcpu_nr()];

	if (!space->queue.nr && (!ht->process->maps || space->queue.drop_all))
		return;
	queue_order(space, &order);
}

static void skas_map(struct space *space, unsigned long va, unsigned long len, u64 phys, int prot)
{
	const struct skas_order order = { .va = va, .len = len, .phys = phys, .prot = prot };

	if (prot == HOST_PROT_NONE)
		skas_unmap(space, va, len);
	else
		queue_order(space, &order);
}

static void skas_unmap_all(struct space *space)
{
	skas_queue_drop_all(&space->queue);
}

const struct space_ops skas_space_ops = {
	.name		= "skas",
	.create		= skas_create,
	.destroy	= skas_destroy,
	.map		= skas_map,
	.unmap		= skas_unmap,
	.unmap_all	= skas_unmap_all,
};
