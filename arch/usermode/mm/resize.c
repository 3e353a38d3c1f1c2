// SPDX-License-Identifier: GPL-2.0
/*
 * resize.c - "config mem": the guest's memory grows and shrinks while it runs.
 *
 * Owns the end of physical memory. Growth takes back what the balloon holds, then
 * makes the memory file longer and hands the new range to the kernel's memory
 * hot-add, in blocks; what of the last block was not asked for goes into the
 * balloon. Shrinking fills the balloon: memory that was added stays known.
 *
 * Serialised by the registry of devices.
 */
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/memory.h>
#include <linux/memory_hotplug.h>
#include <linux/mm.h>
#include <linux/sizes.h>
#include <asm/boot.h>
#include <asm/host.h>
#include <asm/hotplug.h>
#include "balloon.h"

#define LEAST		SZ_32M		/* bytes that a guest keeps */
#define MIB(bytes)	((bytes) >> 20)

static u64 present;			/* bytes of memory that the kernel knows */
static u64 end;				/* of physical memory, bytes */

static u64 size_now(void)
{
	return present - balloon_bytes();
}

/* one block behind the present end of memory */
static int add_block(char *why, size_t len)
{
	u64 block = memory_block_size_bytes();
	u64 start = ALIGN(end, block);
	int err;

	err = host_ftruncate(physmem_fd, start + block);
	if (err) {
		snprintf(why, len, "the host refuses a longer memory file: %s",
			 host_error_text(err));
		return err;
	}
	err = add_memory(0, start, block, MHP_NONE);
	if (err) {
		snprintf(why, len, "the kernel cannot add memory (error %d)", -err);
		return err;
	}
	end = start + block;
	present += block;
	return 0;
}

/* is there room for @bytes more behind the end of memory? */
static bool has_room(u64 bytes)
{
	u64 block = memory_block_size_bytes();

	return ALIGN(end, block) + ALIGN(bytes, block) <= memory_max;
}

static int grow(u64 bytes, char *why, size_t len)
{
	u64 target = size_now() + bytes;
	u64 lent = balloon_bytes();
	int err = 0;

	if (bytes > lent && !has_room(bytes - lent)) {
		snprintf(why, len, "no more than %lluM are possible on this host",
			 MIB(memory_max));
		return -ENOSPC;
	}
	balloon_deflate(bytes);
	while (!err && size_now() < target)
		err = add_block(why, len);
	if (!err && size_now() > target)
		balloon_inflate(size_now() - target);
	return err;
}

static int shrink(u64 bytes, char *why, size_t len)
{
	u64 got;

	if (size_now() < bytes + LEAST) {
		snprintf(why, len, "the guest keeps %lluM at least, and has %lluM",
			 MIB((u64)LEAST), MIB(size_now()));
		return -EINVAL;
	}
	got = balloon_inflate(bytes);
	if (got >= bytes)
		return 0;
	snprintf(why, len, "the guest is using it: %lluM of %lluM were taken, it has %lluM now",
		 MIB(got), MIB(bytes), MIB(size_now()));
	return -EBUSY;
}

static int mem_config(unsigned int n, char *value, char *why, size_t len)
{
	char sign = *value == '+' || *value == '-' ? *value++ : 0;
	u64 now = size_now(), bytes, target;
	char *rest;

	bytes = memparse(value, &rest);
	if (rest == value || *rest || !bytes || bytes > PHYS_MAX) {
		snprintf(why, len, "write a size, for example mem=1G, mem=+256M or mem=-256M");
		return -EINVAL;
	}
	bytes = PAGE_ALIGN(bytes);
	if (sign == '+')
		return grow(bytes, why, len);
	if (sign == '-')
		return shrink(bytes, why, len);
	target = bytes;
	return target >= now ? grow(target - now, why, len) : shrink(now - target, why, len);
}

/* as mem= takes it */
static int mem_query(unsigned int n, char *buf, size_t len)
{
	u64 now = size_now();

	if (now % SZ_1M)
		snprintf(buf, len, "%lluK", now >> 10);
	else
		snprintf(buf, len, "%lluM", MIB(now));
	return 0;
}

static struct hotplug_class mem_class = {
	.name	= "mem",
	.config	= mem_config,
	.query	= mem_query,
};

static int __init resize_init(void)
{
	present = memory_size;
	end = memory_size;
	hotplug_register(&mem_class);
	return 0;
}
subsys_initcall(resize_init);
