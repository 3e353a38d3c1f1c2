/* SPDX-License-Identifier: GPL-2.0 */
/*
 * vm.h - the kernel's part, played by a test: physical memory, page tables (a
 * list of regions) and guest threads.
 */
#ifndef __TESTS_HOST_VM_H
#define __TESTS_HOST_VM_H

#include <linux/types.h>
#include <asm/guest_regs.h>
#include <asm/host.h>
#include <asm/platform.h>

#define PAGE		4096UL
#define PHYS_BYTES	0x60000000UL
#define REGIONS		8

/* guest addresses that the tests use */
#define TEXT_VA		0x400000UL
#define DATA_VA		0x10000000UL
#define STACK_VA	0x20000000UL
#define STACK_BYTES	0x10000UL

struct region {
	unsigned long va, len;
	u64 phys;
	int prot;
};

/* an address space: what its page tables say */
struct mm {
	struct space *space;
	struct region region[REGIONS];
	int regions;
};

struct thread {
	struct guest guest;
	struct guest_regs regs;
	struct mm *mm;
	unsigned long faults;		/* that the page tables allowed */
	unsigned long interrupts;
};

extern char *phys_map;
extern int phys_fd;
extern int pending;		/* irq_pending() */
extern unsigned long interrupt_signals;
extern bool vm_lazy;			/* run() leaves registers where they are */

/* what a kernel would tell the platform */
void vm_params(struct platform_params *params);
void vm_init(const char *mode, const char *trap);
/* the trap to be tested: TRAP in the environment, or ptrace */
const char *vm_trap(void);

struct mm *mm_new(void);
void mm_free(struct mm *mm);
struct region *mm_add(struct mm *mm, unsigned long va, unsigned long len, u64 phys, int prot);
/* new guest memory; returns its physical address */
u64 phys_get(unsigned long len);
/* give back all that was taken since phys_get() returned @phys */
void phys_put(u64 phys);
void *phys_at(u64 phys);

/* an mm with the guest programs at TEXT_VA, data and a stack */
struct mm *mm_standard(void);

struct thread *thread_new(struct mm *mm, const void *program);
void thread_free(struct thread *t);
void thread_at(struct thread *t, const void *program);
/* where a symbol of guest.S is in the guest */
unsigned long guest_va(const void *symbol);

/* run until something that regions and interrupts do not explain */
enum guest_exit run(struct thread *t);
/* all registers of @t, as run() has them unless vm_lazy */
void regs_complete(struct thread *t);
/* as run(), but returns from interrupts and handled faults too */
enum guest_exit step(struct thread *t);

void interrupts_start(long ns);
void interrupts_stop(void);

unsigned long now_ns(void);

__noreturn void fail(const char *file, int line, const char *format, ...);

#define FAIL(...)	fail(__FILE__, __LINE__, __VA_ARGS__)
#define CHECK(cond)	do { if (!(cond)) FAIL("%s", #cond); } while (0)
#define SAME(a, b)							\
do {									\
	unsigned long __a = (unsigned long)(a), __b = (unsigned long)(b); \
	if (__a != __b)							\
		FAIL("%s is 0x%lx, not 0x%lx (%s)", #a, __a, __b, #b);	\
} while (0)

/* guest.S */
extern const char guest_start[], guest_end[];

#endif
