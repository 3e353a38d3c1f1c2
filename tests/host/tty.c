// SPDX-License-Identifier: GPL-2.0
/*
 * tty.c - terminals: raw and back, on pseudo terminals.
 */
#include <fcntl.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>
#include "harness.h"

static int master, slave;

static void open_pty(int *m, int *s)
{
	char *name;

	*m = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	CHECK(*m >= 0);
	CHECK_EQ(grantpt(*m), 0);
	CHECK_EQ(unlockpt(*m), 0);
	name = ptsname(*m);
	CHECK(name);
	*s = host_open(name, O_RDWR, 0);
	CHECK(*s >= 0);
}

static struct termios settings(int fd)
{
	struct termios t;

	memset(&t, 0, sizeof(t));
	CHECK_EQ(tcgetattr(fd, &t), 0);
	return t;
}

static bool is_raw(int fd)
{
	return !(settings(fd).c_lflag & (ICANON | ECHO | ISIG));
}

static bool same(struct termios a, struct termios b)
{
	return !memcmp(&a, &b, sizeof(a));
}

static void test_raw(void)
{
	struct termios before = settings(slave), changed;
	char c[3];

	CHECK(!is_raw(slave));
	CHECK_EQ(host_tty_raw(slave), 0);
	CHECK(is_raw(slave));

	/* bytes as they are, both ways, without waiting for a line */
	CHECK_EQ(host_write(master, "\003\r\004", 3), 3);
	CHECK_EQ(host_read(slave, c, 3), 3);
	CHECK(!memcmp(c, "\003\r\004", 3));
	CHECK_EQ(host_write(slave, "\n", 1), 1);
	CHECK_EQ(host_read(master, c, 3), 1);

	/* twice is no harm: the settings to go back to are the first ones */
	CHECK_EQ(host_tty_raw(slave), 0);
	host_tty_restore();
	CHECK(same(settings(slave), before));

	/* a second restore leaves alone what others did since */
	changed = before;
	changed.c_lflag &= ~ECHO;
	CHECK_EQ(tcsetattr(slave, TCSANOW, &changed), 0);
	host_tty_restore();
	CHECK(same(settings(slave), changed));
	CHECK_EQ(tcsetattr(slave, TCSANOW, &before), 0);

	/* stop and continue */
	CHECK_EQ(host_tty_raw(slave), 0);
	CHECK(is_raw(slave));
	host_tty_release(slave);
	CHECK(same(settings(slave), before));
	host_tty_release(slave);
}

/* several descriptors of one terminal: whatever the order, it ends as it began */
static void test_shared(void)
{
	struct termios before = settings(slave);
	int copy = dup(slave);

	CHECK_EQ(host_tty_raw(slave), 0);
	CHECK_EQ(host_tty_raw(copy), 0);
	host_tty_restore();
	CHECK(same(settings(slave), before));

	CHECK_EQ(host_tty_raw(slave), 0);
	CHECK_EQ(host_tty_raw(copy), 0);
	host_tty_release(slave);
	host_tty_restore();
	CHECK(same(settings(slave), before));
	host_tty_release(copy);
	CHECK_EQ(close(copy), 0);
}

static void test_limit(void)
{
	enum { MOST = 96 };
	int m[MOST + 1], s[MOST + 1];
	int i;

	for (i = 0; i <= MOST; i++) {
		open_pty(&m[i], &s[i]);
		CHECK_EQ(host_tty_raw(s[i]), i < MOST ? 0 : -ENOSPC);
	}
	CHECK(!is_raw(s[MOST]));
	host_tty_release(s[3]);
	CHECK_EQ(host_tty_raw(s[MOST]), 0);
	host_tty_restore();
	for (i = 0; i <= MOST; i++) {
		CHECK(!is_raw(s[i]));
		host_tty_release(s[i]);
		CHECK_EQ(close(s[i]), 0);
		CHECK_EQ(close(m[i]), 0);
	}
}

/* a job in the background restores without being stopped for it */
static void test_background(void)
{
	int status;

	if (!fork()) {
		setsid();
		CHECK_EQ(ioctl(slave, TIOCSCTTY, 0), 0);
		CHECK_EQ(host_tty_raw(slave), 0);
		if (!fork()) {
			setpgid(0, 0);
			host_tty_restore();
			_exit(0);
		}
		CHECK(host_wait(-1, &status, WUNTRACED) > 0);
		CHECK_EQ(status, 0);
		_exit(0);
	}
	CHECK(host_wait(-1, &status, 0) > 0);
	CHECK_EQ(status, 0);
	CHECK(!is_raw(slave));
}

static void test_winsize(void)
{
	struct winsize ws = { .ws_row = 43, .ws_col = 132 };
	unsigned short rows, cols;

	CHECK_EQ(ioctl(master, TIOCSWINSZ, &ws), 0);
	CHECK_EQ(host_tty_winsize(slave, &rows, &cols), 0);
	CHECK_EQ(rows, 43);
	CHECK_EQ(cols, 132);
}

static void test_no_terminal(void)
{
	unsigned short rows, cols;
	int fd[2];

	CHECK_EQ(host_pipe(fd), 0);
	CHECK(host_isatty(slave) && host_isatty(master));
	CHECK(!host_isatty(fd[0]) && !host_isatty(-1));
	CHECK_EQ(host_tty_raw(fd[0]), -ENOTTY);
	CHECK_EQ(host_tty_winsize(fd[0], &rows, &cols), -ENOTTY);
	host_tty_release(fd[0]);
	CHECK_EQ(host_close(fd[0]), 0);
	CHECK_EQ(host_close(fd[1]), 0);
}

int main(void)
{
	test_begin(20);
	open_pty(&master, &slave);
	test_raw();
	test_shared();
	test_limit();
	test_background();
	test_winsize();
	test_no_terminal();
	return 0;
}
