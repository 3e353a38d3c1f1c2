// SPDX-License-Identifier: GPL-2.0
/*
 * CPU exceptions as signals: each with the right signal, code and address, and
 * with registers that let the program go on.
 */
#include "harness.h"
#include <ucontext.h>

static int count;
static siginfo_t seen;
static greg_t at, trapno, error_code, cr2;
static long skip;	/* bytes to go on behind, or an address to go on at */

static void note(int sig, siginfo_t *si, void *context)
{
	greg_t *r = ((ucontext_t *)context)->uc_mcontext.gregs;

	(void)sig;
	seen = *si;
	at = r[REG_RIP];
	trapno = r[REG_TRAPNO];
	error_code = r[REG_ERR];
	cr2 = r[REG_CR2];
	r[REG_RIP] = READ_ONCE(skip) < 16 ? at + READ_ONCE(skip) : READ_ONCE(skip);
	r[REG_EFL] &= ~0x40100L;	/* no single step, no alignment check */
	WRITE_ONCE(count, READ_ONCE(count) + 1);
	if (READ_ONCE(count) > 1000)
		FAIL("the same exception again and again, signal %d at %#llx", sig, at);
}

static void expect(int sig, long bytes)
{
	WRITE_ONCE(count, 0);
	WRITE_ONCE(skip, bytes);
	handle(sig, note, 0);
}

#define CHECK_SEEN(_sig, _code, _trapno) do {				\
	CHECK_EQ(READ_ONCE(count), 1);						\
	CHECK_EQ(seen.si_signo, _sig);					\
	CHECK_EQ(seen.si_code, _code);					\
	CHECK_EQ(trapno, _trapno);					\
} while (0)

/*
 * A guest's kernel is told the error code of exceptions other than page faults
 * only where it sees the host's signal frames; where it does not, it says 0.
 */
#define CHECK_ERROR_CODE(code) do {					\
	if (!in_guest() || error_code)					\
		CHECK_EQ(error_code, code);				\
} while (0)

TEST(divide_error)
{
	unsigned long address;

	expect(SIGFPE, 2);
	asm volatile("lea 1f(%%rip), %0\n\txor %%edx, %%edx\n\txor %%ecx, %%ecx\n\tmov $1, %%eax\n"
		     "1:\tdiv %%ecx" : "=&r" (address) : : "rax", "rcx", "rdx");
	CHECK_SEEN(SIGFPE, FPE_INTDIV, 0);
	CHECK_EQ(seen.si_addr, address);
	CHECK_EQ(at, address);
}

TEST(divide_overflow)
{
	expect(SIGFPE, 3);
	asm volatile("mov $0x8000000000000000, %%rax\n\tcqo\n\tmov $-1, %%rcx\n\tidiv %%rcx"
		     : : : "rax", "rcx", "rdx");
	CHECK_SEEN(SIGFPE, FPE_INTDIV, 0);
}

TEST(invalid_opcode)
{
	unsigned long address;

	expect(SIGILL, 2);
	asm volatile("lea 1f(%%rip), %0\n1:\tud2" : "=r" (address));
	CHECK_SEEN(SIGILL, ILL_ILLOPN, 6);
	CHECK_EQ(seen.si_addr, address);
}

TEST(breakpoint)
{
	unsigned long address;

	expect(SIGTRAP, 0);
	asm volatile("lea 1f(%%rip), %0\n\tint3\n1:" : "=r" (address));
	CHECK_SEEN(SIGTRAP, SI_KERNEL, 3);
	CHECK_EQ(at, address);
}

TEST(single_step_by_flag)
{
	unsigned long address;

	expect(SIGTRAP, 0);
	asm volatile("lea 1f(%%rip), %0\n\tpushf\n\torl $0x100, (%%rsp)\n\tpopf\n\tnop\n1:\tnop"
		     : "=r" (address) : : "cc", "memory");
	CHECK_SEEN(SIGTRAP, TRAP_TRACE, 1);
	CHECK_EQ(at, address);
}

TEST(privileged_instructions)
{
	expect(SIGSEGV, 1);
	asm volatile("hlt");
	CHECK_SEEN(SIGSEGV, SI_KERNEL, 13);
	CHECK_EQ(seen.si_addr, 0);
	CHECK_EQ(error_code, 0);

	expect(SIGSEGV, 1);
	asm volatile("cli");
	CHECK_SEEN(SIGSEGV, SI_KERNEL, 13);

	expect(SIGSEGV, 2);
	asm volatile("rdmsr" : : : "rax", "rdx");
	CHECK_SEEN(SIGSEGV, SI_KERNEL, 13);

	expect(SIGSEGV, 3);
	asm volatile("mov %%cr0, %%rax" : : : "rax");
	CHECK_SEEN(SIGSEGV, SI_KERNEL, 13);

	expect(SIGSEGV, 1);
	asm volatile("in $0x80, %%al" : : : "rax");
	WRITE_ONCE(skip, 2);
	CHECK_EQ(seen.si_code, SI_KERNEL);
}

