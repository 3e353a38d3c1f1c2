/* SPDX-License-Identifier: GPL-2.0 */
/*
 * uaccess.h - guest memory, reached from the kernel.
 *
 * Either each access walks the guest's page tables and copies through the linear
 * map, or (tt) guest pages are mapped where the kernel runs (mm/uaccess*.c).
 */
#ifndef __ASM_USERMODE_UACCESS_H
#define __ASM_USERMODE_UACCESS_H

#include <linux/string.h>
#include <asm/asm.h>
#include <asm/extable.h>
#include <asm/page.h>

#include <asm-generic/access_ok.h>

/* each returns the number of bytes not copied, 0 if all were */
unsigned long raw_copy_from_user(void *to, const void __user *from, unsigned long n);
unsigned long raw_copy_to_user(void __user *to, const void *from, unsigned long n);
unsigned long __clear_user(void __user *to, unsigned long n);

/* as strncpy(): length without NUL, @count if there is none, or -EFAULT */
long strncpy_from_user(char *dst, const char __user *src, long count);
/* length with NUL, more than @n if there is none within it, 0 on a fault */
long strnlen_user(const char __user *str, long n);

static inline unsigned long clear_user(void __user *to, unsigned long n)
{
	might_fault();
	return access_ok(to, n) ? __clear_user(to, n) : n;
}

/* @x becomes what is at @ptr, or 0 if it is not @ok or cannot be read */
#define __get_user_if(ok, x, ptr)					\
({									\
	__auto_type __gu_p = (ptr);					\
	__typeof__(*__gu_p) __gu_v;					\
	int __gu_err = 0;						\
									\
	__chk_user_ptr(__gu_p);						\
	if (!(ok) || raw_copy_from_user((void *)&__gu_v, __gu_p, sizeof(__gu_v))) { \
		memset((void *)&__gu_v, 0, sizeof(__gu_v));		\
		__gu_err = -EFAULT;					\
	}								\
	(x) = *(__force __typeof__(__gu_v) *)&__gu_v;			\
	__gu_err;							\
})

#define __get_user(x, ptr)	__get_user_if(true, x, ptr)

#define __put_user(x, ptr)						\
({									\
	__auto_type __pu_p = (ptr);					\
	__typeof__(*__pu_p) __pu_v = (x);				\
									\
	__chk_user_ptr(__pu_p);						\
	raw_copy_to_user(__pu_p, &__pu_v, sizeof(__pu_v)) ? -EFAULT : 0;	\
})

#define get_user(x, ptr)						\
({									\
	__auto_type __gup = (ptr);					\
									\
	might_fault();							\
	__get_user_if(access_ok(__gup, sizeof(*__gup)), x, __gup);	\
})

#define put_user(x, ptr)						\
({									\
	__auto_type __pup = (ptr);					\
									\
	might_fault();							\
	access_ok(__pup, sizeof(*__pup)) ? __put_user(x, __pup) : -EFAULT;	\
})

/*
 * Kernel addresses that may be bad: one instruction, as wide as the register that
 * a @type of 1, 2, 4 or 8 bytes is in, and an exception table entry.
 */
#define __get_kernel_nofault(dst, src, type, err_label)			\
({									\
	type __nf_v;							\
	asm_goto_output("1: mov %1, %0\n"				\
			EXTABLE_ENTRY("1b", "%l2")			\
			: "=r" (__nf_v)					\
			: "m" (*(type *)(src)) : : err_label);		\
	*(type *)(dst) = __nf_v;					\
})

#define __put_kernel_nofault(dst, src, type, err_label)			\
({									\
	asm_goto_output("1: mov %0, %1\n"				\
			EXTABLE_ENTRY("1b", "%l2")			\
			: : "r" (*(type *)(src)), "m" (*(type *)(dst))	\
			: "memory" : err_label);			\
})

#endif
