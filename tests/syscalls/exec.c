// SPDX-License-Identifier: GPL-2.0
/*
 * Processes: fork, exec, wait, and what goes over from one to the other.
 *
 * Programs to execute are this one: it is run with a test's name and with
 * STAGE in its environment, which tells that test what it is now.
 */
#include "harness.h"
#include <elf.h>
#include <spawn.h>
#include <sys/auxv.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

extern char **environ;

static const char *stage(void)
{
	return getenv("STAGE");
}

/* status of this program, run for @test with more arguments and environment */
static int run_self(char *test, char **more_args, char **more_env)
{
	char *argv[3000] = { "/proc/self/exe", test }, *envp[3000] = { "STAGE=1" };
	int i, status;
	pid_t pid;

	for (i = 0; more_args && more_args[i]; i++)
		argv[2 + i] = more_args[i];
	for (i = 0; more_env && more_env[i]; i++)
		envp[1 + i] = more_env[i];
	pid = fork();
	if (!pid) {
		int fd = open("/dev/null", O_WRONLY);

		dup2(fd, 1);
		close(fd);
		execve(argv[0], argv, envp);
		FAIL("execve: errno %d", errno);
	}
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	return status;
}

TEST(arguments_and_environment)
{
	static char *args[1001], *env[1001], text[1001][32];
	FILE *f;
	int i, c, n;

	if (stage()) {
		f = fopen("/proc/self/cmdline", "r");
		CHECK(f);
		for (i = 0, n = 0; (c = getc(f)) != EOF; i++)
			n += !c;
		CHECK_EQ(n, 1002);
		for (i = 0; i < 1000; i++) {
			char name[16];

			snprintf(name, sizeof(name), "V%d", i);
			CHECK(getenv(name));
			CHECK_EQ(atoi(getenv(name)), i * 3);
		}
		return;
	}
	for (i = 0; i < 1000; i++) {
		snprintf(text[i], sizeof(text[i]), "V%d=%d", i, i * 3);
		args[i] = text[i];
		env[i] = text[i];
	}
	CHECK_EQ(run_self("arguments_and_environment", args, env), 0);
}

TEST(large_arguments)
{
	static char *args[21];
	int i;

	if (stage())
		return;
	for (i = 0; i < 20; i++) {
		args[i] = malloc(100001);
		memset(args[i], 'a' + i, 100000);
		args[i][100000] = 0;
	}
	CHECK_EQ(run_self("large_arguments", args, NULL), 0);
	args[0] = malloc(200001);
	memset(args[0], 'x', 200000);
	args[0][200000] = 0;
	CHECK_ERR(execve("/proc/self/exe", args, environ), E2BIG);
}

TEST(auxiliary_vector)
{
	unsigned char *random = (void *)getauxval(AT_RANDOM);
	int i, sum = 0;

	CHECK_EQ(getauxval(AT_PAGESZ), PAGE);
	CHECK(getauxval(AT_PHDR));
	CHECK(getauxval(AT_ENTRY));
	CHECK(getauxval(AT_HWCAP));
	CHECK_EQ(getauxval(AT_UID), getuid());
	CHECK_EQ(strcmp((char *)getauxval(AT_PLATFORM), "x86_64"), 0);
	CHECK(getauxval(AT_EXECFN));
	CHECK(getauxval(AT_CLKTCK) == 100);
	CHECK(random);
	for (i = 0; i < 16; i++)
		sum |= random[i];
	CHECK(sum);
	CHECK(getauxval(AT_MINSIGSTKSZ) >= 1024);
}

