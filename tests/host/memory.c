// SPDX-License-Identifier: GPL-2.0
/*
 * memory.c - memory files, mappings, protections, and what the host gives back.
 */
#include <setjmp.h>
#include <signal.h>
#include <sys/mman.h>
#include "harness.h"

#define PAGE	4096UL

static sigjmp_buf fault_env;

static void on_fault(int sig)
{
	siglongjmp(fault_env, sig);
}

/* can the byte be written? */
static bool writable(char *p)
{
	if (sigsetjmp(fault_env, 1))
		return false;
	WRITE_ONCE(*p, 1);
	return true;
}

int main(void)
{
	const int rw = HOST_PROT_READ | HOST_PROT_WRITE;
	struct resources before;
	char *a, *b;
	long at;
	int fd;

	test_begin(20);
	signal(SIGSEGV, on_fault);
	signal(SIGBUS, on_fault);
	resources_now();
	before = resources_now();

	/* sparse beyond what the host has */
	fd = host_memfd("test", 1ULL << 40);
	CHECK(fd >= 0);

	/* two mappings of one page are one page */
	at = host_map(NULL, 4 * PAGE, rw, HOST_MAP_SHARED, fd, 1ULL << 39);
	CHECK(at > 0);
	a = (char *)at;
	at = host_map(NULL, PAGE, rw, HOST_MAP_SHARED, fd, (1ULL << 39) + PAGE);
	CHECK(at > 0);
	b = (char *)at;
	memcpy(a + PAGE, "shared", sizeof("shared"));
	CHECK(!strcmp(b, "shared"));

	/* fixed, and fixed without replacing */
	CHECK_EQ(host_map(a, PAGE, rw, HOST_MAP_SHARED | HOST_MAP_FIXED, fd, (1ULL << 39) + PAGE),
		 (long)a);
	CHECK(!strcmp(a, "shared"));
	CHECK_EQ(host_map(a, PAGE, rw, HOST_MAP_PRIVATE | HOST_MAP_ANON | HOST_MAP_FIXED_NOREPLACE,
			  -1, 0), -EEXIST);

	/* protections */
	CHECK(writable(a));
	CHECK_EQ(host_protect(a, 2 * PAGE, HOST_PROT_READ), 0);
	CHECK(!writable(a));
	CHECK(!writable(a + PAGE));
	CHECK(writable(a + 2 * PAGE));
	CHECK_EQ(host_protect(a, 2 * PAGE, rw | HOST_PROT_EXEC), 0);
	CHECK(writable(a));

	/* memory given back reads as zeros */
	a[PAGE] = 1;
	CHECK_EQ(host_madvise(a + PAGE, PAGE, MADV_REMOVE), 0);
	CHECK_EQ(b[0], 0);

	/* errors are values */
	CHECK_EQ(host_map(NULL, 0, rw, HOST_MAP_PRIVATE | HOST_MAP_ANON, -1, 0), -EINVAL);
	CHECK_EQ(host_map(NULL, PAGE, rw, HOST_MAP_SHARED, -1, 0), -EBADF);
	CHECK_EQ(host_unmap(a + 1, PAGE), -EINVAL);
	CHECK(host_memfd("test", 1ULL << 63) < 0);

	CHECK_EQ(host_unmap(a, 4 * PAGE), 0);
	CHECK_EQ(host_unmap(b, PAGE), 0);
	CHECK(!writable(b));
	CHECK_EQ(host_close(fd), 0);
	resources_check("memory", before);
	return 0;
}
