// SPDX-License-Identifier: GPL-2.0
/*
 * file_attr.c - attributes of the host's objects, by handle.
 *
 * Owns nothing and takes no lock. Handles may be O_PATH ones, which the calls
 * for descriptors refuse: those go by the handle's own name in procfs.
 */
#include <uapi/linux/errno.h>
#include <uapi/linux/fcntl.h>
#include <uapi/linux/stat.h>
#include <asm/host_fs.h>
#include "file_self.h"
#include "syscall.h"

#define FS_NAME_MAX	255	/* bytes of a component, as everywhere */

static u64 attr_dev(u32 major, u32 minor)
{
	return (u64)major << 32 | minor;
}

static struct host_time attr_time(const struct statx_timestamp *t)
{
	return (struct host_time){ .sec = t->tv_sec, .nsec = t->tv_nsec };
}

int host_fs_stat(int dir, const char *name, struct host_attr *attr)
{
	int flags = AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | (name ? 0 : AT_EMPTY_PATH);
	struct statx sx;
	int err;

	err = host_syscall5(__NR_statx, dir, name ?: "", flags,
			    STATX_BASIC_STATS | STATX_BTIME, &sx);
	if (err)
		return err;

	*attr = (struct host_attr) {
		.dev = attr_dev(sx.stx_dev_major, sx.stx_dev_minor),
		.ino = sx.stx_ino,
		.size = sx.stx_size,
		.blocks = sx.stx_blocks,
		.rdev = attr_dev(sx.stx_rdev_major, sx.stx_rdev_minor),
		.mode = sx.stx_mode,
		.nlink = sx.stx_nlink,
		.uid = sx.stx_uid,
		.gid = sx.stx_gid,
		.blksize = sx.stx_blksize,
		.has_btime = sx.stx_mask & STATX_BTIME,
		.atime = attr_time(&sx.stx_atime),
		.mtime = attr_time(&sx.stx_mtime),
		.ctime = attr_time(&sx.stx_ctime),
	};
	if (attr->has_btime)
		attr->btime = attr_time(&sx.stx_btime);
	return 0;
}

int host_fs_chmod(int fd, unsigned int mode)
{
	char self[SELF_BYTES];

	return host_syscall3(__NR_fchmodat, AT_FDCWD, file_self(self, fd), mode);
}

int host_fs_chown(int fd, u32 uid, u32 gid)
{
	return host_syscall5(__NR_fchownat, fd, "", uid, gid, AT_EMPTY_PATH);
}

int host_fs_truncate(int fd, u64 size)
{
	char self[SELF_BYTES];

	return host_syscall2(__NR_truncate, file_self(self, fd), size);
}

int host_fs_utimes(int fd, const struct host_time *atime, const struct host_time *mtime)
{
	struct host_time times[2] = { *atime, *mtime };	/* as struct timespec */

	return host_syscall4(__NR_utimensat, fd, "", times, AT_EMPTY_PATH);
}

/* the kernel's struct statfs, whose header drags in more than its own */
struct fs_statfs {
	s64 type, bsize;
	u64 blocks, bfree, bavail, files, ffree;
	u32 fsid[2];
	s64 namelen, frsize, flags, spare[4];
};

int host_fs_space(int fd, struct host_fs_space *space)
{
	struct fs_statfs st;
	int err = host_syscall2(__NR_fstatfs, fd, &st);

	if (err)
		return err;
	*space = (struct host_fs_space) {
		.type = st.type,
		.bsize = st.bsize,
		.blocks = st.blocks,
		.bfree = st.bfree,
		.bavail = st.bavail,
		.files = st.files,
		.ffree = st.ffree,
		.namelen = st.namelen,
		.frsize = st.frsize,
	};
	return 0;
}

int host_fs_setxattr(int fd, const char *name, const void *value, size_t len, int flags)
{
	char self[SELF_BYTES];

	return host_syscall5(__NR_setxattr, file_self(self, fd), name, value, len, flags);
}

ssize_t host_fs_getxattr(int fd, const char *name, void *value, size_t len)
{
	char self[SELF_BYTES];

	return host_syscall4(__NR_getxattr, file_self(self, fd), name, value, len);
}

/* getxattrat(2) is younger than the hosts; one component after a handle is as good */
ssize_t host_fs_getxattr_at(int dir, const char *name, const char *xattr, void *value, size_t len)
{
	char path[SELF_BYTES + 1 + FS_NAME_MAX];
	unsigned int at = 0, i = 0;

	file_self(path, dir);
	while (path[at])
		at++;
	path[at++] = '/';
	while (name[i]) {
		if (i == FS_NAME_MAX)
			return -ENAMETOOLONG;
		path[at++] = name[i++];
	}
	path[at] = 0;
	return host_syscall4(__NR_lgetxattr, path, xattr, value, len);
}

ssize_t host_fs_listxattr(int fd, char *list, size_t len)
{
	char self[SELF_BYTES];

	return host_syscall3(__NR_listxattr, file_self(self, fd), list, len);
}

int host_fs_removexattr(int fd, const char *name)
{
	char self[SELF_BYTES];

	return host_syscall2(__NR_removexattr, file_self(self, fd), name);
}