TEST(addresses_are_random)
{
	unsigned long seen[8][2];
	int fd[2], i, k, same;

	if (stage()) {
		seen[0][0] = (unsigned long)&fd;
		seen[0][1] = (unsigned long)map_anon(PAGE, PROT_READ);
		CHECK_EQ(write(9, seen[0], sizeof(seen[0])), sizeof(seen[0]));
		return;
	}
	CHECK_EQ(pipe(fd), 0);
	CHECK_EQ(dup2(fd[1], 9), 9);
	for (i = 0; i < 8; i++) {
		CHECK_EQ(run_self("addresses_are_random", NULL, NULL), 0);
		CHECK_EQ(read(fd[0], seen[i], sizeof(seen[i])), sizeof(seen[i]));
	}
	for (k = 0; k < 2; k++) {
		for (i = 1, same = 0; i < 8; i++)
			same += seen[i][k] == seen[0][k];
		if (same == 7)
			FAIL("%s is always at %#lx", k ? "mmap" : "the stack", seen[0][k]);
	}
}

TEST(what_exec_keeps_and_what_not)
{
	struct sigaction sa;
	sigset_t set;
	stack_t st;

	if (stage()) {
		sigaction(SIGUSR1, NULL, &sa);
		CHECK_EQ(sa.sa_handler, SIG_DFL);
		sigaction(SIGUSR2, NULL, &sa);
		CHECK_EQ(sa.sa_handler, SIG_IGN);
		sigprocmask(SIG_BLOCK, NULL, &set);
		CHECK(sigismember(&set, SIGHUP));
		sigaltstack(NULL, &st);
		CHECK_EQ(st.ss_flags, SS_DISABLE);
		CHECK_ERR(fcntl(20, F_GETFD), EBADF);
		CHECK_EQ(fcntl(21, F_GETFD), 0);
		CHECK_EQ(umask(0), 027);
		return;
	}
	signal(SIGUSR1, (void (*)(int))(void *)pause);
	signal(SIGUSR2, SIG_IGN);
	sigemptyset(&set);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, NULL);
	CHECK_EQ(sigaltstack(&(stack_t) { .ss_sp = map_anon(1 << 16, 3), .ss_size = 1 << 16 },
			     NULL), 0);
	CHECK_EQ(dup3(0, 20, O_CLOEXEC), 20);
	CHECK_EQ(dup2(0, 21), 21);
	umask(027);
	pid_t pid = fork();

	if (!pid) {
		char * const argv[] = { "/proc/self/exe", "what_exec_keeps_and_what_not", NULL };
		char * const envp[] = { "STAGE=1", NULL };

		dup2(open("/dev/null", O_WRONLY), 1);
		execve(argv[0], argv, envp);
		FAIL("execve: errno %d", errno);
	}
	join_child(pid);
}

TEST(pending_signals_stay)
{
	/* not by way of a shell: some take all signals */
	char * const argv[] = { "grep", "-q", "^SigPnd:.*1$", "/proc/self/status", NULL };
	sigset_t set;
	pid_t pid = fork();

	if (!pid) {
		sigemptyset(&set);
		sigaddset(&set, SIGHUP);
		sigprocmask(SIG_BLOCK, &set, NULL);
		raise(SIGHUP);
		execve("/bin/grep", argv, environ);
		FAIL("execve: errno %d", errno);
	}
	join_child(pid);
}

TEST(memory_of_before_is_gone)
{
	char *at = (char *)0x200000000000UL;
	int i;

	if (stage()) {
		unsigned char in;

		CHECK_ERR(mincore(at, PAGE, &in), ENOMEM);
		return;
	}
	for (i = 0; i < 10; i++) {
		CHECK_EQ(mmap(at, 100 * PAGE, PROT_READ | PROT_WRITE,
			      MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0), at);
		memset(at, 1, 100 * PAGE);
		CHECK_EQ(run_self("memory_of_before_is_gone", NULL, NULL), 0);
		CHECK_EQ(at[0], 1);
	}
}

static char file_name[64];

static void make_file(const char *content, size_t len, int mode)
{
	int fd;

	memcpy(file_name, "/tmp/exec-XXXXXX", sizeof("/tmp/exec-XXXXXX"));
	fd = mkstemp(file_name);
	CHECK(fd >= 0);
	CHECK_EQ(write(fd, content, len), len);
	CHECK_EQ(fchmod(fd, mode), 0);
	close(fd);
}

