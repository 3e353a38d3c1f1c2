// SPDX-License-Identifier: GPL-2.0
/*
 * file.c - files, directories, pipes, descriptors' flags and whole-file locks.
 */
#include <fcntl.h>
#include <linux/falloc.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "harness.h"

static void test_read_write(void)
{
	char one[6] = "hello", two[4] = "abc", x[6], y[4];
	struct iovec out[] = { { one, 5 }, { two, 3 } };
	struct iovec in[] = { { x, 5 }, { y, 3 } };
	struct host_stat st;
	int fd;

	fd = host_open("f", O_RDWR | O_CREAT | O_EXCL, 0600);
	CHECK(fd >= 0);
	CHECK_EQ(fcntl(fd, F_GETFD), FD_CLOEXEC);
	CHECK_EQ(host_open("f", O_RDWR | O_CREAT | O_EXCL, 0600), -EEXIST);

	/* beyond 4 GiB: the position is 64 bits wide */
	CHECK_EQ(host_pwritev(fd, out, 2, 5ULL << 32), 8);
	CHECK_EQ(host_preadv(fd, in, 2, 5ULL << 32), 8);
	CHECK(!memcmp(x, "hello", 5) && !memcmp(y, "abc", 3));
	CHECK_EQ(host_preadv(fd, in, 2, (5ULL << 32) + 6), 2);
	CHECK_EQ(host_preadv(fd, in, 2, 6ULL << 32), 0);
	CHECK_EQ(host_fdatasync(fd), 0);

	CHECK_EQ(host_fstat(fd, &st), 0);
	CHECK_EQ(st.size, (5ULL << 32) + 8);
	CHECK_EQ(st.mode, S_IFREG | 0600);
	CHECK(st.ino && st.blksize);
	CHECK_EQ(host_fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 5ULL << 32, 5), 0);
	CHECK_EQ(host_preadv(fd, in, 2, 5ULL << 32), 8);
	CHECK(!memcmp(x, "\0\0\0\0\0", 5) && !memcmp(y, "abc", 3));
	CHECK_EQ(host_ftruncate(fd, 3), 0);
	CHECK_EQ(host_fstat(fd, &st), 0);
	CHECK_EQ(st.size, 3);

	CHECK_EQ(host_write(fd, "xyz", 3), 3);
	CHECK_EQ(host_read(fd, x, sizeof(x)), 0);
	CHECK_EQ(host_close(fd), 0);
	CHECK_EQ(host_close(fd), -EBADF);
	CHECK_EQ(host_fstat(fd, &st), -EBADF);
	CHECK_EQ(host_unlink("f"), 0);
	CHECK_EQ(host_unlink("f"), -ENOENT);
}

static void test_directories(void)
{
	char link[8];
	int fd;

	CHECK_EQ(host_mkdir("d", 0700), 0);
	CHECK_EQ(host_mkdir("d", 0700), -EEXIST);
	fd = host_open("d/f", O_WRONLY | O_CREAT, 0600);
	CHECK(fd >= 0);
	CHECK_EQ(host_close(fd), 0);
	CHECK_EQ(host_rmdir("d"), -ENOTEMPTY);
	CHECK_EQ(host_unlink("d/f"), 0);
	CHECK_EQ(host_unlink("d"), -EISDIR);

	CHECK_EQ(symlink("target", "d/l"), 0);
	CHECK_EQ(host_readlink("d/l", link, sizeof(link)), 6);
	CHECK(!memcmp(link, "target", 6));
	CHECK_EQ(host_readlink("d/l", link, 2), 2);
	CHECK_EQ(host_readlink("d", link, sizeof(link)), -EINVAL);
	CHECK_EQ(host_unlink("d/l"), 0);
	CHECK_EQ(host_rmdir("d"), 0);
}

