// SPDX-License-Identifier: GPL-2.0
/*
 * notify.c - messages to whoever watches over this machine.
 *
 * Owns the peer that mconsole=notify:SOCKET names, and /proc/mconsole, which
 * the guest writes its own messages to. A message is one datagram; none is ever
 * waited for. No locks: the peer does not change after the command line.
 */
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/notifier.h>
#include <linux/panic_notifier.h>
#include <linux/proc_fs.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <uapi/linux/fcntl.h>
#include <uapi/linux/stat.h>
#include <asm/cmdline.h>
#include "listener.h"
#include "mconsole.h"

static struct host_dgram_peer listener;		/* .len 0: nobody */
static const char *listener_path = "";

const char *notify_listener(void)
{
	return listener_path;
}

int notify_send(u32 type, const char *text, size_t len)
{
	struct mconsole_notify packet = {
		.magic	 = MCONSOLE_MAGIC,
		.version = MCONSOLE_VERSION,
		.type	 = type,
	};
	int fd, n;

	if (!listener.len)
		return -ENXIO;
	packet.len = min_t(size_t, len, sizeof(packet.data) - 1);
	memcpy(packet.data, text, packet.len);
	fd = host_dgram_socket();
	if (fd < 0)
		return fd;
	do
		n = host_dgram_send(fd, &packet, sizeof(packet), &listener);
	while (n == -EINTR);
	host_close(fd);
	return min(n, 0);
}

/* ---- panic ---- */

static int notify_panic(struct notifier_block *self, unsigned long unused, void *why)
{
	notify_send(MCONSOLE_PANIC, why, strlen(why));
	return NOTIFY_DONE;
}

static struct notifier_block panic_block = { .notifier_call = notify_panic };

/* ---- /proc/mconsole ---- */

/* what is too long for one message becomes several */
static ssize_t user_write(struct file *file, const char __user *from, size_t len, loff_t *pos)
{
	char text[MCONSOLE_MAX_DATA - 1];
	int err;

	len = min(len, sizeof(text));
	if (copy_from_user(text, from, len))
		return -EFAULT;
	err = notify_send(MCONSOLE_USER_NOTIFY, text, len);
	return err ?: len;
}

static const struct proc_ops user_ops = {
	.proc_write = user_write,
	.proc_lseek = noop_llseek,
};

static int __init notify_init(void)
{
	atomic_notifier_chain_register(&panic_notifier_list, &panic_block);
	return proc_create("mconsole", 0200, NULL, &user_ops) ? 0 : -ENOMEM;
}
fs_initcall(notify_init);

/* ---- mconsole=notify:SOCKET ---- */

static int check_listener(const char *path)
{
	struct host_stat st;
	int fd = host_open(path, O_PATH, 0);
	int err = fd < 0 ? fd : host_fstat(fd, &st);

	if (fd >= 0)
		host_close(fd);
	if (!err && (st.mode & S_IFMT) != S_IFSOCK)
		err = -ENXIO;
	return err ?: host_dgram_peer(path, &listener);
}

static int parse_mconsole(const char *word, char *why, size_t len)
{
	static const char prefix[] = "mconsole=notify:";
	int err;

	if (!strstarts(word, prefix) || !word[strlen(prefix)]) {
		snprintf(why, len,
			 "%.200s: write mconsole=notify:SOCKET, a socket that you listen at", word);
		return -EINVAL;
	}
	err = check_listener(word + strlen(prefix));
	if (err)
		snprintf(why, len, "%.200s: %s", word, host_error_text(err));
	else
		listener_path = word + strlen(prefix);
	return err;
}

USERMODE_SWITCH(mconsole, "mconsole=", parse_mconsole,
		"mconsole=notify:SOCKET   tell that datagram socket of the start, a panic, a\n"
		"                           hang, and what the guest writes to /proc/mconsole");
