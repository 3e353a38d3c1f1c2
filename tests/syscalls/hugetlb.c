// SPDX-License-Identifier: GPL-2.0
/*
 * Memory of hugetlbfs: pages of 2 MB that are set aside (vm.nr_hugepages). The tests
 * need 12 of them.
 */
#include "marks.h"
#include <stdint.h>
#include <linux/futex.h>
#include <sys/uio.h>

/* @n huge pages at @at, or anywhere */
static char *map_at(void *at, int n, int flags, int fd)
{
	char *p = mmap(at, n * HUGE, PROT_READ | PROT_WRITE,
		       flags | MAP_HUGETLB | (fd < 0 ? MAP_ANONYMOUS : 0) | (at ? MAP_FIXED : 0),
		       fd, 0);

	if (p == MAP_FAILED)
		SKIP("no %d huge pages are set aside (vm.nr_hugepages), errno %d", n, errno);
	CHECK_EQ((uintptr_t)p % HUGE, 0);
	return p;
}

static char *map_private(int n)
{
	return map_at(NULL, n, MAP_PRIVATE, -1);
}

/* a file of @n huge pages */
static int huge_file(int n)
{
	int fd = memfd_create("huge", MFD_HUGETLB);

	if (fd < 0)
		SKIP("no file of huge pages, errno %d", errno);
	CHECK_EQ(ftruncate(fd, n * HUGE), 0);
	return fd;
}

TEST(all_of_it_is_there)
{
	char *p = map_private(4);

	for (long i = 0; i < PAGES(4); i++)
		CHECK_EQ(p[i * PAGE + i], 0);
	mark_all(p, PAGES(4), 1);
	check_all(p, PAGES(4), 1);
}

TEST(unmapped_in_the_middle)
{
	char *p = map_private(3);

	mark_all(p, PAGES(3), 2);
	CHECK_ERR(munmap(p + HUGE, PAGE), EINVAL);
	CHECK_EQ(munmap(p + HUGE, HUGE), 0);
	CHECK_EQ(store(p + HUGE + 5 * PAGE, 1), SIGSEGV);
	check_all(p, PAGES(1), 2);
	CHECK_EQ(p[2 * HUGE + 1], 0);
	CHECK_EQ(store(p + 2 * HUGE, 1), 0);
	map_at(p + HUGE, 1, MAP_PRIVATE, -1);
	for (long i = 0; i < PAGES(1); i++)
		check_blank(p + HUGE, i);
}

