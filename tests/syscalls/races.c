// SPDX-License-Identifier: GPL-2.0
/* Things that happen at the same moment: faults, interrupts, switches of threads. */
#include "harness.h"

#define FRESH_PAGES	256
#define SECONDS		4

static bool over;

/* pages of "ret", never touched before, each called once, again and again */
static void *call_fresh_pages(void *arg)
{
	int fd = (int)(long)arg;

	while (!READ_ONCE(over)) {
		char *code = mmap(NULL, FRESH_PAGES * PAGE, PROT_READ | PROT_EXEC, MAP_PRIVATE,
				  fd, 0);
		size_t i;

		CHECK(code != MAP_FAILED);
		for (i = 0; i < FRESH_PAGES; i++)
			((void (*)(void))(code + i * PAGE))();
		munmap(code, FRESH_PAGES * PAGE);
	}
	return NULL;
}

/* the system call returns to a store to the stack */
static void sleep_and_store(long nanoseconds)
{
	struct timespec ts = { .tv_nsec = nanoseconds };
	long ret = SYS_nanosleep;

	asm volatile("sub $256, %%rsp\n\t"
		     "syscall\n\t"
		     "mov %%eax, 48(%%rsp)\n\t"
		     "add $256, %%rsp"
		     : "+a" (ret) : "D" (&ts), "S" (0) : "rcx", "r11", "memory");
}

/*
 * One thread faults all the time, the other is woken all the time: the first
 * one's fault must never become the second one's.
 */
TEST(faults_stay_with_their_thread)
{
	static char page[PAGE];
	time_t end = time(NULL) + SECONDS;
	int i, fd = memfd_create("code", 0);
	pthread_t t;

	CHECK(fd >= 0);
	memset(page, 0xc3, sizeof(page));
	for (i = 0; i < FRESH_PAGES; i++)
		CHECK_EQ(write(fd, page, sizeof(page)), (long)sizeof(page));
	CHECK_EQ(pthread_create(&t, NULL, call_fresh_pages, (void *)(long)fd), 0);
	while (time(NULL) < end)
		for (i = 0; i < 1000; i++)
			sleep_and_store(1000 + i * 37);
	WRITE_ONCE(over, true);
	pthread_join(t, NULL);
}
