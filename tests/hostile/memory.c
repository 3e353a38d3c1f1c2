// SPDX-License-Identifier: GPL-2.0
/*
 * memory.c - attacks on memory: the kernel's, what was unmapped, all there is.
 */
#include "attack.h"

/* ---- what is nobody's in here -------------------------------------------------- */

TEST(kernel_memory)
{
	static const unsigned long at[] = {
		0x60000000, 0x60100000, 0x7ffff000, 0x700000000000, 0x700000100000,
		0x700040000000, 0x780000000000, 0x790000000000, 0x7fffffffe000,
		0xffffffff81000000UL, 0xffffffffff600000UL,
	};
	unsigned int i;

	attack_catch();
	for (i = 0; i < ARRAY_SIZE(at); i++)
		if (attack_touch(at[i], 0) && (in_guest() || at[i] >> 47))
			FAIL("0x%lx can be read", at[i]);
}

TEST(kernel_range_is_sealed)
{
	void *kernel = (void *)0x60000000;

	if (!in_guest())
		SKIP("there is no kernel in this range");
	CHECK_EQ(mmap(kernel, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0),
		 MAP_FAILED);
	CHECK(munmap(kernel, PAGE));
	CHECK(mprotect(kernel, PAGE, PROT_READ | PROT_WRITE));
	CHECK_EQ(mmap((void *)STUB_START, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED,
		      -1, 0), MAP_FAILED);
}

/* ---- what was unmapped ----------------------------------------------------------- */

static char *page;
static unsigned long touches;

static void *toucher(void *unused)
{
	/* whatever is there: a byte of this process's own, or nothing */
	while (1) {
		if (!sigsetjmp(escape_to, 1)) {
			for (;;) {
				char c = READ_ONCE(*page);

				if (c != 0 && c != 'A')
					_exit(99);
				WRITE_ONCE(*page, 'A');
				WRITE_ONCE(touches, READ_ONCE(touches) + 1);
			}
		}
	}
	return unused;
}

static void race(void *unused)
{
	long long end = now_ns() + 1500000000LL;
	pthread_t thread;

	(void)unused;
	page = map_anon(PAGE, PROT_READ | PROT_WRITE);
	attack_catch();
	CHECK_EQ(pthread_create(&thread, NULL, toucher, NULL), 0);
	while (now_ns() < end) {
		int i;

		munmap(page, PAGE);
		/* its page becomes somebody else's */
		for (i = 0; i < 3; i++) {
			pid_t pid = fork();

			if (!pid) {
				char *mine = malloc(16 * PAGE);

				memset(mine, 'B', 16 * PAGE);
				sched_yield();
				for (i = 0; i < (int)(16 * PAGE); i++)
					if (mine[i] != 'B')
						_exit(1);
				_exit(0);
			}
			sched_yield();
			int status;

			waitpid(pid, &status, 0);
			if (status)
				_exit(98);
		}
		mmap(page, PAGE, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
		sched_yield();
	}
	_exit(READ_ONCE(touches) ? 0 : 97);
}

TEST(sibling_touches_unmapped)
{
	neighbour_start();
	CHECK_EQ(attack(race, NULL, 30000), 0);
	neighbour_check();
}

/* ---- all there is ------------------------------------------------------------------ */

#define SCATTERED	40000UL

/* more mappings than the host allows one process, each page with its own content */
TEST_LIMIT(mappings_exhausted, 240)
{
	__u32 *pages = map_anon(2 * SCATTERED * PAGE, PROT_READ | PROT_WRITE);
	unsigned long i, wrong = 0;
	__u64 seed = 4711;

	neighbour_start();
	madvise(pages, 2 * SCATTERED * PAGE, MADV_NOHUGEPAGE);
	for (i = 0; i < SCATTERED; i++)
		pages[2 * i * PAGE / 4] = i;
	for (i = 0; i < 2000; i++) {
		unsigned long k = next_random(&seed) % SCATTERED;

		wrong += pages[2 * k * PAGE / 4] != k;
		pages[(2 * k + 1) * PAGE / 4] = k;
	}
	CHECK_EQ(wrong, 0);
	neighbour_check();
}
