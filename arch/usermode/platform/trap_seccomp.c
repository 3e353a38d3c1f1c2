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
 * answer to a report is the address of struct stub_load, from where the stub
 * makes a list of calls, if there is one, and loads all registers.
 *
 * So a host process that is not running is parked at a call, or in the stub. At a
 * call, the guest thread's registers are not all known (guest->regs_partial); who
 * needs them has the process kicked: the call is void, the frame holds them, and
 * it is parked in the stub (fetch()). That is needed to change anything but the
 * result, to map memory, and before another guest thread can use the process.
 *
 * Whatever is on the signal stack guest code may have written; whatever is
 * reported, it may have reported by jumping into the stub. Nothing follows from
 * that but what it could do by setting its registers and by touching memory: the
 * frame is copied once, flags and segments are forced, and an address is judged
 * by the guest's page tables.
 *
 * Kicks are sent when an interrupt comes while guest code runs, by the signal's
 * handler on this host thread (seccomp_interrupt()), or by fetch(). One at most is
 * under way, and none when a call is answered: "running" is set after the answer,
 * or after the last call of the list; then pending interrupts are looked for. A
 * kick that comes when guest code has stopped by itself already is waited for
 * (settle()). In the stub:
 *  - in the handler, before its report is taken: the report that is interrupted
 *    is in the kick's own frame;
 *  - after the answer, up to the end of the list: all that is begun again, no call
 *    of it hurts twice;
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
#include "seccomp_process.h"
#include "skas.h"
#include "skas_process.h"
#include "trap_seccomp.h"

/* x86 exceptions */
#define TRAP_GP		13
#define TRAP_PF		14

/* x86 page fault error code */
#define FAULT_USER	0x04
#define FAULT_EXEC	0x10

#define FLAGS_TF	0x100UL

/* -ERESTARTSYS .. -ERESTART_RESTARTBLOCK, which a host call may return inside the host */
#define MIN_RESTART	512UL
#define MAX_RESTART	516UL

#define NESTED_MAX	3	/* frames within frames, FRAMES less the guest's */

#define AGAIN		((enum guest_exit)-1)	/* a stop that means nothing */

/* ---- kicks --------------------------------------------------------------- */

static void kick(struct stub_page *stub)
{
	if (!__atomic_exchange_n(&platform_this_vcpu()->kicked, 1, __ATOMIC_RELAXED))
		seccomp_process_kick(stub->pid);
}

static void kick_came(void)
{
	__atomic_store_n(&platform_this_vcpu()->kicked, 0, __ATOMIC_RELAXED);
}

static bool kick_under_way(void)
{
	return __atomic_load_n(&platform_this_vcpu()->kicked, __ATOMIC_RELAXED);
}

/* from now on, or no longer, an interrupt is worth a kick */
static void set_running(int pid)
{
	__atomic_store_n(&platform_this_vcpu()->running, pid, __ATOMIC_RELAXED);
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
}

void seccomp_interrupt(void)
{
	struct platform_vcpu *vcpu = platform_this_vcpu();
	int pid = __atomic_load_n(&vcpu->running, __ATOMIC_RELAXED);

	if (pid && !__atomic_exchange_n(&vcpu->kicked, 1, __ATOMIC_RELAXED))
		seccomp_process_kick(pid);
}

/* ---- registers ----------------------------------------------------------- */

static void forget(struct host_thread *ht)
{
	if (ht->fp_owner)
		ht->fp_owner->fp_host = NULL;
	ht->fp_owner = NULL;
}

static void own(struct host_thread *ht, struct guest *guest)
{
	ht->fp_owner = guest;
	guest->fp_host = ht;
}

static int read_frame(struct host_thread *ht, const struct seccomp_notif *notice,
		      struct seccomp_frame *frame, void *fp)
{
	struct seccomp_stack stack = seccomp_stack(ht->stub);

	return seccomp_frame_read(&stack, notice->data.args[1], notice->data.args[2],
				  &seccomp_fp, frame, fp);
}

/* what a call did not tell; the rest may have been changed since */
static void take_rest(struct guest_regs *regs, const struct seccomp_frame *frame)
{
	regs->pt.bx = frame->regs.bx;
	regs->pt.bp = frame->regs.bp;
	regs->pt.r11 = frame->regs.r11;
	regs->pt.r12 = frame->regs.r12;
	regs->pt.r13 = frame->regs.r13;
	regs->pt.r14 = frame->regs.r14;
	regs->pt.r15 = frame->regs.r15;
	regs->pt.cs = frame->regs.cs;
	regs->pt.ss = frame->regs.ss;
	regs->pt.sp = frame->regs.sp;
	regs->pt.flags = frame->regs.flags;
}