/* small pages where a huge one was, and the other way round */
TEST(sizes_change_places)
{
	char *p = map_private(2), *q;

	for (int round = 0; round < 20; round++) {
		mark_all(p, PAGES(2), round);
		q = mmap(p, HUGE, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
		CHECK_EQ(q, p);
		check_blank(p, 17);
		mark_all(p, PAGES(1), round + 50);
		check_all(p, PAGES(1), round + 50);
		CHECK_EQ(munmap(p, 2 * HUGE), 0);
		map_at(p, 2, MAP_PRIVATE, -1);
		check_blank(p, 17);
	}
}

TEST(copied_on_write)
{
	char *p = map_private(2);
	pid_t pid;

	for (int round = 0; round < 5; round++) {
		mark_all(p, PAGES(2), round);
		pid = fork();
		if (!pid) {
			check_all(p, PAGES(2), round);
			mark_all(p, PAGES(2), 70 + round);
			check_all(p, PAGES(2), 70 + round);
			_exit(0);
		}
		if (round % 2)		/* who is first? */
			sleep_ms(20);
		mark_all(p, PAGES(2), 10 + round);
		check_all(p, PAGES(2), 10 + round);
		join_child(pid);
		check_all(p, PAGES(2), 10 + round);
	}
}

TEST(shared_with_a_child)
{
	char *p = map_at(NULL, 2, MAP_SHARED, -1);
	pid_t pid;

	mark_all(p, PAGES(2), 3);
	pid = fork();
	if (!pid) {
		check_all(p, PAGES(2), 3);
		mark_all(p, PAGES(2), 4);
		_exit(0);
	}
	join_child(pid);
	check_all(p, PAGES(2), 4);
}

/* a private mapping has the file's page until it writes */
TEST(private_mapping_of_a_file)
{
	int fd = huge_file(2);
	char *p = map_at(NULL, 2, MAP_SHARED, fd), *q = map_at(NULL, 2, MAP_PRIVATE, fd);

	mark_all(p, PAGES(2), 5);
	check_all(q, PAGES(2), 5);
	mark_all(p, PAGES(2), 6);
	check_all(q, PAGES(2), 6);
	mark_all(q, PAGES(2), 7);
	check_all(p, PAGES(2), 6);
	check_all(q, PAGES(2), 7);
}

TEST(file_is_truncated)
{
	int fd = huge_file(2);
	char *p = map_at(NULL, 2, MAP_SHARED, fd);

	mark_all(p, PAGES(2), 8);
	CHECK_EQ(ftruncate(fd, HUGE), 0);
	check_all(p, PAGES(1), 8);
	CHECK_EQ(store(p + HUGE + 3 * PAGE, 1), SIGBUS);
	CHECK_EQ(ftruncate(fd, 2 * HUGE), 0);
	for (long i = 0; i < PAGES(1); i++)
		check_blank(p + HUGE, i);
	CHECK_EQ(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, HUGE), 0);
	check_blank(p, 9);
}

TEST(protection)
{
	char *p = map_private(2);

	mark_all(p, PAGES(2), 9);
	CHECK_ERR(mprotect(p, PAGE, PROT_READ), EINVAL);
	CHECK_EQ(mprotect(p, HUGE, PROT_READ), 0);
	CHECK_EQ(store(p + 100 * PAGE, 1), SIGSEGV);
	CHECK_EQ(store(p + HUGE + 100 * PAGE, 1), 0);
	check_all(p, PAGES(1), 9);
	CHECK_EQ(mprotect(p, HUGE, PROT_NONE), 0);
	CHECK_EQ(store(p + 511 * PAGE, 1), SIGSEGV);
	CHECK_EQ(mprotect(p, HUGE, PROT_READ | PROT_WRITE), 0);
	check_all(p, PAGES(1), 9);
	CHECK_EQ(store(p + 511 * PAGE, 1), 0);
}

TEST(moved)
{
	char *p = map_private(2);
	char *room = map_anon(4 * HUGE, PROT_NONE);
	char *to = (char *)(((uintptr_t)room + HUGE - 1) & ~(HUGE - 1));

	mark_all(p, PAGES(2), 10);
	CHECK_EQ(mremap(p, 2 * HUGE, 2 * HUGE, MREMAP_MAYMOVE | MREMAP_FIXED, to), to);
	check_all(to, PAGES(2), 10);
	mark_all(to, PAGES(2), 11);
	check_all(to, PAGES(2), 11);
	CHECK_EQ(store(p + 7 * PAGE, 1), SIGSEGV);
}

TEST(not_needed_any_more)
{
	char *p = map_private(2);

	mark_all(p, PAGES(2), 12);
	CHECK_EQ(madvise(p, HUGE, MADV_DONTNEED), 0);
	for (long i = 0; i < PAGES(1); i++)
		check_blank(p, i);
	for (long i = PAGES(1); i < PAGES(2); i++)
		check_mark(p, i, 12);
}

