// SPDX-License-Identifier: GPL-2.0
/*
 * System call instructions that a kernel may rewrite: whatever it does to them,
 * nobody must see it. The code is in a file of the test's own, so that it can be
 * mapped, written and cut.
 */
#include "harness.h"
#include <sys/ptrace.h>
#include <sys/user.h>
#include "call_with.h"

/* offsets in the code's page */
#define CALL		0x100	/* mov $nr, %eax; syscall; ret */
#define NUMBER		(CALL + 1)
#define HALF		(CALL + 5)
#define RET		(CALL + 7)
#define LATE		0x200	/* mov $nr, %eax; jmp HALF */
#define AT_THE_END	(PAGE - 7)	/* the instructions end with the page; ret is in the next */

#define OFTEN		100	/* any kernel has made up its mind by then */

static const unsigned char call[] = { 0xb8, 0, 0, 0, 0, 0x0f, 0x05, 0xc3 };

static int fd;
static long (*fn)(long, long, long);

static void put(int at, const void *bytes, size_t n)
{
	CHECK_EQ(pwrite(fd, bytes, n, at), (long)n);
}

static void put_call(int at, int nr)
{
	unsigned char code[sizeof(call)];

	memcpy(code, call, sizeof(call));
	memcpy(code + 1, &nr, sizeof(nr));
	put(at, code, sizeof(code));
}

static char *map(int prot, int flags)
{
	char *at = mmap(NULL, 2 * PAGE, prot, flags, fd, 0);

	CHECK(at != MAP_FAILED);
	return at;
}

/* the file once more */
static int reopen(int flags)
{
	char self[32];
	int again;

	snprintf(self, sizeof(self), "/proc/self/fd/%d", fd);
	again = open(self, flags);
	CHECK(again >= 0);
	return again;
}

/* a file with calls of getppid, mapped as programs are */
static char *program(void)
{
	static const int nr = SYS_getppid;
	unsigned char late[10] = { 0xb8, 0, 0, 0, 0, 0xe9 };
	int back = HALF - (LATE + 10);
	char name[] = "/tmp/sites.XXXXXX";
	int writer;

	fd = mkstemp(name);
	CHECK(fd >= 0);
	CHECK_EQ(unlink(name), 0);
	CHECK_EQ(ftruncate(fd, 2 * PAGE), 0);
	put_call(CALL, nr);
	put_call(AT_THE_END, nr);
	memcpy(late + 1, &nr, sizeof(nr));
	memcpy(late + 6, &back, sizeof(back));
	put(LATE, late, sizeof(late));
	/* what is open for writing may be written: a kernel may leave such files alone */
	writer = fd;
	fd = reopen(O_RDONLY);
	close(writer);
	return map(PROT_READ | PROT_EXEC, MAP_PRIVATE);
}

static void call_often(char *at, long want)
{
	fn = (void *)at;
	for (int i = 0; i < OFTEN; i++)
		CHECK_EQ(fn(0, 0, 0), want);
}

TEST(same_answer_every_time)
{
	char *code = program();

	call_often(code + CALL, getppid());
	call_often(code + AT_THE_END, getppid());
}

TEST(arguments_and_results)
{
	char *code, byte;
	int p[2], nr = SYS_write;

	code = program();
	fd = reopen(O_RDWR);
	put(NUMBER, &nr, sizeof(nr));
	close(fd);
	CHECK_EQ(pipe(p), 0);
	fn = (void *)(code + CALL);
	for (int i = 0; i < OFTEN; i++) {
		CHECK_EQ(fn(p[1], (long)&(char) { i }, 1), 1);
		CHECK_EQ(read(p[0], &byte, 1), 1);
		CHECK_EQ(byte, (char)i);
		CHECK_EQ(fn(p[1], 4, 1), -EFAULT);
		CHECK_EQ(fn(-1, 0, 0), -EBADF);
	}
}

/* all registers but rax, rcx and r11, the flags, and what is below the stack pointer */
TEST(registers_flags_and_red_zone)
{
	const unsigned long flags = 0x401;	/* carry and direction */
	char *code = program();
	struct state s;

	for (int i = 0; i < 12; i++)
		s.in[i] = 0x1111111111111111UL * (i + 1) + 7;
	for (int i = 0; i < OFTEN; i++) {
		call_with(&s, code + CALL);
		for (int r = 0; r < 12; r++)
			CHECK_EQ(s.out[r], s.in[r]);
		CHECK_EQ(s.rax, (unsigned long)getppid());
		CHECK_EQ(s.rcx, (unsigned long)code + RET);
		CHECK_EQ(s.flags & flags, flags);
		CHECK_EQ(s.r11 & flags, flags);
		CHECK_EQ(s.zone, ZONE);
	}
}

