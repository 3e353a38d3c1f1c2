// SPDX-License-Identifier: GPL-2.0
/*
 * mem.c - memory of the host: memory files and mappings.
 *
 * Owns nothing and takes no lock; the host serialises. Any context.
 */
#include <uapi/linux/errno.h>
#include <uapi/linux/memfd.h>
#include <asm/host.h>
#include "home.h"
#include "stack.h"
#include "syscall.h"

#ifndef MFD_NOEXEC_SEAL		/* Linux 6.3 */
#define MFD_NOEXEC_SEAL		0x0008U
#endif

#define STACK_GUARD	4096

int host_memfd(const char *name, u64 size)
{
	int fd, err;

	/*
	 * The file is never exec'd (mapping it executable is another matter).
	 * New hosts want to be told, and may be set up to insist on it.
	 */
	fd = host_syscall2(__NR_memfd_create, name, MFD_CLOEXEC | MFD_NOEXEC_SEAL);
	if (fd == -EINVAL)
		fd = host_syscall2(__NR_memfd_create, name, MFD_CLOEXEC);
	if (fd < 0)
		return fd;

	err = host_ftruncate(fd, size);
	if (err) {
		host_close(fd);
		return err;
	}
	return fd;
}

long host_map(void *addr, size_t len, int prot, int flags, int fd, u64 offset)
{
	return host_syscall6(__NR_mmap, addr, len, prot, flags, fd, offset);
}

int host_unmap(void *addr, size_t len)
{
	return host_syscall2(__NR_munmap, addr, len);
}

int host_protect(void *addr, size_t len, int prot)
{
	return host_syscall3(__NR_mprotect, addr, len, prot);
}

int host_madvise(void *addr, size_t len, int advice)
{
	return host_syscall3(__NR_madvise, addr, len, advice);
}

static long stack_map(void *arg)
{
	size_t size = *(size_t *)arg;
	char *base;
	long at;
	int err;

	at = host_map(NULL, size + STACK_GUARD, HOST_PROT_NONE,
		      HOST_MAP_PRIVATE | HOST_MAP_ANON | HOST_MAP_NORESERVE, -1, 0);
	if (at < 0)
		return at;

	base = (char *)at;
	err = host_protect(base + STACK_GUARD, size, HOST_PROT_READ | HOST_PROT_WRITE);
	if (err) {
		host_unmap(base, size + STACK_GUARD);
		return err;
	}
	return at + STACK_GUARD;
}

long host_stack_map(size_t size)
{
	return host_home_call(stack_map, &size);
}

struct old_stack {
	void *stack;
	size_t size;
};

static long stack_unmap(void *arg)
{
	const struct old_stack *old = arg;

	return host_unmap((char *)old->stack - STACK_GUARD, old->size + STACK_GUARD);
}

void host_stack_unmap(void *stack, size_t size)
{
	struct old_stack old = { .stack = stack, .size = size };

	host_home_call(stack_unmap, &old);
}
