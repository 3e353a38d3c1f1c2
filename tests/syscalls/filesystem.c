// SPDX-License-Identifier: GPL-2.0
/* What a file system promises, on the one that /tmp is. */
#include "harness.h"
#include <dirent.h>
#include <linux/falloc.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/socket.h>
#include <sys/xattr.h>

#define FUZZ_BYTES	0x100000
#define FUZZ_STEPS	1500

static char dir[64];

static void clean_up(void)
{
	char command[100];

	snprintf(command, sizeof(command), "rm -rf %s", dir);
	if (system(command))
		fprintf(stderr, "cannot remove %s\n", dir);
}

/* an empty directory of the test's own, removed when the test ends well */
static void enter_dir(void)
{
	snprintf(dir, sizeof(dir), "/tmp/filesystem-XXXXXX");
	CHECK(mkdtemp(dir));
	CHECK_EQ(chdir(dir), 0);
}

static struct statx stat_of(int at, const char *name)
{
	struct statx st;
	int flags = AT_SYMLINK_NOFOLLOW | (*name ? 0 : AT_EMPTY_PATH);

	CHECK_EQ(syscall(SYS_statx, at, name, flags, STATX_BASIC_STATS | STATX_BTIME, &st), 0);
	return st;
}

static int make(const char *name, const char *text)
{
	int fd = open(name, O_RDWR | O_CREAT | O_TRUNC, 0644);

	CHECK(fd >= 0);
	CHECK_EQ(write(fd, text, strlen(text)), strlen(text));
	return fd;
}

static void expect(const char *name, const char *text)
{
	char buf[256];
	int fd = open(name, O_RDONLY), n;

	if (fd < 0)
		FAIL("open(%s), errno %d", name, errno);
	n = read(fd, buf, sizeof(buf) - 1);
	CHECK(n >= 0);
	buf[n] = 0;
	if (strcmp(buf, text))
		FAIL("%s holds '%s', not '%s'", name, buf, text);
	close(fd);
}

static int rename_with(const char *from, const char *to, unsigned int flags)
{
	return syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, flags);
}

TEST(names)
{
	static const char *const odd[] = {
		" ", "...", "a\nb", "-rf", "\xff\xfe", "\\", "caf\xc3\xa9", "*", "a=b,c", ".hidden",
	};
	char longest[257];
	unsigned int i;

	enter_dir();
	for (i = 0; i < sizeof(odd) / sizeof(*odd); i++)
		close(make(odd[i], odd[i]));
	for (i = 0; i < sizeof(odd) / sizeof(*odd); i++)
		expect(odd[i], odd[i]);
	memset(longest, 'x', 256);
	longest[256] = 0;
	CHECK_ERR(open(longest, O_CREAT | O_RDWR, 0600), ENAMETOOLONG);
	longest[255] = 0;
	close(make(longest, "long"));
	expect(longest, "long");
	CHECK_ERR(open("", O_RDONLY), ENOENT);
	CHECK_ERR(open("nothing", O_RDONLY), ENOENT);
	CHECK_ERR(open(" /x", O_RDONLY), ENOTDIR);
	clean_up();
}

TEST(renames)
{
	int fd;

	enter_dir();
	close(make("a", "A"));
	close(make("b", "B"));
	CHECK_ERR(rename_with("a", "b", RENAME_NOREPLACE), EEXIST);
	CHECK_EQ(rename_with("a", "b", RENAME_EXCHANGE), 0);
	expect("a", "B");
	expect("b", "A");
	fd = open("b", O_RDWR);
	CHECK(fd >= 0);
	CHECK_EQ(rename("a", "b"), 0);
	expect("b", "B");
	CHECK_EQ(stat_of(fd, "").stx_nlink, 0);
	CHECK_EQ(pwrite(fd, "still", 5, 0), 5);
	CHECK_EQ(close(fd), 0);
	CHECK_EQ(mkdir("d", 0755), 0);
	CHECK_EQ(mkdir("d/e", 0755), 0);
	CHECK_ERR(rename("d", "d/e/f"), EINVAL);
	CHECK_ERR(rename("b", "d"), EISDIR);
	CHECK_ERR(rmdir("d"), ENOTEMPTY);
	CHECK_EQ(rename("d/e", "e"), 0);
	CHECK_EQ(rmdir("d"), 0);
	CHECK_EQ(rmdir("e"), 0);
	clean_up();
}

