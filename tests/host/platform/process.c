// SPDX-License-Identifier: GPL-2.0
/* process.c - host processes: what they hold, what outsiders do to them, how they end */
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "stub/stub.h"
#include "tests.h"

#ifndef __NR_mseal		/* Linux 6.10 */
#define __NR_mseal	462
#endif

void test_hostile(void)
{
	struct mm *mm = mm_standard();
	struct thread *t = thread_new(mm, g_jump);
	unsigned long at, exits[5] = { 0 };

	/* who gets back the registers that it was entered with comes back for ever */
	interrupts_start(1000000);
	for (at = STUB_START - 16; at < STUB_END + 16; at++) {
		int n;

		fill(&t->regs, at);
		thread_at(t, g_jump);
		t->regs.pt.ip = at;
		t->regs.pt.sp = STUB_START + at * 8 % (STUB_END - STUB_START);
		t->regs.pt.bx = STUB_PAGE;
		t->regs.pt.ax = 11;		/* munmap */
		t->regs.pt.di = STUB_START;
		t->regs.pt.si = STUB_END - STUB_START;
		for (n = 0; n < 3; n++) {
			enum guest_exit why = step(t);

			if (why == EXIT_GONE)
				FAIL("died at 0x%lx", at);
			regs_complete(t);
			exits[why]++;
		}
		/* whatever that did: guest code still works */
		thread_at(t, g_syscall);
		t->regs.pt.ax = 99;
		SAME(run(t), EXIT_SYSCALL);
		SAME(t->regs.pt.orig_ax, 99);
	}
	interrupts_stop();
	printf("calls %lu, faults %lu, signals %lu, interrupts %lu; ", exits[EXIT_SYSCALL],
	       exits[EXIT_FAULT], exits[EXIT_SIGNAL], exits[EXIT_INTERRUPT]);
	thread_free(t);
	mm_free(mm);
}

/* children of this process, as the host lists them */
int list_children(int *pid, int max)
{
	FILE *f = fopen("/proc/thread-self/children", "r");
	int n = 0;

	CHECK(f);
	while (n < max && fscanf(f, "%d", &pid[n]) == 1)
		n++;
	fclose(f);
	return n;
}

void test_outside(void)
{
	static const int sigs[] = { SIGSTOP, SIGCONT, SIGTERM, SIGSEGV, SIGTRAP, SIGSTOP, SIGUSR1 };
	struct mm *mm = mm_standard();
	struct thread *t = thread_new(mm, g_syscall), *fp = thread_new(mm, g_fp);
	int pid[64], n, i, round;

	/* who is stopped is let go when an interrupt comes */
	interrupts_start(5000000);
	fp->regs.pt.r14 = 42;
	fp->regs.pt.bx = DATA_VA;
	for (round = 0; round < 50; round++) {
		SAME(run(t), EXIT_SYSCALL);
		fp_round(fp);
		n = list_children(pid, 64);
		CHECK(n > 0);
		for (i = 0; i < n; i++)
			kill(pid[i], sigs[round % 7]);
		expect_fault(t, g_load, 8, 8, 4);
		thread_at(t, g_syscall);
	}
	for (i = 0; i < n; i++)
		kill(pid[i], SIGKILL);
	SAME(run(t), EXIT_GONE);
	SAME(run(t), EXIT_GONE);
	thread_free(t);
	thread_free(fp);
	mm_free(mm);

	interrupts_stop();

	/* idle ones were killed as well: that is nobody's loss */
	usleep(10000);
	mm = mm_standard();
	t = thread_new(mm, g_syscall);
	SAME(run(t), EXIT_SYSCALL);
	thread_free(t);
	mm_free(mm);
}

/* what is killed: guests in every state, their host processes told to the tester */
int victim(int fd)
{
	struct thread *t;
	int pid[64], n, i;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	vm_init("skas", vm_trap());
	for (i = 0; i < 4; i++) {
		t = thread_new(mm_standard(), i == 3 ? g_count : g_syscall);
		if (i < 3)
			run(t);
	}
	n = list_children(pid, 64);
	if (write(fd, pid, n * sizeof(int)) < 0)
		return 1;
	run(t);
	return 1;
}

static int still_there(int pid)
{
	/* reaped here if it is dead: this is the subreaper */
	while (waitpid(pid, NULL, WNOHANG | __WALL) > 0)
		;
	return !kill(pid, 0);
}

