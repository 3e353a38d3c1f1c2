// SPDX-License-Identifier: GPL-2.0
/*
 * divert.c - interrupt frames for interrupted kernel code.
 *
 * Runs in the host's signal handler, on the alternate stack; writes to the
 * interrupted kernel stack below its stack pointer (the kernel has no red zone).
 */
#include <linux/ptrace.h>
#include <asm/host.h>
#include <asm/processor-flags.h>
#include <asm/sigcontext.h>
#include <asm/sigdivert.h>

struct interrupt_frame {
	struct pt_regs regs;
	unsigned long flags;
	unsigned long ip;
};

void divert_kernel(struct sigcontext_64 *sc, const char *entry, bool irqs_on)
{
	struct interrupt_frame *f = (void *)(sc->sp - sizeof(*f));

	f->regs = (struct pt_regs) {
		.r15 = sc->r15, .r14 = sc->r14, .r13 = sc->r13, .r12 = sc->r12,
		.bp = sc->bp, .bx = sc->bx, .r11 = sc->r11, .r10 = sc->r10,
		.r9 = sc->r9, .r8 = sc->r8, .ax = sc->ax, .cx = sc->cx,
		.dx = sc->dx, .si = sc->si, .di = sc->di, .orig_ax = -1,
		.ip = sc->ip, .cs = __KERNEL_CS, .sp = sc->sp, .ss = __KERNEL_DS,
		.flags = (sc->flags & ~X86_EFLAGS_IF) | (irqs_on ? X86_EFLAGS_IF : 0),
	};
	f->flags = sc->flags;
	f->ip = sc->ip;
	sc->sp = (unsigned long)f;
	sc->ip = (unsigned long)entry;
	sc->flags &= ~(X86_EFLAGS_DF | X86_EFLAGS_TF);
}
