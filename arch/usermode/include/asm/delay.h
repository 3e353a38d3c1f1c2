/* SPDX-License-Identifier: GPL-2.0 */
/* Delays wait on the host's clock (kernel/time.c). */
#ifndef __ASM_USERMODE_DELAY_H
#define __ASM_USERMODE_DELAY_H

void __delay(unsigned long ns);
void __udelay(unsigned long us);
void __ndelay(unsigned long ns);

#define udelay(us)	__udelay(us)
#define ndelay(ns)	__ndelay(ns)

#endif
