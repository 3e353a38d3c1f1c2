// SPDX-License-Identifier: GPL-2.0
/*
 * stub.c - attacks on the code and memory that a guest process holds for the
 * kernel. In a mode that has none, and on the host, all of that is not mapped.
 */
#include "attack.h"

#define TEXT_BYTES	0x400UL		/* that hold code; the rest is zero */
#define AREA_BYTES	0x20000UL	/* from STUB_PAGE on */

/* where an attack is, for its successor */
struct progress {
	unsigned long at, caught, lost;
};

static struct progress *progress;

static unsigned long stack_start, stack_end;	/* what of the area can be written */

static void find_stack(void)
{
	unsigned long at;

	for (at = STUB_PAGE; at < STUB_PAGE + AREA_BYTES; at += PAGE) {
		if (!attack_touch(at, 1))
			continue;
		if (!stack_start)
			stack_start = at;
		stack_end = at + PAGE;
	}
}

static unsigned long pick(__u64 *seed, const unsigned long *from, int n)
{
	return from[next_random(seed) % n];
}

#define PICK(seed, array)	pick(seed, array, sizeof(array) / sizeof((array)[0]))

static __u64 own_stack[512];

static unsigned long random_value(__u64 *seed)
{
	const unsigned long values[] = {
		0, 1, 9, 10, 11, 16, STUB_CALL_END, STUB_CALL_REPORT, STUB_CALL_IDLE,
		STUB_CALL_FAILED, STUB_CALL_LENGTH, SIGSEGV, SIGTRAP, STUB_START, STUB_PAGE,
		STUB_LOAD, STUB_LOAD + 48, STUB_LIST, STUB_REPORT, STUB_HANDLER, STUB_LOADING,
		(unsigned long)&own_stack[256], 0x7000000000, 0x10000000, 0x1000, -1UL, -14UL,
		-512UL, 0x8000000000000000UL, 0x700000000000, 0xffffffff81000000UL,
		stack_start, stack_end, stack_end - 1024, stack_start + 64,
	};

	return next_random(seed) % 16 ? PICK(seed, values) : next_random(seed);
}

static void random_jump(__u64 *seed, struct jump *to)
{
	const unsigned long flags[] = { 0x202, 0x202, 0x202, 0x302, 0x40202, 0x602, 0x4202 };
	const unsigned long stacks[] = {
		(unsigned long)&own_stack[256], (unsigned long)&own_stack[256],
		STUB_LOAD, STUB_LOAD + 48, STUB_LOAD + 200, stack_end - 64, stack_end - 4096,
		stack_start + 128, 0, 0x8000000000000000UL, STUB_PAGE,
	};

	to->sp = PICK(seed, stacks);
	to->ax = random_value(seed);
	to->bx = random_value(seed);
	to->cx = random_value(seed);
	to->dx = random_value(seed);
	to->si = random_value(seed);
	to->di = random_value(seed);
	to->r8 = random_value(seed);
	to->r9 = random_value(seed);
	to->r10 = random_value(seed);
	to->flags = PICK(seed, flags);
}

/* attacks from where the last ones ended to the end; each @one ends by a signal */
static void each_round(unsigned long rounds, void (*one)(unsigned long at))
{
	attack_catch();
	find_stack();
	while (READ_ONCE(progress->at) < rounds) {
		unsigned long at = READ_ONCE(progress->at);

		WRITE_ONCE(progress->at, at + 1);
		if (!sigsetjmp(escape_to, 1))
			one(at);
		WRITE_ONCE(progress->caught, READ_ONCE(progress->caught) + 1);
	}
}

/* @attacks are killed now and then, and go on in a new process */
static void all_rounds(unsigned long rounds, void (*attacks)(void *))
{
	progress = map_shared(sizeof(*progress));
	neighbour_start();
	while (READ_ONCE(progress->at) < rounds) {
		unsigned long before = READ_ONCE(progress->at);

		attack(attacks, (void *)rounds, 60000);
		CHECK(READ_ONCE(progress->at) > before);
	}
	neighbour_check();
}

/* each byte is jumped to with several sets of registers */
#define PER_BYTE	3

