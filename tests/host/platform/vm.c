// SPDX-License-Identifier: GPL-2.0
/*
 * vm.c - the kernel's part, played by a test.
 */
#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#include "vm.h"

#define ALLOC_START	0x100000UL
#define GUEST_PHYS	(64UL << 20)
#define ALLOC_CLASSES	20

char *phys_map;
int phys_fd;
int pending;
unsigned long interrupt_signals;
bool vm_lazy;

static u64 alloc_next = ALLOC_START, guest_next = GUEST_PHYS;
static void *free_list[ALLOC_CLASSES];
static timer_t timer;

void fail(const char *file, int line, const char *format, ...)
{
	va_list ap;

	printf("FAIL %s:%d: ", file, line);
	va_start(ap, format);
	vprintf(format, ap);
	va_end(ap);
	printf("\n");
	fflush(stdout);
	_exit(1);
}

/* the host layer's upcalls that the parts linked here use */
void host_upcall_log(const char *text);
void host_upcall_log(const char *text)
{
	printf("log: %s\n", text);
}

static int class_of(size_t bytes)
{
	return __builtin_ctzl(bytes);
}

static void *vm_alloc(size_t bytes)
{
	void **first = &free_list[class_of(bytes)];
	void *p = *first;

	if (p) {
		*first = *(void **)p;
	} else {
		p = phys_map + alloc_next;
		alloc_next += bytes;
		if (alloc_next > GUEST_PHYS)
			return NULL;
	}
	memset(p, 0, bytes);
	return p;
}

static void vm_free(void *p, size_t bytes)
{
	void **first = &free_list[class_of(bytes)];

	*(void **)p = *first;
	*first = p;
}

static bool irq_pending(void)
{
	return READ_ONCE(pending);
}

static void interrupted(int sig)
{
	(void)sig;
	WRITE_ONCE(pending, 1);
	interrupt_signals++;
	platform_interrupt(NULL);
}

void vm_params(struct platform_params *params)
{
	if (!phys_map) {
		phys_fd = host_memfd("phys", PHYS_BYTES);
		CHECK(phys_fd >= 0);
		phys_map = mmap(NULL, PHYS_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, phys_fd, 0);
		CHECK(phys_map != MAP_FAILED);
	}
	*params = (struct platform_params) {
		.phys_fd = phys_fd, .phys_map = phys_map, .task_size = 0x700000000000,
		.alloc = vm_alloc, .free = vm_free, .irq_pending = irq_pending,
	};
}

const char *vm_trap(void)
{
	return getenv("TRAP") ?: "ptrace";
}

void vm_init(const char *mode, const char *trap)
{
	struct sigaction sa = { .sa_handler = interrupted };
	struct platform_params params;
	const char *why;

	vm_params(&params);
	params.mode = mode;
	params.trap = trap;
	if (platform_init(&params, &why))
		FAIL("platform_init: %s", why);
	sigaction(HOST_SIG_TIMER, &sa, NULL);
}

u64 phys_get(unsigned long len)
{
	u64 phys = guest_next;

	guest_next += (len + PAGE - 1) & -PAGE;
	CHECK(guest_next <= PHYS_BYTES);
	return phys;
}

void phys_put(u64 phys)
{
	guest_next = phys;
}

void *phys_at(u64 phys)
{
	return phys_map + phys;
}

struct mm *mm_new(void)
{
	struct mm *mm = calloc(1, sizeof(*mm));

	mm->space = space_ops->create();
	CHECK(mm->space);
	return mm;
}

void mm_free(struct mm *mm)
{
	space_ops->destroy(mm->space);
	free(mm);
}

struct region *mm_add(struct mm *mm, unsigned long va, unsigned long len, u64 phys, int prot)
{
	struct region *r = &mm->region[mm->regions++];

	CHECK(mm->regions <= REGIONS);
	*r = (struct region) { va, len, phys, prot };
	return r;
}

struct mm *mm_standard(void)
{
	unsigned long text = guest_end - guest_start;
	struct mm *mm = mm_new();
	u64 phys = phys_get(text);

