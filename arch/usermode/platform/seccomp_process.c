// SPDX-License-Identifier: GPL-2.0
/*
 * seccomp_process.c - trap seccomp: host processes of which every system call is
 * told before it is made.
 *
 * The host process carries a seccomp filter of one instruction from before it
 * executes the stub: it can make no host call at all that the kernel has not
 * answered in the host's place or approved; but for what seccomp_list.c says.
 *
 * Memory shared with each: struct stub_page and struct stub_load, read-only
 * there, then the signal stack. Nothing in that is ever believed without
 * seccomp_frame_read().
 *
 * Owns seccomp_fp. No locks; see the header for the context.
 */
#include <uapi/asm-generic/mman-common.h>
#include <uapi/asm/signal.h>
#include <uapi/linux/errno.h>
#include <uapi/linux/mman.h>
#include <uapi/linux/seccomp.h>
#include <asm/host.h>
#include <asm/host_notify.h>
#include <asm/unistd.h>
#include "seccomp_process.h"
#include "skas_process.h"
#include "vcpu.h"

#define PAGE_BYTES	4096U

/*
 * Signal frames that fit on the stack: an exception's, a kick's above it, another's
 * while the report of these waits for its answer, another's before the stub has
 * left the stack with it; one to spare.
 */
#define FRAMES		5
#define FRAME_REST	1024		/* of a frame, without its FP state */

#define AREA_MAX	(512U << 10)

#define CPUID_FEATURES	1
#define CPUID_OSXSAVE	0x08000000U	/* ecx */
#define CPUID_XSTATE	0xd
#define XSTATE_PKRU	0x200UL
#define MXCSR_MASK_AT	7		/* u32s in an FP state */
#define DEFAULT_MXCSR_MASK 0xffbf	/* of CPUs that do not say */

#define SA_RESTORER_FLAG 0x04000000UL

#ifndef __NR_mseal		/* Linux 6.10 */
#define __NR_mseal	462
#endif

struct seccomp_fp seccomp_fp;

static unsigned int load_bytes, stack_bytes;
static bool must_poll;			/* the host before Linux 6.11 */

/* ---- the memory that is shared -------------------------------------------- */

struct stub_load *seccomp_load(struct skas_process *process)
{
	return (struct stub_load *)(process->stub + 1);
}

struct seccomp_stack seccomp_stack(struct skas_process *process)
{
	return (struct seccomp_stack) {
		.va = STUB_LOAD + load_bytes,
		.at = (char *)(process->stub + 1) + load_bytes,
		.bytes = stack_bytes,
	};
}

void seccomp_process_forget(struct skas_process *process)
{
	__builtin_memset(seccomp_load(process), 0, load_bytes + stack_bytes);
	process->stale = false;
}

struct cpuid {
	u32 eax, ebx, ecx, edx;
};

static struct cpuid cpuid(u32 leaf, u32 subleaf)
{
	struct cpuid r = { .eax = leaf, .ecx = subleaf };

	asm volatile("cpuid"
		     : "+a" (r.eax), "=b" (r.ebx), "+c" (r.ecx), "=d" (r.edx));
	return r;
}

static u64 read_xcr0(void)
{
	u32 low, high;

	asm volatile("xgetbv" : "=a" (low), "=d" (high) : "c" (0));
	return low | (u64)high << 32;
}

static u32 read_mxcsr_mask(void)
{
	static u32 fx[128] __aligned(16);

	asm volatile("fxsave64 %0" : "=m" (fx));
	return fx[MXCSR_MASK_AT] ?: DEFAULT_MXCSR_MASK;
}

static unsigned int pages(unsigned int bytes)
{
	return (bytes + PAGE_BYTES - 1) & -PAGE_BYTES;
}

int seccomp_process_probe(unsigned int *bytes, const char **why)
{
	*why = "the host has no XSAVE";
	if (!(cpuid(CPUID_FEATURES, 0).ecx & CPUID_OSXSAVE))
		return -EOPNOTSUPP;
	/*
	 * Guest code may close its own key, and the stub could not load the rest.
	 * Guests are not offered keys: each signal opens it again.
	 */
	seccomp_fp.features = read_xcr0() & ~XSTATE_PKRU;
	seccomp_fp.bytes = (cpuid(CPUID_XSTATE, 0).ebx + 63) & -64U;
	seccomp_fp.mxcsr_mask = read_mxcsr_mask();

	must_poll = host_release() < HOST_RELEASE(6, 11);
	load_bytes = pages(sizeof(struct stub_load) + seccomp_fp.bytes);
	stack_bytes = pages(FRAMES * (seccomp_fp.bytes + FRAME_REST));
	*bytes = sizeof(struct stub_page) + load_bytes + stack_bytes;
	*why = "the host's FP state is too large";
	return *bytes > AREA_MAX ? -E2BIG : 0;
}

/* ---- what the process does -------------------------------------------------- */

int seccomp_process_next(struct skas_process *process, struct seccomp_notif *notice)
{
	int err;

	do {
		err = host_notify_recv(process->listener, notice, must_poll);
		if (!err) {
			process->notice = notice->id;
			return 0;
		}
		/* interrupts of our own are no news, and a void call is told again */
		if (err == -EINTR)
			skas_process_continue(process);
		else
			skas_process_check(process);
	} while (process->pid && (err == -EINTR || err == -ENOENT));
	skas_process_end(process);
	return -ESRCH;
}

