// SPDX-License-Identifier: GPL-2.0
/*
 * Long computations that make no system call, interrupted all the time: their
 * registers must be none the wiser.
 */
#include "harness.h"

static void start_ticks(long us)
{
	struct itimerval it = { { 0, us }, { 0, us } };

	handle(SIGALRM, count_signal, SA_RESTART);
	CHECK_EQ(setitimer(ITIMER_REAL, &it, NULL), 0);
}

/* sixteen counters in sixteen registers, all of which must agree at the end */
static void count_in_registers(unsigned long n)
{
	unsigned long r[14], *to = r, turns = n;
	int i;

	asm volatile("push %%rbp\n\tpush %0\n\t"
		"mov %1, %%rax\n\t"
		"xor %%ebx, %%ebx\n\txor %%ecx, %%ecx\n\txor %%edx, %%edx\n\txor %%esi, %%esi\n\t"
		"xor %%edi, %%edi\n\txor %%ebp, %%ebp\n\txor %%r8d, %%r8d\n\txor %%r9d, %%r9d\n\t"
		"xor %%r10d, %%r10d\n\txor %%r11d, %%r11d\n\txor %%r12d, %%r12d\n\t"
		"xor %%r13d, %%r13d\n\txor %%r14d, %%r14d\n\txor %%r15d, %%r15d\n"
		"1:\tadd $1, %%rbx\n\tadd $2, %%rcx\n\tadd $3, %%rdx\n\tadd $4, %%rsi\n\t"
		"add $5, %%rdi\n\tadd $6, %%rbp\n\tadd $7, %%r8\n\tadd $8, %%r9\n\t"
		"add $9, %%r10\n\tadd $10, %%r11\n\tadd $11, %%r12\n\tadd $12, %%r13\n\t"
		"add $13, %%r14\n\tadd $14, %%r15\n\t"
		"dec %%rax\n\tjnz 1b\n\t"
		"pop %%rax\n\t"
		"mov %%rbx, (%%rax)\n\tmov %%rcx, 8(%%rax)\n\tmov %%rdx, 16(%%rax)\n\t"
		"mov %%rsi, 24(%%rax)\n\tmov %%rdi, 32(%%rax)\n\tmov %%rbp, 40(%%rax)\n\t"
		"mov %%r8, 48(%%rax)\n\tmov %%r9, 56(%%rax)\n\tmov %%r10, 64(%%rax)\n\t"
		"mov %%r11, 72(%%rax)\n\tmov %%r12, 80(%%rax)\n\tmov %%r13, 88(%%rax)\n\t"
		"mov %%r14, 96(%%rax)\n\tmov %%r15, 104(%%rax)\n\t"
		"pop %%rbp"
		: "+a" (to), "+d" (turns) :
		: "rbx", "rcx", "rsi", "rdi", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15",
		  "memory", "cc");
	for (i = 0; i < 14; i++)
		if (r[i] != n * (i + 1))
			FAIL("register %d counted %lu, not %lu", i, r[i], n * (i + 1));
}

TEST(integer_registers)
{
	long long end = now_ns() + 2000000000LL;

	start_ticks(500);
	while (now_ns() < end)
		count_in_registers(50000000);
	CHECK(READ_ONCE(signal_count) > 100);
}

/* flags live for one instruction only: add with carry over long numbers */
TEST(flags)
{
	unsigned long fib[2][64] = { { 1 }, { 1 } };
	long long end = now_ns() + 1000000000LL;
	unsigned long check = 0, want = 0;
	int round = 0, i;

	start_ticks(500);
	while (now_ns() < end) {
		memset(fib, 0, sizeof(fib));
		fib[0][0] = 1;
		fib[1][0] = 1;
		for (i = 0; i < 5000; i++) {
			unsigned long *a = fib[i % 2], *b = fib[!(i % 2)], n = 64;

			asm volatile("clc\n1:\tmov (%1), %%rax\n\tadc %%rax, (%0)\n\t"
				     "lea 8(%0), %0\n\tlea 8(%1), %1\n\tdec %2\n\tjnz 1b"
				     : "+r" (a), "+r" (b), "+r" (n) : : "rax", "memory", "cc");
		}
		for (check = 0, i = 0; i < 64; i++)
			check = check * 31 + fib[0][i] * 7 + fib[1][i];
		if (!round++)
			want = check;
		CHECK_EQ(check, want);
	}
	CHECK(READ_ONCE(signal_count) > 50);
}

static double series(void)
{
	double sum = 0, sign = 1;
	int i;

	for (i = 0; i < 3000000; i++) {
		sum += sign / (2 * i + 1);
		sign = -sign;
	}
	return 4 * sum;
}

TEST(floating_point)
{
	long long end = now_ns() + 1500000000LL;
	double first = series();

	start_ticks(300);
	while (now_ns() < end) {
		double again = series();

		CHECK_EQ(memcmp(&first, &again, sizeof(first)), 0);
	}
	CHECK(first > 3.14159 && first < 3.1416);
	CHECK(READ_ONCE(signal_count) > 50);
}

TEST(several_processes)
{
	pid_t pid[4];
	int i;

	for (i = 0; i < 4; i++) {
		pid[i] = fork();
		if (!pid[i]) {
			start_ticks(700 + 100 * i);
			for (int k = 0; k < 5; k++) {
				count_in_registers(20000000);
				series();
			}
			_exit(0);
		}
	}
	for (i = 0; i < 4; i++)
		join_child(pid[i]);
}

/* a whole second without any help by timers of its own */
TEST(everybody_gets_a_turn)
{
	long *progress = map_shared(PAGE);
	pid_t pid[3];
	long before[3];
	int i;

	for (i = 0; i < 3; i++) {
		pid[i] = fork();
		if (!pid[i])
			for (;;)
				WRITE_ONCE(progress[i], READ_ONCE(progress[i]) + 1);
	}
	sleep_ms(300);
	for (i = 0; i < 3; i++)
		before[i] = READ_ONCE(progress[i]);
	sleep_ms(700);
	for (i = 0; i < 3; i++) {
		CHECK(before[i] > 0);
		CHECK(READ_ONCE(progress[i]) > before[i]);
		kill(pid[i], SIGKILL);
	}
}
