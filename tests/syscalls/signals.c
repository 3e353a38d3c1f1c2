// SPDX-License-Identifier: GPL-2.0
/* Signals: who gets them, with what, on which stack, and what goes on afterwards. */
#include "harness.h"
#include <sys/signalfd.h>
#include <sys/resource.h>
#include <ucontext.h>

static sig_atomic_t count;
static siginfo_t seen;

static void note(int sig, siginfo_t *si, void *uc)
{
	(void)sig;
	(void)uc;
	WRITE_ONCE(count, READ_ONCE(count) + 1);
	seen = *si;
}

TEST(siginfo_of_kill)
{
	handle(SIGUSR1, note, 0);
	CHECK_EQ(kill(getpid(), SIGUSR1), 0);
	CHECK_EQ(READ_ONCE(count), 1);
	CHECK_EQ(seen.si_signo, SIGUSR1);
	CHECK_EQ(seen.si_code, SI_USER);
	CHECK_EQ(seen.si_pid, getpid());
	CHECK_EQ(seen.si_uid, getuid());
}

TEST(siginfo_of_tgkill)
{
	handle(SIGUSR1, note, 0);
	CHECK_EQ(syscall(SYS_tgkill, getpid(), gettid(), SIGUSR1), 0);
	CHECK_EQ(READ_ONCE(count), 1);
	CHECK_EQ(seen.si_code, SI_TKILL);
	CHECK_EQ(seen.si_pid, getpid());
}

TEST(siginfo_of_sigqueue)
{
	union sigval value = { .sival_ptr = (void *)0x123456789abcdefL };

	handle(SIGRTMIN, note, 0);
	CHECK_EQ(sigqueue(getpid(), SIGRTMIN, value), 0);
	CHECK_EQ(READ_ONCE(count), 1);
	CHECK_EQ(seen.si_code, SI_QUEUE);
	CHECK_EQ(seen.si_value.sival_ptr, value.sival_ptr);
}

TEST(siginfo_of_child)
{
	int status;
	pid_t pid;

	handle(SIGCHLD, note, 0);
	pid = fork();
	if (!pid)
		_exit(42);
	while (!READ_ONCE(count))
		usleep(1000);
	CHECK_EQ(seen.si_code, CLD_EXITED);
	CHECK_EQ(seen.si_pid, pid);
	CHECK_EQ(seen.si_status, 42);
	CHECK_EQ(waitpid(pid, &status, 0), pid);

	WRITE_ONCE(count, 0);
	pid = fork();
	if (!pid) {
		pause();
		_exit(0);
	}
	kill(pid, SIGKILL);
	while (!READ_ONCE(count))
		usleep(1000);
	CHECK_EQ(seen.si_code, CLD_KILLED);
	CHECK_EQ(seen.si_status, SIGKILL);
	CHECK_EQ(waitpid(pid, &status, 0), pid);
}

TEST(stop_and_continue)
{
	siginfo_t si;
	int status;
	pid_t pid = fork();

	if (!pid) {
		for (;;)
			pause();
	}
	kill(pid, SIGSTOP);
	CHECK_EQ(waitid(P_PID, pid, &si, WSTOPPED), 0);
	CHECK_EQ(si.si_code, CLD_STOPPED);
	CHECK_EQ(si.si_status, SIGSTOP);
	kill(pid, SIGCONT);
	CHECK_EQ(waitid(P_PID, pid, &si, WCONTINUED), 0);
	CHECK_EQ(si.si_code, CLD_CONTINUED);
	kill(pid, SIGTERM);
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
}

/* ---- masks and order ---- */

TEST(blocked_signal_waits)
{
	sigset_t set, pending;

	handle(SIGUSR1, note, 0);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	raise(SIGUSR1);
	raise(SIGUSR1);
	CHECK_EQ(READ_ONCE(count), 0);
	sigpending(&pending);
	CHECK(sigismember(&pending, SIGUSR1));
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	CHECK_EQ(READ_ONCE(count), 1);
}

static int order[8];

static void note_order(int sig, siginfo_t *si, void *uc)
{
	(void)si;
	(void)uc;
	order[READ_ONCE(count)] = sig;
	WRITE_ONCE(count, READ_ONCE(count) + 1);
}

