// SPDX-License-Identifier: GPL-2.0
/*
 * trap_seccomp.c - run guest code whose system calls are told to the kernel
 * before they are made; know why it stopped.
 *
 * Theory of operation
 *
 * Guest code stops in one of two ways. Its system call blocks in the host until
 * it is answered: the host tells number, arguments and address, and the answer is
 * the result. All other registers stay in the host thread, FP state included. Or
 * a signal comes, an exception or a kick: the host writes a frame with all
 * registers to the signal stack, and the stub's handler reports it by a call. The
 * answer to a report makes the stub go on: it makes a list of calls, if there is
 * one (seccomp_list.c), and loads all registers from struct stub_load.
 *
 * So a host process that is not running is parked at a call, or in the stub. At a
 * call (process->at_call), the guest thread's registers are not all known; who
 * needs them has the process kicked: the call is void, the frame holds them, and
 * it is parked in the stub (seccomp_fetch()). That is needed to change anything but the
 * result, to map memory, and before another guest thread can use the process.
 *
 * Whatever is on the signal stack guest code may have written; whatever is
 * reported, it may have reported by jumping into the stub. Nothing follows from
 * that but what it could do by setting its registers and by touching memory: the
 * frame is copied once, flags and segments are forced, and an address is judged
 * by the guest's page tables.
 *
 * Kicks are sent when an interrupt comes while guest code runs, by the signal's
 * handler on this host thread (seccomp_interrupt()), or by seccomp_fetch(). One at
 * most is under way, and none when a call is answered: "running" is set after the
 * answer, or after the last call of the list; then pending interrupts are looked
 * for. A kick that comes when guest code has stopped by itself already is waited
 * for (settle()). In the stub:
 *  - in the handler, before its report is taken: the report that is interrupted
 *    is in the kick's own frame;
 *  - after the answer, before the stub has left the signal stack: the answer is
 *    given again (resume_again());
 *  - in the list: nothing of it counts as done, no call of it hurts twice. It is not
 *    begun again before the interrupt was taken: the end of a list is where an
 *    interrupt that came meanwhile makes itself known, each time;
 *  - behind it: what was to be loaded still stands.
 *
 * Locks: none. Context: a virtual CPU's host thread, interrupts off.
 */
#include <uapi/asm/siginfo.h>
#include <uapi/asm/signal.h>
#include <uapi/linux/audit.h>
#include <uapi/linux/errno.h>
#include <uapi/linux/seccomp.h>
#include <asm/guest_regs.h>
#include <asm/host.h>
#include <asm/unistd.h>
#include "exit.h"
#include "seccomp_process.h"
#include "seccomp_thread.h"
#include "skas.h"
#include "skas_process.h"
#include "trap_seccomp.h"

#define NESTED_MAX	3	/* frames within frames, FRAMES less the guest's */

/* ---- why it stopped ------------------------------------------------------ */

static bool in_text(unsigned long ip)
{
	return ip >= STUB_START && ip < STUB_TEXT_END;
}

/* has the stub gone on after an answer? Its rsp is then in struct stub_load, or will be at once */
static bool in_stub(const struct pt_regs *regs)
{
	if (regs->ip == STUB_REPORT + 2)
		return regs->ax - STUB_ANSWER <= 1;
	return in_text(regs->ip) && regs->sp - STUB_LOAD <= offsetof(struct stub_load, fp);
}

/* in the handler, or at its report */
static bool in_handler(const struct pt_regs *regs)
{
	return (regs->ip >= STUB_HANDLER && regs->ip < STUB_REPORT) ||
	       (regs->ip == STUB_REPORT && regs->ax == STUB_CALL_REPORT);
}

/* the guest thread's registers are those of @frame, which came with @notice */
static void take_frame(struct host_thread *ht, struct guest *guest,
		       const struct seccomp_frame *frame, const struct seccomp_notif *notice)
{
	guest->regs->pt = frame->regs;
	seccomp_take_bases(guest->regs, notice);
	seccomp_hide_step(ht, guest->regs, false);
	seccomp_own(ht, guest);
}