/* segment bases are the report's own arguments: they are in no frame */
static void take_bases(struct guest_regs *regs, const struct seccomp_notif *notice)
{
	regs->fs_base = notice->data.args[3];
	regs->gs_base = notice->data.args[4];
}

/* single steps are no flag of the guest's */
static void hide_step(struct host_thread *ht, struct guest_regs *regs, bool call)
{
	if (!ht->stepping)
		return;
	regs->pt.flags &= ~FLAGS_TF;
	if (call)
		regs->pt.r11 &= ~FLAGS_TF;
}

/*
 * Parked at a call, @ht becomes parked in the stub, and all of its registers are
 * known; but of those that the call has told, what the kernel makes of them stays.
 * @frame: all as they were.
 */
static int fetch_frame(struct host_thread *ht, struct seccomp_frame *frame)
{
	struct guest *guest = ht->fp_owner;
	struct stub_page *stub = ht->stub;
	struct seccomp_notif notice;
	int err;

	if (!stub->at_call)
		return 0;
	kick(stub);
	err = seccomp_process_next(stub, &notice);
	kick_came();
	stub->at_call = false;
	if (err || !guest)
		return err;
	if (notice.data.nr != STUB_CALL_REPORT ||
	    read_frame(ht, &notice, frame, seccomp_load(stub)->fp)) {
		/* somebody else wrote to the frame: what was in it is nobody's any more */
		skas_process_end(stub);
		return -ESRCH;
	}
	take_rest(guest->regs, frame);
	take_bases(guest->regs, &notice);
	hide_step(ht, guest->regs, true);
	guest->regs_partial = false;
	return 0;
}

static int fetch(struct host_thread *ht)
{
	struct seccomp_frame frame;

	return fetch_frame(ht, &frame);
}

static int regs_save(struct guest *guest)
{
	struct host_thread *ht = guest->fp_host;
	int err = 0;

	if (guest->regs_partial && ht) {
		err = fetch(ht);
		if (err)
			skas_lost(ht);
	}
	guest->regs_partial = false;
	return err;
}

static int fp_save(struct guest *guest)
{
	struct host_thread *ht = guest->fp_host;
	int err;

	if (!ht)
		return 0;
	err = fetch(ht);
	if (err) {
		skas_lost(ht);
		return err;
	}
	__builtin_memcpy(guest->fp, seccomp_load(ht->stub)->fp, seccomp_fp.bytes);
	forget(ht);
	return 0;
}

static void fp_drop(struct guest *guest)
{
	if (guest->fp_host)
		forget(guest->fp_host);
}

static void evict(struct host_thread *ht)
{
	if (ht->fp_owner)
		fp_save(ht->fp_owner);
}

/* all of @guest's registers into struct stub_load, which is @ht's alone */
static int load(struct host_thread *ht, struct guest *guest)
{
	struct stub_load *area = seccomp_load(ht->stub);
	struct guest_regs *regs = guest->regs;
	int err;

	err = fetch(ht);
	if (!err && guest->fp_host != ht) {
		if (guest->fp_host)
			err = fp_save(guest);
		if (!err && ht->fp_owner)
			err = fp_save(ht->fp_owner);
		if (err)
			return err;
		__builtin_memcpy(area->fp, guest->fp, seccomp_fp.bytes);
		seccomp_fp_tame(area->fp, &seccomp_fp);
		own(ht, guest);
	}
	if (err)
		return err;

	guest->regs_partial = false;
	regs->pt.orig_ax = -1;
	area->features = seccomp_fp.features;
	area->fs_base = regs->fs_base;
	area->gs_base = regs->gs_base;
	area->regs = regs->pt;
	area->regs.flags = (regs->pt.flags & GUEST_FLAGS_MASK) | GUEST_FLAGS_FIXED;
	if (regs->pt.cs != GUEST_CS32)
		area->regs.cs = GUEST_CS;
	area->regs.ss = GUEST_SS;
	ht->stepping = guest->single_step && !(regs->pt.flags & FLAGS_TF);
	if (guest->single_step)
		area->regs.flags |= FLAGS_TF;
	return 0;
}

/* ---- why it stopped ------------------------------------------------------ */

