/* SPDX-License-Identifier: GPL-2.0 */
/*
 * stub.h - what the kernel and the stub in each guest's host process agree on.
 *
 * The stub is all that is left of the host process itself: one page of text,
 * and one page that the kernel writes and the process can only read. Nothing of
 * it is writable for guest code, and it decides nothing: guest code that jumps
 * here finds system calls that are caught like any other of its own.
 */
#ifndef __USERMODE_PLATFORM_STUB_H
#define __USERMODE_PLATFORM_STUB_H

#define STUB_START	0x780000000000
#define STUB_ENTRY	0x780000000100	/* sleeps until the tracer comes */
#define STUB_CALL	0x780000000120	/* one system call, then a stop at ... */
#define STUB_CALLED	0x780000000123
#define STUB_RUN	0x780000000140	/* makes the calls listed in the page ... */
#define STUB_DONE	0x780000000190	/* ... and stops here (no filter) */
#define STUB_FAILED	0x7800000001a0	/* ... or here */
#define STUB_PAGE	0x780000001000	/* struct stub_page */
#define STUB_END	0x780000002000

/* the call that ends a list: no system call, but the stop of a seccomp filter */
#define STUB_CALL_END	0x1000

/* offsets in struct stub_call */
#define STUB_CALL_NR	0
#define STUB_CALL_ARGS	8
#define STUB_CALL_WANT	56
#define STUB_CALL_SIZE	64

#define STUB_ANY	0x7fffffff	/* wanted: whatever it returns */

#define STUB_CALLS	62	/* fit into a page, with an end and what else it holds */

#ifndef __ASSEMBLY__

#include <linux/types.h>

/**
 * struct stub_call - one host system call that the stub makes
 * @nr:	its number; STUB_CALL_END ends the list
 * @arg: its arguments
 * @want: what it must return: the stub stops by ud2 after any other result;
 *	or STUB_ANY
 */
struct stub_call {
	u64 nr;
	u64 arg[6];
	u64 want;
};

/**
 * struct stub_page - the page that the kernel and one host process share
 * @calls:	the list
 * @pid:	the host process, 0: not yet there
 * @maps:	guest mappings made in it since all were dropped
 * @next, @prev: in the list of those that have a host process
 */
struct stub_page {
	struct stub_call calls[STUB_CALLS + 1];
	s32 pid;
	u32 maps;
	struct stub_page *next, *prev;
	u64 unused[5];
};

/* the stub as an ELF executable (stub_image.S) */
extern const char stub_image[], stub_image_end[];

#endif /* __ASSEMBLY__ */
#endif
