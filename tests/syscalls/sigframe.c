// SPDX-License-Identifier: GPL-2.0
/* Signal frames: on which stack, with what in them, and what a handler may change. */
#include "harness.h"
#include <sys/resource.h>
#include <ucontext.h>

/* ---- stacks ---- */

static char *alt;
static bool on_alt;

static void where_am_i(int sig, siginfo_t *si, void *uc)
{
	stack_t st;
	char here;

	count_signal(sig, si, uc);
	WRITE_ONCE(on_alt, &here >= alt && &here < alt + 65536);
	sigaltstack(NULL, &st);
	CHECK_EQ(!!(st.ss_flags & SS_ONSTACK), READ_ONCE(on_alt));
	CHECK_EQ(((ucontext_t *)uc)->uc_stack.ss_sp, alt);
}

static void set_altstack(int flags)
{
	alt = map_anon(65536, PROT_READ | PROT_WRITE);
	CHECK_EQ(sigaltstack(&(stack_t) { .ss_sp = alt, .ss_size = 65536, .ss_flags = flags },
			     NULL), 0);
}

TEST(altstack)
{
	stack_t st;

	set_altstack(0);
	handle(SIGUSR1, where_am_i, SA_ONSTACK);
	raise(SIGUSR1);
	CHECK_EQ(READ_ONCE(signal_count), 1);
	CHECK(READ_ONCE(on_alt));
	handle(SIGUSR1, where_am_i, 0);
	raise(SIGUSR1);
	CHECK(!READ_ONCE(on_alt));
	CHECK_EQ(sigaltstack(NULL, &st), 0);
	CHECK_EQ(st.ss_flags, 0);
	CHECK_EQ(st.ss_size, 65536);
	CHECK_ERR(sigaltstack(&(stack_t) { .ss_sp = alt, .ss_size = 100 }, NULL), ENOMEM);
}

static void autodisarmed(int sig, siginfo_t *si, void *uc)
{
	stack_t st;

	count_signal(sig, si, uc);
	sigaltstack(NULL, &st);
	CHECK_EQ(st.ss_flags & SS_DISABLE, SS_DISABLE);
}

TEST(altstack_autodisarm)
{
	stack_t st;

	set_altstack((int)(1U << 31));
	handle(SIGUSR1, autodisarmed, SA_ONSTACK);
	raise(SIGUSR1);
	CHECK_EQ(READ_ONCE(signal_count), 1);
	sigaltstack(NULL, &st);
	CHECK_EQ(st.ss_sp, alt);
}

static void overflow_seen(int sig, siginfo_t *si, void *uc)
{
	(void)sig;
	(void)uc;
	CHECK_EQ(si->si_code == SEGV_MAPERR || si->si_code == SEGV_ACCERR, 1);
	_exit(0);
}

noinline
static int recurse(char *outer)
{
	char here[1024];

	WRITE_ONCE(here[0], READ_ONCE(outer[0]) | 1);
	return READ_ONCE(here[0]) ? recurse(here) + READ_ONCE(here[0]) : 0;
}

TEST(stack_overflow_on_altstack)
{
	struct rlimit limit = { 1 << 20, 1 << 20 };
	char c = 0;

	setrlimit(RLIMIT_STACK, &limit);
	set_altstack(0);
	handle(SIGSEGV, overflow_seen, SA_ONSTACK);
	FAIL("recursion came back with %d", recurse(&c));
}

static void overflow(void *arg)
{
	char c = 0;

	(void)arg;
	handle(SIGSEGV, overflow_seen, 0);
	recurse(&c);
}

TEST(stack_overflow_without_altstack_kills)
{
	struct rlimit limit = { 1 << 20, 1 << 20 };

	setrlimit(RLIMIT_STACK, &limit);
	CHECK_EQ(signal_of(overflow, NULL), SIGSEGV);
}

/* ---- sigreturn ---- */

static void change_registers(int sig, siginfo_t *si, void *uc)
{
	greg_t *r = ((ucontext_t *)uc)->uc_mcontext.gregs;

	count_signal(sig, si, uc);
	r[REG_RBX] = 0x1111222233334444;
	r[REG_R12] = 0x5555666677778888;
	r[REG_R15] = -1;
	r[REG_RAX] = 77;
	r[REG_RIP] += 2;	/* over the ud2 */
}

TEST(sigreturn_with_changed_registers)
{
	unsigned long rbx, r12, r15, rax, rdi = 5;

	handle(SIGILL, change_registers, 0);
	asm volatile("mov $1, %%rbx\n\tmov $2, %%r12\n\tmov $3, %%r15\n\tmov $4, %%rax\n\t"
		     "ud2\n\t"
		     "mov %%rbx, %0\n\tmov %%r12, %1\n\tmov %%r15, %2\n\tmov %%rax, %3"
		     : "=m" (rbx), "=m" (r12), "=m" (r15), "=m" (rax), "+D" (rdi)
		     : : "rax", "rbx", "r12", "r15", "memory");
	CHECK_EQ(READ_ONCE(signal_count), 1);
	CHECK_EQ(rbx, 0x1111222233334444);
	CHECK_EQ(r12, 0x5555666677778888);
	CHECK_EQ(r15, -1);
	CHECK_EQ(rax, 77);
	CHECK_EQ(rdi, 5);
}

