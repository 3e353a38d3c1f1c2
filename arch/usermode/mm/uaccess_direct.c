// SPDX-License-Identifier: GPL-2.0
/*
 * uaccess_direct.c - guest memory from the kernel, where it is mapped (tt).
 *
 * A fault in here is handled as one of the guest's would be (mm/fault.c), or
 * continues at the exception table's fixup. Context: as mm/uaccess.c, which
 * calls these.
 */
#include <linux/jump_label.h>
#include <linux/minmax.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <asm/asm.h>
#include <asm/futex.h>
#include <asm/layout.h>
#include <asm/platform.h>
#include <asm/uaccess_direct.h>

DEFINE_STATIC_KEY_FALSE(guest_mapped_key);

void __init direct_uaccess_init(void)
{
	if (space_ops->activate)
		static_branch_enable(&guest_mapped_key);
}

bool direct_range_ok(const void __user *at, unsigned long n)
{
	unsigned long start = (unsigned long)at, end = start + n;

	return end >= start && end <= TASK_SIZE_MAX &&
	       (end <= KERNEL_START || start >= KERNEL_LIMIT);
}

/* ---- copies -------------------------------------------------------------- */

/* bytes not copied. Either side may be the guest's */
static __always_inline unsigned long copy(void *to, const void *from, unsigned long n)
{
	asm volatile("1: rep movsb\n"
		     "2:\n"
		     EXTABLE_ENTRY("1b", "2b")
		     : "+c" (n), "+D" (to), "+S" (from) : : "memory");
	return n;
}

/* the same; sizes that one instruction moves, as most are, are moved by one */
static __always_inline unsigned long move(void *to, const void *from, unsigned long n)
{
	u8 byte;
	u32 word;
	u64 quad;

	switch (n) {
	case 1:
		__get_kernel_nofault(&byte, from, u8, fault);
		__put_kernel_nofault(to, &byte, u8, fault);
		break;
	case 4:
		__get_kernel_nofault(&word, from, u32, fault);
		__put_kernel_nofault(to, &word, u32, fault);
		break;
	case 8:
		__get_kernel_nofault(&quad, from, u64, fault);
		__put_kernel_nofault(to, &quad, u64, fault);
		break;
	default:
		return copy(to, from, n);
	}
	return 0;
fault:
	return n;
}

unsigned long direct_copy_from(void *to, const void __user *from, unsigned long n)
{
	return direct_range_ok(from, n) ? move(to, (__force const void *)from, n) : n;
}

unsigned long direct_copy_to(void __user *to, const void *from, unsigned long n)
{
	return direct_range_ok(to, n) ? move((__force void *)to, from, n) : n;
}

unsigned long direct_clear(void __user *to, unsigned long n)
{
	if (!direct_range_ok(to, n))
		return n;
	asm volatile("1: rep stosb\n"
		     "2:\n"
		     EXTABLE_ENTRY("1b", "2b")
		     : "+c" (n), "+D" (to) : "a" (0) : "memory");
	return n;
}

/* ---- strings: looked at in pieces of this size, aligned: none crosses a page --- */

#define PIECE	64UL

static unsigned long next_piece(const char __user *at, unsigned long left)
{
	return min(left, PIECE - (unsigned long)at % PIECE);
}

long direct_strncpy(char *dst, const char __user *src, long count)
{
	long done = 0;

	while (done < count) {
		unsigned long part = next_piece(src + done, count - done), n;

		if (direct_copy_from(dst + done, src + done, part))
			return -EFAULT;
		n = strnlen(dst + done, part);
		done += n;
		if (n < part)
			break;
	}
	return done;
}

long direct_strnlen(const char __user *str, long n)
{
	char piece[PIECE];
	long done = 0;

	while (done < n) {
		unsigned long part = next_piece(str + done, n - done), len;

		if (direct_copy_from(piece, str + done, part))
			return 0;
		len = strnlen(piece, part);
		done += len;
		if (len < part)
			return done + 1;
	}
	return n + 1;
}

/* ---- futex words --------------------------------------------------------- */

int direct_futex_cmpxchg(u32 *uval, u32 __user *uaddr, u32 oldval, u32 newval)
{
	int err;

	if (!direct_range_ok(uaddr, sizeof(u32)))
		return -EFAULT;
	err = direct_cmpxchg((__force u32 *)uaddr, &oldval, newval);
	if (!err)
		*uval = oldval;
	return err;
}

int direct_futex_op(int op, u32 oparg, int *oval, u32 __user *uaddr)
{
	u32 *word = (__force u32 *)uaddr;
	u32 old, new, seen;
	int err;

	if (direct_copy_from(&seen, uaddr, sizeof(seen)))
		return -EFAULT;
	do {
		old = seen;
		err = futex_result(op, old, oparg, &new);
		if (!err)
			err = direct_cmpxchg(word, &seen, new);
		if (err)
			return err;
	} while (seen != old);
	*oval = old;
	return 0;
}
