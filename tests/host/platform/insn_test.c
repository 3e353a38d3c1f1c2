// SPDX-License-Identifier: GPL-2.0
/*
 * insn_test.c - insn_stores() against the processor.
 *
 * Random instructions run natively, one at a time, with every register pointing
 * to memory that cannot be touched. The processor says in the error code of the
 * fault whether it was a store. insn_stores() may not know, but when it says
 * "stores" it must be right, and so must be the length. Runs in a child that can
 * make no system call but the few that it needs.
 *
 * insn_test [instructions [seed]]
 */
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>
#include <asm/guest_regs.h>
#include "insn.h"

#define AREA		0x200000000UL
#define AREA_BYTES	0x200000000UL
#define PAGE		4096UL

static struct result {
	unsigned long done, faults, stores, known, lengths;
	unsigned long missed[4][256];
	unsigned long bad;
	u8 bad_code[16];
	char bad_what[64];
} *result;

static u8 *code;
static ucontext_t saved;
static unsigned long fs_base;
static int outcome;			/* signal */
static unsigned long trap, err, addr, ip;
static struct guest_regs at_fault;
static u64 state;

static u64 rnd(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state * 0x2545f4914f6cdd1dUL;
}

/* rip becomes the test's, all other registers the middle of the area */
static void start(int sig, siginfo_t *info, void *context)
{
	ucontext_t *uc = context;
	int i;

	(void)sig;
	(void)info;
	memcpy(&saved.uc_mcontext.gregs, &uc->uc_mcontext.gregs, sizeof(gregset_t));
	for (i = REG_R8; i <= REG_RSP; i++)
		uc->uc_mcontext.gregs[i] = AREA + AREA_BYTES / 2 + i * 0x100000 + (i & 7) * 8;
	uc->uc_mcontext.gregs[REG_RIP] = (long)code;
	uc->uc_mcontext.gregs[REG_EFL] = 0x302;
}

static void stop(int sig, siginfo_t *info, void *context)
{
	ucontext_t *uc = context;
	greg_t *g = uc->uc_mcontext.gregs;

	__builtin_ia32_wrfsbase64(fs_base);
	(void)info;
	outcome = sig;
	trap = g[REG_TRAPNO];
	err = g[REG_ERR];
	addr = g[REG_CR2];
	ip = g[REG_RIP];
	at_fault.pt.di = g[REG_RDI];
	at_fault.pt.sp = g[REG_RSP];
	memcpy(g, &saved.uc_mcontext.gregs, sizeof(gregset_t));
	uc->uc_mcontext.fpregs = NULL;	/* reset */
}

static void run(void)
{
	outcome = 0;
	__asm__ volatile("int3" : : : "memory");	/* SIGTRAP: see trapped() */
}

static void trapped(int sig, siginfo_t *info, void *context)
{
	unsigned long at = ((ucontext_t *)context)->uc_mcontext.gregs[REG_RIP];

	if (info->si_code == SI_KERNEL && at - (unsigned long)code > 64)
		start(sig, info, context);
	else
		stop(sig, info, context);
}

static void pick(u8 *p)
{
	static const u8 prefix[] = { 0x66, 0xf2, 0xf3, 0x67, 0x64, 0xf0 };
	int i, n = 0;

	for (i = 0; i < 16; i++)
		p[i] = rnd();
	if (rnd() % 4 == 0)
		p[n++] = prefix[rnd() % sizeof(prefix)];
	switch (rnd() % 10) {
	case 0: case 1:
		p[n++] = 0x0f;
		break;
	case 2:
		p[n++] = 0x0f;
		p[n++] = 0x38;
		break;
	case 3:
		p[n++] = 0x0f;
		p[n++] = 0x3a;
		break;
	case 4:
		p[n++] = 0xc5;
		n++;
		break;
	case 5:
		p[n++] = 0xc4;
		p[n] = (p[n] & 0xe0) | (rnd() % 3 + 1);
		n += 2;
		break;
	case 6:
		p[n++] = 0x62;
		p[n] = (p[n] & 0xf0) | (rnd() % 3 + 1);
		p[n + 1] |= 0x04;
		n += 3;
		break;
	case 7: case 8:
		p[n++] = 0x40 | rnd() % 16;
		break;
	}
	/* mostly memory operands */
	if (rnd() % 8)
		p[n + 1] &= 0xbf;
}

