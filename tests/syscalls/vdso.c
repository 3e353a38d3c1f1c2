// SPDX-License-Identifier: GPL-2.0
/* The vDSO: its symbols, and that it says what the system calls say. */
#include "harness.h"
#include <elf.h>
#include <sys/auxv.h>
#include <sys/ptrace.h>
#include <sys/random.h>

#define NSEC	1000000000LL

/* what mmap() must be told for getrandom()'s state */
struct random_params {
	__u32 state_size, prot, flags, reserved[13];
};

typedef long (*gettime_fn)(clockid_t, struct timespec *);
typedef long (*getcpu_fn)(unsigned int *, unsigned int *, void *);
typedef long (*getrandom_fn)(void *, size_t, unsigned int, void *, size_t);

static const char *image(void)
{
	const char *at = (const char *)getauxval(AT_SYSINFO_EHDR);

	if (!at)
		FAIL("no AT_SYSINFO_EHDR");
	return at;
}

static const Elf64_Dyn *find_dynamic(void)
{
	const Elf64_Ehdr *eh = (const void *)image();
	const Elf64_Phdr *ph = (const void *)(image() + eh->e_phoff);

	for (int i = 0; i < eh->e_phnum; i++)
		if (ph[i].p_type == PT_DYNAMIC)
			return (const void *)(image() + ph[i].p_offset);
	FAIL("the vDSO lacks its dynamic section");
}

static const void *entry(long tag)
{
	const Elf64_Dyn *d;

	for (d = find_dynamic(); d->d_tag != DT_NULL; d++)
		if (d->d_tag == tag)
			return image() + d->d_un.d_ptr;
	return NULL;
}

/* the name of the version with index @index */
static const char *version_name(unsigned int index)
{
	const Elf64_Verdef *def = entry(DT_VERDEF);

	while (def && (def->vd_ndx & 0x7fff) != index)
		def = def->vd_next ? (const void *)((const char *)def + def->vd_next) : NULL;
	if (!def)
		return "";
	return (const char *)entry(DT_STRTAB) +
	       ((const Elf64_Verdaux *)((const char *)def + def->vd_aux))->vda_name;
}

/* NULL: there is none with this name and version LINUX_2.6 */
static void *symbol(const char *name)
{
	const Elf64_Sym *sym = entry(DT_SYMTAB);
	const __u16 *version = entry(DT_VERSYM);
	const char *str = entry(DT_STRTAB);

	/* the string table lies behind the symbols */
	for (unsigned int i = 0; (const char *)&sym[i] < str; i++)
		if (sym[i].st_shndx && !strcmp(str + sym[i].st_name, name) &&
		    !strcmp(version_name(version[i] & 0x7fff), "LINUX_2.6"))
			return (void *)(image() + sym[i].st_value);
	return NULL;
}

static void *need(const char *name)
{
	void *at = symbol(name);

	if (!at)
		FAIL("no symbol %s of version LINUX_2.6", name);
	return at;
}

static long long ns(const struct timespec *ts)
{
	CHECK(ts->tv_nsec >= 0 && ts->tv_nsec < NSEC);
	return ts->tv_sec * NSEC + ts->tv_nsec;
}

TEST(symbols_are_those_of_x86_64)
{
	static const char * const names[] = {
		"clock_gettime", "clock_getres", "gettimeofday", "time", "getcpu",
	};
	char name[40];

	for (unsigned int i = 0; i < ARRAY_SIZE(names); i++) {
		snprintf(name, sizeof(name), "__vdso_%s", names[i]);
		CHECK_EQ(need(name), need(names[i]));
	}
	/* Linux 6.11 */
	if (in_guest())
		need("__vdso_getrandom");
}

TEST(clocks_lie_between_system_calls)
{
	static const clockid_t ids[] = {
		CLOCK_REALTIME, CLOCK_MONOTONIC, CLOCK_MONOTONIC_RAW, CLOCK_BOOTTIME,
		CLOCK_REALTIME_COARSE, CLOCK_MONOTONIC_COARSE, CLOCK_TAI,
		CLOCK_PROCESS_CPUTIME_ID, CLOCK_THREAD_CPUTIME_ID,
	};
	gettime_fn gettime = need("__vdso_clock_gettime");
	struct timespec a, b, c;

	for (unsigned int i = 0; i < 3000 * ARRAY_SIZE(ids); i++) {
		clockid_t id = ids[i / 3000];

		CHECK_EQ(syscall(SYS_clock_gettime, id, &a), 0);
		CHECK_EQ(gettime(id, &b), 0);
		CHECK_EQ(syscall(SYS_clock_gettime, id, &c), 0);
		if (ns(&a) > ns(&b) || ns(&b) > ns(&c))
			FAIL("clock %d: vDSO %lld, between %lld and %lld", id,
			     ns(&b), ns(&a), ns(&c));
	}
}

