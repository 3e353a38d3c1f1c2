// SPDX-License-Identifier: GPL-2.0
/*
 * trap_ptrace.c - run guest code in a traced host process; know why it stopped.
 *
 * Theory of operation
 *
 * The host thread of a space is stopped whenever the kernel runs. enter() gives
 * it the guest's registers, if they differ from those it has, and lets it go on
 * with PTRACE_SYSEMU: every system call stops it and is not made, every signal
 * stops it and is not delivered. The FP state is not touched; it stays in the
 * host thread until another guest thread needs that, or somebody asks for it.
 * Memory is mapped by the stub, before, under PTRACE_CONT (skas_process.c).
 *
 * Nothing that the guest can write is ever read here: it has no signal stack and
 * no handler. That costs the error code of page faults, which exists in signal
 * frames only. What of it matters is found out in fault().
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
#include "insn.h"
#include "skas.h"
#include "skas_process.h"
#include "trap_ptrace.h"

/* x86 exceptions */
#define TRAP_DE		0
#define TRAP_DB		1
#define TRAP_BP		3
#define TRAP_BR		5
#define TRAP_UD		6
#define TRAP_SS		12
#define TRAP_GP		13
#define TRAP_PF		14
#define TRAP_MF		16
#define TRAP_AC		17
#define TRAP_MC		18
#define TRAP_XF		19

/* x86 page fault error code */
#define FAULT_PROTECTION	0x01
#define FAULT_WRITE		0x02
#define FAULT_USER		0x04
#define FAULT_EXEC		0x10
#define FAULT_KEY		0x20

#define FLAGS_TF	0x100UL
#define FLAGS_RF	0x10000UL
#define PAGE_BYTES	4096UL
#define INSN_BYTES	15		/* that an instruction can have */

/* -ERESTARTSYS .. -ERESTART_RESTARTBLOCK, which a host call may return inside the host */
#define MIN_RESTART	512UL
#define MAX_RESTART	516UL

#define CALL_STOP	(SIGTRAP | 0x80)	/* PTRACE_O_TRACESYSGOOD */
#define INTERRUPT_STOP	(HOST_PTRACE_EVENT_STOP << 8 | SIGTRAP)
#define AGAIN		((enum guest_exit)-1)	/* a stop that means nothing */

#define FP_BYTES_MAX	65536

/* the note type that names the whole FP state, and whether "syscall" marks rcx and r11 */
static unsigned long fp_note = NT_X86_XSTATE;
static bool calls_mark = true;

/* ---- FP state ------------------------------------------------------------ */

static int fp_transfer(struct host_thread *ht, struct guest *guest, long request)
{
	struct iovec iov = { guest->fp, guest_fp_size };

	return host_ptrace(request, ht->stub->pid, fp_note, (unsigned long)&iov);
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
			       host_ptrace(HOST_PTRACE_POKE_USER, ht->stub->pid,
					   offsetof(struct guest_regs, pt.ax), wants->ax);
	}
	ht->regs_known = false;
	err = host_ptrace(HOST_PTRACE_SETREGS, ht->stub->pid, 0, (unsigned long)guest->regs);
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

