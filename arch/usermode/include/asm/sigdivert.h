/* SPDX-License-Identifier: GPL-2.0 */
/*
 * sigdivert.h - let a signal handler return into the kernel's own entry code.
 */
#ifndef __ASM_USERMODE_SIGDIVERT_H
#define __ASM_USERMODE_SIGDIVERT_H

#include <linux/types.h>

struct sigcontext_64;

/**
 * divert_kernel - push an interrupt frame on the interrupted kernel stack
 * @sc:		registers that the handler will return to, changed to @entry's
 * @entry:	interrupt_entry or exception_entry
 * @irqs_on:	the interrupt flag of the interrupted code, kept in its pt_regs
 *
 * The frame is what isa/x86/irq_entry.S expects: a pt_regs, above it the
 * interrupted flags and instruction pointer. Context: signal handler.
 */
void divert_kernel(struct sigcontext_64 *sc, const char *entry, bool irqs_on);

#endif
