// SPDX-License-Identifier: GPL-2.0
/*
 * plain_posix.c - what image formats need (plain.h), inside a program.
 *
 * Descriptors are the program's; locks are those of open files (OFD), which a
 * guest's kernel takes as well.
 */
#include <fcntl.h>
#include <pthread.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <linux/fs.h>
#include "plain.h"

static int result(long value)
{
	return value < 0 ? -errno : value;
}

int plain_open(const char *path, int flags)
{
	int how = O_CLOEXEC | O_NOCTTY | O_NONBLOCK;

	if (flags & PLAIN_LOOK)
		return result(open(path, O_PATH | O_CLOEXEC));
	how |= flags & PLAIN_WRITE ? O_RDWR : O_RDONLY;
	if (flags & PLAIN_DIRECT)
		how |= O_DIRECT;
	if (flags & PLAIN_NEW)
		how |= O_CREAT | O_EXCL;
	if (flags & PLAIN_NAMELESS)
		how |= O_TMPFILE;
	return result(open(path, how, 0666));
}

void plain_close(int fd)
{
	close(fd);
}

static int stat_device(int fd, struct plain_stat *st)
{
	int sector;

	if (ioctl(fd, BLKGETSIZE64, &st->size) || ioctl(fd, BLKSSZGET, &sector))
		return -errno;
	st->block = sector;
	return 0;
}

int plain_stat(int fd, struct plain_stat *st)
{
	struct stat host;

	if (fstat(fd, &host))
		return -errno;
	*st = (struct plain_stat){
		.size = host.st_size,
		.mtime = host.st_mtime,
		.dev = host.st_dev,
		.ino = host.st_ino,
		.block = host.st_blksize,
		.kind = PLAIN_OTHER,
	};
	if (S_ISREG(host.st_mode))
		st->kind = PLAIN_FILE;
	else if (S_ISDIR(host.st_mode))
		st->kind = PLAIN_DIRECTORY;
	if (!S_ISBLK(host.st_mode))
		return 0;
	st->kind = PLAIN_DEVICE;
	st->dev = host.st_rdev;
	st->ino = 0;
	return stat_device(fd, st);
}

int plain_lock_file(int fd, bool exclusive)
{
	struct flock lock = {
		.l_type = exclusive ? F_WRLCK : F_RDLCK,
		.l_whence = SEEK_SET,
	};

	return result(fcntl(fd, F_OFD_SETLK, &lock));
}

static void link_of(int fd, char link[32])
{
	snprintf(link, 32, "/proc/self/fd/%d", fd);
}

int plain_path(int fd, char *path, size_t len)
{
	char link[32];
	ssize_t n;

	link_of(fd, link);
	n = readlink(link, path, len - 1);
	if (n < 0)
		return -errno;
	path[n] = '\0';
	return 0;
}

int plain_reopen(int fd, int flags)
{
	char link[32];

	link_of(fd, link);
	return plain_open(link, flags);
}

int plain_link(int fd, const char *path)
{
	char link[32];

	link_of(fd, link);
	return result(linkat(AT_FDCWD, link, AT_FDCWD, path, AT_SYMLINK_FOLLOW));
}

int plain_unlink(const char *path)
{
	return result(unlink(path));
}

int plain_read(int fd, void *buf, size_t len, u64 pos)
{
	char *at = buf;
	ssize_t n;

	for (; len; at += n, pos += n, len -= n) {
		n = pread(fd, at, len, pos);
		if (n < 0 && errno == EINTR)
			n = 0;
		else if (n < 0)
			return -errno;
		else if (!n)
			break;
	}
	memset(at, 0, len);
	return 0;
}

int plain_write(int fd, const void *buf, size_t len, u64 pos)
{
	const char *at = buf;
	ssize_t n;

	for (; len; at += n, pos += n, len -= n) {
		n = pwrite(fd, at, len, pos);
		if (n < 0 && errno == EINTR)
			n = 0;
		else if (n <= 0)
			return n ? -errno : -EIO;
	}
	return 0;
}

int plain_sync(int fd)
{
	return result(fdatasync(fd));
}

int plain_resize(int fd, u64 size)
{
	return result(ftruncate(fd, size));
}

void plain_punch(int fd, u64 pos, u64 len)
{
	/* where it cannot be done, the space stays */
	if (fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, pos, len))
		return;
}

void *plain_alloc(size_t bytes)
{
	void *at = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	return at == MAP_FAILED ? NULL : at;
}

void plain_free(void *at, size_t bytes)
{
	if (at)
		munmap(at, bytes);
}

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t freed = PTHREAD_COND_INITIALIZER;

void plain_lock(u32 *lock)
{
	pthread_mutex_lock(&mutex);
	while (*lock)
		pthread_cond_wait(&freed, &mutex);
	*lock = 1;
	pthread_mutex_unlock(&mutex);
}

void plain_unlock(u32 *lock)
{
	pthread_mutex_lock(&mutex);
	*lock = 0;
	pthread_cond_broadcast(&freed);
	pthread_mutex_unlock(&mutex);
}

const char *plain_error_text(int err)
{
	return strerror(-err);
}
