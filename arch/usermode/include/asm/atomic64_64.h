/* SPDX-License-Identifier: GPL-2.0 */
/* The CPU is the host's: x86's own <asm/atomic64_64.h>. */
#include <x86/include/asm/atomic64_64.h>