static int regs_store(struct host_thread *ht, struct guest *guest)
{
	int err = host_ptrace(HOST_PTRACE_GETREGS, ht->stub->pid, 0, (unsigned long)guest->regs);

	ht->regs_known = !err;
	ht->regs = *guest->regs;
	return err;
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

/* the head of what PTRACE_GET_SYSCALL_INFO tells */
struct call_info {
	u8 op;
	u8 pad[3];
	u32 arch;
	u64 more[10];
};

#define PTRACE_GET_SYSCALL_INFO	0x420e
#define ARCH_X86_64		0xc000003eU	/* AUDIT_ARCH_X86_64 */

/* was it the instruction "syscall", in 64-bit code? */
static bool is_call(struct host_thread *ht, const struct pt_regs *pt)
{
	struct call_info info = { .arch = 0 };

	if (pt->cs != GUEST_CS)
		return false;
	if (calls_mark)
		return pt->cx == pt->ip && !((pt->r11 ^ pt->flags) & ~(FLAGS_TF | FLAGS_RF));
	/* with FRED the registers tell nothing */
	host_ptrace(PTRACE_GET_SYSCALL_INFO, ht->stub->pid, sizeof(info), (unsigned long)&info);
	return info.arch == ARCH_X86_64;
}

static enum guest_exit call_stop(struct host_thread *ht, struct guest *guest)
{
	struct pt_regs *pt = &guest->regs->pt;

	if (is_call(ht, pt)) {
		/* single steps are no flag of the guest's */
		if (guest->single_step)
			pt->r11 = (pt->r11 & ~FLAGS_TF) | (pt->flags & FLAGS_TF);
		return EXIT_SYSCALL;
	}
	/* int $0x80, sysenter, 32-bit code: nothing of the kind exists here */
	pt->ax = pt->orig_ax;
	pt->orig_ax = -1;
	pt->ip -= 2;
	return exception(guest, TRAP_GP, SIGSEGV, SI_KERNEL, 0);
}

/* does guest code store, by the instruction that faulted? *length: its length */
static bool stores(struct host_thread *ht, struct guest *guest, unsigned long addr,
		   unsigned int *length)
{
	const struct pt_regs *pt = &guest->regs->pt;
	unsigned long left = PAGE_BYTES - pt->ip % PAGE_BYTES;
	unsigned int skip = left < sizeof(u64) ? sizeof(u64) - left : 0;
	u8 code[sizeof(u64)];

	if (pt->cs != GUEST_CS)
		return false;
	if (host_ptrace(HOST_PTRACE_PEEK, ht->stub->pid, pt->ip - skip, (unsigned long)code))
		return false;
	return insn_stores(code + skip, sizeof(code) - skip, guest->regs, addr, length);
}

/*
 * The error code of a page fault, of which the host tells only whether anything
 * is mapped there. What is mapped can always be read: then it was a store, or a
 * fetch where there is nothing to be executed. Else the instruction is looked
 * at; a store that is not recognised counts as a load, and comes back as a
 * store when its page is mapped.
 *
 * An instruction may store to its own first byte, or to the next page while it
 * may itself reach into that. Then a fetch is what is assumed first, and a store
 * if the same fault comes again.
 */
static unsigned int fault_error(struct host_thread *ht, struct guest *guest, unsigned long addr,
				bool mapped)
{
	unsigned long ip = guest->regs->pt.ip;
	bool next_page = addr % PAGE_BYTES == 0 && addr - ip - 1 < INSN_BYTES - 1;
	bool again = ip == ht->unsure_ip && addr == ht->unsure_addr;
	unsigned int length = 0;

	ht->unsure_addr = 0;
	if (!mapped && addr == ip)
		return FAULT_EXEC;
	if (mapped && addr != ip && !next_page)
		return FAULT_WRITE;
	if (mapped && again)
		return FAULT_WRITE;
	if (addr != ip && stores(ht, guest, addr, &length) && !(next_page && ip + length > addr))
		return FAULT_WRITE;
	if (!mapped)
		return 0;
	ht->unsure_ip = ip;
	ht->unsure_addr = addr;
	return FAULT_EXEC;
}

static enum guest_exit fault(struct host_thread *ht, struct guest *guest, const siginfo_t *info)
{
	unsigned long addr = (unsigned long)info->si_addr;
	bool mapped = info->si_code != SEGV_MAPERR;

	guest->trap_nr = TRAP_PF;
	guest->fault_addr = addr;
	guest->sig = SIGSEGV;
	guest->sig_code = info->si_code;
	guest->error_code = FAULT_USER | (mapped ? FAULT_PROTECTION : 0);
	if (info->si_code == SEGV_PKUERR)
		guest->error_code |= FAULT_KEY;
	else
		guest->error_code |= fault_error(ht, guest, addr, mapped);
	return EXIT_FAULT;
}

/*
 * A call into the vsyscall page, which the host would have answered had not the
 * filter kept it from that. The guest has no such page.
 */
static enum guest_exit vsyscall(struct guest *guest, const siginfo_t *info)
{
	struct pt_regs *pt = &guest->regs->pt;

	pt->ip = (unsigned long)info->si_call_addr;
	pt->sp -= sizeof(unsigned long);	/* the host has returned from it already */
	guest->trap_nr = TRAP_PF;
	guest->fault_addr = pt->ip;
	guest->error_code = FAULT_USER | FAULT_EXEC;
	guest->sig = SIGSEGV;
	guest->sig_code = SEGV_MAPERR;
	return EXIT_FAULT;
}

static unsigned int fpe_trap(struct host_thread *ht, int code)
{
	u16 fx[256];
	struct iovec iov = { fx, sizeof(fx) };

	if (code == FPE_INTDIV)
		return TRAP_DE;
	/* the x87's exception summary bit, or else it was the vector unit */
	if (!host_ptrace(HOST_PTRACE_GETREGSET, ht->stub->pid, NT_PRFPREG, (unsigned long)&iov) &&
	    (fx[1] & 0x80))
		return TRAP_MF;
	return TRAP_XF;
}

static unsigned int bus_trap(int code)
{
	switch (code) {
	case SI_KERNEL:
		return TRAP_SS;
	case BUS_ADRALN:
		return TRAP_AC;
	case BUS_MCEERR_AR:
	case BUS_MCEERR_AO:
		return TRAP_MC;
	default:		/* the host has no memory left for this page */
		return TRAP_PF;
	}
}

static enum guest_exit signal_stop(struct host_thread *ht, struct guest *guest, int sig)
{
	siginfo_t info;
	int trap = -1;

	/* nobody outside gives guest code a signal; and a group stop has no information */
	if (host_ptrace(HOST_PTRACE_GETSIGINFO, ht->stub->pid, 0, (unsigned long)&info) ||
	    info.si_code <= 0)
		return AGAIN;
	if (regs_store(ht, guest))
		return AGAIN;

	switch (sig) {
	case SIGSEGV:
		switch (info.si_code) {
		case SEGV_MAPERR:
		case SEGV_ACCERR:
		case SEGV_PKUERR:
			return fault(ht, guest, &info);
		case SEGV_BNDERR:
			trap = TRAP_BR;
			break;
		default:
			trap = TRAP_GP;
		}
		break;
	case SIGBUS:
		trap = bus_trap(info.si_code);
		break;
	case SIGILL:
		trap = TRAP_UD;
		break;
	case SIGFPE:
		trap = fpe_trap(ht, info.si_code);
		break;
	case SIGTRAP:
		trap = info.si_code == SI_KERNEL ? TRAP_BP : TRAP_DB;
		break;
	case SIGSYS:
		return vsyscall(guest, &info);
	}
	if (trap < 0)
		return AGAIN;
	return exception(guest, trap, sig, info.si_code, (unsigned long)info.si_addr);
}

static enum guest_exit stopped(struct host_thread *ht, struct guest *guest, int stop)
{
	if (stop == CALL_STOP)
		return regs_store(ht, guest) ? AGAIN : call_stop(ht, guest);
	if (stop == INTERRUPT_STOP) {
		if (regs_store(ht, guest))
			return AGAIN;
		/* it may not even have left its last call; that is over all the same */
		guest->regs->pt.orig_ax = -1;
		return EXIT_INTERRUPT;
	}
	/* other events: a group stop, because somebody stopped all that the user runs */
	return stop >> 8 ? AGAIN : signal_stop(ht, guest, stop);
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
	int pid = ht->stub->pid;
	int stop;

	do {
		host_ptrace(how, pid, 0, 0);
		/* had that failed, then because of a SIGKILL that wait tells us about */
		stop = skas_process_wait(ht->stub);
	} while (stop == INTERRUPT_STOP && signal_waits(pid));
	return stop;
}

static enum guest_exit run(struct host_thread *ht, struct guest *guest)
{
	int *running = &platform_this_vcpu()->running;
	int stop;

	__atomic_store_n(running, ht->stub->pid, __ATOMIC_RELAXED);
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	if (platform_params.irq_pending()) {
		__atomic_store_n(running, 0, __ATOMIC_RELAXED);
		return EXIT_INTERRUPT;
	}
	stop = go_on(ht, guest);
	__atomic_store_n(running, 0, __ATOMIC_RELAXED);
	return stop < 0 ? lost(ht) : stopped(ht, guest, stop);
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
			return exception(guest, TRAP_GP, SIGSEGV, SI_KERNEL, 0);
		if (err)
			return lost(ht);
		why = run(ht, guest);
	} while (why == AGAIN);
	return why;
}

