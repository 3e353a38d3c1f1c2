/* SPDX-License-Identifier: GPL-2.0 */
/* Memory functions (isa/x86/string.S): the string instructions for long runs. */
#ifndef __ASM_USERMODE_STRING_H
#define __ASM_USERMODE_STRING_H

#define __HAVE_ARCH_MEMCPY
void *memcpy(void *to, const void *from, size_t len);
void *__memcpy(void *to, const void *from, size_t len);

#define __HAVE_ARCH_MEMMOVE
void *memmove(void *to, const void *from, size_t len);
void *__memmove(void *to, const void *from, size_t len);

#define __HAVE_ARCH_MEMSET
void *memset(void *to, int c, size_t len);
void *__memset(void *to, int c, size_t len);

#endif
