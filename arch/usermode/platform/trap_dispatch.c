// SPDX-License-Identifier: GPL-2.0
/*
 * trap_dispatch.c - run guest code on the kernel's own host thread, and be
 * called back by the host's signals.
 *
 * Theory of operation
 *
 * Syscall user dispatch makes the host raise SIGSYS for every system call made
 * anywhere but in the kernel's image, as long as the selector says so. Faults and
 * exceptions are signals anyway. The handler runs on the alternate stack in the
 * host process's own area; it copies the registers from the signal frame to the
 * guest's pt_regs, reloads the FP registers from it, and leaves for the kernel
 * stack on which tt_enter() was called: the host is never told that the signal
 * is over, for it blocked nothing. Guest code goes on when tt_enter() pops its
 * registers (tt_entry.S). So the FP registers are the guest's all the time; the
 * kernel uses none, and they are saved when another guest thread comes.
 *
 * An exception in kernel code, and an interrupt there, goes the way that it goes
 * in every mode (host_upcall_trap()). The selector tells the two apart. Between
 * the delivery of a signal and the handler's first store it is wrong: an
 * interrupt that comes just then finds an instruction pointer in the kernel and
 * does nothing; tt_enter() looks for it before guest code runs next.
 *
 * Locks: none. Context: a virtual CPU's host thread, interrupts off.
 */
#include <uapi/asm/siginfo.h>
#include <uapi/asm/sigcontext.h>
#include <uapi/asm/signal.h>
#include <uapi/linux/audit.h>
#include <uapi/linux/errno.h>
#include <asm/guest_regs.h>
#include <asm/host.h>
#include <asm/host_process.h>
#include "exit.h"
#include "trap_dispatch.h"
#include "tt.h"
#include "tt_sites.h"

#define FLAGS_NT	0x4000UL
#define FLAGS_AC	0x40000UL

#define CPUID_FEATURES	0x7
#define FEATURE_OSPKE	0x10		/* in ecx */

#define CPUID_XSTATE	0xd
#define XFEATURE_TILES	0x40000		/* needs a permission that we do not ask for */

static u32 fp_low, fp_high;		/* features that are saved and loaded */

/* ---- FP state ------------------------------------------------------------ */

static void fp_load_from(const void *image)
{
	asm volatile("xrstor64 (%0)"
		     : : "r" (image), "a" (fp_low), "d" (fp_high) : "memory");
}

void dispatch_forget(struct host_thread *thread)
{
	if (thread->fp_owner)
		thread->fp_owner->fp_host = NULL;
	thread->fp_owner = NULL;
}

/* its registers are here only while we run in it */
void dispatch_evict(struct host_thread *thread)
{
	struct host_thread *here = tt_active;

	if (!thread->fp_owner)
		return;
	tt_process_go(thread);
	asm volatile("xsave64 (%0)"
		     : : "r" (thread->fp_owner->fp), "a" (fp_low), "d" (fp_high) : "memory");
	tt_process_go(here);
	dispatch_forget(thread);
}

static int fp_save(struct guest *guest)
{
	if (guest->fp_host->dead) {
		dispatch_forget(guest->fp_host);
		return -ESRCH;
	}
	dispatch_evict(guest->fp_host);
	return 0;
}

static void fp_drop(struct guest *guest)
{
	if (guest->fp_host)
		dispatch_forget(guest->fp_host);
}

static int fp_load(struct host_thread *thread, struct guest *guest)
{
	int err = 0;

	if (guest->fp_host == thread)
		return 0;
	if (guest->fp_host)
		err = fp_save(guest);
	if (err)
		return err;
	dispatch_evict(thread);
	fp_load_from(guest->fp);
	thread->fp_owner = guest;
	guest->fp_host = thread;
	return 0;
}

/* ---- segments ------------------------------------------------------------ */

#define GET_SELECTOR(seg)						\
({									\
	unsigned long __v;						\
									\
	asm volatile("mov %%" seg ", %0" : "=r" (__v));			\
	__v;								\
})

#define SET_SELECTOR(seg, v)						\
do {									\
	u32 __v = (v);							\
									\
	asm volatile("mov %0, %%" seg : : "r" (__v) : "memory");	\
} while (0)

static void segments_save(struct guest_regs *regs)
{
	regs->ds = GET_SELECTOR("ds");
	regs->es = GET_SELECTOR("es");
	regs->fs = GET_SELECTOR("fs");
	regs->gs = GET_SELECTOR("gs");
	asm volatile("rdfsbase %0" : "=r" (regs->fs_base));
	asm volatile("rdgsbase %0" : "=r" (regs->gs_base));
}

/* guest code has what the host has: flat user segments, or none */
static bool selector_valid(unsigned long v)
{
	return v <= 3 || v == GUEST_SS;
}