int seccomp_process_answer(struct skas_process *process, unsigned long result)
{
	int err = host_notify_answer(process->listener, process->notice, result);

	if (!err || err == -ENOENT || err == -EINPROGRESS)
		return err ? -ENOENT : 0;
	skas_process_end(process);
	return -ESRCH;
}

void seccomp_process_kick(int pid)
{
	host_kill(pid, SECCOMP_KICK);
}

/* ---- creation ------------------------------------------------------------ */

/* what the setup's calls point to; it lies in the page behind their list */
struct setup_data {
	char name[16];
	stack_t stack;
	struct {
		u64 handler, flags, restorer, mask;
	} action;
	u64 mask;
};

#define SETUP_CALLS	16
#define SETUP_AT(member) \
	(STUB_PAGE + SETUP_CALLS * STUB_CALL_SIZE + offsetof(struct setup_data, member))

/* exceptions and the kick; all others stay blocked */
static const int signals[] = { SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SECCOMP_KICK };

static void write_setup(struct skas_process *process, unsigned int *n)
{
	struct setup_data *data = (struct setup_data *)&process->stub->calls[SETUP_CALLS];
	struct seccomp_stack stack = seccomp_stack(process);
	unsigned int i;

	*data = (struct setup_data) {
		.name = "usermode-guest",
		.stack = { .ss_sp = (void *)stack.va, .ss_size = stack.bytes },
		.action = {
			/* the handler never returns: the mask must stay what it is */
			.handler = STUB_HANDLER,
			.flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER | SA_RESTART |
				 SA_RESTORER_FLAG,
		},
		.mask = ~0UL,
	};
	skas_process_clean(process, n, SETUP_AT(name));
	skas_process_call(process, n, __NR_mmap, stack.va, stack.bytes, PROT_READ | PROT_WRITE,
			  MAP_SHARED | MAP_FIXED | MAP_POPULATE, 0, platform_phys(stack.at),
			  stack.va);
	skas_process_call(process, n, __NR_sigaltstack, SETUP_AT(stack), 0, 0, 0, 0, 0, 0);
	for (i = 0; i < sizeof(signals) / sizeof(*signals); i++) {
		skas_process_call(process, n, __NR_rt_sigaction, signals[i], SETUP_AT(action), 0,
				  sizeof(u64), 0, 0, 0);
		data->mask &= ~HOST_SIGMASK(signals[i]);
	}
	skas_process_call(process, n, __NR_rt_sigprocmask, SIG_SETMASK, SETUP_AT(mask), 0,
			  sizeof(u64), 0, 0, 0);
	/* should all else fail, this memory stays what it is, where the host can do that */
	skas_process_call(process, n, __NR_mseal, STUB_START,
			  stack.va + stack.bytes - STUB_START, 0, 0, 0, 0, STUB_ANY);
}

/* the stub's own first calls, up to its being parked with its pages mapped */
static int hello(struct skas_process *process)
{
	unsigned long bytes = sizeof(*process->stub) + load_bytes;
	const u64 map[] = {
		STUB_PAGE, bytes, PROT_READ, MAP_SHARED | MAP_FIXED | MAP_POPULATE, 0,
		platform_phys(process->stub),
	};
	struct seccomp_notif notice;
	int i, err;

	err = seccomp_process_answer(process, platform_phys(process->stub));
	if (!err)
		err = seccomp_process_next(process, &notice);
	if (err || notice.data.nr != STUB_CALL_LENGTH)
		return err ?: -EIO;
	err = seccomp_process_answer(process, bytes);
	if (!err)
		err = seccomp_process_next(process, &notice);
	if (err || notice.data.nr != __NR_mmap)
		return err ?: -EIO;
	for (i = 0; i < 6; i++)
		if (notice.data.args[i] != map[i])
			return -EIO;
	err = host_notify_approve(process->listener, notice.id);
	if (!err)
		err = seccomp_process_next(process, &notice);
	return err ?: notice.data.nr == STUB_CALL_IDLE ? 0 : -EIO;
}

int seccomp_process_start(struct skas_process *process)
{
	struct seccomp_notif first;
	unsigned int n = 0;
	int err, listener;

	err = host_spawn_notified(skas_process_image(), platform_params.phys_fd, STUB_LIST + 2,
				  must_poll, &listener, &first);
	if (err < 0)
		return err;
	skas_process_born(process, err);
	process->listener = listener;
	process->notice = first.id;
	process->at_call = false;
	process->lends = false;
	process->lent = false;
	err = first.data.nr == __NR_pause ? hello(process) : -EIO;
	if (!err) {
		write_setup(process, &n);
		err = seccomp_process_run(process, n);
		skas_process_blank(process);
	}
	if (err)
		skas_process_end(process);
	return err;
}

const char *seccomp_process_failed(int err)
{
	switch (err) {
	case -EBUSY:
		return "somebody is told of this program's system calls already (container?)";
	case -EINVAL:
		return "the host has no notification of system calls (Linux 5.11)";
	case -EPERM:
		return "the host forbids seccomp filters with notification (container's profile)";
	default:
		return "the host cannot start a process and be told of its system calls";
	}
}
