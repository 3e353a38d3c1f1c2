/* SPDX-License-Identifier: GPL-2.0 */
#ifndef __USERMODE_DOOR_H
#define __USERMODE_DOOR_H

/*
 * When @fd becomes readable, all lines look who has come or gone, once: call it
 * again afterwards. Process context. 0 or -errno.
 */
int door_watch(int fd);
/* before closing @fd; one that was never watched is no harm */
void door_unwatch(int fd);

#endif