static int exec_file(void)
{
	char * const argv[] = { file_name, "argument", NULL };
	int status;
	pid_t pid = fork();

	if (!pid) {
		execve(file_name, argv, environ);
		_exit(errno);
	}
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	unlink(file_name);
	CHECK(WIFEXITED(status));
	return WEXITSTATUS(status);
}

TEST(files_that_cannot_be_executed)
{
	Elf64_Ehdr elf = { .e_ident = { 0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, 1 },
			   .e_type = ET_EXEC, .e_machine = EM_AARCH64 };

	make_file("", 0, 0755);
	CHECK_EQ(exec_file(), ENOEXEC);
	make_file("echo hello\n", 11, 0755);
	CHECK_EQ(exec_file(), ENOEXEC);
	make_file("#!/bin/sh\n", 10, 0644);
	CHECK_EQ(exec_file(), EACCES);
	make_file("#!/no/such/interpreter\n", 23, 0755);
	CHECK_EQ(exec_file(), ENOENT);
	make_file((char *)&elf, sizeof(elf), 0755);
	CHECK_EQ(exec_file(), ENOEXEC);
	memcpy(file_name, "/tmp/no-such-file", sizeof("/tmp/no-such-file"));
	CHECK_EQ(exec_file(), ENOENT);
	CHECK_ERR(execve("/tmp", environ, environ), EACCES);
	CHECK_ERR(execve((char *)0x1000, environ, environ), EFAULT);
}

TEST(script)
{
	static const char text[] = "#!/bin/sh\n[ \"$1\" = argument ] && exit 33\n";

	make_file(text, sizeof(text) - 1, 0755);
	CHECK_EQ(exec_file(), 33);
}

TEST(exec_of_a_descriptor)
{
	int fd, status;
	pid_t pid;

	if (stage())
		return;
	fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	pid = fork();
	if (!pid) {
		char * const argv[] = { "x", "exec_of_a_descriptor", NULL };
		char * const envp[] = { "STAGE=1", NULL };

		dup2(open("/dev/null", O_WRONLY), 1);
		fexecve(fd, argv, envp);
		FAIL("fexecve: errno %d", errno);
	}
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK_EQ(status, 0);
}

TEST(spawn)
{
	char * const argv[] = { "/bin/sh", "-c", "exit 12", NULL };
	int status, i;
	pid_t pid;

	for (i = 0; i < 50; i++) {
		CHECK_EQ(posix_spawn(&pid, argv[0], NULL, NULL, argv, environ), 0);
		CHECK_EQ(waitpid(pid, &status, 0), pid);
		CHECK_EQ(WEXITSTATUS(status), 12);
	}
	CHECK_EQ(posix_spawn(&pid, "/no/such", NULL, NULL, argv, environ), ENOENT);
}

/* ---- wait ---- */

TEST(exit_statuses)
{
	int i, status;
	pid_t pid;

	for (i = 0; i < 256; i += 5) {
		pid = fork();
		if (!pid)
			_exit(i);
		CHECK_EQ(waitpid(pid, &status, 0), pid);
		CHECK(WIFEXITED(status));
		CHECK_EQ(WEXITSTATUS(status), i);
	}
	CHECK_ERR(wait(&status), ECHILD);
}

TEST(wait_for_some)
{
	pid_t pid[10];
	struct rusage usage;
	siginfo_t si;
	int i, status;

	for (i = 0; i < 10; i++) {
		pid[i] = fork();
		if (!pid[i]) {
			if (i == 9)
				pause();
			_exit(i);
		}
	}
	CHECK_EQ(waitpid(pid[5], &status, 0), pid[5]);
	CHECK_EQ(WEXITSTATUS(status), 5);
	CHECK_EQ(waitpid(pid[9], &status, WNOHANG), 0);
	CHECK_EQ(waitid(P_PID, pid[3], &si, WEXITED | WNOWAIT), 0);
	CHECK_EQ(si.si_status, 3);
	CHECK_EQ(wait4(pid[3], &status, 0, &usage), pid[3]);
	kill(pid[9], SIGTERM);
	for (i = 0; i < 8; i++)
		CHECK(wait(&status) > 0);
	CHECK_ERR(wait(&status), ECHILD);
}