TEST(clocks_need_no_system_call)
{
	gettime_fn gettime = need("__vdso_clock_gettime");
	long long fast = NSEC, slow = NSEC, t;
	struct timespec ts;

	for (int round = 0; round < 50; round++) {
		t = now_ns();
		for (int i = 0; i < 100; i++)
			gettime(CLOCK_MONOTONIC, &ts);
		t = now_ns() - t;
		fast = t < fast ? t : fast;
		t = now_ns();
		for (int i = 0; i < 100; i++)
			syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &ts);
		t = now_ns() - t;
		slow = t < slow ? t : slow;
	}
	if (fast > slow * 3 / 4)
		FAIL("vDSO %lld ns, system call %lld ns", fast / 100, slow / 100);
}

TEST(bad_clocks)
{
	gettime_fn gettime = need("__vdso_clock_gettime"), getres = need("__vdso_clock_getres");
	static const clockid_t bad[] = { 12, 15, 1000, 0x7fffffff };
	struct timespec ts;

	for (unsigned int i = 0; i < ARRAY_SIZE(bad); i++) {
		CHECK_EQ(gettime(bad[i], &ts), -EINVAL);
		CHECK_EQ(getres(bad[i], &ts), -EINVAL);
	}
}

TEST(resolution_as_the_system_call)
{
	gettime_fn getres = need("__vdso_clock_getres");
	struct timespec a, b;

	for (clockid_t id = 0; id < 12; id++) {
		memset(&a, 0, sizeof(a));
		memset(&b, 0, sizeof(b));
		CHECK_EQ(getres(id, &b), syscall(SYS_clock_getres, id, &a) ? -errno : 0);
		CHECK_EQ(a.tv_sec, b.tv_sec);
		CHECK_EQ(a.tv_nsec, b.tv_nsec);
		CHECK_EQ(getres(id, NULL), syscall(SYS_clock_getres, id, NULL) ? -errno : 0);
	}
}

TEST(time_of_day)
{
	long (*gettimeofday_fn)(struct timeval *tv, struct timezone *tz) =
		 need("__vdso_gettimeofday");
	time_t (*time_fn)(time_t *t) = need("__vdso_time");
	struct timezone za = { 1, 1 }, zb = { 2, 2 };
	struct timeval a, b, c;
	time_t t1, t2, t3;

	for (int i = 0; i < 2000; i++) {
		CHECK_EQ(syscall(SYS_gettimeofday, &a, &za), 0);
		CHECK_EQ(gettimeofday_fn(&b, &zb), 0);
		CHECK_EQ(syscall(SYS_gettimeofday, &c, NULL), 0);
		CHECK(!timercmp(&a, &b, >) && !timercmp(&b, &c, >));
		CHECK_EQ(za.tz_minuteswest, zb.tz_minuteswest);
		CHECK_EQ(za.tz_dsttime, zb.tz_dsttime);

		t1 = syscall(SYS_time, NULL);
		CHECK_EQ(time_fn(&t2), t2);
		t3 = syscall(SYS_time, NULL);
		CHECK(t1 <= t2 && t2 <= t3);
	}
	CHECK_EQ(gettimeofday_fn(NULL, NULL), 0);
}

TEST(cpu_and_node)
{
	getcpu_fn getcpu_vdso = need("__vdso_getcpu");
	unsigned int cpu, node, cpu2, node2;
	cpu_set_t all, one;

	CHECK_EQ(sched_getaffinity(0, sizeof(all), &all), 0);
	for (int i = 0; i < CPU_SETSIZE; i++) {
		if (!CPU_ISSET(i, &all))
			continue;
		CPU_ZERO(&one);
		CPU_SET(i, &one);
		CHECK_EQ(sched_setaffinity(0, sizeof(one), &one), 0);
		CHECK_EQ(getcpu_vdso(&cpu, &node, NULL), 0);
		CHECK_EQ(syscall(SYS_getcpu, &cpu2, &node2, NULL), 0);
		CHECK_EQ(cpu, i);
		CHECK_EQ(cpu, cpu2);
		CHECK_EQ(node, node2);
	}
	CHECK_EQ(getcpu_vdso(NULL, NULL, NULL), 0);
}