TEST(links)
{
	struct statx a, b;
	int fd;

	enter_dir();
	fd = make("a", "one");
	CHECK_EQ(link("a", "b"), 0);
	a = stat_of(AT_FDCWD, "a");
	b = stat_of(AT_FDCWD, "b");
	CHECK_EQ(a.stx_ino, b.stx_ino);
	CHECK_EQ(a.stx_nlink, 2);
	CHECK_EQ(pwrite(fd, "two", 3, 0), 3);
	expect("b", "two");
	CHECK_EQ(unlink("a"), 0);
	CHECK_EQ(stat_of(fd, "").stx_nlink, 1);
	CHECK_EQ(unlink("b"), 0);
	CHECK_EQ(stat_of(fd, "").stx_nlink, 0);
	CHECK_EQ(pwrite(fd, "three", 5, 0), 5);
	CHECK_EQ(stat_of(fd, "").stx_size, 5);
	CHECK_EQ(symlink("nowhere/../..", "s"), 0);
	CHECK_EQ(stat_of(AT_FDCWD, "s").stx_size, 13);
	CHECK_ERR(open("s", O_RDONLY | O_NOFOLLOW), ELOOP);
	CHECK_EQ(symlink("s2", "s2"), 0);
	CHECK_ERR(open("s2", O_RDONLY), ELOOP);
	clean_up();
}

TEST(file_without_a_name)
{
	char path[64];
	int fd;

	enter_dir();
	fd = open(".", O_TMPFILE | O_RDWR, 0640);
	if (fd < 0 && errno == EOPNOTSUPP)
		SKIP("the file system below has no O_TMPFILE");
	CHECK(fd >= 0);
	CHECK_EQ(stat_of(fd, "").stx_nlink, 0);
	CHECK_EQ(write(fd, "born", 4), 4);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	CHECK_EQ(linkat(AT_FDCWD, path, AT_FDCWD, "named", AT_SYMLINK_FOLLOW), 0);
	CHECK_EQ(close(fd), 0);
	expect("named", "born");
	clean_up();
}

TEST(kinds)
{
	struct sockaddr_un name = { AF_UNIX, "sock" };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0), seen = 0;
	struct dirent *d;
	DIR *dp;

	enter_dir();
	close(make("file", ""));
	CHECK_EQ(mkdir("dir", 0700), 0);
	CHECK_EQ(symlink("x", "link"), 0);
	CHECK_EQ(mkfifo("fifo", 0600), 0);
	CHECK_EQ(bind(fd, (struct sockaddr *)&name, sizeof(name)), 0);
	CHECK_EQ(stat_of(AT_FDCWD, "fifo").stx_mode & S_IFMT, S_IFIFO);
	CHECK_EQ(stat_of(AT_FDCWD, "sock").stx_mode & S_IFMT, S_IFSOCK);
	dp = opendir(".");
	while ((d = readdir(dp))) {
		CHECK_EQ(d->d_ino == stat_of(AT_FDCWD, d->d_name).stx_ino ||
			 !strcmp(d->d_name, ".."), true);
		CHECK_EQ(d->d_type << 12, stat_of(AT_FDCWD, d->d_name).stx_mode & S_IFMT);
		seen++;
	}
	closedir(dp);
	CHECK_EQ(seen, 7);
	clean_up();
}

TEST(large_directory)
{
	enum { N = 3000 };
	static bool seen[N];
	long middle = 0;
	char name[32], first[256] = "";
	struct dirent *d;
	int i, n = 0;
	DIR *dp;

	enter_dir();
	for (i = 0; i < N; i++) {
		snprintf(name, sizeof(name), "n%d", i);
		close(open(name, O_CREAT | O_WRONLY, 0600));
	}
	dp = opendir(".");
	while ((d = readdir(dp))) {
		if (*d->d_name != 'n')
			continue;
		i = atoi(d->d_name + 1);
		CHECK(!seen[i]);
		seen[i] = true;
		if (middle && !*first)
			snprintf(first, sizeof(first), "%s", d->d_name);
		if (++n == N / 2)
			middle = telldir(dp);
	}
	CHECK_EQ(n, N);
	seekdir(dp, middle);
	d = readdir(dp);
	CHECK(d && !strcmp(d->d_name, first));
	rewinddir(dp);
	for (n = 0; (d = readdir(dp)); n++) {
		if (*d->d_name == 'n')
			CHECK_EQ(unlink(d->d_name), 0);
	}
	CHECK_EQ(n, N + 2);
	closedir(dp);
	CHECK_EQ(chdir("/"), 0);
	CHECK_EQ(rmdir(dir), 0);
}

