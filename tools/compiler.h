/* SPDX-License-Identifier: GPL-2.0 */
/*
 * compiler.h - the kernel's words for what a compiler can be told, for programs:
 * the tools and the tests.
 */
#ifndef __USERMODE_TOOLS_COMPILER_H
#define __USERMODE_TOOLS_COMPILER_H

#define __aligned(n)	__attribute__((__aligned__(n)))
#define __maybe_unused	__attribute__((__unused__))
#define __noclone	__attribute__((__noclone__))
#define __noreturn	__attribute__((__noreturn__))
#define __packed	__attribute__((__packed__))
#define __printf(a, b)	__attribute__((__format__(__printf__, a, b)))
#define __used		__attribute__((__used__))
#define noinline	__attribute__((__noinline__))
#ifndef __always_inline
#define __always_inline	inline __attribute__((__always_inline__))
#endif

#define ARRAY_SIZE(array)	(sizeof(array) / sizeof((array)[0]))

/* exactly one access, here and now: by other threads, signals, processes, faults */
#define READ_ONCE(x)		(*(const volatile __typeof__(x) *)&(x))
#define WRITE_ONCE(x, value)	(*(volatile __typeof__(x) *)&(x) = (value))

#endif /* __USERMODE_TOOLS_COMPILER_H */
