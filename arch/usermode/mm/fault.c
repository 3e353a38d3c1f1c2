// SPDX-License-Identifier: GPL-2.0
/*
 * fault.c - page faults of guest code.
 *
 * The host's mappings are a TLB, so a fault is first a refill: an entry that
 * allows the access is made young (and dirty) and cached in the host. Only
 * what the page tables do not allow goes to the generic fault code.
 *
 * Context: the faulting task, interrupts on. Takes mmap_lock for reading, and
 * page table locks inside it.
 */
#include <linux/mm.h>
#include <linux/percpu.h>
#include <linux/perf_event.h>
#include <linux/sched/signal.h>
#include <linux/sizes.h>
#include <linux/uaccess.h>
#include <linux/userfaultfd_k.h>
#include <asm/mmu_context.h>
#include <asm/pgwalk.h>
#include <asm/platform.h>
#include <asm/tlbflush.h>
#include <asm/traps.h>
#include <asm/uaccess_direct.h>
#include "fault.h"

static bool allowed(pte_t pte, unsigned int error)
{
	if (!pte_present(pte) || !pte_read(pte) || error & FAULT_KEY)
		return false;
	if (error & FAULT_WRITE)
		return pte_write(pte);
	return !(error & FAULT_EXEC) || pte_exec(pte);
}

static unsigned int access_flags(unsigned int error)
{
	return (error & FAULT_WRITE ? FAULT_FLAG_WRITE : 0) |
	       (error & FAULT_EXEC ? FAULT_FLAG_INSTRUCTION : 0);
}

/* what the hardware's page walk would do; false: the generic code must act */
static bool walk_and_mark(struct mm_struct *mm, unsigned long addr, unsigned int error, bool try)
{
	struct pgwalk walk;
	bool ok;

	if (!pgwalk_lock(mm, addr, !try, &walk))
		return false;
	ok = allowed(pgwalk_get(&walk, addr), error);
	if (ok)
		pgwalk_mark(&walk, addr, error & FAULT_WRITE);
	pgwalk_unlock(&walk);
	return ok;
}

/* ---- walks through memory: what comes next is handled with one fault ---- */

/* bytes; each fault of a walk doubles it */
#define AHEAD_FIRST	SZ_16K
#define AHEAD_READ	SZ_1M
#define AHEAD_WRITE	SZ_256K

/*
 * The last fault on a CPU. @task: whose it was, compared only; @next: where what it
 * mapped ended; @ahead: how many bytes behind its page were asked for.
 */
struct walk {
	struct task_struct *task;
	unsigned long next;
	unsigned long ahead;
};

static DEFINE_PER_CPU(struct walk, last_fault);

/* does this fault go on where what the last one mapped ended? The end of its work */
static unsigned long end_of_work(unsigned long addr, unsigned int error)
{
	unsigned long most = error & FAULT_WRITE ? AHEAD_WRITE : AHEAD_READ;
	struct walk *walk = get_cpu_ptr(&last_fault);
	unsigned long page = addr & PAGE_MASK, ahead = 0;

	if (walk->task == current && walk->next == page)
		ahead = clamp(walk->ahead * 2, AHEAD_FIRST, most);
	walk->task = current;
	walk->ahead = ahead;
	put_cpu_ptr(&last_fault);
	/* no further than the page table that holds addr */
	return min(page + PAGE_SIZE + ahead, (page & PMD_MASK) + PMD_SIZE);
}

/* the fault is done; what it mapped ended at @end */
static void note_fault(unsigned long addr, unsigned int error, unsigned long end)
{
	struct walk *walk = get_cpu_ptr(&last_fault);
	bool walks = false;

	if (walk->task == current) {
		walk->next = end;
		walks = walk->ahead;
	}
	put_cpu_ptr(&last_fault);
	if (!walks)
		fork_note_fault(current->mm, addr, error & FAULT_WRITE);
}

/* the first page from @addr that does not allow the access; @end: in the same page table */
static unsigned long first_missing(struct mm_struct *mm, unsigned long addr, unsigned long end,
				   unsigned int error)
{
	struct pgwalk walk;

	if (addr >= end)
		return end;
	if (!pgwalk_lock(mm, addr, true, &walk))
		return addr;
	while (addr < end && allowed(pgwalk_get(&walk, addr), error))
		addr += PAGE_SIZE;
	pgwalk_unlock(&walk);
	return addr;
}

void fault_ahead(struct vm_area_struct *vma, unsigned long addr, unsigned long end,
		 unsigned int error)
{
	unsigned int flags = FAULT_FLAG_ALLOW_RETRY | FAULT_FLAG_RETRY_NOWAIT |
			     access_flags(error);

	if (vma->vm_flags & (VM_IO | VM_PFNMAP | VM_HUGETLB | VM_RAND_READ) ||
	    userfaultfd_armed(vma) || (error & FAULT_WRITE && vma->vm_flags & VM_SHARED))
		return;
	end = min(end, vma->vm_end);
	for (;;) {
		addr = first_missing(vma->vm_mm, addr, end, error);
		if (addr >= end ||
		    handle_mm_fault(vma, addr, flags, NULL) & (VM_FAULT_ERROR | VM_FAULT_RETRY))
			return;
		addr += PAGE_SIZE;
	}
}

/* ---- faults of the program ---- */