static enum guest_exit exception(struct guest *guest, unsigned int trap, int sig, int code,
				 unsigned long addr)
{
	guest->trap_nr = trap;
	guest->error_code = 0;
	guest->fault_addr = addr;
	guest->sig = sig;
	guest->sig_code = code;
	return EXIT_SIGNAL;
}

static enum guest_exit page_fault(struct guest *guest, unsigned long addr, unsigned int error,
				  int code)
{
	guest->trap_nr = TRAP_PF;
	guest->error_code = error | FAULT_USER;
	guest->fault_addr = addr;
	guest->sig = SIGSEGV;
	guest->sig_code = code;
	return EXIT_FAULT;
}

static bool in_text(unsigned long ip)
{
	return ip >= STUB_START && ip < STUB_TEXT_END;
}

/* has the stub gone on after an answer? Its rsp is then in struct stub_load, or will be at once */
static bool in_stub(const struct pt_regs *regs)
{
	if (regs->ip == STUB_REPORT + 2)
		return regs->ax == STUB_LOAD;
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
	take_bases(guest->regs, notice);
	hide_step(ht, guest->regs, false);
	guest->regs_partial = false;
	own(ht, guest);
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
		return page_fault(guest, frame->fault_addr, frame->error, frame->code);
	return exception(guest, frame->trap, sig, frame->code, frame->addr);
}

/*
 * What nobody but guest code can have reported, by jumping into the stub: for it
 * there is nothing at this address.
 */
static enum guest_exit forged(struct host_thread *ht, struct guest *guest, unsigned long at)
{
	guest->regs->pt.ip = at;
	guest->regs->pt.orig_ax = -1;
	own(ht, guest);
	return page_fault(guest, at, FAULT_EXEC, SEGV_MAPERR);
}

/* a signal in the stub, which was about to load what @guest has */
static enum guest_exit stub_signal(struct guest *guest, int sig, const struct seccomp_frame *frame)
{
	/* it cannot: an address, or a base, such as no processor takes */
	if (sig != SECCOMP_KICK && frame->code > 0)
		return exception(guest, TRAP_GP, SIGSEGV, SI_KERNEL, 0);
	return frame->regs.ip >= STUB_LOADING ? EXIT_INTERRUPT : AGAIN;
}

static enum guest_exit report(struct host_thread *ht, struct guest *guest,
			      struct seccomp_notif *notice)
{
	struct stub_page *stub = ht->stub;
	void *fp = seccomp_load(stub)->fp;
	struct seccomp_frame frame;
	int depth, sig = notice->data.args[0];

	stub->at_call = false;
	if (sig == SECCOMP_KICK)
		kick_came();
	for (depth = 0; ; depth++) {
		/* the FP state is the guest's only if the registers are, too */
		if (depth == NESTED_MAX || read_frame(ht, notice, &frame, NULL))
			return forged(ht, guest, STUB_REPORT);
		if (!in_handler(&frame.regs))
			break;
		sig = frame.regs.di;
		notice->data.args[1] = frame.regs.si;
		notice->data.args[2] = frame.regs.dx;
	}
	if (in_stub(&frame.regs))
		return stub_signal(guest, sig, &frame);
	if (read_frame(ht, notice, &frame, fp))
		return forged(ht, guest, STUB_REPORT);
	take_frame(ht, guest, &frame, notice);
	return signalled(guest, sig, &frame);
}

static enum guest_exit guest_call(struct host_thread *ht, struct guest *guest,
				  const struct seccomp_notif *notice)
{
	unsigned long ip = notice->data.instruction_pointer;
	struct pt_regs *pt = &guest->regs->pt;

	ht->stub->at_call = true;
	own(ht, guest);
	guest->regs_partial = true;
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

	ht->stub->at_call = true;
	own(ht, guest);
	if (fetch_frame(ht, &frame))
		return EXIT_GONE;
	*pt = frame.regs;
	hide_step(ht, guest->regs, false);
	if (notice->data.arch == AUDIT_ARCH_X86_64) {
		pt->ip = ip;
		pt->sp -= sizeof(unsigned long);	/* the host has returned from it already */
		return page_fault(guest, ip, FAULT_EXEC, SEGV_MAPERR);
	}
	/* the host was about to make the call again, if it was one at all */
	if (pt->ip == ip)
		pt->ip -= 2;
	return exception(guest, TRAP_GP, SIGSEGV, SI_KERNEL, 0);
}

/* ---- running guest code -------------------------------------------------- */

