/* SPDX-License-Identifier: GPL-2.0 */
/* exceptions.h - x86's exception numbers and page fault error code, as the host tells them. */
#ifndef __ASM_USERMODE_EXCEPTIONS_H
#define __ASM_USERMODE_EXCEPTIONS_H

#define TRAP_DE		0
#define TRAP_DB		1
#define TRAP_BP		3
#define TRAP_BR		5
#define TRAP_UD		6
#define TRAP_SS		12
#define TRAP_GP		13
#define TRAP_PF		14
#define TRAP_MF		16
#define TRAP_AC		17
#define TRAP_MC		18
#define TRAP_XF		19

/* page fault error code */
#define FAULT_PROTECTION	0x01
#define FAULT_WRITE		0x02
#define FAULT_USER		0x04
#define FAULT_EXEC		0x10
#define FAULT_KEY		0x20	/* protection key of user code */

#endif
