// SPDX-License-Identifier: GPL-2.0
/*
 * channel_xterm.c - xterm: a window of the host's desktop, one for each line.
 *
 * When the guest opens the line, a terminal emulator is started that executes
 * helper_relay.c, which sends us the terminal. Whatever ends the guest ends the
 * relay, and with it the window. The relay finds us by the name of an abstract
 * socket that nobody can guess; who connects must be this user's.
 *
 * While nobody has come, @control is the write end of the emulator's standard
 * input, which tells when it ends, and @number a memory file with its complaints.
 * Afterwards @control is the relay's socket. No locks; see channel.h.
 */
#include <linux/kernel.h>
#include <linux/printk.h>
#include <linux/stddef.h>
#include <linux/string.h>
#include <linux/uio.h>
#include <linux/un.h>
#include <asm/cmdline.h>
#include <asm/host_net.h>
#include <asm/umid.h>
#include "channel.h"
#include "helper.h"

#define TOKEN_BYTES	16
#define RELAY_PATIENCE	(200 * NSEC_PER_MSEC)

static struct {
	char text[256];
	const char *program, *title, *exec;	/* in @text, zero-terminated */
} emulator = { .program = "xterm", .title = "-T", .exec = "-e" };

static int parse_xterm(const char *word, char *why, size_t n)
{
	char *rest = emulator.text, *part[3];
	int i;

	if (strscpy(emulator.text, word + strlen("xterm=")) < 0) {
		snprintf(why, n, "%.60s...: too long", word);
		return -ENAMETOOLONG;
	}
	for (i = 0; i < 3; i++)
		part[i] = strsep(&rest, ",");
	if (!part[2] || !*part[0] || !*part[1] || !*part[2] || rest) {
		snprintf(why, n, "%.200s: write xterm=EMULATOR,TITLE-SWITCH,EXEC-SWITCH",
			 word);
		return -EINVAL;
	}
	emulator.program = part[0];
	emulator.title = part[1];
	emulator.exec = part[2];
	return 0;
}

USERMODE_SWITCH(xterm, "xterm=", parse_xterm,
		"xterm=EMULATOR,TITLE-SWITCH,EXEC-SWITCH\n"
		"                           what xterm channels run (default xterm,-T,-e)");

/* ---- starting the emulator ---- */

static const char *environment(const char *name)
{
	size_t len = strlen(name);
	char **e;

	for (e = host_envp; *e; e++)
		if (!strncmp(*e, name, len) && (*e)[len] == '=')
			return *e + len + 1;
	return NULL;
}

/* as a shell looks for it */
static int run_in_path(char *const argv[], const int fd[3])
{
	const char *path = environment("PATH") ?: "/usr/local/bin:/usr/bin:/bin";
	int err = -ENOENT;

	if (strchr(argv[0], '/'))
		return host_run(argv[0], argv, host_envp, fd);
	while (*path && (err == -ENOENT || err == -EACCES || err == -ENOTDIR)) {
		size_t len = strcspn(path, ":");
		char file[256];

		if (len + strlen(argv[0]) + 2 <= sizeof(file)) {
			snprintf(file, sizeof(file), "%.*s/%s", (int)len, path, argv[0]);
			err = host_run(file, argv, host_envp, fd);
		}
		path += len + !!path[len];
	}
	return err;
}

static int start_emulator(const char *line, const char *token, const int fd[3])
{
	char title[UMID_MAX + 16], exe[HELPER_PATH_MAX];
	char word[sizeof(RELAY_SWITCH) + 2 * TOKEN_BYTES];
	char *const argv[] = {
		(char *)emulator.program, (char *)emulator.title, title,
		(char *)emulator.exec, exe, word, NULL,
	};

	snprintf(title, sizeof(title), "%s%s%s", line, *umid_name() ? " of " : "", umid_name());
	snprintf(word, sizeof(word), RELAY_SWITCH "%s", token);
	helper_path(exe, sizeof(exe));
	return run_in_path(argv, fd);
}

/* ---- somebody is to come ---- */

static int listen_for_relay(char *token)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	u8 random[TOKEN_BYTES];
	int err = host_random(random, sizeof(random));

	if (err)
		return err;
	bin2hex(token, random, sizeof(random));
	memcpy(a.sun_path + 1, token, 2 * TOKEN_BYTES);
	return host_stream_listen(&a, offsetof(struct sockaddr_un, sun_path) + 1 + 2 * TOKEN_BYTES);
}

static void close_one(int *fd)
{
	if (*fd >= 0)
		host_close(*fd);
	*fd = -1;
}

