# SPDX-License-Identifier: GPL-2.0
#
# What kunit.py needs to know to build and run this port (--qemu_config). It
# starts "qemu-system-usermode", which stands beside this file.

from ..qemu_config import QemuArchParams

QEMU_ARCH = QemuArchParams(linux_arch='usermode',
			   kconfig='',
			   qemu_arch='usermode',
			   kernel_path='linux',
			   kernel_command_line='noreboot',
			   extra_qemu_params=[])
