// SPDX-License-Identifier: GPL-2.0
/* The system-call instruction itself: numbers, arguments, registers, flags. */
#include "harness.h"
#include <limits.h>
#include <sys/resource.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>

TEST(numbers_that_do_not_exist)
{
	static const long numbers[] = {
		-1, -2, 340, 400, 423, 600, 1000, 511, 512, 547, 99999, 0x40000000, 0x40000027,
		0x7fffffff, 0x80000000, 0xffffffff, 0x100000000, LONG_MIN,
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(numbers); i++) {
		long ret, nr = numbers[i];

		/* only the lower half counts */
		if ((unsigned int)nr == 0)
			continue;
		asm volatile("syscall" : "=a" (ret) : "a" (nr), "D" (0), "S" (0), "d" (0)
			     : "rcx", "r11", "memory");
		if (ret != -ENOSYS)
			FAIL("call %#lx returned %ld", nr, ret);
	}
}

TEST(registers_are_kept)
{
	/* all but rax, rcx and r11 */
	unsigned long in[12], out[12], *from, *to;
	int i, k;

	for (k = 0; k < 1000; k++) {
		for (i = 0; i < 12; i++)
			in[i] = 0x1111111111111111UL * (i + 1) + k;
		from = in;
		to = out;
		asm volatile("push %%rbp\n\tpush %1\n\tmov %0, %%rax\n\t"
			"mov (%%rax), %%rbx\n\tmov 8(%%rax), %%rdx\n\tmov 16(%%rax), %%rsi\n\t"
			"mov 24(%%rax), %%rdi\n\tmov 32(%%rax), %%rbp\n\tmov 40(%%rax), %%r8\n\t"
			"mov 48(%%rax), %%r9\n\tmov 56(%%rax), %%r10\n\tmov 64(%%rax), %%r12\n\t"
			"mov 72(%%rax), %%r13\n\tmov 80(%%rax), %%r14\n\tmov 88(%%rax), %%r15\n\t"
			"mov $110, %%eax\n\tsyscall\n\t"	/* getppid */
			"pop %%rax\n\t"
			"mov %%rbx, (%%rax)\n\tmov %%rdx, 8(%%rax)\n\tmov %%rsi, 16(%%rax)\n\t"
			"mov %%rdi, 24(%%rax)\n\tmov %%rbp, 32(%%rax)\n\tmov %%r8, 40(%%rax)\n\t"
			"mov %%r9, 48(%%rax)\n\tmov %%r10, 56(%%rax)\n\tmov %%r12, 64(%%rax)\n\t"
			"mov %%r13, 72(%%rax)\n\tmov %%r14, 80(%%rax)\n\tmov %%r15, 88(%%rax)\n\t"
			"pop %%rbp"
			: "+c" (from), "+a" (to) :
			: "rbx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11", "r12", "r13",
			  "r14", "r15", "memory");
		for (i = 0; i < 12; i++)
			if (in[i] != out[i])
				FAIL("register %d is %#lx, not %#lx", i, out[i], in[i]);
	}
}

TEST(rcx_and_r11_and_flags)
{
	unsigned long rcx, r11, flags, here;

	asm volatile("stc\n\tstd\n\tpushf\n\tpop %3\n\t"
		     "mov $110, %%eax\n\tsyscall\n1:\t"
		     "mov %%rcx, %0\n\tmov %%r11, %1\n\t"
		     "pushf\n\tpop %2\n\tcld"
		     : "=&r" (rcx), "=&r" (r11), "=&r" (flags), "=&r" (here)
		     : : "rax", "rcx", "r11", "memory");
	CHECK_EQ(r11 & 0xed5, here & 0xed5);
	CHECK_EQ(flags & 0xed5, here & 0xed5);
	asm volatile("lea 1f(%%rip), %1\n\tmov $110, %%eax\n\tsyscall\n1:\tmov %%rcx, %0"
		     : "=&r" (rcx), "=&r" (here) : : "rax", "rcx", "r11", "memory");
	CHECK_EQ(rcx, here);
}

TEST(stack_pointer_is_only_a_register)
{
	unsigned long back;
	long ret;

	asm volatile("mov %%rsp, %1\n\tmov $0x1234, %%rsp\n\tmov $110, %%eax\n\tsyscall\n\t"
		     "cmp $0x1234, %%rsp\n\tmov %1, %%rsp\n\tje 1f\n\tmov $-1, %%rax\n1:"
		     : "=&a" (ret), "=&r" (back) : : "rcx", "r11", "memory", "cc");
	CHECK_EQ(ret, getppid());
}

TEST(six_arguments)
{
	int fd = temp_file();
	char *p;

	CHECK_EQ(ftruncate(fd, 8 * PAGE), 0);
	CHECK_EQ(pwrite(fd, "here", 5, 3 * PAGE), 5);
	p = (char *)syscall(SYS_mmap, 0, PAGE, PROT_READ, MAP_PRIVATE, fd, 3 * PAGE);
	CHECK_EQ(strcmp(p, "here"), 0);
}

