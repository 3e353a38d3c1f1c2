/* SPDX-License-Identifier: GPL-2.0 */
/*
 * exit.h - what the traps have in common when they say why guest code stopped.
 */
#ifndef __USERMODE_PLATFORM_EXIT_H
#define __USERMODE_PLATFORM_EXIT_H

#include <uapi/asm/signal.h>
#include <asm/exceptions.h>
#include <asm/platform.h>

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