TEST(times)
{
	struct timespec when[2] = { { 1000000000, 123456789 }, { 1100000000, 987654321 } };
	struct statx a, b;
	int fd;

	enter_dir();
	fd = make("f", "x");
	CHECK_EQ(futimens(fd, when), 0);
	a = stat_of(fd, "");
	CHECK_EQ(a.stx_atime.tv_sec, 1000000000);
	CHECK_EQ(a.stx_mtime.tv_sec, 1100000000);
	CHECK_EQ(a.stx_mtime.tv_nsec, 987654321);
	CHECK_EQ(close(fd), 0);
	b = stat_of(AT_FDCWD, "f");
	CHECK_EQ(b.stx_mtime.tv_sec, 1100000000);
	if (b.stx_mask & STATX_BTIME)
		CHECK(b.stx_btime.tv_sec > 1200000000);
	/* a write shows at once, and closing does not change what it showed */
	fd = open("f", O_WRONLY);
	CHECK_EQ(write(fd, "y", 1), 1);
	a = stat_of(fd, "");
	CHECK(a.stx_mtime.tv_sec > 1100000000);
	CHECK_EQ(close(fd), 0);
	sleep_ms(20);
	b = stat_of(AT_FDCWD, "f");
	CHECK_EQ(a.stx_mtime.tv_sec, b.stx_mtime.tv_sec);
	CHECK_EQ(a.stx_mtime.tv_nsec, b.stx_mtime.tv_nsec);
	clean_up();
}

TEST(modes)
{
	int fd;

	enter_dir();
	umask(0);
	fd = open("f", O_CREAT | O_RDWR, 0606);
	CHECK_EQ(stat_of(fd, "").stx_mode & 07777, 0606);
	CHECK_EQ(fchmod(fd, 0400), 0);
	CHECK_EQ(stat_of(fd, "").stx_mode & 07777, 0400);
	CHECK_EQ(write(fd, "x", 1), 1);
	CHECK_EQ(mkdir("d", 01777), 0);
	CHECK_EQ(stat_of(AT_FDCWD, "d").stx_mode & 07777, 01777);
	umask(027);
	CHECK_EQ(mkdir("e", 0777), 0);
	CHECK_EQ(stat_of(AT_FDCWD, "e").stx_mode & 07777, 0750);
	clean_up();
}

TEST(extended_attributes)
{
	char buf[100];
	int fd, n;

	enter_dir();
	fd = make("f", "x");
	if (fsetxattr(fd, "user.a", "value", 5, 0) && errno == EOPNOTSUPP)
		SKIP("the file system below has no user attributes");
	CHECK_EQ(getxattr("f", "user.a", buf, sizeof(buf)), 5);
	CHECK_EQ(memcmp(buf, "value", 5), 0);
	CHECK_EQ(getxattr("f", "user.a", NULL, 0), 5);
	CHECK_ERR(getxattr("f", "user.a", buf, 3), ERANGE);
	CHECK_ERR(setxattr("f", "user.a", "w", 1, XATTR_CREATE), EEXIST);
	CHECK_ERR(setxattr("f", "user.b", "w", 1, XATTR_REPLACE), ENODATA);
	CHECK_EQ(setxattr("f", "user.b", "", 0, 0), 0);
	n = listxattr("f", buf, sizeof(buf));
	CHECK(n >= 14);
	CHECK(memmem(buf, n, "user.a", 7) && memmem(buf, n, "user.b", 7));
	CHECK_EQ(removexattr("f", "user.a"), 0);
	CHECK_ERR(getxattr("f", "user.a", buf, sizeof(buf)), ENODATA);
	clean_up();
}