	memcpy(phys_at(phys), guest_start, text);
	mm_add(mm, TEXT_VA, (text + PAGE - 1) & -PAGE, phys, HOST_PROT_READ | HOST_PROT_EXEC);
	mm_add(mm, DATA_VA, 16 * PAGE, phys_get(16 * PAGE), HOST_PROT_READ | HOST_PROT_WRITE);
	mm_add(mm, STACK_VA, STACK_BYTES, phys_get(STACK_BYTES),
	       HOST_PROT_READ | HOST_PROT_WRITE);
	return mm;
}

unsigned long guest_va(const void *symbol)
{
	return TEXT_VA + ((const char *)symbol - guest_start);
}

void thread_at(struct thread *t, const void *program)
{
	t->regs.pt.ip = guest_va(program);
	t->regs.pt.sp = STACK_VA + STACK_BYTES - 64;
	t->regs.pt.cs = GUEST_CS;
	t->regs.pt.ss = GUEST_SS;
	t->regs.pt.flags = GUEST_FLAGS_FIXED;
	t->regs.pt.orig_ax = -1;
}

struct thread *thread_new(struct mm *mm, const void *program)
{
	struct thread *t = calloc(1, sizeof(*t));
	unsigned int *mxcsr;

	t->mm = mm;
	t->guest.regs = &t->regs;
	t->guest.fp = aligned_alloc(64, guest_fp_size);
	memset(t->guest.fp, 0, guest_fp_size);
	*(unsigned short *)t->guest.fp = 0x37f;
	mxcsr = t->guest.fp + 24;
	*mxcsr = 0x1f80;
	thread_at(t, program);
	return t;
}

void thread_free(struct thread *t)
{
	trap_ops->fp_drop(&t->guest);
	CHECK(!t->guest.fp_host);
	free(t->guest.fp);
	free(t);
}

static bool handled(struct thread *t)
{
	unsigned long va = t->guest.fault_addr & -PAGE;
	unsigned int error = t->guest.error_code;
	struct mm *mm = t->mm;
	int i;

	for (i = 0; i < mm->regions; i++) {
		struct region *r = &mm->region[i];

		if (va - r->va >= r->len)
			continue;
		if (((error & 2) && !(r->prot & HOST_PROT_WRITE)) ||
		    ((error & 16) && !(r->prot & HOST_PROT_EXEC)))
			return false;
		space_ops->map(mm->space, va, PAGE, r->phys + (va - r->va), r->prot);
		return true;
	}
	return false;
}

enum guest_exit step(struct thread *t)
{
	enum guest_exit why = trap_ops->enter(&t->guest, t->mm->space);

	if (why == EXIT_FAULT && handled(t)) {
		t->faults++;
		return EXIT_INTERRUPT;
	}
	if (why == EXIT_INTERRUPT) {
		WRITE_ONCE(pending, 0);
		t->interrupts++;
	}
	return why;
}

void regs_complete(struct thread *t)
{
	if (trap_ops->regs_save)
		CHECK(!trap_ops->regs_save(&t->guest));
}

enum guest_exit run(struct thread *t)
{
	enum guest_exit why;

	do {
		why = step(t);
	} while (why == EXIT_INTERRUPT);
	if (!vm_lazy && why != EXIT_GONE)
		regs_complete(t);
	return why;
}

void interrupts_start(long ns)
{
	struct sigevent ev = {
		.sigev_notify = SIGEV_THREAD_ID, .sigev_signo = HOST_SIG_TIMER,
	};
	struct itimerspec it = { { 0, ns }, { 0, ns } };

	ev._sigev_un._tid = syscall(SYS_gettid);
	CHECK(!timer_create(CLOCK_MONOTONIC, &ev, &timer));
	CHECK(!timer_settime(timer, 0, &it, NULL));
}

void interrupts_stop(void)
{
	timer_delete(timer);
	WRITE_ONCE(pending, 0);
}

unsigned long now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000UL + ts.tv_nsec;
}
