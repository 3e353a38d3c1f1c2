// SPDX-License-Identifier: GPL-2.0
/*
 * machine.c - attacks by what the processor lets anybody do: flags, segments,
 * stack pointers, signals that are blocked, loops without a call.
 */
#include "attack.h"

static void at_once(void *fn)
{
	((void (*)(void))fn)();
}

/* dies of @sig, and the neighbour does not mind */
static void expect_death(void (*fn)(void), int sig)
{
	int status = attack(at_once, (void *)fn, ATTACK_MS);

	CHECK(WIFSIGNALED(status));
	CHECK_EQ(WTERMSIG(status), sig);
}

/* ---- stack pointers ---------------------------------------------------------- */

static unsigned long wanted_sp;

static void fault_at_sp(void)
{
	asm volatile("movq %0, %%rsp\n\t"
		     "movb $1, 0x666000" : : "r" (wanted_sp) : "memory");
}

static void spin_at_sp(void)
{
	asm volatile("movq %0, %%rsp\n"
		     "1:\tpause\n\t"
		     "jmp 1b" : : "r" (wanted_sp) : "memory");
}

TEST(stack_pointers)
{
	static const unsigned long sp[] = {
		0, 8, 0x7ffffffff000, 0x8000000000000000UL, -8UL, STUB_PAGE, STUB_LOAD,
		STUB_LOAD + 200, STUB_LOAD + PAGE, STUB_LOAD + PAGE + 64, STUB_LOAD + 3 * PAGE,
		STUB_LOAD + 0x5000, STUB_LOAD + 0x6000, STUB_START, 0x60000000,
	};
	unsigned int i;

	neighbour_start();
	for (i = 0; i < ARRAY_SIZE(sp); i++) {
		int status;

		wanted_sp = sp[i];
		status = attack(at_once, (void *)fault_at_sp, ATTACK_MS);
		/* where the host itself finds no room for a frame, it is the end at once */
		CHECK(WIFSIGNALED(status));
		CHECK(WTERMSIG(status) == SIGSEGV || WTERMSIG(status) == SIGKILL);
		status = attack(at_once, (void *)spin_at_sp, 60);
		CHECK(WIFSIGNALED(status));
	}
	neighbour_check();
}

/* ---- flags ------------------------------------------------------------------- */

static unsigned long wanted_flags;

static void fault_with_flags(void)
{
	asm volatile("pushq %0\n\t"
		     "popfq\n\t"
		     "movb $1, 0x666000" : : "r" (wanted_flags) : "memory");
}

static void call_with_flags(void)
{
	for (;;)
		asm volatile("pushq %0\n\t"
			     "popfq\n\t"
			     "syscall\n\t"
			     "pushq $0x202\n\t"
			     "popfq"
			     : : "r" (wanted_flags), "a" (SYS_getppid)
			     : "memory", "rcx", "r11", "cc");
}

static void spin_with_flags(void)
{
	asm volatile("pushq %0\n\t"
		     "popfq\n"
		     "1:\tpause\n\t"
		     "jmp 1b" : : "r" (wanted_flags) : "memory");
}

TEST(flags)
{
	static const unsigned long flags[] = {
		0x202, 0x602, 0x4202, 0x40202, 0x10202, 0x200202, 0x254ed5, 0x3202,
	};
	unsigned int i;
	int status;

	neighbour_start();
	for (i = 0; i < ARRAY_SIZE(flags); i++) {
		wanted_flags = flags[i];
		expect_death(fault_with_flags, SIGSEGV);
		status = attack(at_once, (void *)call_with_flags, 60);
		CHECK(WIFSIGNALED(status));
		status = attack(at_once, (void *)spin_with_flags, 60);
		CHECK(WIFSIGNALED(status));
	}
	wanted_flags = 0x302;		/* the trap flag */
	expect_death(fault_with_flags, SIGSEGV);	/* comes first */
	expect_death(call_with_flags, SIGTRAP);
	expect_death(spin_with_flags, SIGTRAP);
	neighbour_check();
}

/* each instruction traps, calls and faults among them: the program goes on as it should */
TEST(trap_flag_everywhere)
{
	char *page = map_anon(64 * PAGE, PROT_READ | PROT_WRITE);
	unsigned long ax, sum = 0;
	int i;

	handle(SIGTRAP, count_signal, 0);
	for (i = 0; i < 64; i++) {
		asm volatile("pushfq\n\t"
			     "orl $0x100, (%%rsp)\n\t"
			     "popfq\n\t"
			     "movb $1, (%[page])\n\t"
			     "syscall\n\t"
			     "pushfq\n\t"
			     "andl $~0x100, (%%rsp)\n\t"
			     "popfq"
			     : "=a" (ax) : "a" (SYS_getppid), [page] "r" (page + i * PAGE)
			     : "memory", "rcx", "r11", "cc");
		sum += ax != (unsigned long)getppid();
	}
	CHECK_EQ(sum, 0);
	CHECK(READ_ONCE(signal_count) >= 64 * 4);
}

