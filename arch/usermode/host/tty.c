// SPDX-License-Identifier: GPL-2.0
/*
 * tty.c - terminals of the host: raw mode and the way back, window size.
 *
 * Owns the settings of every terminal that was made raw with a way back. A slot is claimed by
 * compare-and-swap and belongs to its descriptor until host_tty_release(); calls
 * for one descriptor are serialised by the caller. host_tty_restore() may
 * interrupt any of them, itself included, on any host thread: a slot becomes
 * RAW before the terminal does, and COOKED after it is.
 */
#include <uapi/linux/errno.h>
#include <uapi/asm-generic/termios.h>
#include <asm/host.h>
#include "sigset.h"
#include "syscall.h"

/* from asm-generic/signal.h, which the kernel's own headers hide */
#define HOST_SIGTTOU	22

#define TTY_MAX		96	/* 16 consoles and 64 serial lines, and some in two ways */

enum tty_state {
	TTY_FREE,
	TTY_CLAIMED,		/* being filled in; nothing to restore */
	TTY_COOKED,		/* settings saved, the terminal has them */
	TTY_RAW,		/* settings saved, the terminal may be raw */
};

static struct tty_slot {
	enum tty_state state;
	int fd;
	u32 dev;		/* which terminal: several descriptors may share one */
	struct termios saved;
} tty_slots[TTY_MAX];

static enum tty_state tty_get_state(struct tty_slot *slot)
{
	return __atomic_load_n(&slot->state, __ATOMIC_ACQUIRE);
}

static void tty_set_state(struct tty_slot *slot, enum tty_state state)
{
	__atomic_store_n(&slot->state, state, __ATOMIC_RELEASE);
}

static struct tty_slot *tty_find(int fd)
{
	struct tty_slot *slot;

	for (slot = tty_slots; slot < tty_slots + TTY_MAX; slot++) {
		if (tty_get_state(slot) >= TTY_COOKED && slot->fd == fd)
			return slot;
	}
	return NULL;
}

static struct tty_slot *tty_claim(void)
{
	struct tty_slot *slot;

	for (slot = tty_slots; slot < tty_slots + TTY_MAX; slot++) {
		enum tty_state want = TTY_FREE;

		if (__atomic_compare_exchange_n(&slot->state, &want, TTY_CLAIMED, false,
						__ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
			return slot;
	}
	return NULL;
}

/*
 * Saves the terminal's settings. If it is raw already, through another
 * descriptor, then what it has now are not the settings to go back to.
 */
static int tty_save(struct tty_slot *slot, int fd)
{
	struct tty_slot *other;
	int err;

	err = host_syscall3(__NR_ioctl, fd, TCGETS, &slot->saved);
	if (err)
		return err;
	err = host_syscall3(__NR_ioctl, fd, TIOCGDEV, &slot->dev);
	if (err)
		return err;
	slot->fd = fd;

	for (other = tty_slots; other < tty_slots + TTY_MAX; other++) {
		if (tty_get_state(other) == TTY_RAW && other->dev == slot->dev) {
			slot->saved = other->saved;
			break;
		}
	}
	return 0;
}

/* bytes as they are, both ways */
static struct termios raw_of(struct termios t)
{
	t.c_iflag &= ~(IGNBRK | BRKINT | PARMRK | ISTRIP | INLCR | IGNCR | ICRNL | IXON);
	t.c_oflag &= ~OPOST;
	t.c_lflag &= ~(ECHO | ECHONL | ICANON | ISIG | IEXTEN);
	t.c_cflag &= ~(CSIZE | PARENB);
	t.c_cflag |= CS8;
	t.c_cc[VMIN] = 1;
	t.c_cc[VTIME] = 0;
	return t;
}

int host_tty_raw_forever(int fd)
{
	struct termios t;
	int err;

	err = host_syscall3(__NR_ioctl, fd, TCGETS, &t);
	if (err)
		return err;
	t = raw_of(t);
	return host_syscall3(__NR_ioctl, fd, TCSETS, &t);
}

int host_tty_raw(int fd)
{
	struct tty_slot *slot = tty_find(fd);
	bool known = slot;
	struct termios raw;
	int err;

	if (!known) {
		slot = tty_claim();
		if (!slot)
			return -ENOSPC;
		err = tty_save(slot, fd);
		if (err) {
			tty_set_state(slot, TTY_FREE);
			return err;
		}
	}

	raw = raw_of(slot->saved);
	tty_set_state(slot, TTY_RAW);
	err = host_syscall3(__NR_ioctl, fd, TCSETS, &raw);
	if (err && !known)
		tty_set_state(slot, TTY_FREE);
	return err;
}

/* at once, without waiting for output to drain: a stopped terminal would hang us */
static void tty_cook(struct tty_slot *slot)
{
	while (host_syscall3(__NR_ioctl, slot->fd, TCSETS, &slot->saved) == -EINTR)
		;
}

void host_tty_restore(void)
{
	struct tty_slot *slot;
	u64 mask;

	/* a process in the background would be stopped right here */
	mask = host_sigset_change(HOST_SIG_BLOCK, HOST_SIGMASK(HOST_SIGTTOU));
	for (slot = tty_slots; slot < tty_slots + TTY_MAX; slot++) {
		if (tty_get_state(slot) == TTY_RAW) {
			tty_cook(slot);
			tty_set_state(slot, TTY_COOKED);
		}
	}
	host_sigset_restore(mask);
}

void host_tty_release(int fd)
{
	struct tty_slot *slot = tty_find(fd);
	u64 mask;

	if (!slot)
		return;
	mask = host_sigset_change(HOST_SIG_BLOCK, HOST_SIGMASK(HOST_SIGTTOU));
	if (tty_get_state(slot) == TTY_RAW)
		tty_cook(slot);
	tty_set_state(slot, TTY_FREE);
	host_sigset_restore(mask);
}

bool host_isatty(int fd)
{
	struct termios t;

	return host_syscall3(__NR_ioctl, fd, TCGETS, &t) == 0;
}

bool host_tty_foreground(int fd)
{
	int group;

	if (host_syscall3(__NR_ioctl, fd, TIOCGPGRP, &group))
		return true;		/* it does not control us */
	return group == host_syscall1(__NR_getpgid, 0);
}

int host_tty_winsize(int fd, unsigned short *rows, unsigned short *cols)
{
	struct winsize ws;
	int err;

	err = host_syscall3(__NR_ioctl, fd, TIOCGWINSZ, &ws);
	if (err)
		return err;
	*rows = ws.ws_row;
	*cols = ws.ws_col;
	return 0;
}
