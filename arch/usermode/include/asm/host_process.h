/* SPDX-License-Identifier: GPL-2.0 */
/*
 * host_process.h - host processes that the kernel runs in besides the program's
 * own (tt), and how guest code is caught in them. See asm/host.h.
 */
#ifndef __ASM_USERMODE_HOST_PROCESS_H
#define __ASM_USERMODE_HOST_PROCESS_H

#include <linux/types.h>

/* ---- host processes that run the kernel (host/process.c) ----------------- */

/**
 * struct host_process - a host process that shares the kernel's memory
 * @go:		1: it may go on. The futex that it is parked on
 * @pid:	its id, and that of its only host thread
 * @sp:		where its stack pointer will be when it goes on
 * @timer:	host_timer_create() of it
 *
 * All but one are parked, without a stack, at any time: the virtual CPU runs in
 * one and moves to another by host_process_switch().
 */
struct host_process {
	u32 go;
	int pid;
	unsigned long sp;
	int timer;
};

/**
 * host_process_fork - fork off a host process, parked
 * @p:		zeroed, in memory that both share
 * @stack_top:	end of a stack that is private to each process, a multiple of 16;
 *		the child runs on it until it is parked
 * @setup:	called in the child with @p, signals blocked
 *
 * It shares descriptors and shared mappings, and has a copy of the private ones
 * and of the caller's handlers and alternate signal stack. It dies with the
 * calling host thread and is reaped by host_process_watch(). Return: its pid or
 * -errno.
 */
int host_process_fork(struct host_process *p, void *stack_top,
		      void (*setup)(struct host_process *p));

/*
 * Go on in @to, on the stack that the caller is on, while @from is parked;
 * returns in @to. Context: @from's host thread, interrupts off.
 */
void host_process_switch(struct host_process *from, struct host_process *to);

/*
 * Once, in the program's own process, before the first fork: from now on host
 * threads are made there and programs started from there, whichever process asks.
 * 0 or -errno.
 */
int host_home_start(void);

/*
 * Starts a host thread that calls @died with the pid of each child that ended,
 * and reaps it if that says that it was host_process_fork()'s. 0 or -errno.
 */
int host_process_watch(bool (*died)(int pid));

/* a watched child was forked: look for it */
void host_process_watch_wake(void);

/**
 * host_dispatch - catch system calls of the calling host thread (SIGSYS)
 * @selector:	byte that says whether: HOST_DISPATCH_ALLOW or _BLOCK
 * @start, @len: instructions in this range are never caught
 *
 * Not inherited by new host processes. Return: 0; -EINVAL: this host cannot.
 */
int host_dispatch(const u8 *selector, unsigned long start, unsigned long len);

#define HOST_DISPATCH_ALLOW	0
#define HOST_DISPATCH_BLOCK	1

#endif