static bool segments_valid(const struct guest_regs *regs)
{
	return selector_valid(regs->ds) && selector_valid(regs->es) &&
	       selector_valid(regs->fs) && selector_valid(regs->gs) &&
	       regs->fs_base < platform_params.task_size &&
	       regs->gs_base < platform_params.task_size;
}

static void segments_load(const struct guest_regs *regs)
{
	if (GET_SELECTOR("ds") != regs->ds)
		SET_SELECTOR("ds", regs->ds);
	if (GET_SELECTOR("es") != regs->es)
		SET_SELECTOR("es", regs->es);
	if (GET_SELECTOR("fs") != regs->fs)
		SET_SELECTOR("fs", regs->fs);
	if (GET_SELECTOR("gs") != regs->gs)
		SET_SELECTOR("gs", regs->gs);
	asm volatile("wrfsbase %0" : : "r" (regs->fs_base));
	asm volatile("wrgsbase %0" : : "r" (regs->gs_base));
}

/* ---- out of guest code --------------------------------------------------- */

static void regs_save(struct guest_regs *regs, const struct sigcontext_64 *sc)
{
	regs->pt = (struct pt_regs) {
		.r15 = sc->r15, .r14 = sc->r14, .r13 = sc->r13, .r12 = sc->r12,
		.bp = sc->bp, .bx = sc->bx, .r11 = sc->r11, .r10 = sc->r10,
		.r9 = sc->r9, .r8 = sc->r8, .ax = sc->ax, .cx = sc->cx,
		.dx = sc->dx, .si = sc->si, .di = sc->di, .orig_ax = -1,
		.ip = sc->ip, .cs = sc->cs, .flags = sc->flags, .sp = sc->sp, .ss = sc->ss,
	};
	segments_save(regs);
}

static bool in_kernel_range(unsigned long ip)
{
	return ip >= KERNEL_START && ip < KERNEL_LIMIT;
}

static bool in_exit(unsigned long ip)
{
	return ip >= (unsigned long)tt_exit_begin && ip < (unsigned long)tt_exit_end;
}

/* single steps are no flag of the guest's */
static void hide_step(struct guest *guest)
{
	if (guest->single_step)
		guest->regs->pt.flags &= ~FLAGS_TF;
}

static enum guest_exit system_call(struct guest *guest, const siginfo_t *info)
{
	struct pt_regs *pt = &guest->regs->pt;

	if (info->si_arch == AUDIT_ARCH_X86_64) {
		pt->orig_ax = pt->ax;
		/* what the instruction leaves there, with a step's flag hidden */
		pt->cx = pt->ip;
		pt->r11 = pt->flags;
		guest->sig = SIGSYS;
		return EXIT_SYSCALL;
	}
	/* int $0x80, sysenter, 32-bit code: nothing of the kind exists here */
	pt->ip -= 2;
	return exit_exception(guest, TRAP_GP, SIGSEGV, SI_KERNEL, 0);
}

static enum guest_exit reason(struct guest *guest, int sig, const siginfo_t *info,
			      const struct sigcontext_64 *sc)
{
	if (sig == SIGSYS)
		return system_call(guest, info);
	if (sig == SIGSEGV && sc->trapno == TRAP_PF)
		return exit_page_fault(guest, sc->cr2, sc->err, info->si_code);
	return exit_exception(guest, sc->trapno, sig, info->si_code,
			      (unsigned long)info->si_addr);
}

/* on the way from a site to the gate, where guest code is not stopped */
static bool in_site(unsigned long ip)
{
	return ip >= (unsigned long)tt_stubs && ip < (unsigned long)tt_gate_end;
}

/* back to the beginning of the site, where no register is changed that matters */
static void rewind(struct pt_regs *pt)
{
	unsigned long into = pt->ip - (unsigned long)tt_stubs, site = pt->cx;

	if (pt->ip < (unsigned long)tt_stubs_end)
		site = into / TT_STUB_BYTES;
	site = tt_site[site % SITES];
	pt->ip = tt_this_area()->slots[site >> TT_SITE_SLOT] +
		 (u16)(site >> TT_SITE_END) - SITE_BYTES;
}

