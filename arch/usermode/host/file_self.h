/* SPDX-License-Identifier: GPL-2.0 */
/*
 * file_self.h - the name that the host's procfs gives to a descriptor of ours.
 *
 * For calls that exist for paths only: the name leads to the very object that
 * the descriptor holds, wherever that is by now.
 */
#ifndef __USERMODE_HOST_FILE_SELF_H
#define __USERMODE_HOST_FILE_SELF_H

#define SELF_PREFIX	"/proc/self/fd/"
#define SELF_BYTES	(sizeof(SELF_PREFIX) + 10)

static inline const char *file_self(char *buf, int fd)
{
	static const char prefix[] = SELF_PREFIX;
	char digits[10];
	unsigned int n = 0, i;

	for (i = 0; prefix[i]; i++)
		buf[i] = prefix[i];
	do {
		digits[n++] = '0' + fd % 10;
		fd /= 10;
	} while (fd);
	while (n)
		buf[i++] = digits[--n];
	buf[i] = 0;
	return buf;
}

#endif /* __USERMODE_HOST_FILE_SELF_H */