static enum guest_exit signalled(struct guest *guest, int sig, const struct seccomp_frame *frame)
{
	switch (sig) {
	case SIGSEGV:
	case SIGBUS:
	case SIGILL:
	case SIGFPE:
	case SIGTRAP:
		break;
	default:
		return EXIT_INTERRUPT;
	}
	/* somebody outside: nobody gives guest code a signal */
	if (frame->code <= 0)
		return EXIT_INTERRUPT;
	if (sig == SIGSEGV && frame->trap == TRAP_PF)
		return exit_page_fault(guest, frame->fault_addr, frame->error, frame->code);
	return exit_exception(guest, frame->trap, sig, frame->code, frame->addr);
}

/*
 * What nobody but guest code can have reported, by jumping into the stub: for it
 * there is nothing at this address.
 */
static enum guest_exit forged(struct host_thread *ht, struct guest *guest, unsigned long at)
{
	guest->regs->pt.ip = at;
	guest->regs->pt.orig_ax = -1;
	seccomp_own(ht, guest);
	return exit_page_fault(guest, at, FAULT_EXEC, SEGV_MAPERR);
}

/* a signal in the stub, which was about to load what @guest has */
static enum guest_exit stub_signal(struct host_thread *ht, struct guest *guest, int sig,
				   const struct seccomp_frame *frame)
{
	unsigned long ip = frame->regs.ip;

	/* it cannot: an address, or a base, such as no processor takes */
	if (sig != SECCOMP_KICK && frame->code > 0)
		return exit_exception(guest, TRAP_GP, SIGSEGV, SI_KERNEL, 0);
	/* it is still on the signal stack */
	if (ip == STUB_REPORT + 2)
		return EXIT_NONE;
	ht->process->cut = ip < STUB_LOADING;
	return EXIT_INTERRUPT;
}

static enum guest_exit report(struct host_thread *ht, struct guest *guest,
			      struct seccomp_notif *notice)
{
	struct skas_process *process = ht->process;
	void *fp = seccomp_load(process)->fp;
	struct seccomp_frame frame;
	int depth, sig = notice->data.args[0];

	process->at_call = false;
	if (sig == SECCOMP_KICK)
		seccomp_kick_came();
	for (depth = 0; ; depth++) {
		/* the FP state is the guest's only if the registers are, too */
		if (depth == NESTED_MAX || seccomp_read_frame(ht, notice, &frame, NULL))
			return forged(ht, guest, STUB_REPORT);
		if (!in_handler(&frame.regs))
			break;
		sig = frame.regs.di;
		notice->data.args[1] = frame.regs.si;
		notice->data.args[2] = frame.regs.dx;
	}
	if (in_stub(&frame.regs))
		return stub_signal(ht, guest, sig, &frame);
	if (seccomp_read_frame(ht, notice, &frame, fp))
		return forged(ht, guest, STUB_REPORT);
	take_frame(ht, guest, &frame, notice);
	return signalled(guest, sig, &frame);
}

static enum guest_exit guest_call(struct host_thread *ht, struct guest *guest,
				  const struct seccomp_notif *notice)
{
	unsigned long ip = notice->data.instruction_pointer;
	struct pt_regs *pt = &guest->regs->pt;

	ht->process->at_call = true;
	seccomp_own(ht, guest);
	if (in_text(ip))
		return forged(ht, guest, ip - 2);

	pt->orig_ax = notice->data.nr;
	pt->ax = notice->data.nr;
	pt->di = notice->data.args[0];
	pt->si = notice->data.args[1];
	pt->dx = notice->data.args[2];
	pt->r10 = notice->data.args[3];
	pt->r8 = notice->data.args[4];
	pt->r9 = notice->data.args[5];
	pt->ip = ip;
	pt->cx = ip;
	ht->regs = *guest->regs;
	return EXIT_SYSCALL;
}

/*
 * Calls that are none on this architecture: int $0x80, sysenter, 32-bit code; and
 * the vsyscall page, which the host has and the guest has not.
 */
static enum guest_exit odd_call(struct host_thread *ht, struct guest *guest,
				const struct seccomp_notif *notice)
{
	unsigned long ip = notice->data.instruction_pointer;
	struct pt_regs *pt = &guest->regs->pt;
	struct seccomp_frame frame;

	ht->process->at_call = true;
	seccomp_own(ht, guest);
	if (seccomp_fetch_frame(ht, &frame))
		return EXIT_GONE;
	*pt = frame.regs;
	seccomp_hide_step(ht, guest->regs, false);
	if (notice->data.arch == AUDIT_ARCH_X86_64) {
		pt->ip = ip;
		pt->sp -= sizeof(unsigned long);	/* the host has returned from it already */
		return exit_page_fault(guest, ip, FAULT_EXEC, SEGV_MAPERR);
	}
	/* the host was about to make the call again, if it was one at all */
	if (pt->ip == ip)
		pt->ip -= 2;
	return exit_exception(guest, TRAP_GP, SIGSEGV, SI_KERNEL, 0);
}