/* the kernel reads and writes it; each piece lies across two small pages */
TEST(system_calls)
{
	char *p = map_private(2);
	int fd[2];

	CHECK_EQ(pipe(fd), 0);
	for (long i = 0; i < PAGES(2) - 1; i++) {
		char *at = p + i * PAGE + PAGE - 100;

		memset(at, i, 200);
		CHECK_EQ(write(fd[1], at, 200), 200);
		memset(at, ~i, 200);
		CHECK_EQ(read(fd[0], at, 200), 200);
		CHECK(at[0] == (char)i && at[199] == (char)i);
	}
	/* where nothing has been touched yet */
	CHECK_EQ(madvise(p, 2 * HUGE, MADV_DONTNEED), 0);
	CHECK_EQ(write(fd[1], p + HUGE - 50, 100), 100);
	memset(p + HUGE - 50, 1, 100);
	CHECK_EQ(read(fd[0], p + HUGE - 50, 100), 100);
	CHECK(p[HUGE - 50] == 0 && p[HUGE + 49] == 0);
}

TEST(another_process_looks)
{
	char *p = map_private(1), seen[PAGE];
	struct iovec here = { seen, PAGE }, there = { p + 300 * PAGE, PAGE };
	int fd = open("/proc/self/mem", O_RDWR);

	CHECK(fd >= 0);
	mark_all(p, PAGES(1), 13);
	CHECK_EQ(pread(fd, seen, PAGE, (uintptr_t)p + 200 * PAGE), PAGE);
	CHECK(!memcmp(seen, p + 200 * PAGE, PAGE));
	CHECK_EQ(pwrite(fd, "hello", 5, (uintptr_t)p + 201 * PAGE), 5);
	CHECK(!memcmp(p + 201 * PAGE, "hello", 5));
	CHECK_EQ(process_vm_readv(getpid(), &here, 1, &there, 1, 0), PAGE);
	CHECK(!memcmp(seen, p + 300 * PAGE, PAGE));
}

static void *wait_for_word(void *word)
{
	while (READ_ONCE(*(__u32 *)word) == 0)
		syscall(SYS_futex, word, FUTEX_WAIT, 0, NULL, NULL, 0);
	return NULL;
}

TEST(futex_in_it)
{
	__u32 *word = (__u32 *)(map_private(1) + 77 * PAGE + 8);
	pthread_t thread;

	CHECK_EQ(pthread_create(&thread, NULL, wait_for_word, word), 0);
	sleep_ms(10);
	__atomic_store_n(word, 1, __ATOMIC_SEQ_CST);
	CHECK(syscall(SYS_futex, word, FUTEX_WAKE, 1, NULL, NULL, 0) >= 0);
	CHECK_EQ(pthread_join(thread, NULL), 0);
}

/* as many as nobody has: refused, or SIGBUS where they were not asked for before */
TEST(more_than_there_are)
{
	const size_t many = 1UL << 40;
	char *p = map_private(1);

	CHECK_EQ(munmap(p, HUGE), 0);
	CHECK_ERR(mmap(NULL, many, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB, -1, 0), ENOMEM);
	p = mmap(NULL, many, PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB | MAP_NORESERVE, -1, 0);
	CHECK(p != MAP_FAILED);
	for (size_t at = 0; at < many; at += HUGE)
		if (store(p + at, 1)) {
			CHECK_EQ(munmap(p, many), 0);
			return;
		}
	FAIL("there was no end");
}

static long smaps_kb(const char *p, const char *field)
{
	FILE *f = fopen("/proc/self/smaps", "r");
	char line[256];
	bool here = false;
	long kb = -1;
	unsigned long start, end;

	CHECK(f);
	while (fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%lx-%lx ", &start, &end) == 2)
			here = start == (uintptr_t)p;
		else if (here && !strncmp(line, field, strlen(field)))
			kb = atol(line + strlen(field));
	}
	fclose(f);
	return kb;
}

TEST(what_proc_says)
{
	char *p = map_private(2);

	CHECK_EQ(store(p, 1), 0);
	CHECK_EQ(smaps_kb(p, "Private_Hugetlb:"), HUGE / 1024);
	CHECK_EQ(smaps_kb(p, "KernelPageSize:"), HUGE / 1024);
	CHECK_EQ(smaps_kb(p, "MMUPageSize:"), HUGE / 1024);
}