static void jump_to_byte(unsigned long at)
{
	__u64 seed = (at + 1) * 0x2545f4914f6cdd1dUL;
	struct jump to;

	random_jump(&seed, &to);
	to.ip = STUB_START + at / PER_BYTE;
	attack_alarm(30000);
	attack_jump(&to);
}

static void jump_everywhere(void *rounds)
{
	each_round((unsigned long)rounds, jump_to_byte);
}

TEST_LIMIT(every_byte, 300)
{
	const unsigned long rounds = TEXT_BYTES * PER_BYTE;

	all_rounds(rounds, jump_everywhere);
	/* most of it must have been what it is for anybody who jumps to nowhere */
	CHECK(READ_ONCE(progress->caught) > rounds / 2);
}

/* ---- what the stub's calls would do ------------------------------------------ */

static void expect_nothing(unsigned long ip, struct jump *to)
{
	if (!sigsetjmp(escape_to, 1)) {
		to->ip = ip;
		to->sp = (unsigned long)&own_stack[256];
		to->flags = 0x202;
		attack_alarm(500000);
		attack_jump(to);
	}
	attack_alarm(0);
}

static int mapped(unsigned long at)
{
	unsigned char vec;

	return !mincore((void *)at, PAGE, &vec) || attack_touch(at, 0);
}

/* mmap, by each instruction of the stub that calls, of the memory that everything is in */
TEST(map_foreign)
{
	static const unsigned long calls[] = {
		STUB_CALL, STUB_LIST, STUB_REPORT, STUB_ENTRY + 5, STUB_HELLO + 8,
	};
	unsigned int i, page;

	attack_catch();
	for (i = 0; i < ARRAY_SIZE(calls); i++) {
		for (page = 0; page < 64; page++) {
			struct jump to = {
				.ax = SYS_mmap, .di = 0x30000000, .si = PAGE, .dx = 3,
				.r10 = MAP_SHARED | MAP_FIXED | (page & 2 ? MAP_POPULATE : 0),
				/* what it maps by, and what it has while a list is made */
				.r8 = page & 1, .r9 = page * PAGE, .bx = STUB_PAGE,
			};

			expect_nothing(calls[i], &to);
			CHECK(!mapped(0x30000000));
		}
	}
}

struct call {
	__u64 nr, arg[6], want;
};

/*
 * The call that mapped @page, as the list has it: what it must return is its
 * address. False: it does not show.
 */
static bool find_call(char *page, struct call *call)
{
	const struct call *list = (const struct call *)STUB_PAGE;
	int i;

	for (i = 0; i < 62 && list[i].nr != STUB_CALL_END; i++) {
		if (list[i].nr == SYS_mmap && list[i].want == (unsigned long)page) {
			*call = list[i];
			return true;
		}
	}
	return false;
}

/* a call that was made says nothing any more of where memory is, and its page is mapped */
TEST(orders_are_forgotten)
{
	char *page;
	struct call call;
	int i, k, seen = 0;

	attack_catch();
	if (!attack_touch(STUB_PAGE, 0))
		SKIP("no list of calls is mapped in this mode");
	for (k = 0; k < 100; k++) {
		page = map_anon(PAGE, PROT_READ | PROT_WRITE);
		madvise(page, PAGE, MADV_NOHUGEPAGE);
		WRITE_ONCE(*page, 1);		/* a fault: the list has just mapped it */
		if (!find_call(page, &call))
			continue;
		seen++;
		for (i = 0; i < 6; i++)
			CHECK_EQ(call.arg[i], 0);
	}
	CHECK(seen);
}

#define SOME_PHYS	0x2000000UL	/* of the kernel's memory; any page will do */

