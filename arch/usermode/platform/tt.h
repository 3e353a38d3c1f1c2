/* SPDX-License-Identifier: GPL-2.0 */
/*
 * tt.h - guest address spaces that the kernel itself runs in.
 *
 * Each mm has a host process, in which its pages and, at the same addresses in
 * all of them, the kernel are mapped. A virtual CPU runs in one at a time and
 * moves on with the mm (docs/tt.md).
 */
#ifndef __USERMODE_PLATFORM_TT_H
#define __USERMODE_PLATFORM_TT_H

#include <asm/layout.h>

/* offsets in struct tt_area */
#define AREA_SELECTOR	0
#define AREA_KERNEL_SP	8
#define AREA_IP		16
#define AREA_ATTENTION	24
#define AREA_REGS	32
#define AREA_SLOTS	40
#define AREA_GUEST_SP	48

#define AREA_BIRTH	0x4000		/* end of the stack that a host process is born on */
#define AREA_SIGNALS	0x10000		/* alternate stack, to the area's end */

/* tt_enter() returns this or an enum guest_exit: a system call, by the gate */
#define TT_BY_GATE	-1

#ifndef __ASSEMBLY__

#include <asm/host.h>
#include <asm/host_process.h>
#include <asm/sites.h>
#include "skas_queue.h"
#include "tt_ops.h"
#include "vcpu.h"

/**
 * struct host_thread - a host process, which has one host thread
 * @host:	what the host layer keeps of it
 * @all:	the next of all that ever were; never freed, so that the list may
 *		be read while it grows
 * @idle:	the next of those without a space
 * @space:	whose guest code runs in it, NULL: idle, or the program's own
 * @fp_owner:	the guest thread whose FP state is in its registers, or NULL
 * @maps:	guest mappings made since all were dropped
 * @cpu:	of the host, that it is pinned to
 * @flushes:	of the kernel's own mappings, seen so far (tt_process.c)
 * @dead:	the host has ended it; written by the watching thread
 */
struct host_thread {
	struct host_process host;
	struct host_thread *all;
	struct host_thread *idle;
	struct space *space;
	struct guest *fp_owner;
	unsigned int maps;
	int cpu;
	u64 flushes;
	bool dead;
};

#define THREAD_BYTES	4096

/**
 * struct space - one guest address space
 * @thread:	its host process, NULL: not yet, or not any more
 * @spare:	memory for that; it is needed where nothing can be allocated
 * @queue:	what is to be done when it is next activated
 * @lost:	its host process has died, or could not be made: it cannot go on
 * @plain:	it has been single-stepped: it maps no shadows any more
 * @forgets:	platform_slots_forget() calls seen so far
 * @slots:	where shadows are mapped (asm/sites.h)
 */
struct space {
	struct host_thread *thread;
	struct host_thread *spare;
	struct skas_queue queue;
	bool lost;
	bool plain;
	u64 forgets;
	unsigned long slots[SITE_SLOTS];
};

/**
 * struct tt_area - what each host process has of its own, for each virtual CPU
 * @selector:	HOST_DISPATCH_BLOCK exactly while guest code runs
 * @kernel_sp:	where tt_enter() left the kernel's stack
 * @ip:		where guest code goes on
 * @attention:	platform_params.attention
 * @regs:	where the gate saves the registers of the guest thread that runs
 * @slots:	its space's
 * @guest_sp:	the gate's scratch
 * @self:	whose area this is
 * @guest:	the guest thread that runs
 */
struct tt_area {
	u8 selector;
	unsigned long kernel_sp;
	unsigned long ip;
	const u32 *attention;
	struct guest_regs *regs;
	const unsigned long *slots;
	unsigned long guest_sp;
	struct host_thread *self;
	struct guest *guest;
};

static inline struct tt_area *tt_this_area(void)
{
	return (struct tt_area *)(AREA_START + platform_vcpu_nr() * AREA_SIZE);
}

/* ---- host processes (tt_process.c) ---- */

/* the program's own host process, and the one that the virtual CPU runs in */
extern struct host_thread tt_main;
extern struct host_thread *tt_active;

/* once: this process gets its area. @arm is called in each. 0 or -errno */
int tt_process_init(int (*arm)(struct tt_area *area), const char **why);

/*
 * An idle host process, or a new one; its @maps may be left from another space;
 * or NULL. *@spare is zeroed memory of THREAD_BYTES, and set to NULL if it was used.
 */
struct host_thread *tt_process_get(struct host_thread **spare);
void tt_process_put(struct host_thread *thread);

/* go on in @to, which is not dead. Interrupts off */
void tt_process_go(struct host_thread *to);

/* a mapping of the kernel's is gone: each host process drops it when it is next gone to */
void tt_kernel_unmapped(unsigned long start, unsigned long len);

/* is the calling host thread the one that the virtual CPU runs on? */
static inline bool tt_is_active(void)
{
	return tt_this_area()->self == tt_active;
}

/* ---- entry (tt_entry.S) ---- */

/*
 * Run guest code with @regs until something happens; @odd: with flags or
 * segments that only iret can load. The reason comes from tt_leave(), or is
 * TT_BY_GATE.
 */
int tt_enter(struct guest_regs *regs, bool odd);

/* in a signal handler that interrupted guest code: tt_enter() returns @why */
__noreturn void tt_leave(enum guest_exit why);

/* between these, guest code is as good as running: its registers are still in memory */
extern const char tt_exit_begin[], tt_exit_end[];
/* where a handler's return goes on instead of tt_leave(), the reason in ax */
extern const char tt_resume[];
/* the kernel's text, by the linker script */
extern const char _text[], _etext[];

#endif /* __ASSEMBLY__ */
#endif