TEST(holes)
{
	const off_t far = 3LL << 40;
	char c = 1;
	int fd;

	enter_dir();
	fd = make("f", "begin");
	CHECK_EQ(pwrite(fd, "end", 3, far), 3);
	CHECK_EQ(stat_of(fd, "").stx_size, far + 3);
	CHECK_EQ(lseek(fd, 1 << 20, SEEK_DATA), far);
	CHECK(lseek(fd, 0, SEEK_HOLE) <= 1 << 20);
	CHECK_EQ(lseek(fd, far, SEEK_HOLE), far + 3);
	CHECK_ERR(lseek(fd, far + 3, SEEK_DATA), ENXIO);
	CHECK_EQ(pread(fd, &c, 1, 1LL << 40), 1);
	CHECK_EQ(c, 0);
	CHECK_EQ(ftruncate(fd, 1 << 20), 0);
	CHECK_EQ(pread(fd, &c, 1, far), 0);
	if (fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, 4096)) {
		CHECK_EQ(errno, EOPNOTSUPP);
	} else {
		c = 1;
		CHECK_EQ(pread(fd, &c, 1, 0), 1);
		CHECK_EQ(c, 0);
	}
	clean_up();
}

TEST(mapped_and_written)
{
	char buf[8], *a, *b;
	int fd;

	enter_dir();
	fd = make("f", "0123456789");
	a = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	b = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	CHECK(a != MAP_FAILED && b != MAP_FAILED);
	CHECK_EQ(memcmp(a, "0123456789\0\0", 12), 0);
	a[3] = 'x';
	b[4] = 'y';
	CHECK_EQ(pread(fd, buf, 6, 0), 6);
	CHECK_EQ(memcmp(buf, "012x45", 6), 0);
	CHECK_EQ(pwrite(fd, "Z", 1, 5), 1);
	CHECK_EQ(a[5], 'Z');
	/* what is written behind the end is in no file */
	a[100] = 'w';
	CHECK_EQ(msync(a, PAGE, MS_SYNC), 0);
	CHECK_EQ(ftruncate(fd, 200), 0);
	CHECK_EQ(pread(fd, buf, 1, 100), 1);
	CHECK_EQ(buf[0], 0);
	/* the last mapping outlives the descriptor */
	CHECK_EQ(close(fd), 0);
	a[0] = 'm';
	CHECK_EQ(munmap(a, PAGE), 0);
	fd = open("f", O_RDONLY);
	CHECK_EQ(read(fd, buf, 2), 2);
	CHECK_EQ(memcmp(buf, "m1", 2), 0);
	clean_up();
}

TEST(around_the_cache)
{
	char *block = map_anon(4 * PAGE, PROT_READ | PROT_WRITE), *back = block + 2 * PAGE;
	int fd, direct;

	enter_dir();
	fd = make("f", "");
	direct = open("f", O_RDWR | O_DIRECT);
	if (direct < 0 && errno == EINVAL)
		SKIP("the file system below has no O_DIRECT");
	CHECK(direct >= 0);
	memset(block, 'd', 2 * PAGE);
	CHECK_EQ(pwrite(direct, block, 2 * PAGE, 0), 2 * PAGE);
	CHECK_EQ(pread(fd, back, 2 * PAGE, 0), 2 * PAGE);
	CHECK_EQ(memcmp(block, back, 2 * PAGE), 0);
	CHECK_EQ(pwrite(fd, "cached", 6, PAGE), 6);
	CHECK_EQ(pread(direct, back, PAGE, PAGE), PAGE);
	CHECK_EQ(memcmp(back, "cachedd", 7), 0);
	CHECK_EQ(pread(direct, back, PAGE, 2 * PAGE), 0);
	clean_up();
}

TEST(copied_by_the_kernel)
{
	loff_t from = 5, to = 3;
	int a, b;

	enter_dir();
	a = make("a", "0123456789");
	b = make("b", "........");
	CHECK_EQ(copy_file_range(a, &from, b, &to, 4, 0), 4);
	CHECK_EQ(from, 9);
	expect("b", "...5678.");
	if (!ioctl(b, FICLONE, a))
		expect("b", "0123456789");
	else
		CHECK(errno == EOPNOTSUPP || errno == ENOTTY || errno == EXDEV || errno == EINVAL);
	clean_up();
}

/* ---- a model: what a file must hold after any sequence of operations ---- */

static unsigned long long seed;

static unsigned int any(unsigned int below)
{
	seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
	return (seed >> 33) % below;
}

static struct {
	int fd;
	unsigned int size;
	char want[FUZZ_BYTES], got[FUZZ_BYTES];
} model;

