// SPDX-License-Identifier: GPL-2.0
/*
 * umid.c - the name of this machine and its directory on the host.
 *
 * Owns DIR/NAME with the file "pid" in it. A lock on that file, held until the
 * program ends, says that the name is in use; it cannot go stale. Programs that
 * do not lock are recognised by the process that their pid file names.
 *
 * No locks of the kernel: umid_init() runs alone, at boot, and the paths do not
 * change after it. umid_remove() may be called by any host thread.
 */
#include <linux/ctype.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/stat.h>
#include <linux/string.h>
#include <linux/uio.h>
#include <uapi/linux/fcntl.h>
#include <asm/cmdline.h>
#include <asm/host.h>
#include <asm/umid.h>

#define TRIES	8	/* names, or races with a machine that is just leaving */

#define DIR_MODE	0755
#define DIR_MADE_UP	(DIR_MODE | S_ISVTX)	/* nobody chose its name */

static const char *wanted_name, *wanted_dir;	/* as typed, or NULL */

static struct {
	char name[UMID_MAX + 1];
	char parent[192];
	char dir[256];
	char pid_file[264];
	char mconsole[268];
	int lock;		/* descriptor of pid_file */
	bool owned;
} umid = { .lock = -1 };

const char *umid_name(void)
{
	return umid.name;
}

int umid_path(const char *file, char *buf, size_t len)
{
	if (!umid.owned)
		return -ENOENT;
	if (snprintf(buf, len, "%s/%s", umid.dir, file) >= len)
		return -ENAMETOOLONG;
	return 0;
}

notrace void umid_remove(void)
{
	if (!xchg(&umid.owned, false))
		return;
	host_unlink(umid.mconsole);
	host_unlink(umid.pid_file);
	host_rmdir(umid.dir);
}

/* ---- who holds a name ---- */

static const char *last_component(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static int exe_of(const char *link, char *buf, size_t len)
{
	ssize_t n = host_readlink(link, buf, len - 1);

	if (n < 0)
		return n;
	buf[n] = 0;
	return 0;
}

/*
 * Nobody locks the pid file. Either what wrote it is dead, or it is a
 * user-mode kernel that does not lock; a program of another name only inherited
 * the number.
 */
static __init bool is_alive(int pid)
{
	char link[32], theirs[256], ours[256];
	const char *name;

	if (pid <= 0 || pid == host_getpid() || host_kill(pid, 0) == -ESRCH)
		return false;
	snprintf(link, sizeof(link), "/proc/%d/exe", pid);
	if (exe_of(link, theirs, sizeof(theirs)) || exe_of("/proc/self/exe", ours, sizeof(ours)))
		return true;
	name = last_component(theirs);
	return !strcmp(name, last_component(ours)) || strstr(name, "linux") || strstr(name, "uml");
}

static __init int read_pid(int fd)
{
	char text[16];
	struct iovec iov = { .iov_base = text, .iov_len = sizeof(text) - 1 };
	ssize_t n = host_preadv(fd, &iov, 1, 0);
	int pid;

	if (n <= 0)
		return 0;
	text[n] = 0;
	strim(text);
	return kstrtoint(text, 10, &pid) ? 0 : pid;
}

static __init int write_pid(int fd)
{
	char text[16];
	struct iovec iov = {
		.iov_base = text,
		.iov_len = scnprintf(text, sizeof(text), "%d\n", host_getpid()),
	};
	ssize_t n;
	int err;

	err = host_ftruncate(fd, 0);
	if (err)
		return err;
	n = host_pwritev(fd, &iov, 1, 0);
	return n < 0 ? n : 0;
}

/* is @fd still the file at @path? A machine that leaves removes its own */
static __init bool is_file_at(int fd, const char *path)
{
	struct host_stat held, there;
	int now = host_open(path, O_RDONLY, 0);
	bool same;

	if (now < 0)
		return false;
	same = !host_fstat(fd, &held) && !host_fstat(now, &there) &&
	       held.ino == there.ino && held.dev == there.dev;
	host_close(now);
	return same;
}

/* -EBUSY: in use. -EAGAIN: its owner was just leaving, try again */
static __init int claim_once(int mode)
{
	int err, fd;

	err = host_mkdir(umid.dir, mode);
	if (err && err != -EEXIST)
		return err;
	fd = host_open(umid.pid_file, O_RDWR | O_CREAT, 0644);
	if (fd < 0)
		return fd == -ENOENT ? -EAGAIN : fd;

	err = host_lock_file(fd, true);
	if (err == -EAGAIN || err == -EACCES) {
		err = -EBUSY;
		goto err_close;
	}
	/* a file system that cannot lock: the number in the file must do */
	err = -EAGAIN;
	if (!is_file_at(fd, umid.pid_file))
		goto err_close;
	err = -EBUSY;
	if (is_alive(read_pid(fd)))
		goto err_close;
	err = write_pid(fd);
	if (err)
		goto err_close;
	host_unlink(umid.mconsole);	/* of whoever died here */
	umid.lock = fd;
	umid.owned = true;
	return 0;

err_close:
	host_close(fd);
	return err;
}

static __init int claim(const char *name, int mode)
{
	int err, i;

	strscpy(umid.name, name);
	snprintf(umid.dir, sizeof(umid.dir), "%s/%s", umid.parent, name);
	snprintf(umid.pid_file, sizeof(umid.pid_file), "%s/pid", umid.dir);
	snprintf(umid.mconsole, sizeof(umid.mconsole), "%s/mconsole", umid.dir);
	for (i = 0; i < TRIES; i++) {
		err = claim_once(mode);
		if (err != -EAGAIN)
			return err;
	}
	return -EBUSY;
}

static __init int claim_random(void)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz234567";
	char name[9];
	int err, i, n;

	for (i = 0; i < TRIES; i++) {
		err = host_random(name, sizeof(name) - 1);
		if (err < 0)
			return err;
		for (n = 0; n < sizeof(name) - 1; n++)
			name[n] = letters[name[n] & 31];
		name[n] = 0;
		err = claim(name, DIR_MADE_UP);
		if (err != -EBUSY)
			return err;
	}
	return err;
}

