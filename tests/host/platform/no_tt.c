// SPDX-License-Identifier: GPL-2.0
/*
 * no_tt.c - stands for the modes in which the kernel runs where its guests do.
 *
 * The kernel that these tests play lives in a process of its own, so core.c finds
 * in its table that this one cannot do it.
 */
#include <errno.h>
#include <asm/host.h>
#include <asm/platform.h>
#include "trap_dispatch.h"
#include "tt_ops.h"

const struct space_ops tt_space_ops;
const struct trap_ops dispatch_trap_ops;

int dispatch_probe(const char **why)
{
	*why = "not in this kernel";
	return -EOPNOTSUPP;
}

const char *dispatch_trusting(void)
{
	return NULL;
}

bool dispatch_interrupt(struct sigcontext_64 *sc)
{
	(void)sc;
	return true;
}

void tt_home(void)
{
}

void tt_stop(void)
{
}