static void dismiss(struct channel *ch)
{
	close_one(&ch->control);
	close_one(&ch->base);
	close_one(&ch->number);
	ch->door = false;
}

static int summon(struct channel *ch)
{
	char token[2 * TOKEN_BYTES + 1] = "";
	int pipe[2], fd[3];
	int err;

	ch->number = host_memfd("emulator-complaints", 0);
	if (ch->number < 0)
		return ch->number;
	ch->base = listen_for_relay(token);
	if (ch->base < 0)
		return ch->base;
	err = host_pipe(pipe);
	if (err)
		return err;
	ch->control = pipe[1];
	fd[0] = pipe[0];
	fd[1] = ch->number;
	fd[2] = ch->number;
	err = start_emulator(ch->line, token, fd);
	host_close(pipe[0]);
	ch->door = !err;
	return err;
}

static void xterm_summon(struct channel *ch)
{
	int err;

	/* it has been called, and may still be on its way */
	if (ch->base >= 0 && ch->control >= 0)
		return;
	dismiss(ch);
	err = summon(ch);
	if (!err)
		return;
	pr_warn("%s: cannot run %s: %s\n", ch->line, emulator.program, host_error_text(err));
	dismiss(ch);
}

/* ---- it came ---- */

static bool is_ours(int sock)
{
	unsigned int theirs;

	return !host_stream_peer_uid(sock, &theirs) && theirs == host_geteuid();
}

static bool wait_for_input(int sock, u64 deadline)
{
	for (;;) {
		s64 left = deadline - host_monotonic_ns();
		int ready = host_poll(sock, HOST_EVENT_IN, max_t(s64, left, 0));

		if (ready != -EINTR)
			return ready > 0;
	}
}

static int take_terminal(int sock)
{
	int fd;

	if (!is_ours(sock))
		return -EPERM;
	/* it sends before it does anything else */
	if (!wait_for_input(sock, host_monotonic_ns() + RELAY_PATIENCE))
		return -ETIMEDOUT;
	fd = host_receive_fd(sock);
	if (fd >= 0 && host_set_nonblock(fd, true)) {
		host_close(fd);
		return -EBADF;
	}
	return fd;
}

static int xterm_open(struct channel *ch, enum channel_dir dir)
{
	int sock, fd;

	if (ch->base < 0)
		return -EAGAIN;
	sock = host_stream_accept(ch->base);
	if (sock < 0)
		return -EAGAIN;
	fd = take_terminal(sock);
	if (fd < 0) {
		host_close(sock);
		return -EAGAIN;
	}
	dismiss(ch);
	ch->control = sock;
	ch->fd = fd;
	ch->terminal = true;
	ch->crlf = true;
	return 0;
}

static void xterm_close(struct channel *ch)
{
	host_tty_release(ch->fd);
	host_close(ch->fd);
	ch->fd = -1;
	dismiss(ch);
}

/* ---- while waiting: what does it complain of? Afterwards: its window ---- */

static void complain(struct channel *ch)
{
	char text[160];
	struct iovec iov = { .iov_base = text, .iov_len = sizeof(text) - 1 };
	ssize_t n = host_preadv(ch->number, &iov, 1, 0);

	text[max_t(ssize_t, n, 0)] = 0;
	text[strcspn(text, "\r\n")] = 0;
	if (*text)
		pr_warn("%s: %s says: %s\n", ch->line, emulator.program, text);
}

static bool xterm_service(struct channel *ch)
{
	char bytes[16];

	if (ch->control < 0 || host_poll(ch->control, HOST_EVENT_IN, 0) <= 0)
		return false;
	if (ch->up && host_read(ch->control, bytes, sizeof(bytes)) > 0)
		return true;
	/* some only ask a server for a window: who comes later is let in still */
	if (!ch->up)
		complain(ch);
	close_one(&ch->control);
	return false;
}

static int xterm_parse(struct channel *ch, const char *value, char *why, size_t n)
{
	ch->number = -1;
	return channel_no_value(ch, value, why, n);
}

static int xterm_attach(struct channel *ch, char *why, size_t n)
{
	return 0;
}

const struct channel_ops channel_xterm = {
	.name	 = "xterm",
	.duplex	 = true,
	.parse	 = xterm_parse,
	.attach	 = xterm_attach,
	.detach	 = dismiss,
	.summon	 = xterm_summon,
	.open	 = xterm_open,
	.close	 = xterm_close,
	.service = xterm_service,
	.read	 = terminal_read,
	.write	 = stream_write,
	.wait	 = stream_wait,
};
