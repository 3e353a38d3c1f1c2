/* SPDX-License-Identifier: GPL-2.0 */
#ifndef __ASM_USERMODE_SETUP_H
#define __ASM_USERMODE_SETUP_H

#define COMMAND_LINE_SIZE	8192

#endif