static void fuzz_compare(unsigned int step, const char *what, const char *got,
			 unsigned int at, unsigned int len)
{
	unsigned int i;

	for (i = 0; i < len; i++)
		if (got[i] != model.want[at + i])
			FAIL("step %u, %s: byte %u is %02x, not %02x", step, what, at + i,
			     got[i] & 255, model.want[at + i] & 255);
}

static void fuzz_write(unsigned int at, unsigned int len, bool mapped)
{
	unsigned int i;

	memset(model.got, 0, len);
	for (i = 0; i < len; i++)
		model.got[i] = 1 + any(255);
	if (mapped) {
		char *p = mmap(NULL, FUZZ_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, model.fd, 0);

		CHECK(p != MAP_FAILED);
		if (at + len > model.size)
			CHECK_EQ(ftruncate(model.fd, at + len), 0);
		memcpy(p + at, model.got, len);
		CHECK_EQ(munmap(p, FUZZ_BYTES), 0);
	} else {
		CHECK_EQ(pwrite(model.fd, model.got, len, at), len);
	}
	memcpy(model.want + at, model.got, len);
	if (at + len > model.size)
		model.size = at + len;
}

static void fuzz_truncate(unsigned int size)
{
	CHECK_EQ(ftruncate(model.fd, size), 0);
	if (size < model.size)
		memset(model.want + size, 0, model.size - size);
	model.size = size;
}

static void fuzz_punch(unsigned int at, unsigned int len)
{
	int mode = FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE;

	if (fallocate(model.fd, mode, at, len)) {
		CHECK_EQ(errno, EOPNOTSUPP);
		return;
	}
	if (at < model.size)
		memset(model.want + at, 0, at + len < model.size ? len : model.size - at);
}

static void fuzz_read(unsigned int step, unsigned int at, unsigned int len, bool mapped)
{
	unsigned int have = at < model.size ? model.size - at : 0;

	if (have > len)
		have = len;
	if (mapped && have) {
		char *p = mmap(NULL, FUZZ_BYTES, PROT_READ, MAP_SHARED, model.fd, 0);

		CHECK(p != MAP_FAILED);
		fuzz_compare(step, "mapped", p + at, at, have);
		CHECK_EQ(munmap(p, FUZZ_BYTES), 0);
		return;
	}
	CHECK_EQ(pread(model.fd, model.got, len, at), have);
	fuzz_compare(step, "read", model.got, at, have);
}

static void fuzz_reopen(unsigned int step)
{
	CHECK_EQ(close(model.fd), 0);
	model.fd = open("f", O_RDWR);
	CHECK(model.fd >= 0);
	if (step % 3 == 0)
		posix_fadvise(model.fd, 0, 0, POSIX_FADV_DONTNEED);
	CHECK_EQ(stat_of(model.fd, "").stx_size, model.size);
}

static void fuzz_step(unsigned int step)
{
	unsigned int at = any(FUZZ_BYTES), len = 1 + any(any(4) ? 5000 : 100000);

	if (at + len > FUZZ_BYTES)
		len = FUZZ_BYTES - at;
	switch (any(12)) {
	case 0: case 1: case 2:
		return fuzz_write(at, len, false);
	case 3:
		return fuzz_write(at, len, true);
	case 4:
		at = model.size < FUZZ_BYTES - 5000 ? model.size : 0;
		return fuzz_write(at, 1 + any(5000), false);
	case 5:
		return fuzz_truncate(any(FUZZ_BYTES));
	case 6:
		return fuzz_punch(at, len);
	case 7:
		CHECK_EQ(any(2) ? fsync(model.fd) : fdatasync(model.fd), 0);
		return;
	case 8:
		return fuzz_reopen(step);
	case 9:
		return fuzz_read(step, at, len, true);
	default:
		return fuzz_read(step, at, len, false);
	}
}

TEST_LIMIT(any_sequence, 240)
{
	unsigned int step;

	enter_dir();
	seed = 20240611;
	model.fd = make("f", "");
	for (step = 0; step < FUZZ_STEPS; step++) {
		fuzz_step(step);
		CHECK_EQ(stat_of(model.fd, "").stx_size, model.size);
	}
	fuzz_reopen(0);
	fuzz_read(step, 0, FUZZ_BYTES, false);
	clean_up();
}
