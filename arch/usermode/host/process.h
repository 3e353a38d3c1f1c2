/* SPDX-License-Identifier: GPL-2.0 */
/* process.h - what process.c needs of process_switch.S. */
#ifndef __USERMODE_HOST_PROCESS_H
#define __USERMODE_HOST_PROCESS_H

struct host_process;

/* where a new host process begins: parked, and on no stack. Does not return */
void host_process_park(struct host_process *self);

#endif