TEST(realtime_signals_queue_in_order)
{
	sigset_t set;
	int i;

	sigfillset(&set);
	sigprocmask(SIG_BLOCK, &set, NULL);
	for (i = 0; i < 3; i++)
		handle(SIGRTMIN + i, note_order, 0);
	/* handlers run one after the other only if each blocks the others */
	for (i = 0; i < 3; i++) {
		struct sigaction sa;

		sigaction(SIGRTMIN + i, NULL, &sa);
		sigfillset(&sa.sa_mask);
		sigaction(SIGRTMIN + i, &sa, NULL);
	}
	raise(SIGRTMIN + 2);
	raise(SIGRTMIN + 1);
	raise(SIGRTMIN);
	raise(SIGRTMIN);
	sigemptyset(&set);
	sigprocmask(SIG_SETMASK, &set, NULL);
	CHECK_EQ(READ_ONCE(count), 4);
	CHECK_EQ(order[0], SIGRTMIN);
	CHECK_EQ(order[1], SIGRTMIN);
	CHECK_EQ(order[2], SIGRTMIN + 1);
	CHECK_EQ(order[3], SIGRTMIN + 2);
}

static int depth, deepest;

static void nest(int sig, siginfo_t *si, void *uc)
{
	(void)si;
	(void)uc;
	WRITE_ONCE(count, READ_ONCE(count) + 1);
	WRITE_ONCE(depth, READ_ONCE(depth) + 1);
	if (READ_ONCE(depth) > READ_ONCE(deepest))
		WRITE_ONCE(deepest, READ_ONCE(depth));
	if (READ_ONCE(depth) < 5)
		raise(sig);
	WRITE_ONCE(depth, READ_ONCE(depth) - 1);
}

TEST(nested_with_nodefer)
{
	handle(SIGUSR1, nest, SA_NODEFER);
	raise(SIGUSR1);
	CHECK_EQ(READ_ONCE(count), 5);
	CHECK_EQ(READ_ONCE(deepest), 5);
}

static void raise_once(int sig, siginfo_t *si, void *uc)
{
	(void)si;
	(void)uc;
	WRITE_ONCE(count, READ_ONCE(count) + 1);
	WRITE_ONCE(depth, READ_ONCE(depth) + 1);
	if (READ_ONCE(depth) > READ_ONCE(deepest))
		WRITE_ONCE(deepest, READ_ONCE(depth));
	if (READ_ONCE(count) == 1)
		raise(sig);
	WRITE_ONCE(depth, READ_ONCE(depth) - 1);
}

TEST(not_nested_without)
{
	handle(SIGUSR1, raise_once, 0);
	raise(SIGUSR1);		/* the second waits for the first one's return */
	CHECK_EQ(READ_ONCE(count), 2);
	CHECK_EQ(READ_ONCE(deepest), 1);
}

TEST(reset_hand)
{
	struct sigaction sa;

	handle(SIGUSR1, note, SA_RESETHAND);
	raise(SIGUSR1);
	CHECK_EQ(READ_ONCE(count), 1);
	sigaction(SIGUSR1, NULL, &sa);
	CHECK_EQ(sa.sa_handler, SIG_DFL);
}

TEST(handler_mask)
{
	sigset_t now;

	handle(SIGUSR1, note, 0);
	raise(SIGUSR1);
	sigprocmask(SIG_BLOCK, NULL, &now);
	CHECK(!sigismember(&now, SIGUSR1));
}

TEST(kill_and_stop_cannot_be_caught)
{
	struct sigaction sa = { .sa_handler = SIG_IGN };

	CHECK_ERR(sigaction(SIGKILL, &sa, NULL), EINVAL);
	CHECK_ERR(sigaction(SIGSTOP, &sa, NULL), EINVAL);
	CHECK_ERR(sigaction(65, &sa, NULL), EINVAL);
}

/* ---- waiting ---- */

TEST(sigsuspend_lets_one_through)
{
	sigset_t set, none;

	handle(SIGALRM, note, 0);
	sigemptyset(&set);
	sigaddset(&set, SIGALRM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	ualarm(20000, 0);
	sigemptyset(&none);
	CHECK_ERR(sigsuspend(&none), EINTR);
	CHECK_EQ(READ_ONCE(count), 1);
	sigprocmask(SIG_BLOCK, NULL, &set);
	CHECK(sigismember(&set, SIGALRM));
}

TEST(sigtimedwait)
{
	struct timespec ts = { 0, 20000000 };
	sigset_t set;
	siginfo_t si;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR2);
	sigprocmask(SIG_BLOCK, &set, NULL);
	CHECK_ERR(sigtimedwait(&set, &si, &ts), EAGAIN);
	raise(SIGUSR2);
	CHECK_EQ(sigtimedwait(&set, &si, &ts), SIGUSR2);
	CHECK_EQ(si.si_pid, getpid());
}