void test_survivors(void)
{
	int pid[64], n, i, left = 0, pipes[2], round, child;
	char arg[16];
	int own = list_children(pid, 64);

	for (round = 0; round < 60; round++) {
		CHECK(!pipe(pipes));
		snprintf(arg, sizeof(arg), "%d", pipes[1]);
		child = fork();
		if (!child) {
			execl("/proc/self/exe", "platform_test", "victim", arg, NULL);
			_exit(1);
		}
		close(pipes[1]);
		n = 0;
		if (round % 2) {
			n = read(pipes[0], pid, sizeof(pid)) / sizeof(int);
			CHECK(n >= 3);
		} else {
			usleep(round * 100);	/* at any moment, also while one is made */
		}
		kill(child, SIGKILL);
		waitpid(child, NULL, 0);
		usleep(20000);
		for (i = 0; i < n; i++)
			left += still_there(pid[i]);
		SAME(left, 0);
		n = list_children(pid, 64);
		for (i = 0; i < n; i++)
			left += still_there(pid[i]);
		SAME(left, own);
		left = 0;
		close(pipes[0]);
	}
}

/* nothing of the kernel, nothing of the host, is in a guest's process */
void test_process(void)
{
	struct mm *mm = mm_standard();
	struct thread *t = thread_new(mm, g_syscall);
	unsigned long start, end, offset;
	char name[64], line[512], what[256], perm[8];
	bool seccomp = !strcmp(vm_trap(), "seccomp");
	int pid[64], n, i, lines = 0;
	FILE *f;

	SAME(run(t), EXIT_SYSCALL);
	n = list_children(pid, 64);
	for (i = 0; i < n; i++) {
		snprintf(name, sizeof(name), "/proc/%d/maps", pid[i]);
		f = fopen(name, "r");
		CHECK(f);
		while (fgets(line, sizeof(line), f)) {
			what[0] = '\0';
			CHECK(sscanf(line, "%lx-%lx %7s %lx %*s %*s %255[^\n]", &start, &end, perm,
				     &offset, what) >= 4);
			lines++;
			if (start < 0x700000000000 && strstr(what, "phys"))
				continue;
			if (start == STUB_START && !strcmp(perm, "r-xp"))
				continue;
			if (start == STUB_PAGE && !strcmp(perm, "r--s") &&
			    (seccomp || end == STUB_END))
				continue;
			if (seccomp && start > STUB_PAGE && !strcmp(perm, "rw-s"))
				continue;	/* the signal stack */
			if (strstr(what, "[vsyscall]"))
				continue;
			FAIL("mapped: %s", line);
		}
		fclose(f);
		snprintf(name, sizeof(name), "ls /proc/%d/fd | tr '\\n' ,", pid[i]);
		f = popen(name, "r");
		CHECK(f && fgets(line, sizeof(line), f));
		pclose(f);
		if (strcmp(line, "0,"))
			FAIL("descriptors: %s", line);
	}
	CHECK(n > 0 && lines > 2);
	thread_free(t);
	mm_free(mm);
}

/* run the tests named @arg where the host forbids the call @nr; its exit status */
static int run_without(int nr, char *const *arg)
{
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, nr, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog prog = { 4, filter };
	int status, child = fork();

	if (!child) {
		prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
		CHECK(!prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog));
		execv("/proc/self/exe", arg);
	}
	waitpid(child, &status, 0);
	return status;
}

/* a container that forbids ptrace, as most did before Linux 4.8 */
void test_forbidden(void)
{
	char * const args[] = { "platform_test", "unable", NULL };

	SAME(run_without(strcmp(vm_trap(), "ptrace") ? SYS_seccomp : SYS_ptrace, args), 0);
}

/* older or stranger hosts: nothing that is only useful may be needed */
void test_lacking(void)
{
	char * const most[] = {
		"platform_test", "syscall", "faults", "fp", "orders", "hostile", NULL
	};
	char * const process[] = { "platform_test", "process", NULL };
	struct rlimit limit;

	printf("\n");
	fflush(stdout);
	if (!strcmp(vm_trap(), "ptrace")) {
		SAME(run_without(SYS_seccomp, most), 0);
		SAME(run_without(SYS_close_range, process), 0);
	} else {
		SAME(run_without(SYS_ptrace, most), 0);
		SAME(run_without(__NR_mseal, process), 0);
	}
	/* memory laid out from the bottom up */
	CHECK(!getrlimit(RLIMIT_STACK, &limit));
	limit.rlim_cur = limit.rlim_max;
	CHECK(!setrlimit(RLIMIT_STACK, &limit));
	SAME(run_without(SYS_reboot, process), 0);
}

void test_many(void)
{
	struct mm *mm[200];
	struct thread *t;
	unsigned long start = now_ns();
	int i, round;

	for (round = 0; round < 3; round++) {
		for (i = 0; i < 200; i++)
			mm[i] = mm_standard();
		for (i = 0; i < 200; i += 2) {
			t = thread_new(mm[i], g_syscall);
			SAME(run(t), EXIT_SYSCALL);
			thread_free(t);
		}
		for (i = 0; i < 200; i++)
			mm_free(mm[i]);
	}
	printf("%lu us each; ", (now_ns() - start) / 300000);
}
