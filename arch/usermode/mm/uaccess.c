// SPDX-License-Identifier: GPL-2.0
/*
 * uaccess.c - guest memory from the kernel, and how it is reached where it is not
 * mapped (skas).
 *
 * Each page is found in the guest's page tables, marked as the hardware would
 * (young, dirty) and accessed through the linear map while its page table lock
 * is held, so that it cannot be freed or write-protected meanwhile. What the
 * page tables do not allow is faulted in, unless page faults are disabled.
 *
 * Context: a task with an mm; or any context with page faults disabled: then
 * the page table lock is only tried, and failure is -EFAULT to the caller, who
 * must have a way to sleep.
 */
#include <linux/export.h>
#include <uapi/linux/futex.h>
#include <linux/mm.h>
#include <linux/sched/signal.h>
#include <linux/uaccess.h>
#include <asm/futex.h>
#include <asm/pgwalk.h>
#include <asm/uaccess_direct.h>

/* one page of guest memory, locked in place */
struct guest_page {
	void *addr;		/* in the linear map, at the byte asked for */
	struct pgwalk walk;
};

static void unlock_page_at(struct guest_page *gp)
{
	pgwalk_unlock(&gp->walk);
}

static bool try_lock_page(struct mm_struct *mm, unsigned long addr, bool write,
			  struct guest_page *gp)
{
	pte_t pte;

	/* decided here, once: with PREEMPT_COUNT the lock itself disables the handler */
	if (!pgwalk_lock(mm, addr, !faulthandler_disabled(), &gp->walk))
		return false;
	pte = pgwalk_get(&gp->walk, addr);
	if (!pte_present(pte) || !pte_read(pte) || (write && !pte_write(pte)) ||
	    !pfn_valid(pte_pfn(pte))) {
		unlock_page_at(gp);
		return false;
	}
	if (!pte_young(pte) || (write && !pte_dirty(pte)))
		pgwalk_mark(&gp->walk, addr, write);
	gp->addr = pfn_to_virt(pte_pfn(pte)) + offset_in_page(addr);
	return true;
}

/* as a fault of the kernel on guest memory would be handled on other machines */
static bool fault_in(struct mm_struct *mm, unsigned long addr, bool write)
{
	unsigned int flags = FAULT_FLAG_DEFAULT | (write ? FAULT_FLAG_WRITE : 0);
	struct vm_area_struct *vma;
	vm_fault_t fault;

	if (faulthandler_disabled())
		return false;
retry:
	vma = lock_mm_and_find_vma(mm, addr, NULL);
	if (!vma)
		return false;
	if (write ? !(vma->vm_flags & VM_WRITE) : !vma_is_accessible(vma)) {
		mmap_read_unlock(mm);
		return false;
	}
	fault = handle_mm_fault(vma, addr, flags, NULL);
	if (fault & VM_FAULT_COMPLETED)
		return true;
	if (fault & VM_FAULT_RETRY) {
		if (fatal_signal_pending(current))
			return false;
		flags |= FAULT_FLAG_TRIED;
		goto retry;
	}
	mmap_read_unlock(mm);
	return !(fault & VM_FAULT_ERROR);
}

static bool lock_page_at(unsigned long addr, bool write, struct guest_page *gp)
{
	struct mm_struct *mm = current->mm;

	if (unlikely(!mm || addr >= TASK_SIZE))
		return false;
	while (!try_lock_page(mm, addr, write, gp)) {
		if (!fault_in(mm, addr, write))
			return false;
		cond_resched();
	}
	return true;
}

static unsigned long bytes_in_page(unsigned long addr, unsigned long n)
{
	return min(n, PAGE_SIZE - offset_in_page(addr));
}

static unsigned long walk_copy_from(void *to, const void __user *from, unsigned long n)
{
	unsigned long addr = (unsigned long)from;
	struct guest_page gp;

	while (n) {
		unsigned long part = bytes_in_page(addr, n);

		if (!lock_page_at(addr, false, &gp))
			break;
		memcpy(to, gp.addr, part);
		unlock_page_at(&gp);
		to += part;
		addr += part;
		n -= part;
	}
	return n;
}

static unsigned long walk_copy_to(void __user *to, const void *from, unsigned long n)
{
	unsigned long addr = (unsigned long)to;
	struct guest_page gp;

	while (n) {
		unsigned long part = bytes_in_page(addr, n);

		if (!lock_page_at(addr, true, &gp))
			break;
		memcpy(gp.addr, from, part);
		unlock_page_at(&gp);
		from += part;
		addr += part;
		n -= part;
	}
	return n;
}

static unsigned long walk_clear(void __user *to, unsigned long n)
{
	unsigned long addr = (unsigned long)to;
	struct guest_page gp;

	while (n) {
		unsigned long part = bytes_in_page(addr, n);

		if (!lock_page_at(addr, true, &gp))
			break;
		memset(gp.addr, 0, part);
		unlock_page_at(&gp);
		addr += part;
		n -= part;
	}
	return n;
}