TEST(bad_selector)
{
	expect(SIGSEGV, 2);
	asm volatile("mov %0, %%ds" : : "a" (0x1234));
	CHECK_SEEN(SIGSEGV, SI_KERNEL, 13);
	CHECK_ERROR_CODE(0x1234);
}

TEST(non_canonical_address)
{
	expect(SIGSEGV, 3);
	asm volatile("mov %1, %%rax\n\tmovq (%%rax), %%rax" : "=m" (skip)
		     : "r" (0x800000000000UL << 3) : "rax");
	CHECK_SEEN(SIGSEGV, SI_KERNEL, 13);
	CHECK_EQ(seen.si_addr, 0);
}

TEST(jump_to_non_canonical_address)
{
	unsigned long back;

	expect(SIGSEGV, 0);
	asm volatile("lea 1f(%%rip), %0\n\tmov %0, %1\n\tmov %2, %%rax\n\tjmp *%%rax\n1:"
		     : "=&r" (back), "=m" (skip) : "r" (0x8000000000000000UL) : "rax", "memory");
	CHECK_EQ(READ_ONCE(count), 1);
	CHECK_EQ(seen.si_code, SI_KERNEL);
}

TEST(alignment_check)
{
	static char buf[16] __aligned(16);

	expect(SIGBUS, 3);
	asm volatile("pushf\n\torl $0x40000, (%%rsp)\n\tpopf\n\t"
		     "movq (%0), %%rax\n\t"
		     "pushf\n\tandl $~0x40000, (%%rsp)\n\tpopf"
		     : : "c" (buf + 1) : "rax", "cc", "memory");
	CHECK_SEEN(SIGBUS, BUS_ADRALN, 17);
}

TEST(sse_exception)
{
	unsigned int mxcsr = 0x1f80 & ~0x200;	/* unmask division by zero */
	float zero = 0, one = 1;

	expect(SIGFPE, 4);
	asm volatile("ldmxcsr %0\n\tmovss %1, %%xmm0\n\tmovss %2, %%xmm1\n\tdivss %%xmm1, %%xmm0"
		     : : "m" (mxcsr), "m" (one), "m" (zero) : "xmm0", "xmm1");
	CHECK_SEEN(SIGFPE, FPE_FLTDIV, 19);
}

TEST(x87_exception)
{
	unsigned short cw = 0x37f & ~4;		/* unmask division by zero */

	expect(SIGFPE, 1);
	asm volatile("fninit\n\tfldcw %0\n\tfldz\n\tfld1\n\tfdivp\n\tfwait" : : "m" (cw) : "st");
	CHECK_EQ(seen.si_code, FPE_FLTDIV);
	CHECK_EQ(trapno, 16);
	asm volatile("fninit");
}

TEST(int_with_a_vector)
{
	/* no gate for user code there: error code is vector * 8 + 2 */
	expect(SIGSEGV, 2);
	asm volatile("int $0x40");
	CHECK_SEEN(SIGSEGV, SI_KERNEL, 13);
	CHECK_ERROR_CODE(0x40 * 8 + 2);
}

/* i386 calls: where they exist they work, else nothing happens but SIGSEGV */
TEST(int_0x80)
{
	long ret = 20;		/* getpid of i386 */

	expect(SIGSEGV, 2);
	asm volatile("int $0x80" : "+a" (ret) : : "memory", "r8", "r9", "r10", "r11");
	if (!READ_ONCE(count)) {
		CHECK(!in_guest());
		CHECK_EQ(ret, getpid());
		return;
	}
	CHECK_SEEN(SIGSEGV, SI_KERNEL, 13);
	CHECK_ERROR_CODE(0x80 * 8 + 2);
	CHECK_EQ(ret, 20);
}

TEST(far_jump_to_32_bit_code)
{
	struct { unsigned int offset; unsigned short selector; } target = { 0, 0x1230 };

	expect(SIGSEGV, 2);
	asm volatile("ljmp *(%%rax)" : : "a" (&target) : "memory");
	CHECK_SEEN(SIGSEGV, SI_KERNEL, 13);
	CHECK_ERROR_CODE(0x1230);
}

