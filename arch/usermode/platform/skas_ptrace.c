// SPDX-License-Identifier: GPL-2.0
/*
 * skas_ptrace.c - trap ptrace: host processes that are traced, and told what to
 * call by setting their registers.
 *
 * Each is stopped whenever guest code is not running in it, and dies with the
 * virtual CPU's host thread, which traces it. Owns nothing; no locks.
 */
#include <uapi/asm-generic/mman-common.h>
#include <uapi/asm/siginfo.h>
#include <uapi/asm/signal.h>
#include <uapi/linux/audit.h>
#include <uapi/linux/errno.h>
#include <uapi/linux/filter.h>
#include <uapi/linux/mman.h>
#include <uapi/linux/seccomp.h>
#include <asm/guest_regs.h>
#include <asm/host.h>
#include <asm/unistd.h>
#include "exit.h"
#include "skas.h"
#include "skas_process.h"
#include "trap_ptrace.h"

#define STOPS_MAX	1000	/* that mean nothing, within one list */

static const struct guest_regs stub_regs = {
	.pt = {
		.orig_ax = -1,
		.ip	 = STUB_RUN,
		.cs	 = GUEST_CS,
		.flags	 = GUEST_FLAGS_FIXED,
		.ss	 = GUEST_SS,
	},
};

/* ---- running lists ------------------------------------------------------- */

static int resume(struct skas_process *process)
{
	host_ptrace(HOST_PTRACE_CONT, process->pid, 0, 0);
	/* had it failed, then because of a SIGKILL that wait tells us about */
	return skas_process_wait(process);
}

/* 0: the list is done; >0: it is not yet; <0: what the failed call returned */
static int list_stopped(struct skas_process *process, int stop)
{
	struct guest_regs regs;
	siginfo_t info;

	if (stop >> 8 == HOST_PTRACE_EVENT_SECCOMP)
		return 0;
	/* most likely it may not even read the list: guest code can lock itself out by a key */
	if ((stop == SIGSEGV || stop == SIGBUS) &&
	    !host_ptrace(HOST_PTRACE_GETSIGINFO, process->pid, 0, (unsigned long)&info) &&
	    info.si_code > 0)
		return -EFAULT;
	if (stop != SIGTRAP && stop != SIGILL)
		return 1;	/* an interrupt's stop, or a signal from outside */

	if (host_ptrace(HOST_PTRACE_GETREGS, process->pid, 0, (unsigned long)&regs))
		return 1;
	if (regs.pt.ip == STUB_DONE)
		return 0;
	if (regs.pt.ip != STUB_FAILED)
		return 1;
	return (long)regs.pt.ax < 0 ? (int)regs.pt.ax : -EIO;
}

/*
 * Make the host process run its list of @n calls. @plain: its registers are such
 * that it need only be told where to go. Destroys them.
 */
static int run_list(struct skas_process *process, unsigned int n, bool plain)
{
	int stop, err, tries = STOPS_MAX;

	skas_process_publish(process, n);
	if (plain)
		host_ptrace(HOST_PTRACE_POKE_USER, process->pid,
			    offsetof(struct guest_regs, pt.ip), STUB_RUN);
	else
		host_ptrace(HOST_PTRACE_SETREGS, process->pid, 0, (unsigned long)&stub_regs);
	do {
		stop = resume(process);
		if (stop < 0)
			return stop;
		err = list_stopped(process, stop);
	} while (err > 0 && --tries);
	skas_process_hide(process, 0, n);
	return err > 0 ? -EIO : err;
}

/* a single call, before the stub can see a list */
static long call_once(struct skas_process *process, u64 nr, u64 a, u64 b, u64 c, u64 d, u64 e,
		      u64 f)
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
	host_ptrace(HOST_PTRACE_SETREGS, process->pid, 0, (unsigned long)&regs);
	do {
		stop = resume(process);
		if (stop < 0)
			return stop;
		host_ptrace(HOST_PTRACE_GETREGS, process->pid, 0, (unsigned long)&regs);
	} while (stop != SIGTRAP || regs.pt.ip != STUB_CALLED);
	return regs.pt.ax;
}

static int run(struct host_thread *ht, unsigned int n)
{
	bool plain = ht->regs_known && ht->regs.pt.cs == GUEST_CS &&
		     !(ht->regs.pt.flags & FLAGS_TF);

	ht->regs_known = false;
	return run_list(ht->process, n, plain);
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

static int set_up(struct skas_process *process)
{
	unsigned int n = 0;
	long at;
	int err;

	at = call_once(process, __NR_mmap, STUB_PAGE, sizeof(*process->stub), PROT_READ,
		       MAP_SHARED | MAP_FIXED | MAP_POPULATE, 0, platform_phys(process->stub));
	if (at != STUB_PAGE)
		return at < 0 ? at : -EIO;

	__builtin_memcpy(&process->stub->calls[SETUP_CALLS], &setup_data, sizeof(setup_data));
	skas_process_clean(process, &n, SETUP_AT(name));
	/* a host without filters goes without: then vsyscall() never sees a call */
	skas_process_call(process, &n, __NR_seccomp, SECCOMP_SET_MODE_FILTER,
			  SECCOMP_FILTER_FLAG_SPEC_ALLOW, SETUP_AT(prog), 0, 0, 0, STUB_ANY);
	err = run_list(process, n, false);
	skas_process_blank(process);
	return err;
}

static int seize(struct skas_process *process)
{
	int err, stop;

	err = host_ptrace(HOST_PTRACE_SEIZE, process->pid, 0, HOST_PTRACE_O_EXITKILL |
			  HOST_PTRACE_O_SYSGOOD | HOST_PTRACE_O_SECCOMP);
	if (!err)
		err = host_ptrace(HOST_PTRACE_INTERRUPT, process->pid, 0, 0);
	if (err)
		return err;
	do {
		stop = skas_process_wait(process);
	} while (stop >= 0 && stop >> 8 != HOST_PTRACE_EVENT_STOP);
	return stop < 0 ? stop : 0;
}

static int start(struct skas_process *process)
{
	int err;

	err = host_spawn(skas_process_image(), platform_params.phys_fd);
	if (err < 0)
		return err;
	skas_process_born(process, err);
	err = seize(process);
	if (!err)
		err = set_up(process);
	if (err)
		skas_process_end(process);
	return err;
}

static const char *failed(int err)
{
	if (err == -EPERM)
		return "the host forbids ptrace (container's profile, or kernel.yama.ptrace_scope)";
	return "the host cannot start a process and trace it";
}

const struct skas_driver ptrace_driver = {
	.start	= start,
	.run	= run,
	.evict	= ptrace_evict,
	.forget	= ptrace_forget,
	.failed	= failed,
};
