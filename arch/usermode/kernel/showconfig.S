/* SPDX-License-Identifier: GPL-2.0 */
/* showconfig.S - the configuration that the kernel was built with, for --showconfig. */
#include <linux/linkage.h>

	.section .init.rodata, "a"
	.globl usermode_config, usermode_config_end
usermode_config:
	.incbin ".config"
usermode_config_end:

	.section .note.GNU-stack, "", @progbits
