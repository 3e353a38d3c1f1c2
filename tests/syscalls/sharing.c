// SPDX-License-Identifier: GPL-2.0
/* Memory that processes share, through fork, files and memfds, or keep from each other. */
#include "harness.h"

TEST(shared_memory_is_not)
{
	int *p = map_shared(16 * PAGE);
	pid_t pid;
	int i;

	for (i = 0; i < 16; i++) {
		pid = fork();
		if (!pid) {
			WRITE_ONCE(p[i * 1024], i + 1);
			_exit(0);
		}
		join_child(pid);
		CHECK_EQ(READ_ONCE(p[i * 1024]), i + 1);
	}
}

TEST(vfork_shares)
{
	static int said;
	pid_t pid = vfork();

	if (!pid) {
		WRITE_ONCE(said, 1);
		_exit(0);
	}
	CHECK_EQ(READ_ONCE(said), 1);
	join_child(pid);
}

/* ---- files ---- */

TEST(shared_file_mapping)
{
	int fd = temp_file();
	char buf[8], *p, *q;

	CHECK_EQ(ftruncate(fd, 4 * PAGE), 0);
	p = mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	q = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 2 * PAGE);
	CHECK(p != MAP_FAILED && q != MAP_FAILED);
	memcpy(p + 2 * PAGE, "mapped", sizeof("mapped"));
	CHECK_EQ(strcmp(q, "mapped"), 0);
	CHECK_EQ(pread(fd, buf, 7, 2 * PAGE), 7);
	CHECK_EQ(strcmp(buf, "mapped"), 0);
	CHECK_EQ(pwrite(fd, "written", 8, 2 * PAGE), 8);
	CHECK_EQ(strcmp(q, "written"), 0);
	CHECK_EQ(msync(p, 4 * PAGE, MS_SYNC), 0);
	/* clean again: the next write must be noticed, too */
	memcpy(p + 2 * PAGE, "again", sizeof("again"));
	CHECK_EQ(msync(p, 4 * PAGE, MS_SYNC), 0);
	CHECK_EQ(pread(fd, buf, 6, 2 * PAGE), 6);
	CHECK_EQ(strcmp(buf, "again"), 0);
}

TEST(private_file_mapping)
{
	int fd = temp_file();
	char buf[8] = "", *p;

	CHECK_EQ(write(fd, "content", 8), 8);
	p = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	CHECK(p != MAP_FAILED);
	CHECK_EQ(strcmp(p, "content"), 0);
	memcpy(p, "mine", sizeof("mine"));
	CHECK_EQ(pread(fd, buf, 8, 0), 8);
	CHECK_EQ(strcmp(buf, "content"), 0);
	CHECK_EQ(madvise(p, PAGE, MADV_DONTNEED), 0);
	CHECK_EQ(strcmp(p, "content"), 0);
}

TEST(offset_and_length)
{
	int fd = temp_file();
	int i;

	for (i = 0; i < 64; i++) {
		char page[PAGE];

		memset(page, i, PAGE);
		CHECK_EQ(write(fd, page, PAGE), PAGE);
	}
	for (i = 0; i < 64; i++) {
		char *p = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, i * PAGE);

		CHECK(p != MAP_FAILED);
		CHECK_EQ(p[0], i);
		CHECK_EQ(p[PAGE - 1], i);
	}
	CHECK_ERR(mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 1), EINVAL);
}

TEST(memfd_with_seals)
{
	int fd = syscall(SYS_memfd_create, "test", 2U /* MFD_ALLOW_SEALING */);
	char *p;

	CHECK(fd >= 0);
	CHECK_EQ(ftruncate(fd, PAGE), 0);
	p = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	CHECK(p != MAP_FAILED);
	p[0] = 1;
	CHECK_ERR(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE), EBUSY);
	munmap(p, PAGE);
	CHECK_EQ(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE), 0);
	CHECK_ERR(write(fd, "x", 1), EPERM);
}

/* ---- advice ---- */

TEST(dontneed_gives_zeros)
{
	char *p = map_anon(100 * PAGE, PROT_READ | PROT_WRITE);
	int i;

	for (i = 0; i < 20; i++) {
		memset(p, 1, 100 * PAGE);
		CHECK_EQ(madvise(p + 10 * PAGE, 80 * PAGE, MADV_DONTNEED), 0);
		CHECK_EQ(p[9 * PAGE], 1);
		CHECK_EQ(p[10 * PAGE], 0);
		CHECK_EQ(p[89 * PAGE], 0);
		CHECK_EQ(p[90 * PAGE], 1);
	}
}

TEST(remove_makes_a_hole_for_all)
{
	char *p = map_shared(4 * PAGE);
	pid_t pid;

	memset(p, 1, 4 * PAGE);
	pid = fork();
	if (!pid) {
		CHECK_EQ(p[PAGE], 1);
		CHECK_EQ(madvise(p + PAGE, PAGE, MADV_REMOVE), 0);
		_exit(0);
	}
	CHECK_EQ(p[PAGE] | 1, 1);
	join_child(pid);
	CHECK_EQ(p[0], 1);
	CHECK_EQ(p[PAGE], 0);
	CHECK_EQ(p[2 * PAGE], 1);
}
