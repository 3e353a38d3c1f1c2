// SPDX-License-Identifier: GPL-2.0
/*
 * tsc.c - may the CPU's time stamp counter be taken for a clock?
 *
 * Owns nothing. The host watches the counter, compares it among CPUs and gives
 * it up as its own clock source when it is not constant; so its word is taken.
 */
#include <uapi/linux/fcntl.h>
#include <uapi/linux/prctl.h>
#include <asm/host.h>
#include "syscall.h"

#define CLOCKSOURCE	"/sys/devices/system/clocksource/clocksource0/current_clocksource"

static const char *other_clock(void)
{
	char buf[8];
	int fd = host_open(CLOCKSOURCE, O_RDONLY, 0);
	ssize_t n;

	if (fd < 0)
		return "the host does not tell its clock source";
	n = host_read(fd, buf, sizeof(buf));
	host_close(fd);
	if (n != 4 || buf[0] != 't' || buf[1] != 's' || buf[2] != 'c' || buf[3] != '\n')
		return "the host's own clock source is another";
	return NULL;
}

const char *host_tsc_distrust(void)
{
	int mode = 0;

	/* a sandbox may have forbidden the instruction */
	host_syscall2(__NR_prctl, PR_GET_TSC, &mode);
	if (mode != PR_TSC_ENABLE)
		return "the instruction is forbidden (prctl PR_SET_TSC)";
	return other_clock();
}