/* make the call that mapped @page again, at @phys, and the list itself */
static void make_again(char *page, unsigned long phys)
{
	struct jump to = {
		.ax = SYS_mmap, .di = (unsigned long)page, .si = PAGE,
		.dx = PROT_READ | PROT_WRITE, .r10 = MAP_SHARED | MAP_FIXED | MAP_POPULATE,
		.r8 = 0, .r9 = phys, .bx = STUB_PAGE,
	};

	expect_nothing(STUB_LIST, &to);
	WRITE_ONCE(progress->lost, READ_ONCE(progress->lost) + mapped((unsigned long)page));
	WRITE_ONCE(progress->at, READ_ONCE(progress->at) + 1);
	to.ax = STUB_CALL_FAILED;
	expect_nothing(STUB_REPORT, &to);
	WRITE_ONCE(progress->lost, READ_ONCE(progress->lost) + mapped((unsigned long)page));
	/* the list once more, in the hope of an interrupt in it */
	to.ax = STUB_LOAD;
	expect_nothing(STUB_REPORT + 2, &to);
	WRITE_ONCE(progress->lost, READ_ONCE(progress->lost) + mapped((unsigned long)page));
}

/* when the page has become somebody else's */
static void make_stale_calls(void *unused)
{
	char *page = map_anon(PAGE, PROT_READ | PROT_WRITE);
	int k;

	(void)unused;
	attack_catch();
	WRITE_ONCE(*page, 1);
	munmap(page, PAGE);
	for (k = 0; k < 50; k++)
		make_again(page, SOME_PHYS + k * PAGE);
}

TEST(stale_orders)
{
	int i;

	progress = map_shared(sizeof(*progress));
	attack_catch();
	if (!attack_touch(STUB_PAGE, 0))
		SKIP("no list of calls is mapped in this mode");
	neighbour_start();
	/* it may get back the registers that it was entered with, and end of that */
	for (i = 0; i < 10; i++)
		attack(make_stale_calls, NULL, ATTACK_MS);
	CHECK_EQ(READ_ONCE(progress->lost), 0);
	CHECK(READ_ONCE(progress->at) > 0);
	neighbour_check();
}

/* ---- what there is to be read -------------------------------------------------- */

/* no program but holder() ever has one xor the other in a register */
static __u64 half = 0x5eed5eed12345678UL, other_half = 0x0ddba11fee1900d5UL;

/* is interrupted, faults and calls with a secret in its registers */
static void holder(void *unused)
{
	char *p = map_anon(8 * PAGE, PROT_READ | PROT_WRITE);
	long long end = now_ns() + 30000000;
	int i;

	(void)unused;
	while (now_ns() < end) {
		for (i = 0; i < 8; i++)
			asm volatile("movq %[half], %%r12\n\t"
				     "xorq %[other], %%r12\n\t"
				     "movq %%r12, %%xmm7\n\t"
				     "movq %%r12, %%r13\n\t"
				     "movb $1, %[page]\n\t"
				     "movl $100000, %%ecx\n"
				     "1:\tdecl %%ecx\n\t"
				     "jnz 1b"
				     : [page] "=m" (p[i * PAGE])
				     : [half] "m" (half), [other] "m" (other_half)
				     : "rcx", "r12", "r13", "xmm7", "cc");
		madvise(p, 8 * PAGE, MADV_DONTNEED);
	}
	/* and ends with it */
	asm volatile("movq %0, %%r12\n\t"
		     "xorq %1, %%r12\n\t"
		     "xorl %%edi, %%edi\n\t"
		     "syscall" : : "m" (half), "m" (other_half), "a" (SYS_exit_group) : "r12");
}

static void read_word(unsigned long at)
{
	__u64 value = READ_ONCE(*(__u64 *)at);

	/* the linear map and all behind it, but for what is the stub's own */
	if (value >= 0x700000000000 && value < 0x800000000000 &&
	    (value < STUB_START || value >= STUB_PAGE + AREA_BYTES))
		FAIL("0x%lx holds an address of the kernel's, 0x%lx", at, (unsigned long)value);
	if ((value ^ READ_ONCE(half)) == READ_ONCE(other_half))
		FAIL("0x%lx holds another program's register", at);
}

/* all that is mapped for the stub, word by word */
static void reader(void *unused)
{
	unsigned long at, word;

	(void)unused;
	attack_catch();
	for (at = STUB_START; at < STUB_PAGE + AREA_BYTES; at += PAGE)
		if (attack_touch(at, 0))
			for (word = at; word < at + PAGE; word += sizeof(__u64))
				read_word(word);
}

