// SPDX-License-Identifier: GPL-2.0
/*
 * trap_ptrace.c - run guest code in a traced host process.
 *
 * Theory of operation
 *
 * The host thread of a space is stopped whenever the kernel runs. enter() gives
 * it the guest's registers, if they differ from those it has, and lets it go on
 * with PTRACE_SYSEMU: every system call stops it and is not made, every signal
 * stops it and is not delivered. The FP state is not touched; it stays in the
 * host thread until another guest thread needs that, or somebody asks for it.
 * Memory is mapped by the stub, before, under PTRACE_CONT (skas_ptrace.c).
 *
 * Nothing that the guest can write is ever read here: it has no signal stack and
 * no handler. Why it stopped is worked out in ptrace_stop.c.
 *
 * An interrupt that comes while the guest runs is a signal to this host thread.
 * Its handler calls ptrace_interrupt(). No wake-up is lost: enter() says whom it
 * is about to let go, then looks for pending interrupts, then lets go. A signal
 * before the look is seen by it; one after it finds the task named, and stops it
 * now or, if it does not run yet, as soon as it does.
 *
 * Locks: none. Context: a virtual CPU's host thread, interrupts off.
 */
#include <uapi/asm/siginfo.h>
#include <uapi/asm/signal.h>
#include <uapi/linux/elf.h>
#include <uapi/linux/errno.h>
#include <uapi/linux/uio.h>
#include <asm/guest_regs.h>
#include <asm/host.h>
#include <asm/unistd.h>
#include "exit.h"
#include "ptrace_stop.h"
#include "skas.h"
#include "skas_process.h"
#include "trap_ptrace.h"

#define FP_BYTES_MAX	65536

/* the note type that names the whole FP state */
static unsigned long fp_note = NT_X86_XSTATE;

/* ---- FP state ------------------------------------------------------------ */

static int fp_transfer(struct host_thread *ht, struct guest *guest, long request)
{
	struct iovec iov = { guest->fp, guest_fp_size };

	return host_ptrace(request, ht->process->pid, fp_note, (unsigned long)&iov);
}

void ptrace_forget(struct host_thread *ht)
{
	if (ht->fp_owner)
		ht->fp_owner->fp_host = NULL;
	ht->fp_owner = NULL;
}

static int fp_save(struct guest *guest)
{
	struct host_thread *ht = guest->fp_host;
	int err;

	if (!ht)
		return 0;
	err = fp_transfer(ht, guest, HOST_PTRACE_GETREGSET);
	ptrace_forget(ht);
	if (err)
		skas_lost(ht);
	return err;
}

static void fp_drop(struct guest *guest)
{
	if (guest->fp_host)
		ptrace_forget(guest->fp_host);
}

static int fp_load(struct host_thread *ht, struct guest *guest)
{
	int err = 0;

	if (guest->fp_host == ht)
		return 0;
	if (guest->fp_host)
		err = fp_save(guest);
	if (!err && ht->fp_owner)
		err = fp_save(ht->fp_owner);
	if (!err)
		err = fp_transfer(ht, guest, HOST_PTRACE_SETREGSET);
	if (err)
		return err;
	ht->fp_owner = guest;
	guest->fp_host = ht;
	return 0;
}

void ptrace_evict(struct host_thread *ht)
{
	if (ht->fp_owner)
		fp_save(ht->fp_owner);
}

/* ---- registers ----------------------------------------------------------- */

/*
 * May rax be all that is set after a system call? The host looks at it while the
 * number of the call is still there: a value by which it restarts its own calls
 * must not be met together with that.
 */
static bool result_only(struct host_thread *ht, unsigned long ax)
{
	return (long)ht->regs.pt.orig_ax >= 0 && (ax < -MAX_RESTART || ax > -MIN_RESTART);
}

static int regs_load(struct host_thread *ht, struct guest *guest)
{
	struct pt_regs *has = &ht->regs.pt, *wants = &guest->regs->pt;
	int err;

	wants->orig_ax = -1;
	if (ht->regs_known) {
		bool result = result_only(ht, wants->ax);

		if (result) {
			has->orig_ax = -1;
			has->ax = wants->ax;
		}
		if (!__builtin_memcmp(&ht->regs, guest->regs, sizeof(ht->regs)))
			return !result ? 0 :
			       host_ptrace(HOST_PTRACE_POKE_USER, ht->process->pid,
					   offsetof(struct guest_regs, pt.ax), wants->ax);
	}
	ht->regs_known = false;
	err = host_ptrace(HOST_PTRACE_SETREGS, ht->process->pid, 0, (unsigned long)guest->regs);
	if (err)
		return err;
	ht->regs = *guest->regs;
	ht->regs_known = true;
	return 0;
}

/*
 * Guest code may load a null selector of any privilege level, but the host takes
 * only 0 and 3 from a debugger. Returns whether there was one to be made 0.
 */
static bool clear_nulls(struct guest_regs *regs)
{
	unsigned long *selectors[] = { &regs->ds, &regs->es, &regs->fs, &regs->gs };
	bool found = false;

	for (unsigned int i = 0; i < sizeof(selectors) / sizeof(*selectors); i++) {
		if (*selectors[i] == 1 || *selectors[i] == 2) {
			*selectors[i] = 0;
			found = true;
		}
	}
	return found;
}

/* ---- running guest code -------------------------------------------------- */

static enum guest_exit lost(struct host_thread *ht)
{
	skas_lost(ht);
	return EXIT_GONE;
}

/* struct __ptrace_peeksiginfo_args */
struct peek_args {
	u64 first;
	u32 flags;
	s32 count;
};