/* ---- running guest code -------------------------------------------------- */

/* waits for a kick that comes too late, so that none is under way */
static int settle(struct host_thread *ht)
{
	struct seccomp_notif notice;
	int err = 0;

	if (ht->process->at_call && seccomp_kick_under_way())
		return seccomp_fetch(ht);
	while (!err && seccomp_kick_under_way()) {
		err = seccomp_process_next(ht->process, &notice);
		if (!err && notice.data.args[0] == SECCOMP_KICK)
			seccomp_kick_came();
	}
	return err;
}

static enum guest_exit lost(struct host_thread *ht)
{
	seccomp_set_running(0);
	seccomp_kick_came();
	skas_lost(ht);
	return EXIT_GONE;
}

/* let the stub do the list and load; no kick disturbs it in the list */
static int resume(struct host_thread *ht, unsigned int n)
{
	int err;

	seccomp_set_running(0);
	err = settle(ht);
	if (!err)
		err = seccomp_process_resume(ht->process, n, true);
	if (!err && !n)
		seccomp_set_running(ht->process->pid);
	return err;
}

/*
 * A signal came between an answer and the guest. It may have come before the stub
 * left the signal stack, which has room for that once: a call shows that it has.
 */
static int resume_again(struct host_thread *ht)
{
	struct skas_process *process = ht->process;
	unsigned int n = process->listed;

	if (!n)
		skas_process_call(process, &n, __NR_getppid, 0, 0, 0, 0, 0, 0, STUB_ANY);
	return resume(ht, n);
}

/* did the kernel change nothing but what the call returns? */
static bool result_only(struct host_thread *ht, struct guest *guest)
{
	struct pt_regs *has = &ht->regs.pt, *wants = &guest->regs->pt;

	if (!ht->process->at_call || guest->fp_host != ht || guest->single_step || ht->stepping)
		return false;
	if (wants->ax >= -MAX_RESTART && wants->ax <= -MIN_RESTART)
		return false;
	wants->orig_ax = -1;
	has->orig_ax = -1;
	has->ax = wants->ax;
	return !__builtin_memcmp(&ht->regs, guest->regs, sizeof(ht->regs));
}

static int go(struct host_thread *ht, struct guest *guest, unsigned int n)
{
	int err = -ENOENT;

	if (!n && result_only(ht, guest)) {
		err = seccomp_process_answer(ht->process, guest->regs->pt.ax);
		if (!err)
			seccomp_set_running(ht->process->pid);
	}
	if (err == -ENOENT) {
		err = seccomp_load_regs(ht, guest);
		if (!err)
			err = resume(ht, n);
	}
	return err;
}

static unsigned int list_again(struct space *space, struct host_thread *ht)
{
	unsigned int n = skas_list_again(space, ht);

	return n ? seccomp_list_end(ht->process, n) : 0;
}

/* one thing that the host process does */
static enum guest_exit event(struct host_thread *ht, struct guest *guest, struct space *space,
			     struct seccomp_notif *notice)
{
	struct skas_process *process = ht->process;
	unsigned int n;

	if (seccomp_process_listed(process, notice)) {
		if (process->approved < process->listed)
			return EXIT_NONE;
		seccomp_set_running(process->pid);
		if (platform_params.irq_pending())
			seccomp_kick(process);
		return EXIT_NONE;
	}
	if (notice->data.arch != AUDIT_ARCH_X86_64 ||
	    (notice->data.instruction_pointer >= platform_params.task_size &&
	     !in_text(notice->data.instruction_pointer)))
		return odd_call(ht, guest, notice);
	if (notice->data.instruction_pointer != STUB_REPORT + 2)
		return guest_call(ht, guest, notice);

