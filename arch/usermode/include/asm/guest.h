/* SPDX-License-Identifier: GPL-2.0 */
/*
 * guest.h - one guest thread as platform/ sees it.
 *
 * Apart from platform.h because every file of the kernel includes this one.
 */
#ifndef __ASM_USERMODE_GUEST_H
#define __ASM_USERMODE_GUEST_H

#include <linux/types.h>
#include <asm/guest_regs.h>

struct host_thread;

/**
 * struct guest - one guest thread as platform/ sees it (embedded in thread_struct)
 * @regs:	its registers, at the top of its kernel stack
 * @fp:		its FP state in the host's standard XSAVE format, guest_fp_size
 *		bytes; the truth unless @fp_host says that it is still in a host thread
 * @fp_host:	the host thread whose registers hold the FP state, or NULL
 * @single_step: stop after one instruction (EXIT_SIGNAL, SIGTRAP)
 * @trap_nr:	x86 exception number of the last fault or exception
 * @error_code:	x86 error code of it
 * @fault_addr:	address of it (CR2, or si_addr)
 * @sig:	host signal that reported it
 * @sig_code:	si_code of it
 */
struct guest {
	struct guest_regs *regs;
	void *fp;
	struct host_thread *fp_host;
	bool single_step;
	unsigned int trap_nr;
	unsigned int error_code;
	unsigned long fault_addr;
	int sig;
	int sig_code;
};

#endif
