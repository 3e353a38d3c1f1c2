// SPDX-License-Identifier: GPL-2.0
/*
 * Memory of hugetlbfs: pages of 2 MB that are set aside (vm.nr_hugepages). The tests
 * need 12 of them.
 */
#include "huge.h"
#include <linux/futex.h>

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

TEST(as_every_huge_page)
{
	char *p = map_private(2);

	CHECK_ERR(mprotect(p, PAGE, PROT_READ), EINVAL);
	check_protection(p);
	check_system_calls(p);
	check_another_process_looks(p);
	check_copied_on_write(p);
}

TEST(moved)
{
	check_moved(map_private(2));
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

TEST(what_proc_says)
{
	char *p = map_private(2);

	CHECK_EQ(store(p, 1), 0);
	CHECK_EQ(smaps_kb(p, "Private_Hugetlb:"), HUGE / 1024);
	CHECK_EQ(smaps_kb(p, "KernelPageSize:"), HUGE / 1024);
	CHECK_EQ(smaps_kb(p, "MMUPageSize:"), HUGE / 1024);
}
