/* SPDX-License-Identifier: GPL-2.0 */
/*
 * exit.h - what the traps have in common when they say why guest code stopped.
 */
#ifndef __USERMODE_PLATFORM_EXIT_H
#define __USERMODE_PLATFORM_EXIT_H

#include <uapi/asm/signal.h>
#include <asm/platform.h>

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

/* -ERESTARTSYS .. -ERESTART_RESTARTBLOCK, which a host call may return inside the host */
#define MIN_RESTART	512UL
#define MAX_RESTART	516UL

#define EXIT_NONE	((enum guest_exit)-1)	/* a stop that means nothing: go on */

/* an exception that is no page fault */
static inline enum guest_exit exit_exception(struct guest *guest, unsigned int trap, int sig,
					     int code, unsigned long addr)
{
	guest->trap_nr = trap;
	guest->error_code = 0;
	guest->fault_addr = addr;
	guest->sig = sig;
	guest->sig_code = code;
	return EXIT_SIGNAL;
}

/* @error: its error code, but for FAULT_USER */
static inline enum guest_exit exit_page_fault(struct guest *guest, unsigned long addr,
					      unsigned int error, int code)
{
	guest->trap_nr = TRAP_PF;
	guest->error_code = error | FAULT_USER;
	guest->fault_addr = addr;
	guest->sig = SIGSEGV;
	guest->sig_code = code;
	return EXIT_FAULT;
}

#endif