static bool vma_allows(struct vm_area_struct *vma, unsigned int error)
{
	if (error & FAULT_KEY)
		return false;
	if (error & FAULT_WRITE)
		return vma->vm_flags & VM_WRITE;
	if (error & FAULT_EXEC)
		return vma->vm_flags & VM_EXEC;
	return vma_is_accessible(vma);
}

static int access_code(unsigned int error)
{
	return error & FAULT_KEY ? SEGV_PKUERR : SEGV_ACCERR;
}

static void bad_area(unsigned long addr, int code)
{
	force_sig_fault(SIGSEGV, code, (void __user *)addr);
}

static void fault_failed(unsigned long addr, vm_fault_t fault)
{
	if (fault & VM_FAULT_OOM)
		pagefault_out_of_memory();
	else if (fault & (VM_FAULT_HWPOISON | VM_FAULT_HWPOISON_LARGE))
		force_sig_mceerr(BUS_MCEERR_AR, (void __user *)addr, PAGE_SHIFT);
	else if (fault & VM_FAULT_SIGBUS)
		force_sig_fault(SIGBUS, BUS_ADRERR, (void __user *)addr);
	else
		bad_area(addr, SEGV_MAPERR);
}

/* @end: of the work, see end_of_work() */
static void handle_fault(struct pt_regs *regs, unsigned long addr, unsigned long end,
			 unsigned int error)
{
	unsigned int flags = FAULT_FLAG_DEFAULT | FAULT_FLAG_USER | access_flags(error);
	struct mm_struct *mm = current->mm;
	struct vm_area_struct *vma;
	vm_fault_t fault;

retry:
	vma = lock_mm_and_find_vma(mm, addr, regs);
	if (!vma)
		return bad_area(addr, SEGV_MAPERR);
	if (!vma_allows(vma, error)) {
		mmap_read_unlock(mm);
		return bad_area(addr, access_code(error));
	}
	fault = handle_mm_fault(vma, addr, flags, regs);
	if (fault_signal_pending(fault, regs))
		return;
	if (fault & VM_FAULT_COMPLETED)
		return;
	if (fault & VM_FAULT_RETRY) {
		flags |= FAULT_FLAG_TRIED;
		goto retry;
	}
	if (!(fault & VM_FAULT_ERROR))
		fault_ahead(vma, (addr & PAGE_MASK) + PAGE_SIZE, end, error);
	mmap_read_unlock(mm);
	if (unlikely(fault & VM_FAULT_ERROR))
		fault_failed(addr, fault);
}

void guest_fault(struct pt_regs *regs, struct guest *guest)
{
	struct thread_struct *t = &current->thread;
	unsigned long addr = guest->fault_addr;
	unsigned int error = guest->error_code;
	unsigned long end;

	perf_sw_event(PERF_COUNT_SW_PAGE_FAULTS, 1, regs, addr);
	t->cr2 = addr;
	t->trap_nr = TRAP_PF;
	t->error_code = error | FAULT_USER;
	if (addr >= TASK_SIZE)
		return bad_area(addr, SEGV_MAPERR);
	end = end_of_work(addr, error);
	if (!walk_and_mark(current->mm, addr, error, false))
		handle_fault(regs, addr, end, error);
	/* where that raised a signal there is nothing to cache, or it does no harm */
	note_fault(addr, error, tlb_fill_to(current->mm, addr, end));
}

/* ---- the kernel's own accesses, where guest memory is mapped for it ---- */

static bool handle_kernel_fault(struct pt_regs *regs, unsigned long addr, unsigned int error)
{
	unsigned int flags = FAULT_FLAG_DEFAULT;
	struct mm_struct *mm = current->mm;
	struct vm_area_struct *vma;
	vm_fault_t fault;

	if (error & FAULT_WRITE)
		flags |= FAULT_FLAG_WRITE;
retry:
	vma = lock_mm_and_find_vma(mm, addr, regs);
	if (!vma)
		return false;
	if (!vma_allows(vma, error)) {
		mmap_read_unlock(mm);
		return false;
	}
	fault = handle_mm_fault(vma, addr, flags, regs);
	if (fault_signal_pending(fault, regs))
		return false;
	if (fault & VM_FAULT_COMPLETED)
		return true;
	if (fault & VM_FAULT_RETRY) {
		flags |= FAULT_FLAG_TRIED;
		goto retry;
	}
	mmap_read_unlock(mm);
	return !(fault & VM_FAULT_ERROR);
}

/*
 * As on hardware, a translation that the page tables hold is found whatever the
 * context; only for what they do not hold the kernel may have to sleep.
 */
bool kernel_guest_fault(struct pt_regs *regs, unsigned long addr, unsigned int error)
{
	bool atomic = regs_irqs_disabled(regs) || faulthandler_disabled();
	struct mm_struct *mm = current->mm;

	if (!mm || !guest_is_mapped() || !direct_range_ok((void __user *)addr, 1) ||
	    error & FAULT_EXEC || !space_ops->usable(mm->context.space))
		return false;
	if (!walk_and_mark(mm, addr, error, atomic)) {
		bool done;

		if (atomic)
			return false;
		local_irq_enable();
		done = handle_kernel_fault(regs, addr, error);
		local_irq_disable();
		if (!done)
			return false;
	}
	tlb_fill(mm, addr);
	return true;
}
