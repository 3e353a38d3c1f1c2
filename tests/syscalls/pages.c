// SPDX-License-Identifier: GPL-2.0
/*
 * Many pages with one fault: what is handled and mapped ahead must look as if each
 * page had come by itself.
 */
#include "marks.h"

TEST(walks_in_every_direction)
{
	const long pages = 2000;
	char *p = map_anon(pages * PAGE, PROT_READ | PROT_WRITE);

	mark_all(p, pages, 1);
	check_all(p, pages, 1);
	madvise(p, pages * PAGE, MADV_DONTNEED);
	for (long i = pages - 1; i >= 0; i--) {
		CHECK_EQ(p[i * PAGE], 0);
		mark(p, i, 2);
	}
	check_all(p, pages, 2);
	madvise(p, pages * PAGE, MADV_DONTNEED);
	for (long i = 0; i < pages; i++)
		mark(p, i * 7 % pages, 3);
	check_all(p, pages, 3);
}

TEST(reads_before_writes)
{
	const long pages = 600;
	char *p = map_anon(pages * PAGE, PROT_READ | PROT_WRITE);

	for (long i = 0; i < pages; i++)
		CHECK_EQ(p[i * PAGE + i], 0);
	for (long i = 0; i < pages; i += 2)
		mark(p, i, 4);
	for (long i = 0; i < pages; i++) {
		if (i % 2 == 0)
			check_mark(p, i, 4);
		else
			CHECK_EQ(p[i * PAGE + 8], 0);
	}
}

TEST(walk_ends_at_what_is_protected)
{
	const long pages = 256, gap = 100;
	char *p = map_anon(pages * PAGE, PROT_READ | PROT_WRITE);
	long i;

	CHECK_EQ(mprotect(p + gap * PAGE, PAGE, PROT_NONE), 0);
	CHECK_EQ(mprotect(p + (gap + 1) * PAGE, PAGE, PROT_READ), 0);
	for (i = 0; i < pages; i++)
		CHECK_EQ(store(p + i * PAGE, i), i == gap || i == gap + 1 ? SIGSEGV : 0);
	CHECK_EQ(READ_ONCE(p[(gap + 1) * PAGE]), 0);
}

TEST(walk_ends_with_the_file)
{
	char *p;
	long i;
	int fd = temp_file();

	CHECK_EQ(ftruncate(fd, 20 * PAGE + 1), 0);
	p = mmap(NULL, 64 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	CHECK(p != MAP_FAILED);
	for (i = 0; i < 64; i++)
		CHECK_EQ(store(p + i * PAGE, i), i > 20 ? SIGBUS : 0);
}

/* the same pages at two places, and what is written without a mapping */
TEST(walk_through_shared_memory)
{
	const long pages = 1000;
	int fd = memfd_create("pages", 0);
	char *p, *q;

	CHECK(fd >= 0);
	CHECK_EQ(ftruncate(fd, pages * PAGE), 0);
	p = mmap(NULL, pages * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	q = mmap(NULL, (pages - 3) * PAGE, PROT_READ, MAP_SHARED, fd, 3 * PAGE);
	CHECK(p != MAP_FAILED && q != MAP_FAILED);
	mark_all(p, pages, 5);
	for (long i = 3; i < pages; i++)
		CHECK(!memcmp(p + i * PAGE, q + (i - 3) * PAGE, PAGE));
	CHECK_EQ(pwrite(fd, "hello", 5, 500 * PAGE), 5);
	CHECK(!memcmp(q + 497 * PAGE, "hello", 5));
	CHECK_EQ(ftruncate(fd, 10 * PAGE), 0);
	CHECK_EQ(ftruncate(fd, pages * PAGE), 0);
	check_all(p, 10, 5);
	for (long i = 10; i < pages; i++)
		CHECK_EQ(*(unsigned long *)(p + i * PAGE + 8 * (i % 500)), 0);
}

/* parent and child go on in the same pages, again and again */
TEST(forks_and_writes_at_random)
{
	const long pages = 200;
	char *p = map_anon(pages * PAGE, PROT_READ | PROT_WRITE);
	unsigned char is[200] = { 0 };
	__u64 random = 88172645463325252ULL;
	pid_t pid;

	for (int round = 0; round < 150; round++) {
		pid = fork();
		for (int k = 0; k < 30; k++) {
			long i = next_random(&random) % pages;

			is[i] = next_random(&random) + (pid ? 0 : 1);
			p[i * PAGE + 5] = is[i];
		}
		for (int i = 0; i < pages; i++)
			CHECK_EQ((unsigned char)p[i * PAGE + 5], is[i]);
		if (!pid)
			_exit(0);
		join_child(pid);
		for (int i = 0; i < pages; i++)
			CHECK_EQ((unsigned char)p[i * PAGE + 5], is[i]);
	}
}

TEST(fork_of_a_shared_and_a_private_area)
{
	char *shared = map_shared(32 * PAGE);
	char *private = map_anon(32 * PAGE, PROT_READ | PROT_WRITE);
	pid_t pid;

	for (int round = 0; round < 20; round++) {
		mark_all(shared, 32, round);
		mark_all(private, 32, round);
		pid = fork();
		if (!pid) {
			check_all(private, 32, round);
			mark_all(private, 32, 99);
			mark_all(shared, 32, 50 + round);
			_exit(0);
		}
		join_child(pid);
		check_all(shared, 32, 50 + round);
		check_all(private, 32, round);
	}
}

/* a page that was writable when a fork came, and is not when the child runs */
TEST(fork_after_mprotect)
{
	char *p = map_anon(16 * PAGE, PROT_READ | PROT_WRITE);
	pid_t pid;

	mark_all(p, 16, 6);
	CHECK_EQ(mprotect(p, 16 * PAGE, PROT_READ), 0);
	pid = fork();
	if (!pid) {
		CHECK_EQ(store(p, 1), SIGSEGV);
		check_all(p, 16, 6);
		_exit(0);
	}
	join_child(pid);
	check_all(p, 16, 6);
}
