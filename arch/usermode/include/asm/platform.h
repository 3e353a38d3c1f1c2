/* SPDX-License-Identifier: GPL-2.0 */
/*
 * platform.h - how guest code is run, in two independent axes.
 *
 * A *space* says where the guest's memory is mapped (skas: in a host process
 * apart from the kernel's; tt: in the host process that the kernel runs in). A
 * *trap* says how its system calls and faults are caught (ptrace, seccomp,
 * dispatch). platform/core.c holds the one table of pairs, probes the host and
 * chooses at boot; kernel/entry.c and mm/tlb.c are the only callers.
 *
 * platform/ knows host.h, this header and plain structs. It takes no lock of
 * the kernel: the caller serialises.
 */
#ifndef __ASM_USERMODE_PLATFORM_H
#define __ASM_USERMODE_PLATFORM_H

#include <linux/types.h>
#include <asm/guest.h>

struct sigcontext_64;
struct space;		/* one guest address space, owned by the space implementation */

/* why trap_ops.enter() returned */
enum guest_exit {
	EXIT_SYSCALL,	/* regs->pt.orig_ax is the number; ip is behind the instruction */
	EXIT_FAULT,	/* page fault: guest.trap_nr 14, .error_code, .fault_addr */
	EXIT_SIGNAL,	/* another exception: as above, and guest.sig, .sig_code */
	EXIT_INTERRUPT,	/* nothing of the guest's own: look at the pending interrupts */
	EXIT_GONE,	/* the guest's host process is gone; the mm cannot go on */
};

/**
 * struct trap_ops - one way to run guest code
 *
 * All are called on a virtual CPU's host thread with interrupts off.
 */
struct trap_ops {
	const char *name;

	/**
	 * enter - run @guest in @space until it needs the kernel
	 *
	 * Applies the space's queued operations first. Returns at once with
	 * EXIT_INTERRUPT if an interrupt is pending.
	 */
	enum guest_exit (*enter)(struct guest *guest, struct space *space);

	/* bring the FP state into guest->fp; afterwards fp_host is NULL. 0 or -errno */
	int (*fp_save)(struct guest *guest);

	/*
	 * After EXIT_SYSCALL a trap may know only what a call shows: its number,
	 * arguments and address. This brings the other registers into guest->regs;
	 * NULL: all are always known. 0 or -errno: they are lost, and enter() will
	 * say EXIT_GONE
	 */
	int (*regs_save)(struct guest *guest);

	/* forget FP state that a host thread holds for @guest (it exits, or fp is now the truth) */
	void (*fp_drop)(struct guest *guest);
};

/**
 * struct space_ops - one way to map guest memory
 *
 * The guest's page tables are the truth; these keep a cache of them (a TLB).
 * Operations on one space are serialised by the caller. map, unmap only queue;
 * the queue is merged and executed before guest code runs in the space again.
 * Addresses and lengths are multiples of the page size, below TASK_SIZE.
 */
struct space_ops {
	const char *name;

	struct space *(*create)(void);		/* may sleep in the host; NULL: no memory */
	void (*destroy)(struct space *space);	/* interrupts off */

	/*
	 * cache [va, va+len) -> physical memory at offset phys, prot HOST_PROT_*.
	 * Replaces whatever the range held.
	 */
	void (*map)(struct space *space, unsigned long va, unsigned long len, u64 phys, int prot);
	void (*unmap)(struct space *space, unsigned long va, unsigned long len);
	void (*unmap_all)(struct space *space);

	/*
	 * The rest is of spaces that the kernel itself runs in (tt), NULL elsewhere.
	 *
	 * activate: go on in the host process of @space, NULL: in the program's own.
	 * While it is active guest memory is mapped at its own addresses, and map and
	 * unmap take effect at once. Interrupts off.
	 */
	void (*activate)(struct space *space);

	/* can guest memory be mapped for the kernel? False: the host process is gone */
	bool (*usable)(struct space *space);

	/* the kernel's own mapping of [start, start+len) went away. Interrupts off */
	void (*kernel_unmapped)(unsigned long start, unsigned long len);
};

extern const struct space_ops *space_ops;	/* chosen by platform_init() */
extern const struct trap_ops *trap_ops;

/* bytes of FP state of this host (XSAVE, standard format), a multiple of 64 */
extern unsigned int guest_fp_size;

/**
 * struct platform_params - what platform/ must be told once, before platform_init()
 * @mode, @trap:	as typed by the user, or NULL: choose
 * @phys_fd:		memfd of physical memory
 * @phys_map:		where the kernel maps all of it
 * @task_size:		end of guest addresses
 * @alloc, @free:	zeroed, page-aligned, physically contiguous memory below phys_fd;
 *			for pages that are shared with host processes. bytes is a power of two
 * @irq_pending:	true when an unmasked interrupt waits; read by enter()
 * @modules:		where modules' addresses begin; they end at KERNEL_TEXT_LIMIT
 * @fsgsbase:		the host lets programs set segment bases by instructions
 * @timer:		host_timer_create() of the calling host thread
 * @attention:		the same as a word: not 0 when one waits
 * @moved:		the virtual CPU goes on in host process @pid, where @timer is
 *			its host_timer_create(). Called before, interrupts off
 */
struct platform_params {
	const char *mode;
	const char *trap;
	int phys_fd;
	char *phys_map;
	unsigned long task_size;
	void *(*alloc)(size_t bytes);
	void (*free)(void *p, size_t bytes);
	bool (*irq_pending)(void);
	char *modules;
	bool fsgsbase;
	int timer;
	const u32 *attention;
	void (*moved)(int pid, int timer);
};

/* probe the host, choose the pair. 0, or -errno after naming the reason in *why */
int platform_init(const struct platform_params *params, const char **why);

/* what runs, for dmesg and /proc/cpuinfo: "skas, ptrace", and why nothing faster does */
const char *platform_describe(void);

/* NULL: guest code cannot reach the kernel's memory; else why it can, in words */
const char *platform_trusts_guests(void);

/*
 * Let the host choose again on which of its CPUs this virtual CPU runs: it may have
 * become crowded where it is. Sleeps for some 50 us; on the virtual CPU, interrupts
 * off.
 */
void platform_repin(void);

/*
 * Kill every host process of guests and wait until they are gone: an exec of the
 * kernel's own process, unlike its end, would leave them behind. Nothing of the
 * platform is used afterwards, and the caller is the host process that the
 * program was started in. May block; any context, interrupts off included.
 */
void platform_stop(void);

/*
 * Go on in the host process that the program was started in, the only one whose
 * end is the program's. Does nothing on host threads that are there already.
 * For good: any context, signals are blocked afterwards.
 */
void platform_home(void);

/**
 * platform_interrupt - an interrupt for a virtual CPU came in as a host signal
 * @sc: what the signal interrupted
 *
 * Makes enter() return if guest code runs, now or by changing @sc.
 * Async-signal-safe, called in the handler of HOST_SIG_KICK and HOST_SIG_TIMER.
 * Return: false if the calling host thread is not the one that the virtual CPU
 * runs on (tt: it has moved on): tell that.
 */
bool platform_interrupt(struct sigcontext_64 *sc);

#endif /* __ASM_USERMODE_PLATFORM_H */