TEST(entered_in_the_middle)
{
	char *code = program();

	for (int i = 0; i < 4; i++) {
		call_often(code + CALL, getppid());
		call_often(code + LATE, getppid());
	}
}

TEST(mapped_twice)
{
	char *code = program(), *again = map(PROT_READ | PROT_EXEC, MAP_PRIVATE);

	for (int i = 0; i < OFTEN; i++) {
		call_often(code + CALL, getppid());
		call_often(again + CALL, getppid());
	}
	/* and at the same time elsewhere */
	munmap(code, 2 * PAGE);
	code = map(PROT_READ | PROT_EXEC, MAP_PRIVATE);
	call_often(again + CALL, getppid());
	call_often(code + CALL, getppid());
}

TEST(written_to_the_file)
{
	char *code = program();
	int nr;

	for (int i = 0; i < 10; i++) {
		nr = SYS_getppid;
		call_often(code + CALL, getppid());
		fd = reopen(O_RDWR);
		nr = SYS_getpid;
		put(NUMBER, &nr, sizeof(nr));
		close(fd);
		call_often(code + CALL, getpid());
		fd = open("/proc/self/exe", O_RDONLY);
		CHECK(fd >= 0);
		code = program();
	}
}

TEST(written_through_a_mapping)
{
	char *code = program(), *alias;
	int nr = SYS_getpid;

	call_often(code + CALL, getppid());
	fd = reopen(O_RDWR);
	alias = map(PROT_READ | PROT_WRITE, MAP_SHARED);
	call_often(code + CALL, getppid());
	memcpy(alias + NUMBER, &nr, sizeof(nr));
	call_often(code + CALL, getpid());
}

TEST(written_by_the_program_itself)
{
	char *code = program();
	int nr = SYS_getpid;

	call_often(code + CALL, getppid());
	CHECK_EQ(mprotect(code, PAGE, PROT_READ | PROT_WRITE), 0);
	memcpy(code + NUMBER, &nr, sizeof(nr));
	CHECK_EQ(mprotect(code, PAGE, PROT_READ | PROT_EXEC), 0);
	call_often(code + CALL, getpid());
}