/* ---- segments ---------------------------------------------------------------- */

static void null_segments(void)
{
	asm volatile("xorl %%eax, %%eax\n\t"
		     "movl %%eax, %%ds\n\t"
		     "movl %%eax, %%es\n\t"
		     "movl %%eax, %%fs\n\t"
		     "movl %%eax, %%gs\n\t"
		     "movb $1, 0x666000" : : : "rax", "memory");
}

static void bad_base(void)
{
	asm volatile("wrgsbase %0\n\t"
		     "movb %%gs:0, %%al" : : "r" (0x700000000000UL) : "rax");
}

TEST(segments)
{
	neighbour_start();
	expect_death(null_segments, SIGSEGV);
	expect_death(bad_base, SIGSEGV);
	neighbour_check();
}

/* bases that no call has told the kernel of survive interrupts, faults and calls */
TEST(segment_bases)
{
	unsigned long before = 0, base = 0x123456789000UL, got;
	char *page = map_anon(256 * PAGE, PROT_READ | PROT_WRITE);
	int i;

	asm volatile("rdgsbase %0" : "=r" (before));
	for (i = 0; i < 256; i++) {
		asm volatile("wrgsbase %0" : : "r" (base + i));
		WRITE_ONCE(page[i * PAGE], 1);
		if (i % 16 == 0)
			sleep_ms(1);
		else
			getppid();
		asm volatile("rdgsbase %0" : "=r" (got));
		if (got != base + i)
			break;
	}
	asm volatile("wrgsbase %0" : : "r" (before));
	CHECK_EQ(i, 256);
}

/* 32-bit code: it may compute, it is interrupted, and it can call nothing */
static void code32(int calls)
{
	unsigned long pages = (unsigned long)mmap((void *)0x50000000, 2 * PAGE,
						  PROT_READ | PROT_WRITE | PROT_EXEC,
						  MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	static const unsigned char spin[] = { 0x40, 0x40, 0xeb, 0xfc };	/* inc, inc, jmp */
	static const unsigned char call[] = { 0xb8, 20, 0, 0, 0, 0xcd, 0x80, 0xeb, 0xf7 };

	CHECK_EQ(pages, 0x50000000);
	if (calls)
		memcpy((void *)pages, call, sizeof(call));
	else
		memcpy((void *)pages, spin, sizeof(spin));
	asm volatile("pushq $0x23\n\t"
		     "pushq %0\n\t"
		     "lretq" : : "r" (pages) : "memory");
}

static void spin32(void)
{
	code32(0);
}

static void call32(void)
{
	code32(1);
}

TEST(code_of_32_bits)
{
	int status;

	neighbour_start();
	status = attack(at_once, (void *)spin32, 300);
	CHECK(WIFSIGNALED(status));
	CHECK_EQ(WTERMSIG(status), SIGKILL);
	if (in_guest())
		expect_death(call32, SIGSEGV);
	neighbour_check();
}

/* ---- who does not want to be interrupted --------------------------------------- */

static void block_all_and_spin(void)
{
	sigset_t all;

	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, NULL);
	for (;;)
		asm volatile("pause");
}

/* a frame of its own making, that blocks everything */
static void forge_sigreturn(void)
{
	static __u64 frame[256];

	frame[5 + 15] = (__u64)&frame[200];			/* sp */
	frame[5 + 16] = (__u64)block_all_and_spin;		/* ip */
	frame[5 + 17] = 0x202;
	frame[5 + 18] = 0x2b000000000033UL;
	frame[37] = ~0UL;					/* the mask */
	asm volatile("movq %0, %%rsp\n\t"
		     "syscall" : : "r" (frame), "a" (SYS_rt_sigreturn) : "memory");
}

TEST(no_interrupts_please)
{
	long long start;

	neighbour_start();
	start = now_ns();
	CHECK_EQ(attack(at_once, (void *)block_all_and_spin, 300), SIGKILL);
	attack(at_once, (void *)forge_sigreturn, 300);
	/* this process was given the processor all the time */
	CHECK(now_ns() - start < 10000000000LL);
	neighbour_check();
}

/* a loop without a call does not keep others from their time */
TEST(latency)
{
	long long worst = 0, start, late;
	pid_t pid = fork();
	int i;

	if (!pid)
		for (;;)
			asm volatile("pause");
	for (i = 0; i < 100; i++) {
		start = now_ns();
		sleep_ms(2);
		late = now_ns() - start - 2000000;
		if (late > worst)
			worst = late;
	}
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	CHECK(worst < 1000000000LL);
}