void ptrace_interrupt(void)
{
	int pid = __atomic_load_n(&platform_this_vcpu()->running, __ATOMIC_RELAXED);

	if (pid)
		host_ptrace(HOST_PTRACE_INTERRUPT, pid, 0, 0);
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
	err = host_ptrace(HOST_PTRACE_GETREGSET, ht->stub->pid, fp_note, (unsigned long)&iov);
	if (err) {
		/* a host processor without XSAVE */
		fp_note = NT_PRFPREG;
		iov = (struct iovec) { buf, FP_BYTES_MAX };
		err = host_ptrace(HOST_PTRACE_GETREGSET, ht->stub->pid, fp_note,
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
		err = host_ptrace(HOST_PTRACE_SYSEMU, ht->stub->pid, 0, 0);
	if (err)
		return err;
	stop = skas_process_wait(ht->stub);
	if (stop != CALL_STOP)
		return stop < 0 ? stop : -EIO;
	err = regs_store(ht, &guest);
	if (err)
		return err;
	calls_mark = regs.pt.cx == regs.pt.ip;
	*why = "the host does not show system calls as they are";
	if (regs.pt.orig_ax != __NR_getpid || regs.pt.ip != STUB_CALL + 2 ||
	    !is_call(ht, &regs.pt))
		return -EIO;
	return 0;
}

int ptrace_probe(const char **why)
{
	struct host_thread ht = { .stub = NULL };
	int err;

	err = skas_process_init(&ptrace_driver, sizeof(struct stub_page), why);
	if (err)
		return err;
	ht.stub = skas_process_get();
	err = probe_fp(&ht, why);
	if (!err)
		err = probe_call(&ht, why);
	skas_process_put(ht.stub);
	return err;
}
