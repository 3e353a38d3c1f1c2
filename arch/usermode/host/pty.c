// SPDX-License-Identifier: GPL-2.0
/*
 * pty.c - pseudo terminals of the host, held by their master side.
 *
 * Owns nothing and takes no lock. Their users are the host's: whoever opens
 * /dev/pts/N. To know when somebody does, there are opening watches (inotify):
 * the host does not wake a waiting master for it.
 */
#include <uapi/linux/errno.h>
#include <uapi/linux/fcntl.h>
#include <uapi/linux/poll.h>
#include <uapi/linux/time_types.h>
#include <uapi/asm-generic/termios.h>
#include <asm/host.h>
#include "syscall.h"

/* of uapi/linux/inotify.h, which includes the kernel's linux/fcntl.h */
#define PTY_IN_OPEN	0x20

#define PTY_RDWR	(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK)

static int open_slave(int master)
{
	return host_syscall3(__NR_ioctl, master, TIOCGPTPEER, PTY_RDWR);
}

void host_pty_forget(int master)
{
	int slave;

	host_tty_raw_forever(master);
	slave = open_slave(master);
	if (slave < 0)
		return;
	host_syscall3(__NR_ioctl, slave, TCFLSH, TCIOFLUSH);
	host_close(slave);
}

int host_pty_open(unsigned int *number)
{
	int unlock = 0;
	int fd, err;

	fd = host_open("/dev/ptmx", O_RDWR | O_NONBLOCK, 0);
	if (fd < 0)
		return fd;
	err = host_syscall3(__NR_ioctl, fd, TIOCSPTLCK, &unlock);
	if (!err)
		err = host_syscall3(__NR_ioctl, fd, TIOCGPTN, number);
	if (err) {
		host_close(fd);
		return err;
	}
	/* from the first close of the slave on, the master can tell that nobody is there */
	host_pty_forget(fd);
	return fd;
}

bool host_pty_deserted(int master)
{
	struct pollfd pfd = { .fd = master, .events = POLLIN };
	struct __kernel_timespec now = {};
	int n;

	/* a signal that waits is enough for -EINTR, even though nobody sleeps */
	do
		n = host_syscall5(__NR_ppoll, &pfd, 1, &now, NULL, 0);
	while (n == -EINTR);
	return n > 0 && (pfd.revents & (POLLIN | POLLHUP)) == POLLHUP;
}

int host_opening_watch(void)
{
	return host_syscall1(__NR_inotify_init1, O_NONBLOCK | O_CLOEXEC);
}

int host_opening_watch_add(int watch, const char *path)
{
	int id = host_syscall3(__NR_inotify_add_watch, watch, path, PTY_IN_OPEN);

	return id < 0 ? id : 0;
}
