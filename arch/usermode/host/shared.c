// SPDX-License-Identifier: GPL-2.0
/*
 * shared.c - memory of the host that every host process of the program sees.
 *
 * Where there is one process only, this is a mapping like any other. Where the
 * kernel runs in many, what is mapped later would be seen in one of them: so
 * memory is handed out from an arena that is mapped before the first is forked.
 *
 * Owns the arena and the map of its granules. No locks: each granule's bit is
 * taken and given back atomically. Any context.
 */
#include <uapi/asm-generic/mman-common.h>
#include <uapi/linux/errno.h>
#include <uapi/linux/fcntl.h>
#include <asm/host.h>
#include "syscall.h"

#define ARENA_BYTES	(16UL << 30)	/* of addresses; memory is used when it is touched */
#define GRANULE		(64UL << 10)
#define GRANULES	(ARENA_BYTES / GRANULE)

static char *arena;
static u64 taken[GRANULES / 64];

static bool take(unsigned long i)
{
	u64 bit = 1ULL << i % 64;

	return !(__atomic_fetch_or(&taken[i / 64], bit, __ATOMIC_ACQUIRE) & bit);
}

static void give(unsigned long from, unsigned long n)
{
	while (n--)
		__atomic_fetch_and(&taken[(from + n) / 64], ~(1ULL << (from + n) % 64),
				   __ATOMIC_RELEASE);
}

/* the first of @n free granules in a row, now taken, or GRANULES */
static unsigned long take_run(unsigned long n)
{
	unsigned long i, got = 0;

	for (i = 0; i < GRANULES; i++) {
		if (take(i)) {
			if (++got == n)
				return i + 1 - n;
		} else {
			give(i - got, got);
			got = 0;
		}
	}
	give(i - got, got);
	return GRANULES;
}

static unsigned long granules(size_t bytes)
{
	return (bytes + GRANULE - 1) / GRANULE;
}

long host_shared_alloc(size_t bytes)
{
	unsigned long at;

	if (!bytes || bytes > ARENA_BYTES)
		return -ENOMEM;
	if (!arena)
		return host_map(NULL, bytes, HOST_PROT_READ | HOST_PROT_WRITE,
				HOST_MAP_SHARED | HOST_MAP_ANON | HOST_MAP_NORESERVE, -1, 0);
	at = take_run(granules(bytes));
	return at == GRANULES ? -ENOMEM : (long)(arena + at * GRANULE);
}

void host_shared_free(void *memory, size_t bytes)
{
	char *at = memory;

	if (!arena) {
		host_unmap(at, bytes);
		return;
	}
	host_madvise(at, bytes, MADV_REMOVE);
	/* from before there was an arena? Its addresses are lost, but its memory is not */
	if (at >= arena && at < arena + ARENA_BYTES)
		give((at - arena) / GRANULE, granules(bytes));
}

long host_shared_file(const char *name, size_t bytes, int *fd)
{
	long at;

	if (arena)
		return -EBUSY;
	*fd = host_memfd(name, bytes);
	if (*fd < 0)
		return *fd;
	at = host_syscall3(__NR_fcntl, *fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW);
	if (!at)
		at = host_map(NULL, bytes, HOST_PROT_READ | HOST_PROT_WRITE, HOST_MAP_SHARED, *fd,
			      0);
	if (at < 0)
		host_close(*fd);
	return at;
}

int host_shared_init(void)
{
	long at = host_map(NULL, ARENA_BYTES, HOST_PROT_READ | HOST_PROT_WRITE,
			   HOST_MAP_SHARED | HOST_MAP_ANON | HOST_MAP_NORESERVE, -1, 0);

	if (at < 0)
		return at;
	arena = (char *)at;
	return 0;
}
