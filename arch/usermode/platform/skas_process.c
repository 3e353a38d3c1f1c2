// SPDX-License-Identifier: GPL-2.0
/*
 * skas_process.c - host processes: created, told to make calls, kept, ended.
 *
 * Owns the stub's image and the idle host processes of each virtual CPU. Idle
 * ones are taken and put by single atomic exchanges: create and destroy may be
 * interrupted, and another space be created meanwhile. The list of all is touched
 * with interrupts off, where host processes start and end.
 */
#include <uapi/asm-generic/mman-common.h>
#include <uapi/asm/siginfo.h>
#include <uapi/asm/signal.h>
#include <uapi/linux/audit.h>
#include <uapi/linux/errno.h>
#include <uapi/linux/filter.h>
#include <uapi/linux/mman.h>
#include <uapi/linux/prctl.h>
#include <uapi/linux/seccomp.h>
#include <uapi/linux/wait.h>
#include <asm/guest_regs.h>
#include <asm/host.h>
#include <asm/unistd.h>
#include "skas_process.h"
#include "vcpu.h"

#define HOST_END	0x7ffffffff000UL	/* of every address that a host process can map */

#define STOPS_MAX	1000	/* that mean nothing, within one list */

#define IDLE_MAX	16
#define IDLE_MAPS	8192	/* guest mappings that an idle host process may hold */

#define REQ_XCOMP_PERM	0x1023	/* ARCH_REQ_XCOMP_PERM of asm/prctl.h, Linux 5.16 */
#define XFEATURE_TILES	18

static int image_fd = -1;
static struct stub_page *idle[PLATFORM_VCPUS][IDLE_MAX];
static struct stub_page *alive;		/* all that have a host process */

static const struct guest_regs stub_regs = {
	.pt = {
		.orig_ax = -1,
		.ip	 = STUB_RUN,
		.cs	 = GUEST_CS,
		.flags	 = GUEST_FLAGS_FIXED,
		.ss	 = GUEST_SS,
	},
};

/* ---- those that live ------------------------------------------------------ */

static void note_alive(struct stub_page *stub)
{
	stub->prev = NULL;
	stub->next = alive;
	if (alive)
		alive->prev = stub;
	alive = stub;
}

static void note_dead(struct stub_page *stub)
{
	if (stub->next)
		stub->next->prev = stub->prev;
	if (stub->prev)
		stub->prev->next = stub->next;
	else
		alive = stub->next;
	/* its number may belong to somebody else from now on */
	stub->pid = 0;
}

void skas_process_end_all(void)
{
	while (alive)
		skas_process_end(alive);
}

/* ---- running ------------------------------------------------------------- */

int skas_process_wait(struct stub_page *stub)
{
	int status = 0;
	int ret;

	do {
		ret = host_wait(stub->pid, &status, HOST_WAIT_ALL);
	} while (ret == -EINTR);
	if (ret > 0 && (status & 0xff) == 0x7f)
		return status >> 8;
	note_dead(stub);
	return -ESRCH;
}

void skas_process_check(struct stub_page *stub)
{
	int status;

	/* that it is stopped was told before: now there is only its death to tell */
	if (host_wait(stub->pid, &status, HOST_WAIT_ALL | WNOHANG))
		note_dead(stub);
}

static int resume(struct stub_page *stub)
{
	host_ptrace(HOST_PTRACE_CONT, stub->pid, 0, 0);
	/* had it failed, then because of a SIGKILL that wait tells us about */
	return skas_process_wait(stub);
}

/* 0: the list is done; >0: it is not yet; <0: what the failed call returned */
static int list_stopped(struct stub_page *stub, int stop)
{
	struct guest_regs regs;
	siginfo_t info;

	if (stop >> 8 == HOST_PTRACE_EVENT_SECCOMP)
		return 0;
	/* most likely it may not even read the list: guest code can lock itself out by a key */
	if ((stop == SIGSEGV || stop == SIGBUS) &&
	    !host_ptrace(HOST_PTRACE_GETSIGINFO, stub->pid, 0, (unsigned long)&info) &&
	    info.si_code > 0)
		return -EFAULT;
	if (stop != SIGTRAP && stop != SIGILL)
		return 1;	/* an interrupt's stop, or a signal from outside */

	if (host_ptrace(HOST_PTRACE_GETREGS, stub->pid, 0, (unsigned long)&regs))
		return 1;
	if (regs.pt.ip == STUB_DONE)
		return 0;
	if (regs.pt.ip != STUB_FAILED)
		return 1;
	return (long)regs.pt.ax < 0 ? (int)regs.pt.ax : -EIO;
}