	switch (notice->data.nr) {
	case STUB_CALL_REPORT:
		return report(ht, guest, notice);
	case STUB_CALL_FAILED:
		if (!process->listed)
			return guest_call(ht, guest, notice);
		n = process->listed;
		if (seccomp_list_failed(process, notice))
			n = list_again(space, ht);
		if (!n || resume(ht, n))
			return EXIT_GONE;
		return EXIT_NONE;
	default:
		return guest_call(ht, guest, notice);
	}
}

static enum guest_exit run(struct host_thread *ht, struct guest *guest, struct space *space)
{
	struct skas_process *process = ht->process;
	struct seccomp_notif notice;
	enum guest_exit why;

	if (!process->listed && platform_params.irq_pending())
		seccomp_kick(process);
	do {
		if (seccomp_process_next(process, &notice))
			return EXIT_GONE;
		why = event(ht, guest, space, &notice);
		if (why == EXIT_NONE && !process->at_call && notice.data.nr == STUB_CALL_REPORT &&
		    resume_again(ht))
			return EXIT_GONE;
	} while (why == EXIT_NONE);

	seccomp_set_running(0);
	return settle(ht) ? EXIT_GONE : why;
}

static enum guest_exit enter(struct guest *guest, struct space *space)
{
	struct host_thread *ht;
	enum guest_exit why;
	unsigned int n;

	if (platform_params.irq_pending())
		return EXIT_INTERRUPT;
	ht = skas_start(space);
	if (!ht)
		return EXIT_GONE;
	n = seccomp_list_end(ht->process, skas_list(space, ht));
	seccomp_list_begin(ht->process);
	ht->process->cut = false;
	if (go(ht, guest, n))
		return lost(ht);
	why = run(ht, guest, space);
	if (!ht->process->cut) {
		skas_list_done(space);
		seccomp_list_done(ht->process);
	}
	return why == EXIT_GONE ? lost(ht) : why;
}

const struct trap_ops seccomp_trap_ops = {
	.name		= "seccomp",
	.enter		= enter,
	.fp_save	= seccomp_fp_save,
	.regs_save	= seccomp_regs_save,
	.fp_drop	= seccomp_fp_drop,
};

/* ---- the driver of the host processes ------------------------------------- */

static int run_list(struct host_thread *ht, unsigned int n)
{
	int err;

	/* what is in struct stub_load stays */
	err = seccomp_fetch(ht);
	if (err)
		return err;
	return seccomp_process_run(ht->process, seccomp_list_end(ht->process, n));
}

static const struct skas_driver seccomp_driver = {
	.start	= seccomp_process_start,
	.run	= run_list,
	.evict	= seccomp_evict,
	.forget	= seccomp_forget,
	.failed	= seccomp_process_failed,
};

/* a signal and its frame, and the way back to a call of the stub's that plays the guest's */
static int probe_round(struct host_thread *ht)
{
	struct stub_load *load = seccomp_load(ht->process);
	struct seccomp_frame frame;
	struct seccomp_notif notice;
	int err;

	seccomp_process_kick(ht->process->pid);
	err = seccomp_process_next(ht->process, &notice);
	if (err)
		return err;
	if (notice.data.nr != STUB_CALL_REPORT ||
	    seccomp_read_frame(ht, &notice, &frame, load->fp))
		return -EIO;
	load->features = seccomp_fp.features;
	load->regs = (struct pt_regs) {
		.ip = STUB_ENTRY, .cs = GUEST_CS, .ss = GUEST_SS, .flags = GUEST_FLAGS_FIXED,
	};
	seccomp_list_probe(ht->process);
	err = seccomp_process_resume(ht->process, 0, true);
	if (!err)
		err = seccomp_process_next(ht->process, &notice);
	return err ?: notice.data.nr == __NR_pause ? 0 : -EIO;
}

int seccomp_probe(const char **why)
{
	struct host_thread ht = { .process = NULL };
	unsigned int bytes;
	int err;

	err = seccomp_process_probe(&bytes, why);
	if (!err)
		err = skas_process_init(&seccomp_driver, bytes, why);
	if (err)
		return err;
	ht.process = skas_process_get();
	err = probe_round(&ht);
	skas_process_end(ht.process);
	skas_process_put(ht.process);
	*why = "the host's signals are not what the stub needs (no FSGSBASE?)";
	if (err)
		return err;
	guest_fp_size = seccomp_fp.bytes;
	/* each host process needs one */
	host_files_max();
	return 0;
}