/* has the task been sent a signal that it has not stopped for? */
static bool signal_waits(int pid)
{
	struct peek_args args = { .count = 1 };
	siginfo_t info;

	return host_ptrace(HOST_PTRACE_PEEKSIGINFO, pid, (unsigned long)&args,
			   (unsigned long)&info) == 1;
}

/*
 * Let the task go on until it stops. An interrupt may overtake the signal of an
 * exception that guest code has just raised. Nothing of the guest's may change
 * until that has been seen, or it would meet the next guest thread: no
 * instruction runs between the two stops.
 */
static int go_on(struct host_thread *ht, const struct guest *guest)
{
	long how = guest->single_step ? HOST_PTRACE_SYSEMU_STEP : HOST_PTRACE_SYSEMU;
	int pid = ht->process->pid;
	int stop;

	do {
		host_ptrace(how, pid, 0, 0);
		/* had that failed, then because of a SIGKILL that wait tells us about */
		stop = skas_process_wait(ht->process);
	} while (stop == INTERRUPT_STOP && signal_waits(pid));
	return stop;
}

static enum guest_exit run(struct host_thread *ht, struct guest *guest)
{
	int *running = &platform_this_vcpu()->running;
	int stop;

	__atomic_store_n(running, ht->process->pid, __ATOMIC_RELAXED);
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	if (platform_params.irq_pending()) {
		__atomic_store_n(running, 0, __ATOMIC_RELAXED);
		return EXIT_INTERRUPT;
	}
	stop = go_on(ht, guest);
	__atomic_store_n(running, 0, __ATOMIC_RELAXED);
	return stop < 0 ? lost(ht) : ptrace_stopped(ht, guest, stop);
}

static enum guest_exit enter(struct guest *guest, struct space *space)
{
	struct host_thread *ht = skas_prepare(space);
	enum guest_exit why;
	int err;

	if (!ht)
		return EXIT_GONE;
	err = fp_load(ht, guest);
	if (err)
		return lost(ht);
	do {
		err = regs_load(ht, guest);
		if (err == -EIO && clear_nulls(guest->regs))
			err = regs_load(ht, guest);
		/* a segment base or selector that the host refuses: as loading it would be */
		if (err == -EIO)
			return exit_exception(guest, TRAP_GP, SIGSEGV, SI_KERNEL, 0);
		if (err)
			return lost(ht);
		why = run(ht, guest);
	} while (why == EXIT_NONE);
	return why;
}

bool ptrace_interrupt(struct sigcontext_64 *sc)
{
	int pid = __atomic_load_n(&platform_this_vcpu()->running, __ATOMIC_RELAXED);

	if (pid)
		host_ptrace(HOST_PTRACE_INTERRUPT, pid, 0, 0);
	return true;
}

const struct trap_ops ptrace_trap_ops = {
	.name		= "ptrace",
	.enter		= enter,
	.fp_save	= fp_save,
	.fp_drop	= fp_drop,
};

/* ---- the probe ----------------------------------------------------------- */

static int probe_fp(struct host_thread *ht, const char **why)
{
	struct iovec iov = { platform_params.alloc(FP_BYTES_MAX), FP_BYTES_MAX };
	void *buf = iov.iov_base;
	int err;

	*why = "no guest memory left";
	if (!buf)
		return -ENOMEM;
	*why = "the host does not tell the FP state of a traced process";
	err = host_ptrace(HOST_PTRACE_GETREGSET, ht->process->pid, fp_note, (unsigned long)&iov);
	if (err) {
		/* a host processor without XSAVE */
		fp_note = NT_PRFPREG;
		iov = (struct iovec) { buf, FP_BYTES_MAX };
		err = host_ptrace(HOST_PTRACE_GETREGSET, ht->process->pid, fp_note,
				  (unsigned long)&iov);
	}
	guest_fp_size = (iov.iov_len + 63) / 64 * 64;
	platform_params.free(buf, FP_BYTES_MAX);
	return err;
}

/* a system call of the stub's plays the guest's: is it caught, and how? */
static int probe_call(struct host_thread *ht, const char **why)
{
	struct guest_regs regs = {
		.pt = {
			.ip = STUB_CALL, .cs = GUEST_CS, .ss = GUEST_SS, .orig_ax = -1,
			.flags = GUEST_FLAGS_FIXED, .ax = __NR_getpid, .cx = -2, .r11 = -2,
		},
	};
	struct guest guest = { .regs = &regs };
	int err, stop;

	*why = "the host does not have PTRACE_SYSEMU";
	err = regs_load(ht, &guest);
	if (!err)
		err = host_ptrace(HOST_PTRACE_SYSEMU, ht->process->pid, 0, 0);
	if (err)
		return err;
	stop = skas_process_wait(ht->process);
	if (stop != CALL_STOP)
		return stop < 0 ? stop : -EIO;
	err = ptrace_regs_store(ht, &guest);
	if (err)
		return err;
	*why = "the host does not show system calls as they are";
	if (regs.pt.orig_ax != __NR_getpid || regs.pt.ip != STUB_CALL + 2 ||
	    !ptrace_calls_probe(ht, &regs.pt))
		return -EIO;
	return 0;
}

int ptrace_probe(const char **why)
{
	struct host_thread ht = { .process = NULL };
	int err;

	err = skas_process_init(&ptrace_driver, sizeof(struct stub_page), why);
	if (err)
		return err;
	ht.process = skas_process_get();
	err = probe_fp(&ht, why);
	if (!err)
		err = probe_call(&ht, why);
	skas_process_put(ht.process);
	return err;
}