TEST(a_prefix_in_front)
{
	long ret;

	/* rep and data16 prefixes do not matter */
	asm volatile(".byte 0xf3, 0x0f, 0x05" : "=a" (ret) : "a" (SYS_getppid)
		     : "rcx", "r11", "memory");
	CHECK_EQ(ret, getppid());
}

TEST(at_the_end_of_a_page)
{
	static const unsigned char code[] = { 0xb8, 110, 0, 0, 0, 0x0f, 0x05, 0xc3 };
	unsigned char *p = map_anon(2 * PAGE, PROT_READ | PROT_WRITE | PROT_EXEC);
	int i;

	for (i = 1; i <= 8; i++) {
		memcpy(p + PAGE - i, code, sizeof(code));
		CHECK_EQ(((long (*)(void))(p + PAGE - i))(), getppid());
	}
}

TEST(from_generated_code)
{
	unsigned char *p = map_anon(PAGE, PROT_READ | PROT_WRITE | PROT_EXEC);
	int i;

	for (i = 0; i < 300; i++) {
		static const unsigned short nr[] = { SYS_getpid, SYS_getppid, SYS_getuid };
		long want = i % 3 == 0 ? getpid() : i % 3 == 1 ? getppid() : (long)getuid();

		p[0] = 0xb8;
		p[1] = nr[i % 3];
		p[2] = 0;
		p[3] = 0;
		p[4] = 0;
		p[5] = 0x0f;
		p[6] = 0x05;
		p[7] = 0xc3;
		CHECK_EQ(((long (*)(void))p)(), want);
	}
}

/* the same instruction, by way of a jump between its bytes and those before it */
TEST(jumps_to_the_instruction)
{
	long a, b;

	asm volatile("mov $39, %%eax\n1:\tsyscall\n\tjmp 3f\n"
		     "2:\tmov $110, %%eax\n\tjmp 1b\n"
		     "3:\ttest %%rbx, %%rbx\n\tjnz 4f\n\tmov %%rax, %%rbx\n\tjmp 2b\n"
		     "4:\tmov %%rax, %0\n\tmov %%rbx, %1"
		     : "=&r" (a), "=&b" (b) : "1" (0L) : "rax", "rcx", "r11", "memory");
	CHECK_EQ(b, getpid());
	CHECK_EQ(a, getppid());
}

TEST(uname)
{
	struct utsname u;

	CHECK_EQ(uname(&u), 0);
	CHECK_EQ(strcmp(u.sysname, "Linux"), 0);
	CHECK_EQ(strcmp(u.machine, "x86_64"), 0);
}

TEST(sysinfo)
{
	struct sysinfo s;

	CHECK_EQ(sysinfo(&s), 0);
	CHECK(s.totalram * s.mem_unit > 16UL << 20);
	CHECK(s.freeram <= s.totalram);
	CHECK(s.procs >= 1);
}

TEST(getrandom)
{
	unsigned char a[64] = { 0 }, b[64] = { 0 };

	CHECK_EQ(syscall(SYS_getrandom, a, 64, 0), 64);
	CHECK_EQ(syscall(SYS_getrandom, b, 64, 0), 64);
	CHECK(memcmp(a, b, 64));
}

TEST(limits)
{
	struct rlimit r = { 10, 20 }, old;
	int fd;

	CHECK_EQ(setrlimit(RLIMIT_NOFILE, &r), 0);
	CHECK_EQ(getrlimit(RLIMIT_NOFILE, &old), 0);
	CHECK_EQ(old.rlim_cur * 100 + old.rlim_max, 1020);
	while ((fd = dup(0)) >= 0)
		CHECK(fd < 10);
	CHECK_EQ(errno, EMFILE);
	r.rlim_max = 5;
	CHECK_ERR(setrlimit(RLIMIT_NOFILE, &r), EINVAL);
	r = (struct rlimit) { 64 << 20, 64 << 20 };
	CHECK_EQ(setrlimit(RLIMIT_AS, &r), 0);
	CHECK_ERR(mmap(NULL, 128 << 20, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), ENOMEM);
}

TEST(file_size_limit)
{
	struct rlimit r = { 8192, 8192 };
	char buf[8192] = "";
	int fd = temp_file();

	handle(SIGXFSZ, count_signal, 0);
	CHECK_EQ(setrlimit(RLIMIT_FSIZE, &r), 0);
	CHECK_EQ(write(fd, buf, 8192), 8192);
	CHECK_ERR(write(fd, buf, 1), EFBIG);
	CHECK_EQ(READ_ONCE(signal_count), 1);
}

TEST(many_calls)
{
	pid_t me = getpid();
	int i;

	for (i = 0; i < 100000; i++)
		if (syscall(SYS_getpid) != me)
			FAIL("call %d", i);
}
