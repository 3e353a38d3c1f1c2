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

#define __get_user(x, ptr)						\
({									\
	const __typeof__(*(ptr)) __user *__gu_p = (ptr);		\
	__typeof__(*(ptr)) __gu_v;					\
	int __gu_err = 0;						\
									\
	__chk_user_ptr(__gu_p);						\
	if (raw_copy_from_user((void *)&__gu_v, __gu_p, sizeof(__gu_v))) {	\
		memset((void *)&__gu_v, 0, sizeof(__gu_v));		\
		__gu_err = -EFAULT;					\
	}								\
	(x) = *(__force __typeof__(*(ptr)) *)&__gu_v;			\
	__gu_err;							\
})

#define __put_user(x, ptr)						\
({									\
	__typeof__(*(ptr)) __user *__pu_p = (ptr);			\
	__typeof__(*(ptr)) __pu_v = (x);				\
									\
	__chk_user_ptr(__pu_p);						\
	raw_copy_to_user(__pu_p, &__pu_v, sizeof(__pu_v)) ? -EFAULT : 0;	\
})

#define get_user(x, ptr)						\
({									\
	const __typeof__(*(ptr)) __user *__gup = (ptr);			\
									\
	might_fault();							\
	access_ok(__gup, sizeof(*__gup)) ? __get_user(x, __gup) :	\
		((x) = (__typeof__(*(ptr)))0, -EFAULT);			\
})

#define put_user(x, ptr)						\
({									\
	__typeof__(*(ptr)) __user *__pup = (ptr);			\
									\
	might_fault();							\
	access_ok(__pup, sizeof(*__pup)) ? __put_user(x, __pup) : -EFAULT;	\
})

/* kernel addresses that may be bad: one instruction and an exception table entry */
#define __NOFAULT_LOAD(insn, reg, dst, src, type, err_label)		\
({									\
	type __nf_v;							\
	asm_goto_output("1: " insn " %1, %0\n"				\
			_ASM_EXTABLE(1b, %l2)				\
			: "=" reg (__nf_v)				\
			: "m" (*(type *)(src)) : : err_label);		\
	*(type *)(dst) = __nf_v;					\
})

#define __get_kernel_nofault(dst, src, type, err_label)			\
do {									\
	switch (sizeof(type)) {						\
	case 1:								\
		__NOFAULT_LOAD("movb", "q", dst, src, u8, err_label);	\
		break;							\
	case 2:								\
		__NOFAULT_LOAD("movw", "r", dst, src, u16, err_label);	\
		break;							\
	case 4:								\
		__NOFAULT_LOAD("movl", "r", dst, src, u32, err_label);	\
		break;							\
	default:							\
		__NOFAULT_LOAD("movq", "r", dst, src, u64, err_label);	\
	}								\
} while (0)

#define __NOFAULT_STORE(insn, reg, dst, src, type, err_label)		\
	asm goto("1: " insn " %0, %1\n"					\
		 _ASM_EXTABLE(1b, %l2)					\
		 : : reg (*(type *)(src)), "m" (*(type *)(dst))		\
		 : "memory" : err_label)

#define __put_kernel_nofault(dst, src, type, err_label)			\
do {									\
	switch (sizeof(type)) {						\
	case 1:								\
		__NOFAULT_STORE("movb", "q", dst, src, u8, err_label);	\
		break;							\
	case 2:								\
		__NOFAULT_STORE("movw", "r", dst, src, u16, err_label);	\
		break;							\
	case 4:								\
		__NOFAULT_STORE("movl", "r", dst, src, u32, err_label);	\
		break;							\
	default:							\
		__NOFAULT_STORE("movq", "r", dst, src, u64, err_label);	\
	}								\
} while (0)

#endif
