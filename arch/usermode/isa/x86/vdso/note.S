/* SPDX-License-Identifier: GPL-2.0 */
/* note.S - the kernel's version, for the guest's dynamic linker. */
#include <linux/build-salt.h>
#include <linux/elfnote.h>
#include <linux/version.h>

ELFNOTE_START(Linux, 0, "a")
	.long	LINUX_VERSION_CODE
ELFNOTE_END

BUILD_SALT