/* waits for a kick that comes too late, so that none is under way */
static int settle(struct host_thread *ht)
{
	struct seccomp_notif notice;
	int err = 0;

	if (ht->stub->at_call && kick_under_way())
		return fetch(ht);
	while (!err && kick_under_way()) {
		err = seccomp_process_next(ht->stub, &notice);
		if (!err && notice.data.args[0] == SECCOMP_KICK)
			kick_came();
	}
	return err;
}

static enum guest_exit lost(struct host_thread *ht)
{
	set_running(0);
	kick_came();
	skas_lost(ht);
	return EXIT_GONE;
}

/* let the stub do the list and load; no kick disturbs it in the list */
static int resume(struct host_thread *ht, unsigned int n)
{
	int err;

	set_running(0);
	err = settle(ht);
	if (!err)
		err = seccomp_process_resume(ht->stub, n, true);
	if (!err && !n)
		set_running(ht->stub->pid);
	return err;
}

/*
 * A signal came between an answer and the guest. It may have come before the stub
 * left the signal stack, which has room for that once: a call shows that it has.
 */
static int resume_again(struct host_thread *ht)
{
	struct stub_page *stub = ht->stub;
	unsigned int n = stub->listed;

	if (!n)
		skas_process_call(stub, &n, __NR_getppid, 0, 0, 0, 0, 0, 0, STUB_ANY);
	return resume(ht, n);
}

/* did the kernel change nothing but what the call returns? */
static bool result_only(struct host_thread *ht, struct guest *guest)
{
	struct pt_regs *has = &ht->regs.pt, *wants = &guest->regs->pt;

	if (!ht->stub->at_call || !guest->regs_partial || guest->fp_host != ht ||
	    guest->single_step)
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
		err = seccomp_process_answer(ht->stub, guest->regs->pt.ax);
		if (!err)
			set_running(ht->stub->pid);
	}
	if (err == -ENOENT) {
		err = load(ht, guest);
		if (!err)
			err = resume(ht, n);
	}
	return err;
}

/* one thing that the host process does */
static enum guest_exit event(struct host_thread *ht, struct guest *guest, struct space *space,
			     struct seccomp_notif *notice)
{
	struct stub_page *stub = ht->stub;
	unsigned int n;

	if (seccomp_process_listed(stub, notice)) {
		if (stub->approved < stub->listed)
			return AGAIN;
		set_running(stub->pid);
		if (platform_params.irq_pending())
			kick(stub);
		return AGAIN;
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
		if (!stub->approved)
			return guest_call(ht, guest, notice);
		n = skas_list_again(space, ht);
		if (!n || resume(ht, n))
			return EXIT_GONE;
		return AGAIN;
	default:
		return guest_call(ht, guest, notice);
	}
}

static enum guest_exit run(struct host_thread *ht, struct guest *guest, struct space *space)
{
	struct stub_page *stub = ht->stub;
	struct seccomp_notif notice;
	enum guest_exit why;

	if (!stub->listed && platform_params.irq_pending())
		kick(stub);
	do {
		if (seccomp_process_next(stub, &notice))
			return EXIT_GONE;
		why = event(ht, guest, space, &notice);
		if (why == AGAIN && !stub->at_call && notice.data.nr == STUB_CALL_REPORT &&
		    resume_again(ht))
			return EXIT_GONE;
	} while (why == AGAIN);

	set_running(0);
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
	n = skas_list(space, ht);
	ht->stub->listed = 0;
	if (go(ht, guest, n))
		return lost(ht);
	why = run(ht, guest, space);
	skas_list_done(space);
	return why == EXIT_GONE ? lost(ht) : why;
}

const struct trap_ops seccomp_trap_ops = {
	.name		= "seccomp",
	.enter		= enter,
	.fp_save	= fp_save,
	.regs_save	= regs_save,
	.fp_drop	= fp_drop,
};

/* ---- the driver of the host processes ------------------------------------- */

static int run_list(struct host_thread *ht, unsigned int n)
{
	int err;

	/* what is in struct stub_load stays */
	err = fetch(ht);
	return err ?: seccomp_process_run(ht->stub, n);
}

static const struct skas_driver seccomp_driver = {
	.start	= seccomp_process_start,
	.run	= run_list,
	.evict	= evict,
	.forget	= forget,
	.failed	= seccomp_process_failed,
};

int seccomp_probe(const char **why)
{
	unsigned int bytes;
	int err;

	err = seccomp_process_probe(&bytes, why);
	if (!err)
		err = skas_process_init(&seccomp_driver, bytes, why);
	if (err)
		return err;
	guest_fp_size = seccomp_fp.bytes;
	/* each host process needs one */
	host_files_max();
	return 0;
}
