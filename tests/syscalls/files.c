// SPDX-License-Identifier: GPL-2.0
/* Files: what is written is read, by every way there is. */
#include "harness.h"
#include <dirent.h>
#include <linux/falloc.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/xattr.h>

static char dir[64];

/* the test's own directory; gone with /tmp or by clean_up() */
static void enter_dir(void)
{
	memcpy(dir, "/tmp/files-XXXXXX", sizeof("/tmp/files-XXXXXX"));
	CHECK(mkdtemp(dir));
	CHECK_EQ(chdir(dir), 0);
}

static void clean_up(void)
{
	char command[100];

	snprintf(command, sizeof(command), "rm -rf %s", dir);
	CHECK_EQ(system(command), 0);
}

TEST(positions)
{
	int fd = temp_file(), other;
	char buf[16];

	CHECK_EQ(write(fd, "0123456789", 10), 10);
	CHECK_EQ(lseek(fd, 2, SEEK_SET), 2);
	other = dup(fd);
	CHECK_EQ(read(other, buf, 3), 3);
	CHECK_EQ(memcmp(buf, "234", 3), 0);
	CHECK_EQ(lseek(fd, 0, SEEK_CUR), 5);
	CHECK_EQ(pread(fd, buf, 2, 8), 2);
	CHECK_EQ(memcmp(buf, "89", 2), 0);
	CHECK_EQ(lseek(fd, 5, SEEK_END), 15);
	CHECK_EQ(read(fd, buf, 1), 0);
	CHECK_EQ(write(fd, "x", 1), 1);
	CHECK_EQ(pread(fd, buf, 6, 10), 6);
	CHECK_EQ(memcmp(buf, "\0\0\0\0\0x", 6), 0);
	CHECK_ERR(lseek(fd, -1, SEEK_SET), EINVAL);
}

TEST(append_from_many_processes)
{
	char name[80], line[16];
	int i, k, fd;
	pid_t pid[5];
	long size;

	enter_dir();
	snprintf(name, sizeof(name), "%s/log", dir);
	for (i = 0; i < 5; i++) {
		pid[i] = fork();
		if (!pid[i]) {
			fd = open(name, O_WRONLY | O_APPEND | O_CREAT, 0600);
			for (k = 0; k < 200; k++)
				CHECK_EQ(write(fd, "0123456\n", 8), 8);
			_exit(0);
		}
	}
	for (i = 0; i < 5; i++)
		join_child(pid[i]);
	fd = open(name, O_RDONLY);
	size = lseek(fd, 0, SEEK_END);
	CHECK_EQ(size, 8000);
	for (i = 0; i < 1000; i++) {
		CHECK_EQ(pread(fd, line, 8, i * 8), 8);
		CHECK_EQ(memcmp(line, "0123456\n", 8), 0);
	}
	clean_up();
}

TEST(names)
{
	struct stat a, b;
	char buf[64];

	enter_dir();
	CHECK_EQ(close(open("one", O_CREAT | O_EXCL | O_WRONLY, 0640)), 0);
	CHECK_ERR(open("one", O_CREAT | O_EXCL | O_WRONLY, 0640), EEXIST);
	CHECK_EQ(link("one", "two"), 0);
	CHECK_EQ(stat("one", &a), 0);
	CHECK_EQ(stat("two", &b), 0);
	CHECK_EQ(a.st_ino, b.st_ino);
	CHECK_EQ(a.st_nlink, 2);
	CHECK_EQ(a.st_mode, S_IFREG | 0640);
	CHECK_EQ(symlink("two", "link"), 0);
	CHECK_EQ(readlink("link", buf, sizeof(buf)), 3);
	CHECK_EQ(rename("one", "three"), 0);
	CHECK_ERR(stat("one", &a), ENOENT);
	CHECK_EQ(unlink("two"), 0);
	CHECK_ERR(open("link", O_RDONLY), ENOENT);
	CHECK_EQ(mkdir("d", 0700), 0);
	CHECK_ERR(rmdir(".."), ENOTEMPTY);
	CHECK_EQ(rename("three", "d/four"), 0);
	CHECK_ERR(rmdir("d"), ENOTEMPTY);
	CHECK_ERR(open("d", O_WRONLY), EISDIR);
	CHECK_ERR(open("d/four/x", O_RDONLY), ENOTDIR);
	CHECK_EQ(syscall(SYS_renameat2, AT_FDCWD, "d", AT_FDCWD, "link", 2U /* exchange */), 0);
	CHECK_EQ(stat("link/four", &a), 0);
	clean_up();
}

TEST(directories)
{
	struct dirent *d;
	bool seen[500] = { false };
	int i, n = 0;
	DIR *s;

	enter_dir();
	for (i = 0; i < 500; i++) {
		char name[100];

		snprintf(name, sizeof(name), "a-file-with-quite-a-long-name-so-there-are-blocks-%d",
			 i);
		CHECK_EQ(close(open(name, O_CREAT | O_WRONLY, 0600)), 0);
	}
	s = opendir(".");
	while ((d = readdir(s))) {
		const char *number = strrchr(d->d_name, '-');

		if (!number)
			continue;
		i = atoi(number + 1);
		CHECK(i < 500 && !seen[i]);
		seen[i] = true;
		n++;
	}
	closedir(s);
	CHECK_EQ(n, 500);
	clean_up();
}