unsigned long raw_copy_from_user(void *to, const void __user *from, unsigned long n)
{
	return guest_is_mapped() ? direct_copy_from(to, from, n) : walk_copy_from(to, from, n);
}
EXPORT_SYMBOL(raw_copy_from_user);

unsigned long raw_copy_to_user(void __user *to, const void *from, unsigned long n)
{
	return guest_is_mapped() ? direct_copy_to(to, from, n) : walk_copy_to(to, from, n);
}
EXPORT_SYMBOL(raw_copy_to_user);

unsigned long __clear_user(void __user *to, unsigned long n)
{
	return guest_is_mapped() ? direct_clear(to, n) : walk_clear(to, n);
}
EXPORT_SYMBOL(__clear_user);

long strncpy_from_user(char *dst, const char __user *src, long count)
{
	unsigned long addr = (unsigned long)src;
	struct guest_page gp;
	long done = 0;

	if (count <= 0)
		return 0;
	if (!access_ok(src, 1))
		return -EFAULT;
	might_fault();
	if (guest_is_mapped())
		return direct_strncpy(dst, src, count);
	while (done < count) {
		size_t part = bytes_in_page(addr, count - done), n;
		bool end;

		if (!lock_page_at(addr, false, &gp))
			return -EFAULT;
		n = strnlen(gp.addr, part);
		end = n < part;
		memcpy(dst + done, gp.addr, end ? n + 1 : n);
		unlock_page_at(&gp);
		done += n;
		addr += n;
		if (end)
			break;
	}
	return done;
}
EXPORT_SYMBOL(strncpy_from_user);

long strnlen_user(const char __user *str, long n)
{
	unsigned long addr = (unsigned long)str;
	struct guest_page gp;
	long done = 0;

	if (n <= 0 || !access_ok(str, 1))
		return 0;
	might_fault();
	if (guest_is_mapped())
		return direct_strnlen(str, n);
	while (done < n) {
		size_t part = bytes_in_page(addr, n - done), len;

		if (!lock_page_at(addr, false, &gp))
			return 0;
		len = strnlen(gp.addr, part);
		unlock_page_at(&gp);
		done += len;
		addr += len;
		if (len < part)
			return done + 1;
	}
	return n + 1;
}
EXPORT_SYMBOL(strnlen_user);

/* ---- futex words: one lock-prefixed operation in the linear map ---- */

static int futex_word(u32 __user *uaddr, struct guest_page *gp)
{
	if (!access_ok(uaddr, sizeof(u32)))
		return -EFAULT;
	return lock_page_at((unsigned long)uaddr, true, gp) ? 0 : -EFAULT;
}

static u32 cmpxchg_word(u32 *word, u32 old, u32 new)
{
	asm volatile("lock; cmpxchgl %2, %1"
		     : "+a" (old), "+m" (*word) : "r" (new) : "memory", "cc");
	return old;
}

int futex_atomic_cmpxchg_inatomic(u32 *uval, u32 __user *uaddr, u32 oldval, u32 newval)
{
	struct guest_page gp;
	int err;

	if (guest_is_mapped())
		return direct_futex_cmpxchg(uval, uaddr, oldval, newval);
	err = futex_word(uaddr, &gp);
	if (err)
		return err;
	*uval = cmpxchg_word(gp.addr, oldval, newval);
	unlock_page_at(&gp);
	return 0;
}

int futex_result(int op, u32 old, u32 oparg, u32 *new)
{
	switch (op) {
	case FUTEX_OP_SET:
		*new = oparg;
		return 0;
	case FUTEX_OP_ADD:
		*new = old + oparg;
		return 0;
	case FUTEX_OP_OR:
		*new = old | oparg;
		return 0;
	case FUTEX_OP_ANDN:
		*new = old & ~oparg;
		return 0;
	case FUTEX_OP_XOR:
		*new = old ^ oparg;
		return 0;
	default:
		return -ENOSYS;
	}
}

int arch_futex_atomic_op_inuser(int op, u32 oparg, int *oval, u32 __user *uaddr)
{
	struct guest_page gp;
	u32 old, new, seen;
	int err;

	if (guest_is_mapped())
		return direct_futex_op(op, oparg, oval, uaddr);
	err = futex_word(uaddr, &gp);
	if (err)
		return err;
	seen = READ_ONCE(*(u32 *)gp.addr);
	do {
		old = seen;
		err = futex_result(op, old, oparg, &new);
		if (err)
			break;
		seen = cmpxchg_word(gp.addr, old, new);
	} while (seen != old);
	unlock_page_at(&gp);
	if (!err)
		*oval = old;
	return err;
}
