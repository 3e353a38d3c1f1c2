// SPDX-License-Identifier: GPL-2.0
/*
 * ptrace_stop.c - why a traced host process stopped, in terms of its guest code.
 *
 * The host tells a signal and its siginfo, but no error code of page faults, which
 * exists in signal frames only; fault() finds out what of it matters. Which calls
 * are calls is read off the registers, where the processor marks them.
 *
 * Owns calls_mark, constant after the probe. No locks. Context: a virtual CPU's
 * host thread, interrupts off; the process is stopped.
 */
#include <uapi/asm/siginfo.h>
#include <uapi/asm/signal.h>
#include <uapi/linux/elf.h>
#include <uapi/linux/uio.h>
#include <asm/guest_regs.h>
#include <asm/host.h>
#include "exit.h"
#include "insn.h"
#include "ptrace_stop.h"
#include "skas.h"
#include "skas_process.h"

#define PAGE_BYTES	4096UL
#define INSN_BYTES	15		/* that an instruction can have */

/* does "syscall" mark rcx and r11? */
static bool calls_mark = true;

int ptrace_regs_store(struct host_thread *ht, struct guest *guest)
{
	int err = host_ptrace(HOST_PTRACE_GETREGS, ht->process->pid, 0, (unsigned long)guest->regs);

	ht->regs_known = !err;
	ht->regs = *guest->regs;
	return err;
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
	host_ptrace(PTRACE_GET_SYSCALL_INFO, ht->process->pid, sizeof(info), (unsigned long)&info);
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
	return exit_exception(guest, TRAP_GP, SIGSEGV, SI_KERNEL, 0);
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
	if (host_ptrace(HOST_PTRACE_PEEK, ht->process->pid, pt->ip - skip, (unsigned long)code))
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
	unsigned int error = mapped ? FAULT_PROTECTION : 0;

	if (info->si_code == SEGV_PKUERR)
		error |= FAULT_KEY;
	else
		error |= fault_error(ht, guest, addr, mapped);
	return exit_page_fault(guest, addr, error, info->si_code);
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
	return exit_page_fault(guest, pt->ip, FAULT_EXEC, SEGV_MAPERR);
}

static unsigned int fpe_trap(struct host_thread *ht, int code)
{
	u16 fx[256];
	struct iovec iov = { fx, sizeof(fx) };
	int pid = ht->process->pid;

	if (code == FPE_INTDIV)
		return TRAP_DE;
	/* the x87's exception summary bit, or else it was the vector unit */
	if (!host_ptrace(HOST_PTRACE_GETREGSET, pid, NT_PRFPREG, (unsigned long)&iov) &&
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
	if (host_ptrace(HOST_PTRACE_GETSIGINFO, ht->process->pid, 0, (unsigned long)&info) ||
	    info.si_code <= 0)
		return EXIT_NONE;
	if (ptrace_regs_store(ht, guest))
		return EXIT_NONE;

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
		return EXIT_NONE;
	return exit_exception(guest, trap, sig, info.si_code, (unsigned long)info.si_addr);
}

enum guest_exit ptrace_stopped(struct host_thread *ht, struct guest *guest, int stop)
{
	if (stop == CALL_STOP)
		return ptrace_regs_store(ht, guest) ? EXIT_NONE : call_stop(ht, guest);
	if (stop == INTERRUPT_STOP) {
		if (ptrace_regs_store(ht, guest))
			return EXIT_NONE;
		/* it may not even have left its last call; that is over all the same */
		guest->regs->pt.orig_ax = -1;
		return EXIT_INTERRUPT;
	}
	/* other events: a group stop, because somebody stopped all that the user runs */
	return stop >> 8 ? EXIT_NONE : signal_stop(ht, guest, stop);
}

bool ptrace_calls_probe(struct host_thread *ht, const struct pt_regs *pt)
{
	calls_mark = pt->cx == pt->ip;
	return is_call(ht, pt);
}