int skas_process_run(struct stub_page *stub, unsigned int n, bool plain)
{
	int stop, err, tries = STOPS_MAX;

	stub->calls[n].nr = STUB_CALL_END;
	if (plain)
		host_ptrace(HOST_PTRACE_POKE_USER, stub->pid,
			    offsetof(struct guest_regs, pt.ip), STUB_RUN);
	else
		host_ptrace(HOST_PTRACE_SETREGS, stub->pid, 0, (unsigned long)&stub_regs);
	do {
		stop = resume(stub);
		if (stop < 0)
			return stop;
		err = list_stopped(stub, stop);
	} while (err > 0 && --tries);
	return err > 0 ? -EIO : err;
}

void skas_process_call(struct stub_page *stub, unsigned int *n, u64 nr, u64 a, u64 b, u64 c,
		       u64 d, u64 e, u64 f, u64 want)
{
	stub->calls[(*n)++] = (struct stub_call) { nr, { a, b, c, d, e, f }, want };
}

/* a single call, before the stub can see a list */
static long call_once(struct stub_page *stub, u64 nr, u64 a, u64 b, u64 c, u64 d, u64 e, u64 f)
{
	struct guest_regs regs = stub_regs;
	int stop;

	regs.pt.ip = STUB_CALL;
	regs.pt.ax = nr;
	regs.pt.di = a;
	regs.pt.si = b;
	regs.pt.dx = c;
	regs.pt.r10 = d;
	regs.pt.r8 = e;
	regs.pt.r9 = f;
	host_ptrace(HOST_PTRACE_SETREGS, stub->pid, 0, (unsigned long)&regs);
	do {
		stop = resume(stub);
		if (stop < 0)
			return stop;
		host_ptrace(HOST_PTRACE_GETREGS, stub->pid, 0, (unsigned long)&regs);
	} while (stop != SIGTRAP || regs.pt.ip != STUB_CALLED);
	return regs.pt.ax;
}

/* ---- creation ------------------------------------------------------------ */

/* what the setup's calls point to; it lies in the page behind their list */
struct setup_data {
	char name[16];
	struct sock_fprog prog;
	struct sock_filter filter[9];
};

#define SETUP_CALLS	8
#define SETUP_AT(member) \
	(STUB_PAGE + SETUP_CALLS * STUB_CALL_SIZE + offsetof(struct setup_data, member))

/*
 * What the host process itself may do is map and unmap, and say that it is
 * done. Guest code never gets this far: its calls are caught before filters are
 * asked; all but those of the vsyscall page, which the host would answer itself.
 */
static const struct setup_data setup_data = {
	.name = "usermode-guest",
	.prog = { .len = 9, .filter = (void *)SETUP_AT(filter) },
	.filter = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_X86_64, 0, 4),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, STUB_CALL_END, 3, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_mmap, 3, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_munmap, 2, 0),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRAP),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRACE),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	},
};

static int set_up(struct stub_page *stub)
{
	unsigned int n = 0;
	long at;

	at = call_once(stub, __NR_mmap, STUB_PAGE, sizeof(*stub), PROT_READ,
		       MAP_SHARED | MAP_FIXED | MAP_POPULATE, 0, platform_phys(stub));
	if (at != STUB_PAGE)
		return at < 0 ? at : -EIO;

	__builtin_memcpy(&stub->calls[SETUP_CALLS], &setup_data, sizeof(setup_data));
	skas_process_call(stub, &n, __NR_munmap, 0, STUB_START, 0, 0, 0, 0, 0);
	/*
	 * The host's vDSO may be sealed (Linux 6.16). What cannot go may stay: it
	 * lies above all that the guest knows, and calls from there are caught.
	 */
	skas_process_call(stub, &n, __NR_munmap, STUB_END, HOST_END - STUB_END, 0, 0, 0, 0,
			  STUB_ANY);
	skas_process_call(stub, &n, __NR_prctl, PR_SET_NAME, SETUP_AT(name), 0, 0, 0, 0,
			  STUB_ANY);
	/* lets guest code use AMX, where the host has it */
	skas_process_call(stub, &n, __NR_arch_prctl, REQ_XCOMP_PERM, XFEATURE_TILES, 0, 0, 0, 0,
			  STUB_ANY);
	/* a host without filters goes without: then vsyscall() never sees a call */
	skas_process_call(stub, &n, __NR_seccomp, SECCOMP_SET_MODE_FILTER,
			  SECCOMP_FILTER_FLAG_SPEC_ALLOW, SETUP_AT(prog), 0, 0, 0, STUB_ANY);
	return skas_process_run(stub, n, false);
}

