// SPDX-License-Identifier: GPL-2.0
/* A tracee's memory and registers, read and written by its tracer. */
#include "tracee.h"
#include "fpstate.h"
#include <elf.h>
#include <sys/uio.h>

static long variable = 0x1234;

static void wait_for_change(void)
{
	raise(SIGUSR1);
	_exit(variable == 0x5678 ? 3 : 4);
}

TEST(memory)
{
	char buf[16], name[32];
	int fd;

	trace(wait_for_change);
	signal(SIGUSR1, SIG_DFL);
	cont(PTRACE_CONT, 0);
	expect_stop(SIGUSR1);
	errno = 0;
	CHECK_EQ(ptrace(PTRACE_PEEKDATA, child, &variable, 0), 0x1234);
	CHECK_EQ(errno, 0);
	CHECK_EQ(ptrace(PTRACE_POKEDATA, child, &variable, 0x5678), 0);
	CHECK_EQ(variable, 0x1234);
	CHECK_ERR(ptrace(PTRACE_PEEKDATA, child, 0x1000, 0), EIO);
	CHECK_ERR(ptrace(PTRACE_POKEDATA, child, 0xffff888000000000UL, 0), EIO);
	snprintf(name, sizeof(name), "/proc/%d/mem", child);
	fd = open(name, O_RDWR);
	CHECK(fd >= 0);
	CHECK_EQ(pread(fd, buf, 8, (long)&variable), 8);
	CHECK_EQ(*(long *)buf, 0x5678);
	cont(PTRACE_CONT, 0);
	expect_exit(3);
}

static void hold_registers(void)
{
	asm volatile("mov $1, %%rbx\n\tmov $2, %%r12\n\tmov $3, %%r13\n\tmov $4, %%r14\n\t"
		     "mov $5, %%r15\n\tint3\n\t"
		     "add %%rbx, %%r12\n\tadd %%r13, %%r12\n\tadd %%r14, %%r12\n\tadd %%r15, %%r12\n\t"
		     "mov %%r12, %%rdi\n\tmov $231, %%eax\n\tsyscall"
		     : : : "rbx", "r12", "r13", "r14", "r15", "rdi", "rax");
}

TEST(registers)
{
	struct user_regs_struct r, again;
	struct iovec iov = { &again, sizeof(again) };

	trace(hold_registers);
	cont(PTRACE_CONT, 0);
	expect_stop(SIGTRAP);
	r = regs_now();
	CHECK_EQ(r.rbx * 10000 + r.r12 * 1000 + r.r13 * 100 + r.r14 * 10 + r.r15, 12345);
	CHECK_EQ(r.cs, 0x33);
	CHECK_EQ(r.ss, 0x2b);
	CHECK_EQ(r.fs_base, pthread_self());
	CHECK_EQ(ptrace(PTRACE_GETREGSET, child, NT_PRSTATUS, &iov), 0);
	CHECK_EQ(iov.iov_len, sizeof(r));
	CHECK_EQ(memcmp(&r, &again, sizeof(r)), 0);
	CHECK_EQ(ptrace(PTRACE_PEEKUSER, child, offsetof(struct user, regs.rbx), 0), 1);
	CHECK_EQ(ptrace(PTRACE_POKEUSER, child, offsetof(struct user, regs.rbx), 50), 0);
	r = regs_now();
	CHECK_EQ(r.rbx, 50);
	r.r15 = 20;
	iov.iov_base = &r;
	CHECK_EQ(ptrace(PTRACE_SETREGSET, child, NT_PRSTATUS, &iov), 0);
	cont(PTRACE_CONT, 0);
	expect_exit(50 + 2 + 3 + 4 + 20);
}

TEST(bad_registers_are_refused)
{
	struct user_regs_struct r;

	trace(hold_registers);
	cont(PTRACE_CONT, 0);
	r = regs_now();
	CHECK_ERR(ptrace(PTRACE_POKEUSER, child, offsetof(struct user, regs.cs), 0), EIO);
	CHECK_ERR(ptrace(PTRACE_POKEUSER, child, offsetof(struct user, regs.fs_base),
			 0xffff888000000000UL), EIO);
	CHECK_ERR(ptrace(PTRACE_POKEUSER, child, 1, 0), EIO);
	CHECK_ERR(ptrace(PTRACE_PEEKUSER, child, 4096, 0), EIO);
	/* flags that user code may not change stay as they are */
	CHECK_EQ(ptrace(PTRACE_POKEUSER, child, offsetof(struct user, regs.eflags), 0xfffff), 0);
	CHECK_EQ(regs_now().eflags & 0x3000, 0);	/* IOPL */
	CHECK_EQ(regs_now().eflags & 0x200, 0x200);	/* IF */
	CHECK_EQ(ptrace(PTRACE_SETREGS, child, 0, &r), 0);
	cont(PTRACE_CONT, 0);
	expect_exit(15);
}

/* ---- FP state of another process ---- */

static struct fpstate *wanted, *found;

static void hold_fp(void)
{
	struct fp_op op = { FP_SYSCALL, 1, SYS_kill, { getpid(), SIGUSR1 }, 0 };
	struct fpstate mine;

	fp_fill(&mine, 5);
	fp_run(&mine, found, &op);
	CHECK_FP(wanted, found, "after the tracer changed it");
	_exit(9);
}

