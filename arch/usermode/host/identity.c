// SPDX-License-Identifier: GPL-2.0
/*
 * identity.c - what host this is.
 */
#include <uapi/linux/sysinfo.h>
#include <uapi/linux/utsname.h>
#include <asm/host.h>
#include "syscall.h"

static size_t append(char *buf, size_t at, size_t len, const char *text)
{
	while (*text && at + 1 < len)
		buf[at++] = *text++;
	buf[at] = 0;
	return at;
}

int host_uname(char *buf, size_t len)
{
	struct new_utsname u;
	const char *const part[] = { u.sysname, u.nodename, u.release, u.version, u.machine };
	size_t at = 0;
	long err = host_syscall1(__NR_uname, (long)&u);
	int i;

	if (len)
		buf[0] = 0;
	for (i = 0; !err && len && i < 5; i++) {
		at = append(buf, at, len, i ? " " : "");
		at = append(buf, at, len, part[i]);
	}
	return err;
}

/* the number at *at, which then is behind it and one more character */
static int take_number(const char **at)
{
	int n = 0;

	while (**at >= '0' && **at <= '9')
		n = n * 10 + *(*at)++ - '0';
	if (**at)
		++*at;
	return n;
}

int host_release(void)
{
	struct new_utsname u;
	const char *at = u.release;
	int major;

	if (host_syscall1(__NR_uname, (long)&u))
		return 0;
	major = take_number(&at);
	return HOST_RELEASE(major, take_number(&at));
}

u64 host_memory_bytes(void)
{
	struct sysinfo info;

	if (host_syscall1(__NR_sysinfo, (long)&info))
		return 0;
	return (u64)info.totalram * info.mem_unit;
}
