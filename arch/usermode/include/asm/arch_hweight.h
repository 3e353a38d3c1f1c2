/* SPDX-License-Identifier: GPL-2.0 */
/* Population count: the generic one, popcnt is not on every host. */
#include <asm-generic/bitops/arch_hweight.h>
