/* SPDX-License-Identifier: GPL-2.0 */
/*
 * barrier.h - memory ordering of the host's CPU (x86 TSO).
 *
 * Only store-load order needs an instruction.
 */
#ifndef __ASM_USERMODE_BARRIER_H
#define __ASM_USERMODE_BARRIER_H

#include <asm/vdso/processor.h>

#define mb()	({ asm volatile("mfence" : : : "memory"); })	/* loads and stores */
#define rmb()	({ asm volatile("lfence" : : : "memory"); })	/* loads */
#define wmb()	({ asm volatile("sfence" : : : "memory"); })	/* stores */

#define __dma_rmb()	barrier()
#define __dma_wmb()	barrier()

#define __smp_mb()	({ asm volatile("lock; addl $0,-4(%%rsp)" : : : "memory", "cc"); })
#define __smp_rmb()	barrier()
#define __smp_wmb()	barrier()
#define __smp_store_mb(var, value) ((void)xchg(&(var), value))

#define __smp_store_release(p, v)			\
do {							\
	__auto_type ___to = (p);			\
							\
	compiletime_assert_atomic_type(*___to);		\
	barrier();					\
	WRITE_ONCE(*___to, v);				\
} while (0)

#define __smp_load_acquire(p)				\
({							\
	__auto_type ___from = (p);			\
	typeof(*___from) ___p1 = READ_ONCE(*___from);	\
							\
	compiletime_assert_atomic_type(*___from);	\
	barrier();					\
	___p1;						\
})

/* x86 atomics are fully ordered already */
#define __smp_mb__before_atomic()	do { } while (0)
#define __smp_mb__after_atomic()	do { } while (0)

#include <asm-generic/barrier.h>

#endif