TEST(made_at_run_time)
{
	char *code = mmap(NULL, PAGE, PROT_READ | PROT_WRITE | PROT_EXEC,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int nr;

	CHECK(code != MAP_FAILED);
	memcpy(code, call, sizeof(call));
	for (int i = 0; i < OFTEN; i++) {
		nr = i % 2 ? SYS_getpid : SYS_getppid;
		memcpy(code + 1, &nr, sizeof(nr));
		fn = (void *)code;
		CHECK_EQ(fn(0, 0, 0), i % 2 ? getpid() : getppid());
	}
}

TEST(cut_off)
{
	char *code = program();
	pid_t pid;
	int status;

	call_often(code + CALL, getppid());
	fd = reopen(O_RDWR);
	CHECK_EQ(ftruncate(fd, 0), 0);
	pid = fork();
	if (!pid) {
		fn(0, 0, 0);
		_exit(0);
	}
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK(WIFSIGNALED(status));
	CHECK_EQ(WTERMSIG(status), SIGBUS);
	/* other bytes, in the same place */
	CHECK_EQ(ftruncate(fd, 2 * PAGE), 0);
	put_call(CALL, SYS_getpid);
	call_often(code + CALL, getpid());
}

TEST(seen_by_other_ways)
{
	unsigned char bytes[sizeof(call)], wanted[sizeof(call)];
	char *code = program();
	int nr = SYS_getppid, mem = open("/proc/self/mem", O_RDONLY), status;
	pid_t pid;
	long word;

	memcpy(wanted, call, sizeof(call));
	memcpy(wanted + 1, &nr, sizeof(nr));
	call_often(code + CALL, getppid());
	CHECK_EQ(pread(mem, bytes, sizeof(bytes), (long)code + CALL), (long)sizeof(bytes));
	CHECK(!memcmp(bytes, wanted, sizeof(bytes)));
	CHECK_EQ(pread(fd, bytes, sizeof(bytes), CALL), (long)sizeof(bytes));
	CHECK(!memcmp(bytes, wanted, sizeof(bytes)));

	pid = fork();
	if (!pid) {
		call_often(code + CALL, getppid());
		ptrace(PTRACE_TRACEME, 0, 0, 0);
		raise(SIGSTOP);
		call_often(code + CALL, getppid());
		_exit(0);
	}
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK(WIFSTOPPED(status));
	word = ptrace(PTRACE_PEEKTEXT, pid, code + CALL, 0);
	CHECK(!memcmp(&word, wanted, sizeof(word)));
	/* a breakpoint behind it is met */
	CHECK_EQ(ptrace(PTRACE_POKETEXT, pid, code + CALL,
			(word & ~(0xffL << 56)) | 0xccL << 56), 0);
	CHECK_EQ(ptrace(PTRACE_CONT, pid, 0, 0), 0);
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK(WIFSTOPPED(status));
	CHECK_EQ(WSTOPSIG(status), SIGTRAP);
	CHECK_EQ(ptrace(PTRACE_KILL, pid, 0, 0), 0);
	CHECK_EQ(waitpid(pid, &status, 0), pid);
}

/* each instruction is one step */
TEST(stepped_through)
{
	struct user_regs_struct regs;
	char *code = program();
	int status, seen = 0;
	pid_t pid;

	call_often(code + CALL, getppid());
	pid = fork();
	if (!pid) {
		call_often(code + CALL, getppid());
		ptrace(PTRACE_TRACEME, 0, 0, 0);
		raise(SIGSTOP);
		fn(0, 0, 0);
		_exit(0);
	}
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	for (int i = 0; i < 10000; i++) {
		CHECK_EQ(ptrace(PTRACE_SINGLESTEP, pid, 0, 0), 0);
		CHECK_EQ(waitpid(pid, &status, 0), pid);
		if (!WIFSTOPPED(status))
			break;
		CHECK_EQ(ptrace(PTRACE_GETREGS, pid, 0, &regs), 0);
		if (regs.rip == (unsigned long)code + CALL)
			seen |= 1;
		if (regs.rip == (unsigned long)code + HALF)
			seen |= 2;
		if (regs.rip == (unsigned long)code + RET) {
			seen |= 4;
			CHECK_EQ(regs.rax, (unsigned long)getpid());
		}
	}
	CHECK_EQ(seen, 7);
	CHECK(WIFEXITED(status));
}

static int signals;

static void note(int sig)
{
	(void)sig;
	WRITE_ONCE(signals, READ_ONCE(signals) + 1);
}

/* a call that is begun again after a signal, and one that is not */
TEST(interrupted)
{
	const struct sigaction again = { .sa_handler = note, .sa_flags = SA_RESTART };
	const struct sigaction once = { .sa_handler = note };
	const struct itimerval soon = { { 0, 0 }, { 0, 3000 } };
	int nr = SYS_read, p[2];
	char *code = program();
	char byte;
	pid_t pid;

	fd = reopen(O_RDWR);
	put(NUMBER, &nr, sizeof(nr));
	close(fd);
	CHECK_EQ(pipe(p), 0);
	fn = (void *)(code + CALL);
	for (int i = 0; i < OFTEN; i++)
		CHECK_EQ(fn(-1, 0, 0), -EBADF);
	for (int i = 0; i < 20; i++) {
		pid = fork();
		if (!pid) {
			usleep(30000);
			_exit(write(p[1], "x", 1) != 1);
		}
		WRITE_ONCE(signals, 0);
		sigaction(SIGALRM, i % 2 ? &again : &once, NULL);
		CHECK_EQ(setitimer(ITIMER_REAL, &soon, NULL), 0);
		if (i % 2) {
			CHECK_EQ(fn(p[0], (long)&byte, 1), 1);
		} else {
			CHECK_EQ(fn(p[0], (long)&byte, 1), -EINTR);
			CHECK_EQ(read(p[0], &byte, 1), 1);
		}
		CHECK_EQ(READ_ONCE(signals), 1);
		CHECK_EQ(waitpid(pid, NULL, 0), pid);
	}
}

static void *calls_in_a_thread(void *code)
{
	typeof(fn) call_it = (void *)((char *)code + CALL);

	for (int i = 0; i < 20000; i++)
		if (call_it(0, 0, 0) != getppid())
			FAIL("a wrong answer in call %d", i);
	return NULL;
}

TEST(in_threads_and_children)
{
	pthread_t thread[4];
	char *code = program();
	int status;
	pid_t pid;

	for (int i = 0; i < 4; i++)
		CHECK_EQ(pthread_create(&thread[i], NULL, calls_in_a_thread, code), 0);
	for (int i = 0; i < 20; i++) {
		pid = fork();
		if (!pid) {
			call_often(code + CALL, getppid());
			_exit(7);
		}
		CHECK_EQ(waitpid(pid, &status, 0), pid);
		CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 7);
	}
	for (int i = 0; i < 4; i++)
		CHECK_EQ(pthread_join(thread[i], NULL), 0);
}
