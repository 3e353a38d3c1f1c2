// SPDX-License-Identifier: GPL-2.0
/* Constants for assembly; those of pt_regs are the guest ABI's (asm/ptrace-abi.h). */
#define COMPILE_OFFSETS
#include <linux/kbuild.h>
#include <linux/sched.h>

int main(void)
{
	DEFINE(THREAD_INFO_FLAGS, offsetof(struct task_struct, thread_info.flags));
	return 0;
}
