/* SPDX-License-Identifier: GPL-2.0 */
/*
 * stub.h - what the kernel and the stub in each guest's host process agree on.
 *
 * The stub is all that is left of the host process itself: one page of text,
 * and pages that the kernel writes and the process can only read. It decides
 * nothing: guest code that jumps here finds system calls that are caught like
 * any other of its own. Trap seccomp adds a signal stack, the only page of it
 * that guest code can write; what lies there is never believed.
 */
#ifndef __USERMODE_PLATFORM_STUB_H
#define __USERMODE_PLATFORM_STUB_H

#define STUB_START	0x78000000f000
#define STUB_ENTRY	0x78000000f100	/* sleeps until the kernel comes */
/* trap ptrace */
#define STUB_CALL	0x78000000f120	/* one system call, then a stop at ... */
#define STUB_CALLED	0x78000000f123
#define STUB_RUN	0x78000000f140	/* makes the calls listed in the page ... */
#define STUB_DONE	0x78000000f190	/* ... and stops here (no filter) */
#define STUB_FAILED	0x78000000f1a0	/* ... or here */
/* trap seccomp */
#define STUB_HELLO	0x78000000f1b0	/* maps the pages below, once */
#define STUB_HANDLER	0x78000000f200	/* of signals */
#define STUB_REPORT	0x78000000f220	/* the call that tells the kernel something */
#define STUB_LIST	0x78000000f260	/* the call that makes those listed */
#define STUB_LOADING	0x78000000f2a0	/* the list is done */
#define STUB_TEXT_END	0x780000010000

#define STUB_PAGE	0x780000010000	/* struct stub_page */
#define STUB_END	0x780000011000
#define STUB_LOAD	0x780000011000	/* struct stub_load, behind it the signal stack */

/* the call that ends a list: no system call, but the stop of a seccomp filter */
#define STUB_CALL_END		0x1000
/* trap seccomp: calls that no guest makes, with which the stub talks to the kernel */
#define STUB_CALL_REPORT	0x1001	/* a signal came: rdi, rsi, rdx as its handler got them */
#define STUB_CALL_IDLE		0x1002	/* the list is done, and there is nothing to load */
#define STUB_CALL_FAILED	0x1003	/* rdi: what a call of the list returned */
#define STUB_CALL_LENGTH	0x1004	/* how many bytes to map at STUB_PAGE? */

/* offsets in struct stub_call */
#define STUB_CALL_NR	0
#define STUB_CALL_ARGS	8
#define STUB_CALL_WANT	56
#define STUB_CALL_SIZE	64

#define STUB_ANY	0x7fffffff	/* wanted: whatever it returns */

#define STUB_CALLS	62	/* of a list at most, without its end */

/* trap seccomp: the answer to a report; one more where something is lent with it */
#define STUB_ANSWER	0

/* offsets in struct stub_load */
#define STUB_LOAD_CALLS		8
#define STUB_LOAD_GO		16
#define STUB_LOAD_FEATURES	24
#define STUB_LOAD_FS		32
#define STUB_LOAD_GS		40
#define STUB_LOAD_REGS		48
#define STUB_LOAD_FP		256

#ifndef __ASSEMBLY__

#include <linux/types.h>
#include <asm/guest_regs.h>

/**
 * struct stub_call - one host system call that the stub makes
 * @nr:	its number; STUB_CALL_END ends the list
 * @arg: its arguments
 * @want: what it must return: the stub stops by ud2 (ptrace) or tells (seccomp)
 *	after any other result; or STUB_ANY
 */
struct stub_call {
	u64 nr;
	u64 arg[6];
	u64 want;
};

/**
 * struct stub_page - the page that the kernel and one host process share
 * @calls:	the list
 *
 * Guest code can read it whenever it runs.
 */
struct stub_page {
	struct stub_call calls[STUB_CALLS + 2];
};

/**
 * struct stub_load - trap seccomp: what the stub does when a report is answered
 * @clean:	flags with which it does that
 * @calls:	guest address of a list of calls; it makes them first
 * @go:		then load the registers below; 0: say STUB_CALL_IDLE
 * @features:	of @fp to load
 * @fs_base, @gs_base, @regs: registers; the orig_ax of @regs is skipped
 * @fp:		FP state in the standard XSAVE format, guest_fp_size bytes
 */
struct stub_load {
	u64 clean;
	u64 calls;
	u64 go;
	u64 features;
	u64 fs_base, gs_base;
	struct pt_regs regs;
	u8 fp[] __aligned(64);
};

/* the stub as an ELF executable (stub_image.S) */
extern const char stub_image[], stub_image_end[];

#endif /* __ASSEMBLY__ */
#endif