TEST(nothing_to_read)
{
	int i;

	for (i = 0; i < 20; i++) {
		CHECK_EQ(attack(holder, NULL, ATTACK_MS), 0);
		CHECK_EQ(attack(reader, NULL, ATTACK_MS), 0);
	}
}

/* ---- forged reports ------------------------------------------------------------ */

/* struct rt_sigframe's parts, as far as anybody looks at them */
struct frame {
	__u64 flags, link, stack[3];
	__u64 r8, r9, r10, r11, r12, r13, r14, r15, di, si, bp, bx, dx, ax, cx, sp, ip, eflags;
	__u16 cs, gs, fs, ss;
	__u64 err, trapno, oldmask, cr2, fpstate;
};

static void forge(__u64 *seed)
{
	unsigned long bytes = stack_end - stack_start, i;
	unsigned long at = stack_start + next_random(seed) % (bytes / 64) * 64;
	__u64 *words = (__u64 *)stack_start;
	struct frame *f;
	__u32 *sw;

	for (i = 0; i < 64; i++)
		words[next_random(seed) % (bytes / 8)] = random_value(seed);
	if (at + sizeof(*f) > stack_end)
		return;
	f = (struct frame *)at;
	for (i = 0; i < sizeof(*f) / 8; i++)
		((__u64 *)f)[i] = random_value(seed);
	f->cs = next_random(seed) % 4 ? 0x33 : next_random(seed);
	f->fpstate = stack_start + next_random(seed) % (bytes / 64) * 64;
	if (next_random(seed) % 8 && f->fpstate + 576 < stack_end) {
		sw = (__u32 *)(f->fpstate + 464);
		sw[0] = 0x46505853;	/* FP_XSTATE_MAGIC1 */
		sw[4] = next_random(seed) % 4 ? 576 : next_random(seed) % 8192;
	}
}

static void forge_report(unsigned long at)
{
	__u64 seed = (at + 77) * 0x9e3779b97f4a7c15UL;
	struct jump to;

	forge(&seed);
	random_jump(&seed, &to);
	to.ip = next_random(&seed) % 4 ? STUB_REPORT : STUB_HANDLER;
	to.ax = next_random(&seed) % 8 ? STUB_CALL_REPORT : random_value(&seed);
	if (next_random(&seed) % 4)
		to.di = next_random(&seed) % 2 ? 16 : SIGSEGV;
	to.dx = stack_start + next_random(&seed) % ((stack_end - stack_start) / 8) * 8;
	to.si = stack_start + next_random(&seed) % ((stack_end - stack_start) / 8) * 8;
	attack_alarm(30000);
	attack_jump(&to);
}

static void forge_reports(void *rounds)
{
	each_round((unsigned long)rounds, forge_report);
}

TEST_LIMIT(forged_reports, 300)
{
	progress = map_shared(sizeof(*progress));
	attack_catch();
	find_stack();
	if (!stack_start)
		SKIP("no signal stack is mapped in this mode");
	all_rounds(4000, forge_reports);
}

/* a sibling writes to the signal stack while this one needs it */
static void *scribble(void *unused)
{
	__u64 seed = 88172645463325252UL;

	for (;;)
		forge(&seed);
	return unused;
}

static void fault_for_ever(void *unused)
{
	char *p = map_anon(64 * PAGE, PROT_READ | PROT_WRITE);
	pthread_t thread;
	int i;

	(void)unused;
	CHECK_EQ(pthread_create(&thread, NULL, scribble, NULL), 0);
	for (;;) {
		for (i = 0; i < 64; i++)
			WRITE_ONCE(p[i * PAGE], 1);
		madvise(p, 64 * PAGE, MADV_DONTNEED);
	}
}

TEST(sibling_scribbles)
{
	int i;

	attack_catch();
	find_stack();
	if (!stack_start)
		SKIP("no signal stack is mapped in this mode");
	neighbour_start();
	for (i = 0; i < 3; i++)
		attack(fault_for_ever, NULL, 1000);
	neighbour_check();
}
