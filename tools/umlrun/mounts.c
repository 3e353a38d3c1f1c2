// SPDX-License-Identifier: GPL-2.0
/*
 * mounts.c - from the host's root, read-only, to what the command sees.
 *
 * With an overlay, everything can be written to and nothing of that stays.
 * Directories that were asked for are the host's own. The kernel's file systems
 * lie over the host's.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "init.h"

/* a directory that every host has; what is needed meanwhile lies over it */
#define WORK	"/tmp"

#define RESOLV_CONF	"/etc/resolv.conf"
#define NAME_SERVER	"/proc/net/pnp"

static void mount_on(const char *type, const char *where, unsigned long flags, const char *options)
{
	if (mount(type, where, type, flags, options))
		give_up(true, "cannot mount %s on %s", type, where);
}

static void enter_overlay(void)
{
	mount_on("tmpfs", WORK, 0, "mode=755");
	if (mkdir(WORK "/upper", 0755) || mkdir(WORK "/work", 0755) || mkdir(WORK "/root", 0755))
		give_up(true, "cannot make directories");
	mount_on("overlay", WORK "/root", 0,
		 "lowerdir=/,upperdir=" WORK "/upper,workdir=" WORK "/work");
	if (chdir(WORK "/root") || mount("/dev", "dev", NULL, MS_MOVE, NULL) ||
	    mount(".", "/", NULL, MS_MOVE, NULL) || chroot(".") || chdir("/"))
		give_up(true, "cannot enter the overlay");
}

/* the directory's name may hold what mount options may not */
static void mount_host(const char *dir)
{
	int fs = syscall(SYS_fsopen, "hostfs", FSOPEN_CLOEXEC), mnt;

	if (fs < 0 || syscall(SYS_fsconfig, fs, FSCONFIG_SET_STRING, "dir", dir, 0) ||
	    syscall(SYS_fsconfig, fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0))
		give_up(true, "cannot mount the host's %s", dir);
	mnt = syscall(SYS_fsmount, fs, FSMOUNT_CLOEXEC, 0);
	if (mnt < 0 || syscall(SYS_move_mount, mnt, "", AT_FDCWD, dir, MOVE_MOUNT_F_EMPTY_PATH))
		give_up(true, "cannot mount on %s", dir);
	close(mnt);
	close(fs);
}

static void loopback_up(void)
{
	struct ifreq ifr = { .ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd >= 0) {
		ioctl(fd, SIOCSIFFLAGS, &ifr);
		close(fd);
	}
}

/*
 * The name server that the kernel got with its address. Where the host's file is a
 * link to what is not there in the guest, it is replaced, which takes the overlay.
 */
static void name_server(const struct job *job)
{
	if (!mount(NAME_SERVER, RESOLV_CONF, NULL, MS_BIND, NULL))
		return;
	if (!job->overlay || (unlink(RESOLV_CONF) && errno != ENOENT) ||
	    symlink(NAME_SERVER, RESOLV_CONF))
		fprintf(stderr, "umlrun-init: no name server: %s: %s\n", RESOLV_CONF,
			strerror(errno));
}

void mount_all(const struct job *job)
{
	size_t i;

	if (job->overlay)
		enter_overlay();
	for (i = 0; i < job->nr_writable; i++)
		mount_host(job->writable[i]);
	mount_on("proc", "/proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL);
	mount_on("sysfs", "/sys", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL);
	mount_on("tmpfs", "/run", MS_NOSUID | MS_NODEV, "mode=755");
	/* devtmpfs has neither; that they are there already is all right */
	mkdir("/dev/pts", 0755);
	mkdir("/dev/shm", 01777);
	mount_on("devpts", "/dev/pts", MS_NOSUID | MS_NOEXEC, "gid=5,mode=620,ptmxmode=666");
	mount_on("tmpfs", "/dev/shm", MS_NOSUID | MS_NODEV, "mode=1777");
	symlink("/proc/self/fd", "/dev/fd");
	symlink("/proc/self/fd/0", "/dev/stdin");
	symlink("/proc/self/fd/1", "/dev/stdout");
	symlink("/proc/self/fd/2", "/dev/stderr");
	if (job->net)
		name_server(job);
	loopback_up();
	sethostname("umlrun", 6);
}