TEST(holes)
{
	int fd = temp_file();
	struct stat st;
	char c;

	CHECK_EQ(pwrite(fd, "x", 1, 1 << 30), 1);
	CHECK_EQ(fstat(fd, &st), 0);
	CHECK_EQ(st.st_size, (1 << 30) + 1);
	CHECK(st.st_blocks < 1000);
	CHECK_EQ(pread(fd, &c, 1, 12345), 1);
	CHECK_EQ(c, 0);
	CHECK_EQ(ftruncate(fd, 100), 0);
	CHECK_EQ(ftruncate(fd, 1 << 20), 0);
	CHECK_EQ(pread(fd, &c, 1, 99999), 1);
	CHECK_EQ(c, 0);
	if (fallocate(fd, 0, 0, 1 << 20)) {
		CHECK_EQ(errno, EOPNOTSUPP);
		return;
	}
	CHECK_EQ(pwrite(fd, "y", 1, 8192), 1);
	CHECK_EQ(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 8192, 4096), 0);
	CHECK_EQ(pread(fd, &c, 1, 8192), 1);
	CHECK_EQ(c, 0);
}

TEST(locks)
{
	struct flock l = { .l_type = F_WRLCK, .l_start = 10, .l_len = 10 };
	int fd = temp_file();
	pid_t pid;

	CHECK_EQ(fcntl(fd, F_SETLK, &l), 0);
	pid = fork();
	if (!pid) {
		l.l_type = F_RDLCK;
		l.l_start = 15;
		CHECK_EQ(fcntl(fd, F_SETLK, &l) == -1 && (errno == EAGAIN || errno == EACCES), 1);
		CHECK_EQ(fcntl(fd, F_GETLK, &l), 0);
		CHECK_EQ(l.l_pid, getppid());
		CHECK_EQ(l.l_start, 10);
		l = (struct flock) { .l_type = F_WRLCK, .l_start = 20, .l_len = 5 };
		CHECK_EQ(fcntl(fd, F_SETLK, &l), 0);
		_exit(0);
	}
	join_child(pid);
	CHECK_EQ(flock(fd, LOCK_EX | LOCK_NB), 0);
}

TEST(inotify)
{
	char buf[4096] __aligned(8);
	struct inotify_event *e = (void *)buf;
	int fd = inotify_init1(IN_NONBLOCK);

	enter_dir();
	CHECK(inotify_add_watch(fd, ".", IN_CREATE | IN_DELETE) >= 0);
	CHECK_EQ(close(open("born", O_CREAT | O_WRONLY, 0600)), 0);
	CHECK(read(fd, buf, sizeof(buf)) > 0);
	CHECK_EQ(e->mask, IN_CREATE);
	CHECK_EQ(strcmp(e->name, "born"), 0);
	CHECK_EQ(unlink("born"), 0);
	CHECK(read(fd, buf, sizeof(buf)) > 0);
	CHECK_EQ(e->mask, IN_DELETE);
	clean_up();
}

TEST(times)
{
	struct timespec ts[2] = { { 1000000000, 5 }, { 1234567890, 123456789 } };
	int fd = temp_file();
	struct statx sx;

	CHECK_EQ(futimens(fd, ts), 0);
	CHECK_EQ(statx(fd, "", AT_EMPTY_PATH, STATX_BASIC_STATS, &sx), 0);
	CHECK_EQ(sx.stx_mtime.tv_sec, 1234567890);
	CHECK_EQ(sx.stx_mtime.tv_nsec, 123456789);
	CHECK_EQ(sx.stx_uid, geteuid());
}

TEST(extended_attributes)
{
	int fd = temp_file();
	char buf[16];

	if (fsetxattr(fd, "user.key", "value", 5, 0)) {
		CHECK_EQ(errno, EOPNOTSUPP);
		SKIP("the file system of /tmp has no user attributes");
	}
	CHECK_EQ(fgetxattr(fd, "user.key", buf, sizeof(buf)), 5);
	CHECK_EQ(memcmp(buf, "value", 5), 0);
	CHECK_ERR(fgetxattr(fd, "user.other", buf, sizeof(buf)), ENODATA);
}

TEST(proc_files)
{
	char buf[4096], want[64];
	int fd = open("/proc/self/status", O_RDONLY);
	ssize_t n = read(fd, buf, sizeof(buf) - 1);

	CHECK(n > 0);
	buf[n] = 0;
	snprintf(want, sizeof(want), "Pid:\t%d\n", getpid());
	CHECK(strstr(buf, want));
	fd = open("/proc/self/maps", O_RDONLY);
	CHECK(read(fd, buf, sizeof(buf)) > 0);
	CHECK(memmem(buf, sizeof(buf), "r-xp", 4));
	CHECK_ERR(open("/proc/self/nothing", O_RDONLY), ENOENT);
}

TEST(mapped_and_written_by_turns)
{
	int fd = temp_file(), i;
	unsigned int *p, v;

	CHECK_EQ(ftruncate(fd, PAGE), 0);
	p = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	CHECK(p != MAP_FAILED);
	for (i = 1; i < 2000; i++) {
		WRITE_ONCE(*p, i);
		CHECK_EQ(pread(fd, &v, 4, 0), 4);
		CHECK_EQ(v, i);
		v = i + 100000;
		CHECK_EQ(pwrite(fd, &v, 4, 0), 4);
		CHECK_EQ(READ_ONCE(*p), v);
		if (i % 100 == 0)
			CHECK_EQ(fsync(fd), 0);
	}
}
