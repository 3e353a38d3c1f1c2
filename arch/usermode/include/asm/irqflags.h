/* SPDX-License-Identifier: GPL-2.0 */
/*
 * irqflags.h - the interrupt flag of the virtual CPU.
 *
 * Interrupts are host signals. With the flag clear, the signal handler only
 * sets a pending bit; enabling interrupts delivers what is pending.
 */
#ifndef __ASM_USERMODE_IRQFLAGS_H
#define __ASM_USERMODE_IRQFLAGS_H

#ifndef __ASSEMBLY__

#include <linux/compiler.h>
#include <asm/vcpu.h>

/* deliver pending interrupts as if they came in now (isa/x86/irq_entry.S) */
void irq_replay(void);

static __always_inline unsigned long arch_local_save_flags(void)
{
	return READ_ONCE(this_vcpu()->irq_enabled);
}

static __always_inline bool arch_irqs_disabled_flags(unsigned long flags)
{
	return !flags;
}

static __always_inline bool arch_irqs_disabled(void)
{
	return arch_irqs_disabled_flags(arch_local_save_flags());
}

static __always_inline void arch_local_irq_disable(void)
{
	WRITE_ONCE(this_vcpu()->irq_enabled, 0);
	barrier();
}

static __always_inline void arch_local_irq_enable(void)
{
	barrier();
	WRITE_ONCE(this_vcpu()->irq_enabled, 1);
	/* a signal between the two lines is delivered by its handler */
	barrier();
	if (unlikely(READ_ONCE(this_vcpu()->attention)))
		irq_replay();
}

static __always_inline unsigned long arch_local_irq_save(void)
{
	unsigned long flags = arch_local_save_flags();

	arch_local_irq_disable();
	return flags;
}

static __always_inline void arch_local_irq_restore(unsigned long flags)
{
	if (flags)
		arch_local_irq_enable();
	else
		arch_local_irq_disable();
}

#endif /* __ASSEMBLY__ */
#endif
