// SPDX-License-Identifier: GPL-2.0
/* Mappings: made, changed, moved, shared, copied on write, and taken away. */
#include "harness.h"
#include <sys/uio.h>

/* the signal that an access to @p raises, 0 if none */
static int access_signal(char *p, bool write)
{
	int sig;

	handle(SIGSEGV, escape, SA_NODEFER);
	handle(SIGBUS, escape, SA_NODEFER);
	sig = sigsetjmp(escape_to, 1);
	if (sig)
		return sig;
	if (write)
		WRITE_ONCE(*p, READ_ONCE(*p) + 1);
	else
		(void)READ_ONCE(*p);
	return 0;
}

#define CHECK_NONE(p)	CHECK_EQ(access_signal(p, false), SIGSEGV)
#define CHECK_READ(p)						\
do {								\
	void *p_ = (p);						\
								\
	CHECK_EQ(access_signal(p_, false), 0);			\
	CHECK_EQ(access_signal(p_, true), SIGSEGV);		\
} while (0)
#define CHECK_WRITE(p)	CHECK_EQ(access_signal(p, true), 0)

TEST(anonymous_memory_is_zero)
{
	unsigned long *p = map_anon(1024 * PAGE, PROT_READ | PROT_WRITE);
	unsigned long i;

	for (i = 0; i < 1024 * PAGE / 8; i++)
		CHECK_EQ(p[i], 0);
	for (i = 0; i < 1024 * PAGE / 8; i++)
		p[i] = i;
	for (i = 0; i < 1024 * PAGE / 8; i++)
		CHECK_EQ(p[i], i);
}

TEST(unmap_a_part)
{
	char *p = map_anon(5 * PAGE, PROT_READ | PROT_WRITE);
	int i;

	for (i = 0; i < 5; i++)
		p[i * PAGE] = i + 1;
	CHECK_EQ(munmap(p + PAGE, PAGE), 0);
	CHECK_EQ(munmap(p + 3 * PAGE, PAGE), 0);
	CHECK_NONE(p + PAGE);
	CHECK_NONE(p + 3 * PAGE);
	CHECK_EQ(p[0], 1);
	CHECK_EQ(p[2 * PAGE], 3);
	CHECK_EQ(p[4 * PAGE], 5);
	CHECK_EQ(munmap(p + PAGE, PAGE), 0);	/* nothing there: no error */
	CHECK_ERR(munmap(p + 1, PAGE), EINVAL);
	CHECK_ERR(munmap(p, 0), EINVAL);
}

