/* SPDX-License-Identifier: GPL-2.0 */
/*
 * host_fs.h - the host's file systems, by handle.
 *
 * Companion of host.h for whoever shows host directories inside the guest, and
 * under the same rules: 0 or more, or -errno; any context; no locks. All calls
 * here may block the host thread for as long as the host's disk takes to answer
 * about metadata.
 *
 * A handle is a descriptor, most often opened with O_PATH, which pins an object
 * of the host whatever becomes of its name. A name is one component of a path:
 * no slash, neither "." nor "..". Names are never followed if they are symbolic
 * links. So nothing that a guest says, and no renaming on the host meanwhile,
 * leads outside the directory that a handle stands for.
 */
#ifndef __ASM_USERMODE_HOST_FS_H
#define __ASM_USERMODE_HOST_FS_H

#include <linux/types.h>

/* seconds since the epoch, and nanoseconds */
struct host_time {
	s64 sec;
	s64 nsec;
};

/* in nsec, for host_fs_utimes(): the host's present, or leave it alone */
#define HOST_TIME_NOW		((1L << 30) - 1)
#define HOST_TIME_OMIT		((1L << 30) - 2)

/**
 * struct host_attr - what an object of the host is
 * @dev:	its file system: major in the upper half, minor in the lower
 * @ino:	its number there
 * @size:	bytes
 * @blocks:	allocated, of 512 bytes
 * @rdev:	of a device node, as @dev
 * @mode:	S_IFMT and permissions
 * @nlink:	names
 * @uid:	owner, a number of the host's
 * @gid:	group, a number of the host's
 * @blksize:	bytes that the host likes to transfer at once
 * @has_btime:	@btime is known
 * @atime:	last access
 * @mtime:	last change of the data
 * @ctime:	last change of anything
 * @btime:	birth
 */
struct host_attr {
	u64 dev, ino, size, blocks, rdev;
	u32 mode, nlink, uid, gid, blksize;
	bool has_btime;
	struct host_time atime, mtime, ctime, btime;
};

/* struct host_fs_space - statfs(2) of the host, the same fields */
struct host_fs_space {
	u64 type, bsize, blocks, bfree, bavail, files, ffree, namelen, frsize;
};

/* ---- finding and making (host/file_at.c) -------------------------------- */

/*
 * O_PATH handle of @path below the directory @root, which is the path's "/":
 * symbolic links and ".." are followed inside it and cannot leave it, magic
 * links are refused (-ELOOP). Retried while the host renames directories.
 */
int host_fs_resolve(int root, const char *path);
/* the object called @name; @flags of open(2), O_CREAT with @mode */
int host_fs_open(int dir, const char *name, int flags, unsigned int mode);
/* a file without a name in @dir; @flags: O_RDWR or O_WRONLY */
int host_fs_tmpfile(int dir, int flags, unsigned int mode);
/* the object of a handle once more, with other @flags; not a symbolic link */
int host_fs_reopen(int fd, int flags);
int host_fs_mkdir(int dir, const char *name, unsigned int mode);
int host_fs_mknod(int dir, const char *name, unsigned int mode, u64 rdev);
int host_fs_symlink(int dir, const char *name, const char *target);
/* another name for the object of a handle */
int host_fs_link(int fd, int dir, const char *name);
int host_fs_unlink(int dir, const char *name, bool is_dir);
/* @flags of renameat2(2) */
int host_fs_rename(int from, const char *old, int to, const char *new, unsigned int flags);
/* the bytes of a symbolic link, no NUL */
ssize_t host_fs_readlink(int fd, char *buf, size_t len);
/* as many records (struct linux_dirent64) as fit; 0 at the end */
ssize_t host_fs_getdents(int fd, void *buf, size_t len);

/* ---- what objects are (host/file_attr.c) -------------------------------- */

/* of @name in @dir, or of the handle itself where @name is NULL */
int host_fs_stat(int dir, const char *name, struct host_attr *attr);
int host_fs_chmod(int fd, unsigned int mode);
int host_fs_chown(int fd, u32 uid, u32 gid);	/* -1: leave it alone */
int host_fs_truncate(int fd, u64 size);
int host_fs_utimes(int fd, const struct host_time *atime, const struct host_time *mtime);
int host_fs_space(int fd, struct host_fs_space *space);
/* @flags: XATTR_CREATE, XATTR_REPLACE. get, list: @len 0 asks for the size */
int host_fs_setxattr(int fd, const char *name, const void *value, size_t len, int flags);
ssize_t host_fs_getxattr(int fd, const char *name, void *value, size_t len);
/* of @name in @dir */
ssize_t host_fs_getxattr_at(int dir, const char *name, const char *xattr, void *value, size_t len);
ssize_t host_fs_listxattr(int fd, char *list, size_t len);
int host_fs_removexattr(int fd, const char *name);

/* ---- open files (host/file_data.c) -------------------------------------- */

s64 host_fs_lseek(int fd, s64 pos, int whence);
/* data and metadata of @fd, or its data alone, to stable storage */
int host_fs_sync(int fd, bool data_only);
/* everything of the file system that @fd is on */
int host_fs_syncfs(int fd);
/* copied by the host itself: bytes, which may be fewer than @len */
ssize_t host_fs_copy(int from, u64 from_pos, int to, u64 to_pos, size_t len);
/* shared extents; @len 0: to the end. -EOPNOTSUPP, -EXDEV where that is impossible */
int host_fs_clone(int from, u64 from_pos, u64 len, int to, u64 to_pos);
/* FS_IOC_GETVERSION: the inode's generation */
int host_fs_generation(int fd, u32 *generation);
/*
 * A lock of the open file @fd on [pos, pos + len), @len 0: to the end, against
 * others of the host. @type: F_RDLCK, F_WRLCK, F_UNLCK. -EAGAIN: taken.
 */
int host_fs_lock(int fd, int type, u64 pos, u64 len);
/* let this process have as many descriptors as it may; how many those are */
int host_fs_raise_limit(void);
/* the user that this process is for the host's permission checks */
u32 host_fs_user(void);

#endif /* __ASM_USERMODE_HOST_FS_H */