/* in the handler of an exception or SIGSYS, on the alternate stack */
static void trap(int sig, const siginfo_t *info, struct sigcontext_64 *sc)
{
	struct tt_area *area = tt_this_area();
	struct guest *guest = area->guest;
	enum guest_exit why;

	if (info->si_code <= 0)
		return;		/* somebody outside sent it */
	if (area->selector != HOST_DISPATCH_BLOCK) {
		host_upcall_trap(sig, info->si_code, (unsigned long)info->si_addr, sc);
		return;
	}
	__atomic_store_n(&area->selector, HOST_DISPATCH_ALLOW, __ATOMIC_RELAXED);
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	if (sc->flags & (FLAGS_AC | FLAGS_NT))
		asm volatile("pushq $2; popfq" : : : "memory", "cc");
	if (sc->fpstate)
		fp_load_from((const void *)sc->fpstate);
	if (in_exit(sc->ip)) {
		/* its registers cannot be loaded */
		tt_leave(exit_exception(guest, TRAP_GP, SIGSEGV, SI_KERNEL, 0));
	}
	regs_save(guest->regs, sc);
	hide_step(guest);
	if (in_site(sc->ip)) {
		rewind(&guest->regs->pt);
		/* a step: the space is plain from now on, and it is taken again */
		if (sig == SIGTRAP)
			tt_leave(EXIT_INTERRUPT);
	}
	why = reason(guest, sig, info, sc);
	tt_leave(why);
}

bool dispatch_interrupt(struct sigcontext_64 *sc)
{
	struct tt_area *area = tt_this_area();

	if (!tt_is_active())
		return false;
	if (area->selector != HOST_DISPATCH_BLOCK)
		return true;
	if (!in_exit(sc->ip)) {
		/* on the way from or to guest code: it is looked for there */
		if (in_kernel_range(sc->ip))
			return true;
		regs_save(area->guest->regs, sc);
	}
	area->selector = HOST_DISPATCH_ALLOW;
	sc->ip = (unsigned long)tt_resume;
	sc->ax = EXIT_INTERRUPT;
	sc->cs = GUEST_CS;
	sc->ss = GUEST_SS;
	sc->flags = GUEST_FLAGS_FIXED;
	return true;
}

/* ---- into guest code ----------------------------------------------------- */

static enum guest_exit enter(struct guest *guest, struct space *space)
{
	struct guest_regs *regs = guest->regs;
	struct tt_area *area = tt_this_area();
	bool odd;
	int why;

	if (space->lost || fp_load(space->thread, guest))
		return EXIT_GONE;
	/* who looks at each instruction must not see a jump */
	if (guest->single_step || regs->pt.flags & FLAGS_TF)
		platform_space_plain(space);
	if (regs->pt.ip >= platform_params.task_size || in_kernel_range(regs->pt.ip))
		return exit_page_fault(guest, regs->pt.ip, FAULT_EXEC, SEGV_MAPERR);
	if (!segments_valid(regs))
		return exit_exception(guest, TRAP_GP, SIGSEGV, SI_KERNEL, 0);
	segments_load(regs);
	if (guest->single_step)
		regs->pt.flags |= FLAGS_TF;
	odd = regs->pt.flags & (FLAGS_TF | FLAGS_AC | FLAGS_NT) ||
	      regs->pt.cs != GUEST_CS || regs->pt.ss != GUEST_SS;
	area->guest = guest;
	area->regs = regs;
	area->slots = space->slots;
	why = tt_enter(regs, odd);
	hide_step(guest);
	if (why != TT_BY_GATE)
		return why;
	guest->sig = 0;
	return EXIT_SYSCALL;
}

const struct trap_ops dispatch_trap_ops = {
	.name		= "dispatch",
	.enter		= enter,
	.fp_save	= fp_save,
	.fp_drop	= fp_drop,
};

/* ---- the probe ----------------------------------------------------------- */

static int arm(struct tt_area *area)
{
	return host_dispatch(&area->selector, (unsigned long)_text, _etext - _text);
}

const char *dispatch_trusting(void)
{
	u32 a = CPUID_FEATURES, b, c = 0, d;

	asm volatile("cpuid" : "+a" (a), "=b" (b), "+c" (c), "=d" (d));
	return c & FEATURE_OSPKE ? "this kernel does not use the host's protection keys" :
				   "this host has no protection keys";
}

static u32 fp_probe(void)
{
	u32 low, high, bytes, a = CPUID_XSTATE, c = 0, d;

	asm volatile("xgetbv" : "=a" (low), "=d" (high) : "c" (0));
	fp_low = low & ~XFEATURE_TILES;
	fp_high = high;
	asm volatile("cpuid" : "+a" (a), "=b" (bytes), "+c" (c), "=d" (d));
	return (bytes + 63) / 64 * 64;
}

int dispatch_probe(const char **why)
{
	int err;

	*why = "the host's CPU, or its kernel, lacks instructions for segment bases (FSGSBASE)";
	if (!platform_params.fsgsbase)
		return -EOPNOTSUPP;
	err = tt_process_init(arm, why);
	if (err)
		return err;
	*why = "the host has no syscall user dispatch (Linux 5.11)";
	err = arm(tt_this_area());
	if (err)
		return err;
	*why = "the host refuses signal handlers";
	guest_fp_size = fp_probe();
	return host_signal_traps(trap);
}
