// SPDX-License-Identifier: GPL-2.0
/*
 * Transparent huge pages: what the kernel makes one page of, because a program asked
 * for it or by itself, must look as if it were 512.
 */
#include "huge.h"

/* @n huge pages' room of ordinary memory, wanted as such */
static char *map_huge(int n)
{
	char *p = align_up(map_anon((n + 1) * HUGE, PROT_READ | PROT_WRITE));

	if (madvise(p, n * HUGE, MADV_HUGEPAGE))
		SKIP("no transparent huge pages, errno %d", errno);
	return p;
}

TEST(it_is_a_huge_page)
{
	char *p = map_huge(2);

	CHECK_EQ(store(p + 300 * PAGE, 1), 0);
	CHECK_EQ(smaps_kb(p, "AnonHugePages:"), HUGE / 1024);
	for (long i = 0; i < PAGES(1); i++)
		check_blank(p, i);
	mark_all(p, PAGES(2), 1);
	check_all(p, PAGES(2), 1);
	CHECK_EQ(smaps_kb(p, "AnonHugePages:"), 2 * HUGE / 1024);
}

TEST(read_first)
{
	char *p = map_huge(2);

	for (long i = 0; i < PAGES(2); i++)
		check_blank(p, i);
	mark_all(p, PAGES(2), 2);
	check_all(p, PAGES(2), 2);
}

TEST(cut)
{
	char *p = map_huge(3);

	mark_all(p, PAGES(3), 3);
	CHECK_EQ(munmap(p + 700 * PAGE, PAGE), 0);
	CHECK_EQ(mprotect(p + 100 * PAGE, 3 * PAGE, PROT_READ), 0);
	CHECK_EQ(madvise(p + 200 * PAGE, 5 * PAGE, MADV_DONTNEED), 0);
	for (long i = 0; i < PAGES(3); i++) {
		bool shut = i == 700 || (i >= 100 && i < 103);

		if (i >= 200 && i < 205)
			check_blank(p, i);
		else if (i != 700)
			check_mark(p, i, 3);
		CHECK_EQ(store(p + i * PAGE + 4090, 1), shut ? SIGSEGV : 0);
	}
}

TEST(as_every_huge_page)
{
	char *p = map_huge(2);

	check_protection(p);
	check_system_calls(p);
	check_another_process_looks(p);
	check_copied_on_write(p);
}

/* to where huge pages can be, and to where they cannot */
TEST(moved)
{
	char *to = check_moved(map_huge(2)), *odd = map_anon(4 * HUGE, PROT_NONE) + 5 * PAGE;

	CHECK_EQ(mremap(to, 2 * HUGE, 2 * HUGE, MREMAP_MAYMOVE | MREMAP_FIXED, odd), odd);
	check_all(odd, PAGES(2), 11);
	mark_all(odd, PAGES(2), 5);
	check_all(odd, PAGES(2), 5);
	CHECK_EQ(store(to + 7 * PAGE, 1), SIGSEGV);
}

/* parent and child go on in the same pages, some of which are a huge one's parts */
TEST(forks_and_writes_at_random)
{
	static unsigned char is[2 * HUGE / PAGE];
	__u64 random = 88172645463325252ULL;
	char *p = map_huge(2);
	pid_t pid;

	for (int round = 0; round < 60; round++) {
		if (round % 10 == 0) {
			CHECK_EQ(madvise(p, 2 * HUGE, MADV_DONTNEED), 0);
			memset(is, 0, sizeof(is));
		}
		pid = fork();
		for (int k = 0; k < 30; k++) {
			long i = next_random(&random) % PAGES(2);

			is[i] = next_random(&random) + !pid;
			p[i * PAGE + 5] = is[i];
		}
		for (long i = 0; i < PAGES(2); i++)
			CHECK_EQ((unsigned char)p[i * PAGE + 5], is[i]);
		if (!pid)
			_exit(0);
		join_child(pid);
		for (long i = 0; i < PAGES(2); i++)
			CHECK_EQ((unsigned char)p[i * PAGE + 5], is[i]);
	}
}

/* small pages become one; MADV_COLLAPSE is not on every host */
TEST(collapsed)
{
	char *p = align_up(map_anon(3 * HUGE, PROT_READ | PROT_WRITE));

	mark_all(p, PAGES(1), 7);
	if (madvise(p, HUGE, 25 /* MADV_COLLAPSE */))
		SKIP("MADV_COLLAPSE fails, errno %d", errno);
	check_all(p, PAGES(1), 7);
	mark_all(p, PAGES(1), 8);
	check_all(p, PAGES(1), 8);
	CHECK_EQ(smaps_kb(p, "AnonHugePages:"), HUGE / 1024);
}

static char *shared_page;

static void *touch(void *salt)
{
	for (int round = 0; round < 30; round++)
		for (long i = 0; i < PAGES(1); i++)
			if (i % 4 == (long)salt)
				mark(shared_page, i, round);
	return NULL;
}

/* it is cut and given back while threads write to it */
TEST(threads_and_cuts)
{
	pthread_t thread[3];

	shared_page = map_huge(1);
	for (long i = 0; i < 3; i++)
		CHECK_EQ(pthread_create(&thread[i], NULL, touch, (void *)i), 0);
	for (int round = 0; round < 30; round++) {
		for (long i = 3; i < PAGES(1); i += 4)
			mark(shared_page, i, round);
		CHECK_EQ(madvise(shared_page + (4 * round + 3) * PAGE, PAGE, MADV_DONTNEED), 0);
		check_blank(shared_page, 4 * round + 3);
	}
	for (long i = 0; i < 3; i++)
		CHECK_EQ(pthread_join(thread[i], NULL), 0);
	for (long i = 0; i < PAGES(1); i++)
		if (i % 4 != 3)
			check_mark(shared_page, i, 29);
}