/* ---- boot ---- */

static __init const char *home_dir(void)
{
	char **var;

	for (var = host_envp; *var; var++)
		if (!strncmp(*var, "HOME=", 5) && (*var)[5])
			return *var + 5;
	return NULL;
}

static __init int find_parent(void)
{
	const char *dir = wanted_dir ?: "~/.uml";
	const char *home = "";
	int n;

	if (!strncmp(dir, "~/", 2)) {
		home = home_dir();
		if (!home)
			return -ENOENT;
		dir++;
	}
	n = snprintf(umid.parent, sizeof(umid.parent), "%s%s", home, dir);
	/* names make the path longer by 64 at most */
	if (n >= sizeof(umid.parent))
		return -ENAMETOOLONG;
	n = host_mkdir(umid.parent, 0755);
	return n == -EEXIST ? 0 : n;
}

void __init umid_init(void)
{
	int err = find_parent();

	if (!err) {
		err = wanted_name ? claim(wanted_name, DIR_MODE) : claim_random();
		if (err == -EBUSY) {
			err = claim_random();
			if (wanted_name && !err)
				pr_warn("umid=%s: the name is in use, this machine is called %s\n",
					wanted_name, umid.name);
		}
	}
	if (!err)
		return;
	if (err == -ENOENT && !wanted_dir && !umid.parent[0])
		pr_warn("umid: HOME is not set and uml_dir= was not given: no directory for this machine\n");
	else
		pr_warn("umid: no directory for this machine in %s (error %d)\n",
			umid.parent, -err);
	if (wanted_name)
		strscpy(umid.name, wanted_name);
}

static int parse_umid(const char *word, char *why, size_t len)
{
	const char *name = word + strlen("umid=");

	if (!*name || strlen(name) > UMID_MAX || name[0] == '.' || strchr(name, '/')) {
		snprintf(why, len,
			 "%.80s: a name has 1 to %d characters, no / and no . at its beginning",
			 word, UMID_MAX);
		return -EINVAL;
	}
	wanted_name = name;
	return 0;
}

USERMODE_SWITCH(umid, "umid=", parse_umid,
		"umid=NAME                name of this machine (default: a random one)");

static int parse_uml_dir(const char *word, char *why, size_t len)
{
	const char *dir = word + strlen("uml_dir=");

	if (!*dir || strlen(dir) >= sizeof(umid.parent)) {
		snprintf(why, len, "uml_dir=: the path must have 1 to %zu characters",
			 sizeof(umid.parent) - 1);
		return -EINVAL;
	}
	wanted_dir = dir;
	return 0;
}

USERMODE_SWITCH(uml_dir, "uml_dir=", parse_uml_dir,
		"uml_dir=DIR              where machines have their directories (default ~/.uml)");
