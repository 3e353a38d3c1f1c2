/* SPDX-License-Identifier: GPL-2.0 */
#ifndef __USERMODE_CRLF_H
#define __USERMODE_CRLF_H

#include <linux/types.h>

/*
 * Copy as much of *@from, *@left bytes, as @room takes, with a carriage return
 * before each newline if @crlf; advances both. @room >= 2. Return: bytes in @to.
 */
size_t crlf_copy(const char **from, size_t *left, char *to, size_t room, bool crlf);

/*
 * Write all of @text, unless @fd is broken or nobody reads it. Any context; blocks
 * the host thread while @fd is full.
 */
void crlf_put(int fd, const char *text, size_t len, bool crlf);

#endif
