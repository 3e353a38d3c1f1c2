// SPDX-License-Identifier: GPL-2.0
/*
 * file.c - descriptors, files and directories of the host.
 *
 * Owns nothing and takes no lock; a descriptor belongs to whoever opened it.
 * Any context; what may block the host thread is marked in host.h.
 */
#include <uapi/linux/errno.h>
#include <uapi/linux/fcntl.h>
#include <uapi/linux/fs.h>
#include <uapi/linux/stat.h>
#include <uapi/linux/uio.h>
#include <asm/host.h>
#include "syscall.h"

int host_open(const char *path, int flags, unsigned int mode)
{
	return host_syscall4(__NR_openat, AT_FDCWD, path,
			     flags | O_CLOEXEC | O_NOCTTY | O_LARGEFILE, mode);
}

int host_close(int fd)
{
	int err = host_syscall1(__NR_close, fd);

	/* the descriptor is gone all the same; a second close might hit another's */
	return err == -EINTR ? 0 : err;
}

ssize_t host_read(int fd, void *buf, size_t len)
{
	return host_syscall3(__NR_read, fd, buf, len);
}

ssize_t host_write(int fd, const void *buf, size_t len)
{
	return host_syscall3(__NR_write, fd, buf, len);
}

/* of the two halves of the position, 64-bit hosts look at the first alone */
ssize_t host_preadv(int fd, const struct iovec *iov, int n, u64 pos)
{
	return host_syscall5(__NR_preadv, fd, iov, n, pos, 0);
}

ssize_t host_preadv_now(int fd, const struct iovec *iov, int n, u64 pos)
{
	return host_syscall6(__NR_preadv2, fd, iov, n, pos, 0, RWF_NOWAIT);
}

ssize_t host_pwritev(int fd, const struct iovec *iov, int n, u64 pos)
{
	return host_syscall5(__NR_pwritev, fd, iov, n, pos, 0);
}

int host_fdatasync(int fd)
{
	return host_syscall1(__NR_fdatasync, fd);
}

int host_fallocate(int fd, int mode, u64 pos, u64 len)
{
	return host_syscall4(__NR_fallocate, fd, mode, pos, len);
}

/* statx(2) keeps device numbers apart; the guest's and the host's dev_t differ */
static u64 file_dev(u32 major, u32 minor)
{
	return (u64)major << 32 | minor;
}

int host_fstat(int fd, struct host_stat *st)
{
	struct statx sx;
	int sector;
	int err;

	err = host_syscall5(__NR_statx, fd, "", AT_EMPTY_PATH,
			    STATX_BASIC_STATS | STATX_DIOALIGN, &sx);
	if (err)
		return err;

	st->size = sx.stx_size;
	st->ino = sx.stx_ino;
	st->dev = file_dev(sx.stx_dev_major, sx.stx_dev_minor);
	st->rdev = file_dev(sx.stx_rdev_major, sx.stx_rdev_minor);
	st->mode = sx.stx_mode;
	st->blksize = sx.stx_blksize;
	st->mtime = sx.stx_mtime.tv_sec;
	st->dio_align = 0;
	if (sx.stx_mask & STATX_DIOALIGN)
		st->dio_align = sx.stx_dio_offset_align > sx.stx_dio_mem_align ?
				sx.stx_dio_offset_align : sx.stx_dio_mem_align;
	if ((st->mode & S_IFMT) != S_IFBLK)
		return 0;

	err = host_syscall3(__NR_ioctl, fd, BLKGETSIZE64, &st->size);
	if (err)
		return err;
	err = host_syscall3(__NR_ioctl, fd, BLKSSZGET, &sector);
	if (err)
		return err;
	st->blksize = sector;
	return 0;
}

int host_ftruncate(int fd, u64 size)
{
	return host_syscall2(__NR_ftruncate, fd, size);
}

int host_unlink(const char *path)
{
	return host_syscall3(__NR_unlinkat, AT_FDCWD, path, 0);
}

int host_link_fd(int fd, const char *path)
{
	char name[] = "/proc/self/fd/0000000000";
	char *digit = name + sizeof(name) - 1;

	/* leading zeros are no part of a descriptor's name there */
	do {
		digit--;
		*digit = '0' + fd % 10;
	} while (fd /= 10);
	__builtin_memmove(name + sizeof("/proc/self/fd/") - 1, digit,
			  name + sizeof(name) - digit);
	return host_syscall5(__NR_linkat, AT_FDCWD, name, AT_FDCWD, path, AT_SYMLINK_FOLLOW);
}

int host_mkdir(const char *path, unsigned int mode)
{
	return host_syscall3(__NR_mkdirat, AT_FDCWD, path, mode);
}

int host_rmdir(const char *path)
{
	return host_syscall3(__NR_unlinkat, AT_FDCWD, path, AT_REMOVEDIR);
}

ssize_t host_readlink(const char *path, char *buf, size_t len)
{
	return host_syscall4(__NR_readlinkat, AT_FDCWD, path, buf, len);
}

int host_set_nonblock(int fd, bool on)
{
	int flags = host_syscall2(__NR_fcntl, fd, F_GETFL);

	if (flags < 0)
		return flags;
	if (on)
		flags |= O_NONBLOCK;
	else
		flags &= ~O_NONBLOCK;
	return host_syscall3(__NR_fcntl, fd, F_SETFL, flags);
}

int host_pipe(int fd[2])
{
	return host_syscall2(__NR_pipe2, fd, O_CLOEXEC);
}

int host_eventfd(void)
{
	return host_syscall2(__NR_eventfd2, 0, O_CLOEXEC | O_NONBLOCK);
}

int host_lock_file(int fd, bool exclusive)
{
	struct flock lock = {
		.l_type = exclusive ? F_WRLCK : F_RDLCK,
		.l_whence = SEEK_SET,
		/* l_start and l_len 0: all of it, however it grows */
	};

	return host_syscall3(__NR_fcntl, fd, F_OFD_SETLK, &lock);
}

#define RLIMIT_NOFILE	7	/* of asm-generic/resource.h, which the kernel's own hides */

void host_files_max(void)
{
	u64 limit[2];

	if (host_syscall4(__NR_prlimit64, 0, RLIMIT_NOFILE, NULL, limit))
		return;
	limit[0] = limit[1];
	host_syscall4(__NR_prlimit64, 0, RLIMIT_NOFILE, limit, NULL);
}