static void block_more(int sig, siginfo_t *si, void *uc)
{
	count_signal(sig, si, uc);
	sigaddset(&((ucontext_t *)uc)->uc_sigmask, SIGUSR2);
}

TEST(sigreturn_with_changed_mask)
{
	sigset_t now;

	handle(SIGUSR1, block_more, 0);
	raise(SIGUSR1);
	sigprocmask(SIG_BLOCK, NULL, &now);
	CHECK(sigismember(&now, SIGUSR2));
}

static void wreck_frame(int sig, siginfo_t *si, void *uc)
{
	ucontext_t *u = uc;

	(void)sig;
	(void)si;
	u->uc_mcontext.gregs[REG_RSP] = 0x10;
	u->uc_mcontext.gregs[REG_RIP] = 0x8000000000000000;
}

static void return_to_nowhere(void *arg)
{
	(void)arg;
	handle(SIGUSR1, wreck_frame, 0);
	raise(SIGUSR1);
}

TEST(sigreturn_to_nowhere_kills)
{
	CHECK_EQ(signal_of(return_to_nowhere, NULL), SIGSEGV);
}

static void bare_sigreturn(void *arg)
{
	(void)arg;
	asm volatile("mov $0x20, %%rsp\n\tmov $15, %%eax\n\tsyscall" : : : "memory");
}

TEST(sigreturn_without_a_frame_kills)
{
	CHECK_EQ(signal_of(bare_sigreturn, NULL), SIGSEGV);
}

static void no_stack(void *arg)
{
	(void)arg;
	handle(SIGUSR1, count_signal, 0);
	asm volatile("mov %0, %%rdi\n\tmov $10, %%rsi\n\tmov $62, %%eax\n\t"
		     "mov $0x1000, %%rsp\n\tsyscall\n\tud2"
		     : : "r" ((long)getpid()) : "rdi", "rsi", "rax", "rcx", "r11", "memory");
}

TEST(signal_without_a_stack_kills)
{
	CHECK_EQ(signal_of(no_stack, NULL), SIGSEGV);
}

static unsigned long flags_in_handler;

static void read_flags(int sig, siginfo_t *si, void *uc)
{
	unsigned long f;

	asm volatile("pushf\n\tpop %0" : "=r" (f));
	flags_in_handler = f;
	count_signal(sig, si, uc);
}

TEST(flags_in_and_after_a_handler)
{
	unsigned long after;

	handle(SIGTRAP, read_flags, 0);
	asm volatile("std\n\tint3\n\tpushf\n\tpop %0\n\tcld" : "=r" (after) : : "memory");
	CHECK_EQ(READ_ONCE(signal_count), 1);
	CHECK_EQ(flags_in_handler & 0x400, 0);
	CHECK_EQ(after & 0x400, 0x400);
}

/* leaf functions keep data below the stack pointer; frames must leave it alone */
TEST(red_zone)
{
	unsigned long sum = 0;
	int i;

	handle(SIGILL, change_registers, 0);
	for (i = 0; i < 100; i++) {
		unsigned long bad;

		asm volatile("mov %%rsp, %%rdx\n\t"
			     "mov $16, %%ecx\n"
			     "1:\tmov %%rcx, -136(%%rsp,%%rcx,8)\n\tloop 1b\n\t"
			     "ud2\n\t"
			     "xor %%eax, %%eax\n\tmov $16, %%ecx\n"
			     "2:\tcmp %%rcx, -136(%%rsp,%%rcx,8)\n\tje 3f\n\tinc %%eax\n"
			     "3:\tloop 2b\n\t"
			     "mov %%rax, %0"
			     : "=r" (bad) : : "rax", "rcx", "rdx", "rbx", "r12", "r15", "memory");
		sum += bad;
	}
	CHECK_EQ(READ_ONCE(signal_count), 100);
	CHECK_EQ(sum, 0);
}

TEST(stack_alignment_in_handlers)
{
	/* a compiler may store the XMM registers with movaps */
	handle(SIGUSR1, read_flags, 0);
	asm volatile("sub $8, %%rsp\n\tmov %0, %%rdi\n\tmov $10, %%rsi\n\tmov $62, %%eax\n\t"
		     "syscall\n\tadd $8, %%rsp"
		     : : "r" ((long)getpid()) : "rdi", "rsi", "rax", "rcx", "r11", "memory");
	CHECK_EQ(READ_ONCE(signal_count), 1);
}