TEST(vsyscall_page)
{
	long (*vtime)(long *) = (void *)0xffffffffff600400UL;
	unsigned long back;
	long t;

	/* emulated or not there at all, but never something in between */
	expect(SIGSEGV, 0);
	asm volatile("lea 1f(%%rip), %0\n\tmov %0, %1\n\txor %%edi, %%edi\n\tcall *%3\n\tjmp 2f\n"
		     "1:\tadd $8, %%rsp\n2:"
		     : "=&b" (back), "=m" (skip), "=&a" (t) : "r" (vtime)
		     : "rdi", "rcx", "rdx", "rsi", "r8", "r9", "r10", "r11", "memory");
	if (READ_ONCE(count)) {
		CHECK_EQ(seen.si_addr, vtime);
		return;
	}
	CHECK(labs(t - time(NULL)) <= 1);
}

TEST(cpuid_and_tsc)
{
	unsigned int a = 0, b, c, d, lo, hi, lo2, hi2;

	asm volatile("cpuid" : "+a" (a), "=b" (b), "=c" (c), "=d" (d));
	CHECK(a >= 1);
	asm volatile("rdtsc" : "=a" (lo), "=d" (hi));
	asm volatile("rdtsc" : "=a" (lo2), "=d" (hi2));
	CHECK(((unsigned long)hi2 << 32 | lo2) > ((unsigned long)hi << 32 | lo));
}

static void do_ud2(void *arg)
{
	(void)arg;
	asm volatile("ud2");
}

static void do_fpe(void *arg)
{
	(void)arg;
	asm volatile("xor %%edx, %%edx\n\txor %%ecx, %%ecx\n\tmov $1, %%eax\n\tdiv %%ecx"
		     : : : "rax", "rcx", "rdx");
}

static void do_int3(void *arg)
{
	(void)arg;
	asm volatile("int3");
}

static void do_null(void *arg)
{
	asm volatile("mov (%0), %%rax" : : "r" (arg) : "rax");
}

TEST(unhandled_exceptions_kill)
{
	CHECK_EQ(signal_of(do_ud2, NULL), SIGILL);
	CHECK_EQ(signal_of(do_fpe, NULL), SIGFPE);
	CHECK_EQ(signal_of(do_int3, NULL), SIGTRAP);
	CHECK_EQ(signal_of(do_null, NULL), SIGSEGV);
}

static void blocked_fault(void *arg)
{
	sigset_t set;

	sigfillset(&set);
	sigprocmask(SIG_BLOCK, &set, NULL);
	handle(SIGSEGV, note, 0);
	do_null(arg);
}

TEST(blocked_exception_kills)
{
	CHECK_EQ(signal_of(blocked_fault, NULL), SIGSEGV);
}

static void ignored_fault(void *arg)
{
	signal(SIGSEGV, SIG_IGN);
	do_null(arg);
}

TEST(ignored_exception_kills)
{
	CHECK_EQ(signal_of(ignored_fault, NULL), SIGSEGV);
}

/* ---- page faults ---- */

#define PROT_BIT	1
#define WRITE_BIT	2
#define USER_BIT	4
#define FETCH_BIT	16

static void touch(char *p, bool write)
{
	if (write)
		asm volatile("movb $1, (%0)" : : "a" (p) : "memory");	/* 3 bytes */
	else
		asm volatile("movb (%0), %%cl" : : "a" (p) : "rcx");	/* 2 bytes */
}

static void check_fault(char *p, bool write, int code)
{
	expect(SIGSEGV, write ? 3 : 2);
	touch(p, write);
	CHECK_SEEN(SIGSEGV, code, 14);
	CHECK_EQ(seen.si_addr, p);
	CHECK_EQ(cr2, p);
	CHECK_EQ(error_code & WRITE_BIT, write ? WRITE_BIT : 0);
	CHECK_EQ(error_code & USER_BIT, USER_BIT);
}

TEST(fault_unmapped)
{
	char *p = map_anon(3 * PAGE, PROT_READ | PROT_WRITE);

	munmap(p + PAGE, PAGE);
	check_fault(p + PAGE, false, SEGV_MAPERR);
	check_fault(p + PAGE + 0x123, true, SEGV_MAPERR);
	check_fault((char *)0, false, SEGV_MAPERR);
	check_fault((char *)0x10, true, SEGV_MAPERR);
	check_fault((char *)0xfff, true, SEGV_MAPERR);
}

TEST(fault_protected)
{
	char *p = map_anon(PAGE, PROT_READ);

	check_fault(p + 8, true, SEGV_ACCERR);
	CHECK_EQ(p[8], 0);
	check_fault(p + 8, true, SEGV_ACCERR);
	mprotect(p, PAGE, PROT_NONE);
	check_fault(p + 8, false, SEGV_ACCERR);
	check_fault(p + 8, true, SEGV_ACCERR);
}