static void test_pipes(void)
{
	u64 v = 3;
	int fd[2];
	char c;

	CHECK_EQ(host_pipe(fd), 0);
	CHECK_EQ(fcntl(fd[0], F_GETFD), FD_CLOEXEC);
	CHECK_EQ(host_set_nonblock(fd[0], true), 0);
	CHECK_EQ(host_read(fd[0], &c, 1), -EAGAIN);
	CHECK_EQ(host_write(fd[1], "x", 1), 1);
	CHECK_EQ(host_read(fd[0], &c, 1), 1);
	CHECK_EQ(c, 'x');
	CHECK_EQ(host_set_nonblock(fd[0], false), 0);
	CHECK(!(fcntl(fd[0], F_GETFL) & O_NONBLOCK));
	CHECK_EQ(host_close(fd[1]), 0);
	CHECK_EQ(host_read(fd[0], &c, 1), 0);
	CHECK_EQ(host_close(fd[0]), 0);

	fd[0] = host_eventfd();
	CHECK(fd[0] >= 0);
	CHECK_EQ(host_read(fd[0], &v, 8), -EAGAIN);
	CHECK_EQ(host_write(fd[0], &v, 8), 8);
	CHECK_EQ(host_write(fd[0], &v, 8), 8);
	CHECK_EQ(host_read(fd[0], &v, 8), 8);
	CHECK_EQ(v, 6);
	CHECK_EQ(host_close(fd[0]), 0);
}

static void test_locks(void)
{
	int a, b, c, copy;

	a = host_open("lock", O_RDWR | O_CREAT, 0600);
	b = host_open("lock", O_RDWR, 0);
	c = host_open("lock", O_RDONLY, 0);
	CHECK(a >= 0 && b >= 0 && c >= 0);

	/* shared with shared, not with exclusive, and within one process too */
	CHECK_EQ(host_lock_file(a, false), 0);
	CHECK_EQ(host_lock_file(b, false), 0);
	CHECK_EQ(host_lock_file(b, true), -EAGAIN);
	CHECK_EQ(host_lock_file(c, true), -EBADF);
	CHECK_EQ(host_close(b), 0);
	CHECK_EQ(host_lock_file(a, true), 0);
	CHECK_EQ(host_lock_file(c, false), -EAGAIN);

	/* gone with the last copy, not before; closing another descriptor is no release */
	copy = dup(a);
	CHECK_EQ(host_close(a), 0);
	CHECK_EQ(host_lock_file(c, false), -EAGAIN);
	b = host_open("lock", O_RDWR, 0);
	CHECK_EQ(host_close(b), 0);
	CHECK_EQ(host_lock_file(c, false), -EAGAIN);
	CHECK_EQ(host_close(copy), 0);
	CHECK_EQ(host_lock_file(c, false), 0);
	CHECK_EQ(host_close(c), 0);
	CHECK_EQ(host_unlink("lock"), 0);
}

/* an executed program gets none of our descriptors */
static void test_exec(void)
{
	char * const argv[] = {
		"/bin/sh", "-c", "test \"$X\" = 1 && test ! -e /proc/self/fd/$FD", NULL
	};
	char env[20];
	char * const envp[] = { "X=1", env, NULL };
	int fd = host_memfd("exec", 0);
	int status;

	CHECK(fd > 2);
	snprintf(env, sizeof(env), "FD=%d", fd);
	if (!fork()) {
		CHECK_EQ(host_exec("/nonexistent", argv, envp), -ENOENT);
		host_exec(argv[0], argv, envp);
		_exit(1);
	}
	CHECK(host_wait(-1, &status, 0) > 0);
	CHECK_EQ(status, 0);
	CHECK_EQ(host_wait(-1, &status, 0), -ECHILD);
	CHECK_EQ(host_close(fd), 0);
}

int main(void)
{
	struct resources before;

	test_begin(20);
	resources_now();
	before = resources_now();
	test_read_write();
	test_directories();
	test_pipes();
	test_locks();
	test_exec();
	resources_check("file", before);
	return 0;
}
