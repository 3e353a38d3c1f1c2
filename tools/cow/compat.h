/* SPDX-License-Identifier: GPL-2.0 */
/*
 * compat.h - the few words of the kernel that plain C of drivers/usermode/block
 * uses, for programs.
 */
#ifndef __USERMODE_TOOLS_COMPAT_H
#define __USERMODE_TOOLS_COMPAT_H

#include <endian.h>
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/types.h>
#include <linux/types.h>
#include "../compiler.h"

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int32_t s32;
typedef int64_t s64;

#define __force

#define le32_to_cpu	le32toh
#define le64_to_cpu	le64toh
#define be16_to_cpu	be16toh
#define be32_to_cpu	be32toh
#define be64_to_cpu	be64toh
#define cpu_to_le32	htole32
#define cpu_to_le64	htole64
#define cpu_to_be16	htobe16
#define cpu_to_be32	htobe32
#define cpu_to_be64	htobe64

#define IS_ALIGNED(x, a)	(!((x) & ((a) - 1)))
#define ALIGN(x, a) ({							\
	__typeof__(x) mask_ = (a) - 1;					\
									\
	((x) + mask_) & ~mask_;						\
})
#define min(a, b) ({							\
	__typeof__(a) a_ = (a);						\
	__typeof__(b) b_ = (b);						\
									\
	a_ < b_ ? a_ : b_;						\
})
#define max(a, b) ({							\
	__typeof__(a) a_ = (a);						\
	__typeof__(b) b_ = (b);						\
									\
	a_ > b_ ? a_ : b_;						\
})
#define min_t(type, a, b)	min((type)(a), (type)(b))
#define clamp(x, low, high) ({						\
	__typeof__(x) x_ = (x);						\
	__typeof__(low) low_ = (low);					\
									\
	x_ < low_ ? low_ : min(x_, high);				\
})

static inline bool is_power_of_2(unsigned long n)
{
	return n && !(n & (n - 1));
}

/* as the kernel's: what has been written, not what would have been */
__printf(3, 4) static inline int scnprintf(char *buf, size_t len, const char *format, ...)
{
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(buf, len, format, args);
	va_end(args);
	return n < (int)len ? n : (int)len - 1;
}

#endif /* __USERMODE_TOOLS_COMPAT_H */