static void bad(const char *what)
{
	if (result->bad++)
		return;
	memcpy(result->bad_code, code, 16);
	snprintf(result->bad_what, sizeof(result->bad_what), "%s", what);
}

static void check(void)
{
	static const char prefixes[] = "\x66\x67\xf0\xf2\xf3\x26\x2e\x36\x3e\x64\x65";
	unsigned int length = 0;
	int map = 0, n = 0;
	bool says;

	result->done++;
	if (outcome != SIGSEGV || trap != 14 || ip != (unsigned long)code || (err & 0x10))
		return;
	result->faults++;
	result->stores += err >> 1 & 1;
	says = insn_stores(code, 8, &at_fault, addr, &length);
	if (!says) {
		if (err & 2) {
			while (code[n] && (strchr(prefixes, code[n]) || code[n] / 16 == 4))
				n++;
			if (code[n] == 0x0f)
				map = code[n + 1] == 0x38 ? 2 : code[n + 1] == 0x3a ? 3 : 1;
			n += map > 1 ? 2 : map;
			result->missed[map][code[n]]++;
		}
		return;
	}
	if (!(err & 2)) {
		bad("it loads");
		return;
	}
	result->known++;
	/* let it store, and see where the next instruction is */
	if (addr - AREA >= AREA_BYTES - 2 * PAGE)
		return;
	mprotect((void *)(addr & -PAGE), 2 * PAGE, PROT_READ | PROT_WRITE);
	unsigned long page = addr & -PAGE;

	run();
	mprotect((void *)page, 2 * PAGE, PROT_NONE);
	/* a jump, or another iteration: no length to be seen */
	if (outcome != SIGTRAP || ip - (unsigned long)code - 1 > 15)
		return;
	result->lengths++;
	if (ip - (unsigned long)code != length)
		bad("the length is wrong");
}

static void child(unsigned long n)
{
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_rt_sigreturn, 3, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_mprotect, 2, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_exit_group, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRAP),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog prog = { 6, filter };
	static const int sigs[] = { SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGSYS };
	struct sigaction sa = { .sa_flags = SA_SIGINFO | SA_ONSTACK };
	stack_t ss = { .ss_size = 65536 };
	unsigned int i;

	alarm(120);
	ss.ss_sp = mmap(NULL, ss.ss_size, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	sigaltstack(&ss, NULL);
	sa.sa_sigaction = stop;
	for (i = 0; i < 5; i++)
		sigaction(sigs[i], &sa, NULL);
	sa.sa_sigaction = trapped;
	sigaction(SIGTRAP, &sa, NULL);
	fs_base = __builtin_ia32_rdfsbase64();
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog))
		_exit(3);
	while (n--) {
		pick(code);
		run();
		check();
	}
	_exit(0);
}

int main(int argc, char **argv)
{
	unsigned long n = argc > 1 ? atol(argv[1]) : 200000, i, left;
	unsigned long seed = argc > 2 ? atol(argv[2]) : 1;
	int status, crashes = 0;

	result = mmap(NULL, sizeof(*result), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		      -1, 0);
	code = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE | PROT_EXEC,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (mmap((void *)AREA, AREA_BYTES, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS |
		 MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0) == MAP_FAILED)
		return 2;
	for (left = n; left > result->done && crashes < 100; crashes++) {
		/* an instruction that got the better of the child costs one seed */
		state = 88172645463325252UL + 7919 * (seed + crashes);
		if (!fork())
			child(left - result->done);
		wait(&status);
		if (WIFEXITED(status) && !WEXITSTATUS(status))
			break;
	}
	printf("insn: %lu instructions, %lu faults, %lu stores, ", result->done, result->faults,
	       result->stores);
	printf("%lu known, %lu lengths, %d crashes\n", result->known, result->lengths, crashes);
	for (i = 0; i < 1024; i++)
		if (result->missed[i / 256][i % 256] > result->stores / 500)
			printf("  often missed: map %lu opcode %02lx\n", i / 256, i % 256);
	if (result->bad) {
		printf("FAIL %lu times; first: %s:", result->bad, result->bad_what);
		for (i = 0; i < 15; i++)
			printf(" %02x", result->bad_code[i]);
		printf("\n");
		return 1;
	}
	return result->known < result->stores / 2 || result->done < n / 2;
}
