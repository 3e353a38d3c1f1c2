// SPDX-License-Identifier: GPL-2.0
/*
 * file_at.c - names of the host, one component at a time, relative to handles.
 *
 * Owns nothing and takes no lock. What confines is openat2(2): RESOLVE_BENEATH
 * and no links for single names, RESOLVE_IN_ROOT for the paths of mounts. The
 * other calls take one component and do not follow a link at its end. The only
 * path strings here are those of this process's own descriptors.
 */
#include <uapi/linux/errno.h>
#include <uapi/linux/fcntl.h>
#include <uapi/linux/openat2.h>
#include <asm/host_fs.h>
#include "file_self.h"
#include "syscall.h"

static int fs_openat2(int dir, const char *path, int flags, unsigned int mode, u64 resolve)
{
	struct open_how how = {
		.flags = flags | O_CLOEXEC,
		.mode = mode,
		.resolve = resolve,
	};

	/* these two are implied by O_PATH, and refused with it */
	if (!(flags & O_PATH))
		how.flags |= O_NOCTTY | O_LARGEFILE;
	return host_syscall4(__NR_openat2, dir, path, &how, sizeof(how));
}

int host_fs_resolve(int root, const char *path)
{
	int fd;

	/* -EAGAIN: a directory was renamed on the way, ".." could not be judged */
	do {
		fd = fs_openat2(root, path, O_PATH, 0,
				RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS);
	} while (fd == -EAGAIN || fd == -EINTR);
	return fd;
}

int host_fs_open(int dir, const char *name, int flags, unsigned int mode)
{
	/* symbolic links have handles, too, but nothing else may be done to them */
	u64 links = flags & O_PATH ? 0 : RESOLVE_NO_SYMLINKS;
	int fd;

	do {
		fd = fs_openat2(dir, name, flags | O_NOFOLLOW, mode,
				RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS | links);
	} while (fd == -EAGAIN || fd == -EINTR);
	return fd;
}

int host_fs_tmpfile(int dir, int flags, unsigned int mode)
{
	return fs_openat2(dir, ".", flags | O_TMPFILE, mode, RESOLVE_BENEATH);
}

int host_fs_reopen(int fd, int flags)
{
	char self[SELF_BYTES];
	int ret;

	do {
		ret = host_syscall4(__NR_openat, AT_FDCWD, file_self(self, fd),
				    flags | O_CLOEXEC | O_NOCTTY | O_LARGEFILE, 0);
	} while (ret == -EINTR);
	return ret;
}

int host_fs_mkdir(int dir, const char *name, unsigned int mode)
{
	return host_syscall3(__NR_mkdirat, dir, name, mode);
}

/* the host's encoding: 12 bits of major, 20 of minor, in historic order */
static u32 fs_encode_dev(u64 rdev)
{
	u32 major = rdev >> 32, minor = rdev;

	return (minor & 0xff) | major << 8 | (minor & ~0xff) << 12;
}

int host_fs_mknod(int dir, const char *name, unsigned int mode, u64 rdev)
{
	return host_syscall4(__NR_mknodat, dir, name, mode, fs_encode_dev(rdev));
}

int host_fs_symlink(int dir, const char *name, const char *target)
{
	return host_syscall3(__NR_symlinkat, target, dir, name);
}

int host_fs_link(int fd, int dir, const char *name)
{
	char self[SELF_BYTES];

	/* AT_EMPTY_PATH would need a privilege */
	return host_syscall5(__NR_linkat, AT_FDCWD, file_self(self, fd), dir, name,
			     AT_SYMLINK_FOLLOW);
}

int host_fs_unlink(int dir, const char *name, bool is_dir)
{
	return host_syscall3(__NR_unlinkat, dir, name, is_dir ? AT_REMOVEDIR : 0);
}

int host_fs_rename(int from, const char *old, int to, const char *new, unsigned int flags)
{
	return host_syscall5(__NR_renameat2, from, old, to, new, flags);
}

ssize_t host_fs_readlink(int fd, char *buf, size_t len)
{
	return host_syscall4(__NR_readlinkat, fd, "", buf, len);
}

ssize_t host_fs_getdents(int fd, void *buf, size_t len)
{
	return host_syscall3(__NR_getdents64, fd, buf, len);
}
