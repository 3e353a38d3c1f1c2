/* SPDX-License-Identifier: GPL-2.0 */
/* listener.h - who wants to hear of the machine: mconsole=notify:SOCKET. */
#ifndef __USERMODE_MCONSOLE_LISTENER_H
#define __USERMODE_MCONSOLE_LISTENER_H

/* the socket as typed, "" if nobody does */
#ifdef CONFIG_USERMODE_MCONSOLE
const char *notify_listener(void);
#else
static inline const char *notify_listener(void)
{
	return "";
}
#endif

#endif