TEST(orphans_go_to_the_reaper)
{
	int fd[2], status;
	pid_t pid, orphan;

	CHECK_EQ(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
	CHECK_EQ(pipe(fd), 0);
	pid = fork();
	if (!pid) {
		orphan = fork();
		if (!orphan) {
			usleep(20000);
			_exit(44);
		}
		CHECK_EQ(write(fd[1], &orphan, sizeof(orphan)), sizeof(orphan));
		_exit(0);
	}
	join_child(pid);
	CHECK_EQ(read(fd[0], &orphan, sizeof(orphan)), sizeof(orphan));
	CHECK_EQ(waitpid(orphan, &status, 0), orphan);
	CHECK_EQ(WEXITSTATUS(status), 44);
}

TEST(death_of_the_parent)
{
	int *said = map_shared(PAGE);
	int status;
	pid_t pid;

	CHECK_EQ(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
	pid = fork();
	if (!pid) {
		if (!fork()) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			*said = getpid();
			pause();
		}
		while (!READ_ONCE(*said))
			usleep(1000);
		_exit(0);
	}
	join_child(pid);
	CHECK_EQ(waitpid(*said, &status, 0), *said);
	CHECK_EQ(WTERMSIG(status), SIGKILL);
}

TEST(sessions_and_groups)
{
	pid_t pid = fork();

	if (!pid) {
		CHECK_EQ(getpgrp(), getppid());
		CHECK_EQ(setsid(), getpid());
		CHECK_EQ(getpgrp(), getpid());
		CHECK_ERR(setsid(), EPERM);
		_exit(0);
	}
	join_child(pid);
	CHECK_ERR(setpgid(1, 1), ESRCH);
}

TEST(pidfd)
{
	siginfo_t si;
	int fd;
	pid_t pid = fork();

	if (!pid)
		for (;;)
			pause();
	fd = syscall(SYS_pidfd_open, pid, 0);
	CHECK(fd >= 0);
	CHECK_EQ(syscall(SYS_pidfd_send_signal, fd, SIGTERM, NULL, 0), 0);
	CHECK_EQ(waitid(P_PIDFD, fd, &si, WEXITED), 0);
	CHECK_EQ(si.si_code, CLD_KILLED);
	CHECK_EQ(si.si_status, SIGTERM);
}

/* ---- many ---- */

TEST(fork_storm)
{
	int i, k, status;

	for (k = 0; k < 10; k++) {
		for (i = 0; i < 100; i++) {
			pid_t pid = fork();

			CHECK(pid >= 0);
			if (!pid)
				_exit(i % 7);
		}
		for (i = 0; i < 100; i++)
			CHECK(wait(&status) > 0);
	}
}

TEST(deep_tree)
{
	int depth, status;

	for (depth = 0; depth < 60; depth++) {
		pid_t pid = fork();

		CHECK(pid >= 0);
		if (pid) {
			CHECK_EQ(waitpid(pid, &status, 0), pid);
			CHECK(WIFEXITED(status));
			if (!depth) {
				CHECK_EQ(WEXITSTATUS(status), 60);
				return;
			}
			_exit(WEXITSTATUS(status));
		}
	}
	_exit(60);
}

TEST(exec_storm)
{
	int i;

	if (stage())
		return;
	for (i = 0; i < 100; i++)
		CHECK_EQ(run_self("exec_storm", NULL, NULL), 0);
}

TEST(process_limit)
{
	struct rlimit limit = { 0, 0 };
	pid_t pid;

	if (getuid() == 0)
		SKIP("the limit does not bind root");
	CHECK_EQ(setrlimit(RLIMIT_NPROC, &limit), 0);
	pid = fork();
	if (!pid)
		_exit(0);
	if (pid > 0)
		join_child(pid);
	CHECK_EQ(pid, -1);
	CHECK_EQ(errno, EAGAIN);
}