/* dead or alive, it is gone afterwards */
void skas_process_end(struct stub_page *stub)
{
	if (!stub->pid)
		return;
	host_kill(stub->pid, SIGKILL);
	while (skas_process_wait(stub) >= 0)
		;
}

static int seize(struct stub_page *stub)
{
	int err, stop;

	err = host_ptrace(HOST_PTRACE_SEIZE, stub->pid, 0, HOST_PTRACE_O_EXITKILL |
			  HOST_PTRACE_O_SYSGOOD | HOST_PTRACE_O_SECCOMP);
	if (!err)
		err = host_ptrace(HOST_PTRACE_INTERRUPT, stub->pid, 0, 0);
	if (err)
		return err;
	do {
		stop = skas_process_wait(stub);
	} while (stop >= 0 && stop >> 8 != HOST_PTRACE_EVENT_STOP);
	return stop < 0 ? stop : 0;
}

int skas_process_start(struct stub_page *stub)
{
	int err;

	err = host_spawn(image_fd, platform_params.phys_fd);
	if (err < 0)
		return err;
	stub->pid = err;
	stub->maps = 0;
	note_alive(stub);
	err = seize(stub);
	if (!err)
		err = set_up(stub);
	if (err)
		skas_process_end(stub);
	return err;
}

/* ---- the idle ones ------------------------------------------------------- */

struct stub_page *skas_process_get(void)
{
	struct stub_page **slot = idle[platform_vcpu_nr()];
	struct stub_page *stub;
	int i;

	for (i = 0; i < IDLE_MAX; i++) {
		stub = __atomic_exchange_n(&slot[i], NULL, __ATOMIC_ACQ_REL);
		if (stub)
			return stub;
	}
	return platform_params.alloc(sizeof(*stub));
}

void skas_process_put(struct stub_page *stub)
{
	struct stub_page **slot = idle[platform_vcpu_nr()];
	struct stub_page *none;
	int i;

	for (i = 0; i < IDLE_MAX && stub->pid && stub->maps <= IDLE_MAPS; i++) {
		none = NULL;
		if (__atomic_compare_exchange_n(&slot[i], &none, stub, false, __ATOMIC_ACQ_REL,
						__ATOMIC_RELAXED))
			return;
	}
	skas_process_end(stub);
	platform_params.free(stub, sizeof(*stub));
}

/* ---- start --------------------------------------------------------------- */

static const char *spawn_failed(int err)
{
	switch (err) {
	case -EACCES:
		return "the host lets nobody execute memory files (vm.memfd_noexec)";
	case -EAGAIN:
		return "the host allows no more processes (ulimit -u, or pids of the container)";
	case -EPERM:
		return "the host forbids ptrace (container's profile, or kernel.yama.ptrace_scope)";
	default:
		return "the host cannot start a process and trace it";
	}
}

int skas_process_init(const char **why)
{
	struct stub_page *stub;
	int err;

	host_wait_init();
	image_fd = host_image("usermode-guest", stub_image, stub_image_end - stub_image);
	if (image_fd < 0) {
		*why = spawn_failed(image_fd);
		return image_fd;
	}
	stub = platform_params.alloc(sizeof(*stub));
	if (!stub) {
		*why = "no guest memory left";
		return -ENOMEM;
	}
	err = skas_process_start(stub);
	if (err) {
		*why = spawn_failed(err);
		platform_params.free(stub, sizeof(*stub));
		host_close(image_fd);
		return err;
	}
	skas_process_put(stub);
	return 0;
}
