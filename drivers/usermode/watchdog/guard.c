// SPDX-License-Identifier: GPL-2.0
/*
 * guard.c - the host process that waits for the guest's pings (guard.h).
 *
 * Owns the switch watchdog=. The part below "the process" runs in a process of its
 * own, before there is a kernel, with nothing but host.h. A machine that the host's
 * user has stopped (SIGSTOP) does not hang: it is given its time again.
 */
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/signal.h>
#include <linux/string.h>
#include <linux/time64.h>
#include <linux/usermode/mconsole.h>
#include <uapi/linux/fcntl.h>
#include <asm/cmdline.h>
#include <asm/host_net.h>
#include "../mconsole/listener.h"
#include "guard.h"

#define GUARD_SWITCH	"--watchdog-guard="

static bool only_notify;

/* ---- the guest's side ---- */

int guard_open(void)
{
	char exe[32], word[256];
	char *argv[3] = { "linux", word, NULL };
	int pipe[2], fd[3], err;

	snprintf(exe, sizeof(exe), "/proc/%d/exe", host_getpid());
	snprintf(word, sizeof(word), GUARD_SWITCH "%d,%s,%s", host_getpid(),
		 only_notify ? "notify" : "kill", notify_listener());
	err = host_pipe(pipe);
	if (err)
		return err;
	fd[0] = pipe[0];
	fd[1] = 2;
	fd[2] = 2;
	err = host_run(exe, argv, host_envp, fd);
	host_close(pipe[0]);
	if (!err)
		err = host_set_nonblock(pipe[1], true);
	if (!err)
		return pipe[1];
	host_close(pipe[1]);
	return err;
}

int guard_tell(int fd, u32 seconds)
{
	ssize_t n;

	do
		n = host_write(fd, &seconds, sizeof(seconds));
	while (n == -EINTR);
	return n < 0 ? n : 0;
}

static int parse_watchdog(const char *word, char *why, size_t len)
{
	const char *value = word + strlen("watchdog=");

	only_notify = !strcmp(value, "notify");
	if (only_notify || !strcmp(value, "kill"))
		return 0;
	snprintf(why, len, "%.80s: write watchdog=kill or watchdog=notify", word);
	return -EINVAL;
}

USERMODE_SWITCH(watchdog, "watchdog=", parse_watchdog,
		"watchdog=kill|notify     what happens to a guest that stops pinging /dev/watchdog:\n"
		"                           it is killed, or the mconsole= listener is told");

/* ---- the process ---- */

struct guard {
	int pid;
	bool kill;
	const char *listener;
	char text[256];
};

static bool guard_parse(const char *word, struct guard *guard)
{
	char *rest = guard->text, *pid, *action;

	strscpy(guard->text, word + strlen(GUARD_SWITCH));
	pid = strsep(&rest, ",");
	action = strsep(&rest, ",");
	if (!rest || kstrtoint(pid, 10, &guard->pid))
		return false;
	guard->kill = !strcmp(action, "kill");
	guard->listener = rest;
	return guard->pid > 1;
}

/* is the process stopped by a signal? */
static bool is_stopped(int pid)
{
	char path[32], text[512];
	const char *state;
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	fd = host_open(path, O_RDONLY, 0);
	if (fd < 0)
		return false;
	n = host_read(fd, text, sizeof(text) - 1);
	host_close(fd);
	if (n <= 0)
		return false;
	text[n] = 0;
	state = strrchr(text, ')');
	return state && state[1] == ' ' && state[2] == 'T';
}

static void tell_listener(const struct guard *guard)
{
	static const char text[] = "the guest does not ping its watchdog";
	struct mconsole_notify packet = {
		.magic	 = MCONSOLE_MAGIC,
		.version = MCONSOLE_VERSION,
		.type	 = MCONSOLE_HANG,
		.len	 = sizeof(text) - 1,
	};
	struct host_dgram_peer peer;
	int fd;

	memcpy(packet.data, text, sizeof(text));
	if (host_dgram_peer(guard->listener, &peer))
		return;
	fd = host_dgram_socket();
	if (fd < 0)
		return;
	host_dgram_send(fd, &packet, sizeof(packet), &peer);
	host_close(fd);
}

static void act(const struct guard *guard)
{
	static const char text[] = "linux: the guest does not ping its watchdog and is killed\n";

	tell_listener(guard);
	if (!guard->kill)
		return;
	host_write(2, text, sizeof(text) - 1);
	host_kill(guard->pid, SIGKILL);
	host_exit(0);
}

/* the seconds that it was told, or the end of the process */
static u32 take_word(void)
{
	u32 seconds;
	ssize_t n;

	do
		n = host_read(0, &seconds, sizeof(seconds));
	while (n == -EINTR);
	if (n != sizeof(seconds))
		host_exit(0);
	return seconds;
}

static int __noreturn guard_main(const char *word, char *why, size_t len)
{
	struct guard guard;
	s64 limit = -1;			/* ns, -1: none */
	int ready;

	if (!guard_parse(word, &guard))
		host_exit(1);
	for (;;) {
		ready = host_poll(0, HOST_EVENT_IN, limit);
		if (ready > 0) {
			u32 seconds = take_word();

			limit = seconds ? (s64)seconds * NSEC_PER_SEC : -1;
		} else if (!ready && !is_stopped(guard.pid)) {
			act(&guard);
			limit = -1;
		}
	}
}

USERMODE_SWITCH(watchdog_guard, GUARD_SWITCH, guard_main, NULL);
