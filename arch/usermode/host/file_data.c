// SPDX-License-Identifier: GPL-2.0
/*
 * file_data.c - what is done to open files of the host beside reading and writing.
 *
 * Owns nothing and takes no lock.
 */
#include <uapi/linux/errno.h>
#include <uapi/linux/fcntl.h>
#include <uapi/linux/fs.h>
#include <asm/host_fs.h>
#include "syscall.h"

#define LIMIT_NOFILE	7	/* RLIMIT_NOFILE; the headers differ in where it is */

s64 host_fs_lseek(int fd, s64 pos, int whence)
{
	return host_syscall3(__NR_lseek, fd, pos, whence);
}

int host_fs_sync(int fd, bool data_only)
{
	return data_only ? host_syscall1(__NR_fdatasync, fd) : host_syscall1(__NR_fsync, fd);
}

int host_fs_syncfs(int fd)
{
	return host_syscall1(__NR_syncfs, fd);
}

ssize_t host_fs_copy(int from, u64 from_pos, int to, u64 to_pos, size_t len)
{
	return host_syscall6(__NR_copy_file_range, from, &from_pos, to, &to_pos, len, 0);
}

int host_fs_clone(int from, u64 from_pos, u64 len, int to, u64 to_pos)
{
	struct file_clone_range range = {
		.src_fd = from,
		.src_offset = from_pos,
		.src_length = len,
		.dest_offset = to_pos,
	};

	return host_syscall3(__NR_ioctl, to, FICLONERANGE, &range);
}

int host_fs_generation(int fd, u32 *generation)
{
	long value = 0;		/* the number says long, file systems write an int */
	int err = host_syscall3(__NR_ioctl, fd, FS_IOC_GETVERSION, &value);

	*generation = value;
	return err;
}

int host_fs_lock(int fd, int type, u64 pos, u64 len)
{
	struct flock lock = {
		.l_type = type,
		.l_whence = SEEK_SET,
		.l_start = pos,
		.l_len = len,
	};

	return host_syscall3(__NR_fcntl, fd, F_OFD_SETLK, &lock);
}

int host_fs_raise_limit(void)
{
	struct { u64 soft, hard; } limit;
	int err = host_syscall4(__NR_prlimit64, 0, LIMIT_NOFILE, NULL, &limit);

	if (err)
		return err;
	if (limit.soft < limit.hard) {
		u64 soft = limit.soft;

		limit.soft = limit.hard;
		if (host_syscall4(__NR_prlimit64, 0, LIMIT_NOFILE, &limit, NULL))
			limit.soft = soft;
	}
	return limit.soft < 0x7fffffff ? limit.soft : 0x7fffffff;
}

u32 host_fs_user(void)
{
	return host_syscall0(__NR_geteuid);
}