TEST(unmapped_and_mapped_again_is_zero)
{
	int i;

	for (i = 0; i < 200; i++) {
		char *p = map_anon(4 * PAGE, PROT_READ | PROT_WRITE), *q;

		memset(p, i + 1, 4 * PAGE);
		munmap(p, 4 * PAGE);
		q = mmap(p, 4 * PAGE, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
		CHECK_EQ(q, p);
		CHECK_EQ(q[0] | q[PAGE] | q[2 * PAGE] | q[4 * PAGE - 1], 0);
		munmap(q, 4 * PAGE);
	}
}

TEST(fixed)
{
	char *p = map_anon(4 * PAGE, PROT_READ | PROT_WRITE), *q;

	memset(p, 1, 4 * PAGE);
	q = mmap(p + PAGE, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	CHECK_EQ(q, p + PAGE);
	CHECK_EQ(q[0], 0);
	CHECK_EQ(p[0], 1);
	CHECK_EQ(p[2 * PAGE], 1);
	CHECK_ERR(mmap(p, PAGE, PROT_READ,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0), EEXIST);
	CHECK_ERR(mmap(p + 1, PAGE, PROT_READ,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0), EINVAL);
	CHECK_ERR(mmap((void *)0x7ffffffff000UL, PAGE, PROT_READ,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0), ENOMEM);
	CHECK_ERR(mmap(NULL, 0, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), EINVAL);
	CHECK_ERR(mmap(NULL, 1UL << 50, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), ENOMEM);
}

TEST(hint)
{
	char *hint = (char *)0x123450000000UL;
	char *p = mmap(hint, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	CHECK_EQ(p, hint);
	p = mmap(hint, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	CHECK(p != MAP_FAILED && p != hint);
}

TEST(low_addresses)
{
	char *p = mmap((void *)0x10000, PAGE, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);

	CHECK_EQ(p, 0x10000);
	*p = 1;
	/* not for everybody; who gets it can use it */
	p = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	if (geteuid())
		CHECK_EQ(p, MAP_FAILED);
	if (p != MAP_FAILED)
		CHECK_WRITE(p);
}

TEST(map_32bit)
{
	int i;

	for (i = 0; i < 100; i++) {
		char *p = mmap(NULL, 16 * PAGE, PROT_READ | PROT_WRITE,
			       MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);

		CHECK(p != MAP_FAILED);
		CHECK((unsigned long)p < 0x80000000UL);
		memset(p, i, 16 * PAGE);
	}
}

TEST(whole_address_space)
{
	/* of all that a guest may be able to use, somewhere in the upper half */
	char *at = (char *)0x6ffff0000000UL;
	char *p = mmap(at, PAGE, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);

	CHECK_EQ(p, at);
	*p = 1;
	/* reserving is not using */
	p = mmap(NULL, 1UL << 40, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	CHECK(p != MAP_FAILED);
	CHECK_EQ(mprotect(p + (1UL << 39), PAGE, PROT_READ | PROT_WRITE), 0);
	p[1UL << 39] = 1;
	CHECK_EQ(munmap(p, 1UL << 40), 0);
}

TEST(brk_grows_and_shrinks)
{
	char *start = sbrk(0), *p;

	CHECK_EQ(brk(start + 100 * PAGE), 0);
	memset(start, 7, 100 * PAGE);
	CHECK_EQ(brk(start + 10), 0);
	p = (char *)(((unsigned long)start + 10 + PAGE - 1) & ~(PAGE - 1));
	CHECK_EQ(start[9], 7);
	CHECK_NONE(p);
	CHECK_EQ(brk(start + 100 * PAGE), 0);
	CHECK_EQ(p[0], 0);
}

/* ---- protection ---- */

TEST(protection_changes)
{
	char *p = map_anon(3 * PAGE, PROT_READ | PROT_WRITE);
	int i;

	memset(p, 5, 3 * PAGE);
	for (i = 0; i < 100; i++) {
		mprotect(p + PAGE, PAGE, PROT_NONE);
		CHECK_NONE(p + PAGE);
		mprotect(p + PAGE, PAGE, PROT_READ);
		CHECK_READ(p + PAGE);
		mprotect(p + PAGE, PAGE, PROT_READ | PROT_WRITE);
		CHECK_WRITE(p + PAGE);
		CHECK_WRITE(p);
		CHECK_WRITE(p + 2 * PAGE);
	}
	CHECK_EQ(p[PAGE], (char)(5 + 100));
	munmap(p + PAGE, PAGE);
	CHECK_ERR(mprotect(p, 3 * PAGE, PROT_READ), ENOMEM);
	CHECK_ERR(mprotect(p + 1, PAGE, PROT_READ), EINVAL);
}

/* a range whose pages are partly in use when it is write-protected */
TEST(protection_of_a_sparse_range)
{
	char *p = map_anon(64 * PAGE, PROT_READ | PROT_WRITE);
	int i;

	for (i = 0; i < 64; i += 3)
		p[i * PAGE] = 1;
	CHECK_EQ(mprotect(p, 64 * PAGE, PROT_READ), 0);
	for (i = 0; i < 64; i++)
		CHECK_READ(p + i * PAGE);
	for (i = 0; i < 64; i++)
		CHECK_EQ(p[i * PAGE], i % 3 == 0);
}

TEST(code_that_was_just_written)
{
	unsigned char *p = map_anon(PAGE, PROT_READ | PROT_WRITE | PROT_EXEC);
	int (*fn)(void) = (void *)p;
	int i;

	for (i = 0; i < 1000; i++) {
		p[0] = 0xb8;		/* mov $i, %eax; ret */
		memcpy(p + 1, &i, 4);
		p[5] = 0xc3;
		CHECK_EQ(fn(), i);
	}
	for (i = 0; i < 100; i++) {
		mprotect(p, PAGE, PROT_READ | PROT_WRITE);
		memcpy(p + 1, &i, 4);
		mprotect(p, PAGE, PROT_READ | PROT_EXEC);
		CHECK_EQ(fn(), i);
	}
}

TEST(code_of_a_file)
{
	static const unsigned char code[] = { 0xb8, 42, 0, 0, 0, 0xc3 };
	int fd = temp_file();
	void *p;

	CHECK_EQ(write(fd, code, sizeof(code)), sizeof(code));
	p = mmap(NULL, PAGE, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0);
	CHECK(p != MAP_FAILED);
	CHECK_EQ(((int (*)(void))p)(), 42);
	CHECK_EQ(pwrite(fd, "\x2b", 1, 1), 1);
	CHECK_EQ(((int (*)(void))p)(), 43);
}

/* ---- move ---- */

static void fill(char *p, int pages, int seed)
{
	int i;

	for (i = 0; i < pages; i++)
		memset(p + i * PAGE, seed + i, PAGE);
}

static void check_filled(char *p, int pages, int seed)
{
	int i;

	for (i = 0; i < pages; i++) {
		CHECK_EQ(p[i * PAGE], (char)(seed + i));
		CHECK_EQ(p[i * PAGE + PAGE - 1], (char)(seed + i));
	}
}

TEST(mremap_grows_shrinks_moves)
{
	char *p = map_anon(10 * PAGE, PROT_READ | PROT_WRITE), *q, *to;

	fill(p, 10, 1);
	q = mremap(p, 10 * PAGE, 5 * PAGE, 0);
	CHECK_EQ(q, p);
	CHECK_NONE(p + 5 * PAGE);
	map_anon(PAGE, PROT_READ);
	q = mremap(p, 5 * PAGE, 5000 * PAGE, MREMAP_MAYMOVE);
	CHECK(q != MAP_FAILED);
	check_filled(q, 5, 1);
	CHECK_EQ(q[5 * PAGE], 0);
	q[4999 * PAGE] = 1;
	if (q != p)
		CHECK_NONE(p);

	to = map_anon(20 * PAGE, PROT_NONE);
	p = mremap(q, 10 * PAGE, 10 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, to + 5 * PAGE);
	CHECK_EQ(p, to + 5 * PAGE);
	check_filled(p, 5, 1);
	CHECK_NONE(q);
	CHECK_NONE(to);
	CHECK_NONE(to + 15 * PAGE);
	CHECK_EQ(q[4999 * PAGE], 1);
}

TEST(mremap_leaves_the_old_place)
{
	char *p = map_anon(4 * PAGE, PROT_READ | PROT_WRITE), *q;

	fill(p, 4, 9);
	q = (char *)syscall(SYS_mremap, p, 4 * PAGE, 4 * PAGE,
			    MREMAP_MAYMOVE | 4 /* MREMAP_DONTUNMAP */, 0);
	CHECK(q != MAP_FAILED && q != p);
	check_filled(q, 4, 9);
	CHECK_EQ(p[0] | p[3 * PAGE], 0);
}

TEST(mremap_of_shared_memory_doubles)
{
	char *p = map_shared(4 * PAGE), *q;

	fill(p, 4, 3);
	q = mremap(p, 0, 4 * PAGE, MREMAP_MAYMOVE);
	CHECK(q != MAP_FAILED && q != p);
	check_filled(q, 4, 3);
	q[0] = 77;
	CHECK_EQ(p[0], 77);
}

/* ---- fork ---- */

TEST(copy_on_write)
{
	char *p = map_anon(256 * PAGE, PROT_READ | PROT_WRITE);
	pid_t pid;
	int i;

	fill(p, 256, 1);
	for (i = 0; i < 5; i++) {
		pid = fork();
		if (!pid) {
			check_filled(p, 256, 1 + i);
			fill(p, 256, 100);
			check_filled(p, 256, 100);
			_exit(0);
		}
		fill(p, 256, 2 + i);
		join_child(pid);
		check_filled(p, 256, 2 + i);
	}
}

TEST(copy_on_write_through_generations)
{
	int *p = map_anon(PAGE, PROT_READ | PROT_WRITE);
	pid_t pid;
	int i;

	for (i = 0; i < 20; i++) {
		*p = i;
		pid = fork();
		if (pid) {
			join_child(pid);
			CHECK_EQ(*p, i);
			_exit(0);
		}
		CHECK_EQ(*p, i);
	}
}

/* the kernel writes for the user: also then the other one must not see it */
TEST(copy_on_write_by_the_kernel)
{
	char *p = map_anon(PAGE, PROT_READ | PROT_WRITE);
	int fd[2];
	pid_t pid;

	memcpy(p, "original", sizeof("original"));
	CHECK_EQ(pipe(fd), 0);
	pid = fork();
	if (!pid) {
		CHECK_EQ(write(fd[1], "changed!", 8), 8);
		CHECK_EQ(read(fd[0], p, 8), 8);
		CHECK_EQ(strcmp(p, "changed!"), 0);
		_exit(0);
	}
	join_child(pid);
	CHECK_EQ(strcmp(p, "original"), 0);
}

TEST(stack_and_data_are_copied)
{
	static int data = 1, bss;
	int local = 2;
	pid_t pid = fork();

	if (!pid) {
		data = 99;
		bss = 99;
		local = 99;
		_exit(0);
	}
	join_child(pid);
	CHECK_EQ(data, 1);
	CHECK_EQ(bss, 0);
	CHECK_EQ(local, 2);
}

TEST(dontfork_and_wipeonfork)
{
	char *p = map_anon(2 * PAGE, PROT_READ | PROT_WRITE);
	pid_t pid;

	p[0] = 1;
	p[PAGE] = 1;
	CHECK_EQ(madvise(p, PAGE, MADV_DONTFORK), 0);
	CHECK_EQ(madvise(p + PAGE, PAGE, MADV_WIPEONFORK), 0);
	pid = fork();
	if (!pid) {
		CHECK_NONE(p);
		CHECK_EQ(p[PAGE], 0);
		_exit(0);
	}
	join_child(pid);
	CHECK_EQ(p[0] + p[PAGE], 2);
}

TEST(mincore)
{
	char *p = map_anon(4 * PAGE, PROT_READ | PROT_WRITE);
	unsigned char in[4];

	p[PAGE] = 1;
	CHECK_EQ(mincore(p, 4 * PAGE, in), 0);
	CHECK_EQ(in[0] & 1, 0);
	CHECK_EQ(in[1] & 1, 1);
	munmap(p, PAGE);
	CHECK_ERR(mincore(p, 4 * PAGE, in), ENOMEM);
}

TEST(mlock_makes_resident)
{
	char *p = map_anon(8 * PAGE, PROT_READ | PROT_WRITE);
	unsigned char in[8];
	int i;

	if (mlock(p, 8 * PAGE))
		SKIP("ulimit -l is too low to lock 8 pages");
	CHECK_EQ(mincore(p, 8 * PAGE, in), 0);
	for (i = 0; i < 8; i++)
		CHECK_EQ(in[i] & 1, 1);
	CHECK_EQ(munlock(p, 8 * PAGE), 0);
}

TEST(populate)
{
	char *p = mmap(NULL, 64 * PAGE, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	unsigned char in[64];
	int i;

	CHECK(p != MAP_FAILED);
	CHECK_EQ(mincore(p, 64 * PAGE, in), 0);
	for (i = 0; i < 64; i++)
		CHECK_EQ(in[i] & 1, 1);
}

TEST(stack_grows)
{
	char big[1 << 20];

	WRITE_ONCE(big[0], 1);
	WRITE_ONCE(big[sizeof(big) - 1], 1);
	CHECK_EQ(READ_ONCE(big[0]) + READ_ONCE(big[sizeof(big) - 1]), 2);
}

TEST(grows_down)
{
	char *p = map_anon(64 * PAGE, PROT_NONE), *q;

	munmap(p, 64 * PAGE);
	q = mmap(p + 63 * PAGE, PAGE, PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_GROWSDOWN, -1, 0);
	CHECK_EQ(q, p + 63 * PAGE);
	CHECK_WRITE(q - 8);
	CHECK_WRITE(q - PAGE - 8);
}

/* ---- memory of another process ---- */

TEST(process_vm)
{
	char *p = map_shared(PAGE), *mine = map_anon(3 * PAGE, PROT_READ | PROT_WRITE);
	char buf[16] = "";
	struct iovec local = { buf, 8 }, remote = { mine + PAGE - 4, 8 };
	pid_t pid;

	memcpy(mine + PAGE - 4, "12345678", 8);
	pid = fork();
	if (!pid) {
		memcpy(mine + PAGE - 4, "child's!", 8);
		WRITE_ONCE(*p, 1);
		while (READ_ONCE(*p) == 1)
			usleep(1000);
		CHECK_EQ(memcmp(mine + PAGE - 4, "parent's", 8), 0);
		_exit(0);
	}
	while (!READ_ONCE(*p))
		usleep(1000);
	if (process_vm_readv(pid, &local, 1, &remote, 1, 0) != 8) {
		kill(pid, SIGKILL);
		if (errno == EPERM || errno == ENOSYS)
			SKIP("process_vm_readv of a child is forbidden here (errno %d)", errno);
		FAIL("process_vm_readv: errno %d", errno);
	}
	CHECK_EQ(memcmp(buf, "child's!", 8), 0);
	local.iov_base = "parent's";
	CHECK_EQ(process_vm_writev(pid, &local, 1, &remote, 1, 0), 8);
	remote.iov_base = (void *)0x1000;
	CHECK_ERR(process_vm_writev(pid, &local, 1, &remote, 1, 0), EFAULT);
	WRITE_ONCE(*p, 2);
	join_child(pid);
	CHECK_EQ(memcmp(mine + PAGE - 4, "12345678", 8), 0);
}

/* ---- user pointers of system calls ---- */

TEST(system_calls_with_bad_pointers)
{
	char *p = map_anon(3 * PAGE, PROT_READ | PROT_WRITE);
	int fd[2];

	CHECK_EQ(pipe(fd), 0);
	munmap(p + PAGE, PAGE);
	mprotect(p + 2 * PAGE, PAGE, PROT_NONE);
	CHECK_ERR(write(fd[1], p + PAGE, 1), EFAULT);
	CHECK_ERR(write(fd[1], p + 2 * PAGE, 1), EFAULT);
	CHECK_ERR(write(fd[1], (void *)0xffff888000000000UL, 1), EFAULT);
	CHECK_ERR(write(fd[1], (void *)0x8000000000000000UL, 1), EFAULT);
	CHECK_ERR(syscall(SYS_write, fd[1], NULL, 1), EFAULT);
	CHECK_EQ(write(temp_file(), p + PAGE - 10, 20), 10);	/* as far as it goes */
	CHECK_EQ(write(fd[1], "12345", 5), 5);
	mprotect(p, PAGE, PROT_READ);
	CHECK_ERR(read(fd[0], p, 5), EFAULT);
	CHECK_ERR(open((char *)0x10, O_RDONLY), EFAULT);
	CHECK_ERR(open(p + 2 * PAGE, O_RDONLY), EFAULT);
	if (in_guest()) {
		CHECK_ERR(write(fd[1], (void *)0x700000000000UL, 1), EFAULT);
		CHECK_ERR(write(fd[1], (void *)0x60000000UL, 1), EFAULT);
		CHECK_ERR(read(fd[0], (void *)0x60100000UL, 1), EFAULT);
	}
}

/* nobody gets the range where the kernel lives in this port, nor rid of it */
TEST(kernel_range_is_not_for_guests)
{
	unsigned long p;

	if (!in_guest())
		SKIP("this is the host");
	for (p = 0x60000000; p < 0x80000000; p += 0x8000000) {
		void *at = (void *)p;

		CHECK_EQ(mmap(at, PAGE, PROT_READ | PROT_WRITE,
			      MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0), MAP_FAILED);
		CHECK_EQ(mremap(map_anon(PAGE, PROT_READ), PAGE, PAGE,
				MREMAP_MAYMOVE | MREMAP_FIXED, at), MAP_FAILED);
		CHECK_EQ(mremap(at, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED,
				map_anon(PAGE, PROT_READ)), MAP_FAILED);
		CHECK_EQ(mprotect(at, PAGE, PROT_READ), -1);
		CHECK_EQ(munmap(at, PAGE), -1);
		CHECK_EQ(munmap((void *)(p - PAGE), 3 * PAGE), -1);
		CHECK_NONE((char *)at);
	}
}

TEST(many_sizes_and_places)
{
	struct { char *p; int pages; unsigned char value; } m[200] = { 0 };
	__u64 r = 99;
	int i, k;

	for (i = 0; i < 3000; i++) {
		int n = next_random(&r) % 200;

		if (m[n].p) {
			for (k = 0; k < m[n].pages; k++)
				CHECK_EQ((unsigned char)m[n].p[k * PAGE], m[n].value);
			munmap(m[n].p, m[n].pages * PAGE);
		}
		m[n].pages = next_random(&r) % 33 + 1;
		m[n].value = next_random(&r);
		m[n].p = map_anon(m[n].pages * PAGE, PROT_READ | PROT_WRITE);
		for (k = 0; k < m[n].pages; k++) {
			CHECK_EQ(m[n].p[k * PAGE], 0);
			m[n].p[k * PAGE] = m[n].value;
		}
	}
}
