/* SPDX-License-Identifier: GPL-2.0 */
/*
 * cpufeatures.h - what the headers shared with x86 ask about the CPU.
 *
 * Every x86-64 host has what is used there.
 */
#ifndef __ASM_USERMODE_CPUFEATURES_H
#define __ASM_USERMODE_CPUFEATURES_H
#endif