TEST(fault_of_kernel_addresses)
{
	check_fault((char *)0xffffffff81000000UL, false, SEGV_MAPERR);
	check_fault((char *)0xffff888000000000UL, true, SEGV_MAPERR);
	/* above the guest's addresses, below the host's end */
	if (in_guest()) {
		check_fault((char *)0x700000000000UL, false, SEGV_MAPERR);
		check_fault((char *)0x7ffffffff000UL - PAGE, true, SEGV_MAPERR);
		/* a mapping that nobody may use, or change */
		check_fault((char *)0x60000000UL, true, SEGV_ACCERR);
		check_fault((char *)0x60001000UL, false, SEGV_ACCERR);
		check_fault((char *)0x7ffff000UL, false, SEGV_ACCERR);
	}
}

TEST(fault_of_execution)
{
	char *p = map_anon(PAGE, PROT_READ | PROT_WRITE);
	unsigned long back;

	p[0] = (char)0xc3;
	expect(SIGSEGV, 0);
	asm volatile("lea 1f(%%rip), %0\n\tmov %0, %1\n\tjmp *%2\n1:"
		     : "=&r" (back), "=m" (skip) : "r" (p) : "memory");
	CHECK_SEEN(SIGSEGV, SEGV_ACCERR, 14);
	CHECK_EQ(seen.si_addr, p);
	CHECK_EQ(at, p);
	CHECK_EQ(error_code & FETCH_BIT, FETCH_BIT);
	mprotect(p, PAGE, PROT_READ | PROT_EXEC);
	((void (*)(void))p)();
	CHECK_EQ(READ_ONCE(count), 1);
}

TEST(fault_across_a_page_border)
{
	char *p = map_anon(2 * PAGE, PROT_READ | PROT_WRITE);

	munmap(p + PAGE, PAGE);
	expect(SIGSEGV, 3);
	asm volatile("mov (%0), %%rcx" : : "a" (p + PAGE - 4) : "rcx");
	CHECK_SEEN(SIGSEGV, SEGV_MAPERR, 14);
	CHECK_EQ(seen.si_addr, p + PAGE);
}

TEST(fault_beyond_the_end_of_a_file)
{
	int fd = temp_file();
	char *p;

	CHECK_EQ(ftruncate(fd, 100), 0);
	p = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	CHECK(p != MAP_FAILED);
	p[99] = 1;
	p[200] = 1;		/* the rest of the last page */
	expect(SIGBUS, 2);
	touch(p + PAGE + 5, false);
	CHECK_SEEN(SIGBUS, BUS_ADRERR, 14);
	CHECK_EQ(seen.si_addr, p + PAGE + 5);
	CHECK_EQ(ftruncate(fd, 2 * PAGE), 0);
	touch(p + PAGE + 5, true);
	CHECK_EQ(READ_ONCE(count), 1);
	CHECK_EQ(ftruncate(fd, 0), 0);
	expect(SIGBUS, 2);
	touch(p, false);
	CHECK_SEEN(SIGBUS, BUS_ADRERR, 14);
}

TEST(fault_in_string_instruction)
{
	char *p = map_anon(4 * PAGE, PROT_READ | PROT_WRITE);
	unsigned long left = 3 * PAGE;
	char *to = p + PAGE;

	munmap(p + 3 * PAGE, PAGE);
	expect(SIGSEGV, 2);
	asm volatile("rep stosb" : "+D" (to), "+c" (left) : "a" (7) : "memory");
	CHECK_EQ(READ_ONCE(count), 1);
	CHECK_EQ(to, p + 3 * PAGE);
	CHECK_EQ(left, PAGE);
	CHECK_EQ(seen.si_addr, p + 3 * PAGE);
	CHECK_EQ(p[3 * PAGE - 1], 7);
}

static int fixed;
static char *hole;

static void fix(int sig, siginfo_t *si, void *context)
{
	(void)sig;
	(void)context;
	WRITE_ONCE(fixed, READ_ONCE(fixed) + 1);
	CHECK_EQ(si->si_addr, READ_ONCE(hole));
	CHECK_EQ(mprotect(READ_ONCE(hole), PAGE, PROT_READ | PROT_WRITE), 0);
}

TEST(fault_that_the_handler_repairs)
{
	int i;

	handle(SIGSEGV, fix, 0);
	for (i = 0; i < 1000; i++) {
		WRITE_ONCE(hole, map_anon(PAGE, PROT_NONE));
		WRITE_ONCE(*(int *)hole, i);
		CHECK_EQ(READ_ONCE(*(int *)hole), i);
		munmap(hole, PAGE);
	}
	CHECK_EQ(READ_ONCE(fixed), 1000);
}
