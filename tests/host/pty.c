// SPDX-License-Identifier: GPL-2.0
/*
 * pty.c - pseudo terminals by their master side: who is there, what is left.
 */
#include <fcntl.h>
#include <stdio.h>
#include <termios.h>
#include <unistd.h>
#include "harness.h"

int main(void)
{
	char name[32], text[16];
	struct termios t;
	unsigned int number;
	int master, slave, watch;

	test_begin(20);
	master = host_pty_open(&number);
	CHECK(master >= 0);
	CHECK(fcntl(master, F_GETFD) & FD_CLOEXEC);
	snprintf(name, sizeof(name), "/dev/pts/%u", number);
	watch = host_opening_watch();
	CHECK(watch >= 0);
	CHECK_EQ(host_opening_watch_add(watch, name), 0);
	CHECK_EQ(host_opening_watch_add(watch, "/dev/pts/none"), -ENOENT);

	CHECK(host_pty_deserted(master));
	CHECK_EQ(host_read(master, text, 1), -EIO);
	CHECK_EQ(host_poll(watch, HOST_EVENT_IN, 0), 0);
	slave = host_open(name, O_RDWR, 0);
	CHECK(slave >= 0);
	CHECK_EQ(host_poll(watch, HOST_EVENT_IN, 1000000000), HOST_EVENT_IN);
	CHECK(!host_pty_deserted(master));
	CHECK_EQ(host_read(master, text, 1), -EAGAIN);

	/* raw from the beginning: no echo, no line wanted */
	CHECK_EQ(host_write(master, "\003a", 2), 2);
	CHECK_EQ(host_read(slave, text, sizeof(text)), 2);
	CHECK_EQ(host_read(master, text, 1), -EAGAIN);

	/* who writes and goes at once was there */
	CHECK_EQ(host_write(slave, "bye", 3), 3);
	host_close(slave);
	CHECK(!host_pty_deserted(master));
	CHECK_EQ(host_read(master, text, sizeof(text)), 3);
	CHECK(host_pty_deserted(master));

	/* the next finds it raw and without the last one's letters */
	slave = host_open(name, O_RDWR, 0);
	CHECK_EQ(tcgetattr(slave, &t), 0);
	t.c_lflag |= ECHO;
	CHECK_EQ(tcsetattr(slave, TCSANOW, &t), 0);
	host_close(slave);
	CHECK_EQ(host_write(master, "old", 3), 3);
	host_pty_forget(master);
	slave = host_open(name, O_RDWR | O_NONBLOCK, 0);
	CHECK_EQ(host_read(slave, text, sizeof(text)), -EAGAIN);
	CHECK_EQ(tcgetattr(slave, &t), 0);
	CHECK(!(t.c_lflag & ECHO));
	return 0;
}
