// SPDX-License-Identifier: GPL-2.0
/*
 * irq.c - interrupts of a virtual CPU.
 *
 * A line is raised by setting its bit in vcpu->pending and then
 * vcpu->attention; any host thread and any signal handler may do that. The
 * virtual CPU looks at attention
 *  - in the signal handler that interrupted kernel code with interrupts on,
 *  - when it enables interrupts,
 *  - before it enters guest code, and when guest code was stopped for it,
 *  - when it idles.
 * Raising from another thread kicks it: by the futex @attention while it idles,
 * by a signal otherwise. The order that makes this safe: the raiser stores
 * attention, then reads idle; the CPU stores idle, then reads attention.
 *
 * Locks: none for raising; usermode_irq_lock for the allocation of lines.
 */
#include <linux/bitmap.h>
#include <linux/entry-common.h>
#include <linux/init.h>
#include <linux/interrupt.h>
#include <linux/irq.h>
#include <linux/irqdesc.h>
#include <asm/entry.h>
#include <asm/host.h>
#include <asm/irq.h>
#include <asm/platform.h>
#include <asm/processor-flags.h>
#include <asm/sigdivert.h>
#include <asm/vcpu.h>

struct vcpu vcpus[NR_CPUS];

/* the host process that each runs in now; 0: the program's own, as ever */
static int process_of[NR_CPUS];

static DEFINE_SPINLOCK(usermode_irq_lock);
static DECLARE_BITMAP(lines_taken, NR_IRQS);

/* ---- raising ---- */

/*
 * Where the CPU has just moved away from that host thread, or moves while this
 * reads, nothing is lost: it moves with interrupts off, and looks at attention
 * when it enables them.
 */
static void irq_kick(struct vcpu *vcpu)
{
	int pid = READ_ONCE(process_of[vcpu - vcpus]);

	host_tgkill(pid ?: host_getpid(), READ_ONCE(vcpu->tid), HOST_SIG_KICK);
}

void irq_raise(struct vcpu *vcpu, unsigned int line)
{
	asm volatile("lock; btsq %1, %0"
		     : "+m" (vcpu->pending) : "r" ((unsigned long)line) : "memory", "cc");
	if (xchg(&vcpu->attention, 1))
		return;		/* whoever set it has kicked already */
	if (READ_ONCE(vcpu->idle))
		host_futex_wake(&vcpu->attention, 1);
	else if (host_gettid() != vcpu->tid)
		irq_kick(vcpu);
}

/* devices interrupt the first CPU */
void host_upcall_irq(unsigned int line)
{
	irq_raise(&vcpus[0], line);
}

/* called by the platform, before the CPU goes on there; interrupts are off */
void irq_vcpu_moved(int pid, int timer)
{
	struct vcpu *vcpu = this_vcpu();

	WRITE_ONCE(process_of[vcpu - vcpus], pid);
	WRITE_ONCE(vcpu->tid, pid);
	vcpu->timer = timer;
}

bool irq_is_pending(void)
{
	return READ_ONCE(this_vcpu()->attention);
}

/* ---- delivery ---- */

static void handle_lines(struct vcpu *vcpu, unsigned int word)
{
	unsigned long bits = xchg(&vcpu->pending[word], 0);

	while (bits) {
		unsigned int bit = __ffs(bits);

		bits &= bits - 1;
		generic_handle_irq(word * 64 + bit);
	}
}

void irq_dispatch(struct pt_regs *regs)
{
	struct pt_regs *old = set_irq_regs(regs);
	struct vcpu *vcpu = this_vcpu();
	unsigned int word;

	irq_enter_rcu();
	while (xchg(&vcpu->attention, 0))
		for (word = 0; word < ARRAY_SIZE(vcpu->pending); word++)
			if (READ_ONCE(vcpu->pending[word]))
				handle_lines(vcpu, word);
	irq_exit_rcu();
	set_irq_regs(old);
}

void irq_resume(struct pt_regs *regs)
{
	struct vcpu *vcpu = this_vcpu();

	if (regs_irqs_disabled(regs))
		return;
	/*
	 * A line raised from here on finds interrupts on, and its signal
	 * diverts again. One raised since irq_dispatch() found them off.
	 */
	WRITE_ONCE(vcpu->irq_enabled, 1);
	barrier();
	if (unlikely(READ_ONCE(vcpu->attention)))
		irq_replay();
}

void irq_take_trap(struct kernel_trap *trap)
{
	struct vcpu *vcpu = this_vcpu();

	trap->sig = vcpu->trap_sig;
	trap->code = vcpu->trap_code;
	trap->addr = vcpu->trap_addr;
	trap->nr = vcpu->trap_nr;
	trap->err = vcpu->trap_err;
}

/* in the signal handler, on the virtual CPU's host thread, on its alternate stack */
void host_upcall_trap(int sig, int code, unsigned long addr, struct sigcontext_64 *sc)
{
	struct vcpu *vcpu = this_vcpu();

	if (sig == HOST_SIG_TIMER)
		irq_raise(vcpu, TIMER_IRQ);
	if (sig == HOST_SIG_TIMER || sig == HOST_SIG_KICK) {
		if (!platform_interrupt(sc)) {
			/* a kick that came too late; irq_raise() has passed on the timer's */
			if (sig == HOST_SIG_KICK && READ_ONCE(vcpu->attention))
				irq_kick(vcpu);
			return;
		}
		if (vcpu->irq_enabled && READ_ONCE(vcpu->attention)) {
			divert_kernel(sc, interrupt_entry, true);
			vcpu->irq_enabled = 0;
		}
		return;
	}
	vcpu->trap_sig = sig;
	vcpu->trap_code = code;
	vcpu->trap_addr = addr;
	vcpu->trap_nr = sc->trapno;
	vcpu->trap_err = sc->err;
	divert_kernel(sc, exception_entry, vcpu->irq_enabled);
	vcpu->irq_enabled = 0;
}

/* ---- lines ---- */

int usermode_irq_alloc(const char *name)
{
	unsigned long flags;
	int irq;

	spin_lock_irqsave(&usermode_irq_lock, flags);
	irq = find_next_zero_bit(lines_taken, NR_IRQS, FIRST_FREE_IRQ);
	if (irq < NR_IRQS)
		__set_bit(irq, lines_taken);
	spin_unlock_irqrestore(&usermode_irq_lock, flags);
	return irq < NR_IRQS ? irq : -ENOSPC;
}

void usermode_irq_free(int irq)
{
	unsigned long flags;

	spin_lock_irqsave(&usermode_irq_lock, flags);
	__clear_bit(irq, lines_taken);
	spin_unlock_irqrestore(&usermode_irq_lock, flags);
}

static void line_nop(struct irq_data *data)
{
}

/* what came in while the line was disabled */
static int line_retrigger(struct irq_data *data)
{
	irq_raise(&vcpus[0], data->irq);
	return 1;
}

/* a pending bit needs no acknowledging, and each line may wake a suspended machine */
static struct irq_chip line_chip = {
	.name		= "usermode",
	.irq_ack	= line_nop,
	.irq_mask	= line_nop,
	.irq_unmask	= line_nop,
	.irq_retrigger	= line_retrigger,
	.flags		= IRQCHIP_SKIP_SET_WAKE,
};

void __init init_IRQ(void)
{
	int irq;

	for (irq = 0; irq < NR_IRQS; irq++)
		irq_set_chip_and_handler(irq, &line_chip, handle_edge_irq);
}