static unsigned int component(unsigned int i)
{
	unsigned int a, b, c, d;

	__cpuid_count(13, i, a, b, c, d);
	return b;
}

/* @len bytes of the area at @at: @get them or put them */
static void part(unsigned char *at, void *bytes, size_t len, bool get)
{
	if (get)
		memcpy(bytes, at, len);
	else
		memcpy(at, bytes, len);
}

/* one register's bytes are spread over the area; @get them or put them */
static void vectors(unsigned char *area, struct fpstate *s, bool get)
{
	int i;

	for (i = 0; i < 16; i++)
		part(area + 160 + 16 * i, s->vec[i], 16, get);
	for (i = 0; fp_kind && i < 16; i++)
		part(area + component(2) + 16 * i, s->vec[i] + 16, 16, get);
	for (i = 0; fp_kind == FP_AVX512 && i < 16; i++) {
		part(area + component(6) + 32 * i, s->vec[i] + 32, 32, get);
		part(area + component(7) + 64 * i, s->vec[16 + i], 64, get);
	}
	if (fp_kind == FP_AVX512)
		part(area + component(5), s->k, 64, get);
}

TEST(xstate)
{
	static unsigned char area[32768] __aligned(64);
	struct user_fpregs_struct fp;
	struct iovec iov = { area, sizeof(area) };
	struct fpstate got, change;
	unsigned long xfeatures;

	wanted = map_shared(sizeof(*wanted));
	found = map_shared(sizeof(*found));
	fp_fill(wanted, 5);
	fp_fill(&change, 6);
	got = *wanted;
	trace(hold_fp);
	cont(PTRACE_CONT, 0);
	expect_stop(SIGUSR1);
	if (fp_kind == FP_SSE)
		SKIP("this CPU has no AVX, or no xsave");
	CHECK_EQ(ptrace(PTRACE_GETREGSET, child, NT_X86_XSTATE, &iov), 0);
	CHECK(iov.iov_len > 576);
	memset(got.vec, 0, sizeof(got.vec));
	vectors(area, &got, true);
	CHECK_FP(wanted, &got, "as the tracer sees it");
	memcpy(&xfeatures, area + 464, 8);
	CHECK_EQ(xfeatures & 7, 7);
	CHECK_EQ(ptrace(PTRACE_GETFPREGS, child, 0, &fp), 0);
	CHECK_EQ(memcmp(fp.xmm_space, area + 160, 256), 0);
	CHECK_EQ(fp.mxcsr & ~0x3fU, wanted->mxcsr);

	vectors(area, &change, false);
	CHECK_EQ(ptrace(PTRACE_SETREGSET, child, NT_X86_XSTATE, &iov), 0);
	memcpy(wanted->vec, change.vec, sizeof(change.vec));
	memcpy(wanted->k, change.k, sizeof(change.k));
	/* what is not valid is refused, and changes nothing */
	area[512 + 8] = 0xff;
	CHECK_ERR(ptrace(PTRACE_SETREGSET, child, NT_X86_XSTATE, &iov), EINVAL);
	cont(PTRACE_CONT, 0);
	expect_exit(9);
}

TEST(fpregs)
{
	struct user_fpregs_struct fp;

	wanted = map_shared(sizeof(*wanted));
	found = map_shared(sizeof(*found));
	fp_fill(wanted, 5);
	trace(hold_fp);
	cont(PTRACE_CONT, 0);
	expect_stop(SIGUSR1);
	CHECK_EQ(ptrace(PTRACE_GETFPREGS, child, 0, &fp), 0);
	memset(&fp.xmm_space[4], 0x5a, 16);
	memset(wanted->vec[1], 0x5a, 16);
	CHECK_EQ(ptrace(PTRACE_SETFPREGS, child, 0, &fp), 0);
	fp.mxcsr = 0xffffffff;
	CHECK_ERR(ptrace(PTRACE_SETFPREGS, child, 0, &fp), EINVAL);
	cont(PTRACE_CONT, 0);
	expect_exit(9);
}

/* ---- hardware breakpoints: there, or refused without harm ---- */

static void write_variable(void)
{
	raise(SIGUSR1);
	variable = 1;
	_exit(2);
}

TEST(watchpoint)
{
	long at = offsetof(struct user, u_debugreg);

	trace(write_variable);
	cont(PTRACE_CONT, 0);
	expect_stop(SIGUSR1);
	errno = 0;
	if (!ptrace(PTRACE_POKEUSER, child, at, &variable) &&
	    !ptrace(PTRACE_POKEUSER, child, at + 7 * 8, 0xd0101)) {
		cont(PTRACE_CONT, 0);
		expect_stop(SIGTRAP);
		CHECK_EQ(ptrace(PTRACE_PEEKUSER, child, at + 6 * 8, 0) & 1, 1);
		CHECK_EQ(ptrace(PTRACE_POKEUSER, child, at + 7 * 8, 0), 0);
	} else {
		/* what gdb takes for "use software watchpoints" */
		CHECK(errno == EINVAL || errno == EIO || errno == ENOSPC || errno == EOPNOTSUPP);
	}
	cont(PTRACE_CONT, 0);
	expect_exit(2);
}