TEST(signalfd)
{
	struct signalfd_siginfo si;
	sigset_t set;
	int fd;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	fd = signalfd(-1, &set, SFD_NONBLOCK);
	CHECK(fd >= 0);
	CHECK_ERR(read(fd, &si, sizeof(si)), EAGAIN);
	raise(SIGUSR1);
	CHECK_EQ(read(fd, &si, sizeof(si)), sizeof(si));
	CHECK_EQ(si.ssi_signo, SIGUSR1);
	CHECK_EQ(si.ssi_pid, getpid());
}

/* ---- interrupted calls ---- */

static int pipe_fd[2];

static void fill_pipe(int sig, siginfo_t *si, void *uc)
{
	note(sig, si, uc);
	CHECK_EQ(write(pipe_fd[1], "x", 1), 1);
}

TEST(restart)
{
	char c;

	CHECK_EQ(pipe(pipe_fd), 0);
	handle(SIGALRM, fill_pipe, SA_RESTART);
	ualarm(20000, 0);
	CHECK_EQ(read(pipe_fd[0], &c, 1), 1);
	CHECK_EQ(READ_ONCE(count), 1);
	CHECK_EQ(c, 'x');
}

TEST(no_restart)
{
	char c;

	CHECK_EQ(pipe(pipe_fd), 0);
	handle(SIGALRM, note, 0);
	ualarm(20000, 0);
	CHECK_ERR(read(pipe_fd[0], &c, 1), EINTR);
	CHECK_EQ(READ_ONCE(count), 1);
}

TEST(sleep_is_never_restarted)
{
	struct timespec ts = { 5, 0 }, left;

	handle(SIGALRM, note, SA_RESTART);
	ualarm(50000, 0);
	CHECK_ERR(nanosleep(&ts, &left), EINTR);
	CHECK(left.tv_sec == 4 || left.tv_sec == 5);
}

/* ERESTART_RESTARTBLOCK: stopped and continued, it must go on for the rest */
TEST(sleep_goes_on_after_stop)
{
	long long start = now_ns();
	pid_t child, parent = getpid();
	int status;

	child = fork();
	if (!child) {
		sleep_ms(50);
		kill(parent, SIGSTOP);
		sleep_ms(50);
		kill(parent, SIGCONT);
		_exit(0);
	}
	sleep_ms(300);
	CHECK(now_ns() - start >= 300000000);
	CHECK(now_ns() - start < 3000000000LL);
	CHECK_EQ(waitpid(child, &status, 0), child);
}

/* ---- many ---- */

static void *send_many(void *arg)
{
	int i;

	for (i = 0; i < 2000; i++)
		pthread_kill(*(pthread_t *)arg, SIGUSR1);
	return NULL;
}

TEST(storm_between_threads)
{
	unsigned long long state = 1, want = 1;
	pthread_t self = pthread_self(), t;
	int i;

	handle(SIGUSR1, note, SA_RESTART);
	CHECK_EQ(pthread_create(&t, NULL, send_many, &self), 0);
	for (i = 0; i < 3000000; i++) {
		state = state * 6364136223846793005ULL + 1442695040888963407ULL;
		asm volatile("" : "+r" (state));
	}
	pthread_join(t, NULL);
	for (i = 0; i < 3000000; i++)
		want = want * 6364136223846793005ULL + 1442695040888963407ULL;
	CHECK_EQ(state, want);
	CHECK(READ_ONCE(count) > 0);
}

TEST(group_signal_goes_to_a_thread_that_takes_it)
{
	pthread_t t;
	sigset_t set;

	handle(SIGUSR1, note, 0);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	CHECK_EQ(pthread_create(&t, NULL, (void *(*)(void *))(void *)sleep, (void *)1L), 0);
	kill(getpid(), SIGUSR1);	/* blocked in all of them */
	sleep_ms(20);
	CHECK_EQ(READ_ONCE(count), 0);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	CHECK_EQ(READ_ONCE(count), 1);
	pthread_join(t, NULL);
}