/* ---- random numbers ---- */

struct random {
	getrandom_fn fn;
	void *state;
	size_t size;
};

static void random_open(struct random *r)
{
	struct random_params params;

	r->fn = symbol("__vdso_getrandom");
	if (!r->fn)
		SKIP("the host's vDSO has no getrandom()");
	CHECK_EQ(r->fn(NULL, 0, 0, &params, ~0UL), 0);
	r->size = params.state_size;
	CHECK(r->size && r->size <= PAGE);
	r->state = mmap(NULL, PAGE, params.prot, params.flags, -1, 0);
	CHECK(r->state != MAP_FAILED);
}

TEST(random_bytes)
{
	static __u8 buf[5000];
	__u64 set = 0, clear = 0;
	struct random r;

	random_open(&r);
	for (size_t len = 0; len < sizeof(buf); len = len * 3 / 2 + 1) {
		memset(buf, 0, sizeof(buf));
		CHECK_EQ(r.fn(buf, len, 0, r.state, r.size), len);
		for (size_t i = len; i < sizeof(buf); i++)
			CHECK_EQ(buf[i], 0);
		for (size_t i = 0; i < len; i++) {
			set |= (__u64)buf[i] << (i % 8 * 8);
			clear |= (__u64)(__u8)~buf[i] << (i % 8 * 8);
		}
	}
	CHECK_EQ(set, ~0UL);
	CHECK_EQ(clear, ~0UL);
	CHECK_EQ(r.fn(buf, 8, 0x8000, r.state, r.size), -EINVAL);
}

TEST(random_bytes_differ_after_fork)
{
	__u64 *seen = map_shared(PAGE), mine;
	struct random r;
	pid_t pid;

	random_open(&r);
	CHECK_EQ(r.fn(&mine, sizeof(mine), 0, r.state, r.size), sizeof(mine));
	pid = fork();
	CHECK(pid >= 0);
	if (!pid)
		_exit(r.fn(seen, sizeof(*seen), 0, r.state, r.size) != sizeof(*seen));
	join_child(pid);
	CHECK_EQ(r.fn(&mine, sizeof(mine), 0, r.state, r.size), sizeof(mine));
	CHECK(*seen != mine);
}

/* ---- the mapping ---- */

static bool mapping(const char *name, unsigned long *start, unsigned long *end, char *perms)
{
	FILE *f = fopen("/proc/self/maps", "r");
	bool found = false;
	char line[256];

	CHECK(f);
	while (!found && fgets(line, sizeof(line), f))
		found = strstr(line, name) &&
			sscanf(line, "%lx-%lx %4s", start, end, perms) == 3;
	fclose(f);
	return found;
}

TEST(mapped_as_on_x86_64)
{
	unsigned long start, end;
	char perms[5];

	CHECK(mapping("[vdso]", &start, &end, perms));
	CHECK_EQ(start, image());
	CHECK(!strcmp(perms, "r-xp"));
	CHECK(mapping("[vvar]", &start, &end, perms));
	CHECK(!strcmp(perms, "r--p"));
	CHECK_ERR(mprotect((void *)start, end - start, PROT_READ | PROT_WRITE), EACCES);
}

TEST(a_debugger_writes_to_a_copy)
{
	char *code = need("__vdso_time");
	time_t (*time_fn)(time_t *) = (void *)code;
	int status;
	pid_t pid;
	long word;

	pid = fork();
	CHECK(pid >= 0);
	if (!pid) {
		ptrace(PTRACE_TRACEME, 0, 0, 0);
		raise(SIGSTOP);
		time_fn(NULL);
		_exit(0);
	}
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	word = ptrace(PTRACE_PEEKTEXT, pid, code, 0);
	CHECK_EQ(ptrace(PTRACE_POKETEXT, pid, code, (word & ~0xffL) | 0xcc), 0);
	CHECK_EQ(ptrace(PTRACE_CONT, pid, 0, 0), 0);
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK(WIFSTOPPED(status) && WSTOPSIG(status) == SIGTRAP);
	kill(pid, SIGKILL);
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK_EQ((__u8)*code, (__u8)word);
}
