/* SPDX-License-Identifier: GPL-2.0 */
/*
 * cmpxchg_64.h - the host's CPU: x86's own.
 *
 * Not every x86-64 host has cmpxchg16b, so SLUB does without.
 */
#include <x86/include/asm/cmpxchg_64.h>
#undef system_has_cmpxchg128
