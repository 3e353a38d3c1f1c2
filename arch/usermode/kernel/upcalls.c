// SPDX-License-Identifier: GPL-2.0
/*
 * upcalls.c - what the host layer says in words.
 *
 * Called on any host thread: only a virtual CPU's own may use printk.
 */
#include <linux/printk.h>
#include <linux/string.h>
#include <asm/host.h>
#include <asm/shutdown.h>
#include <asm/vcpu.h>

static notrace void to_stderr(const char *text)
{
	host_write(2, text, strlen(text));
	host_write(2, "\n", 1);
}

notrace void host_upcall_log(const char *text)
{
	if (host_gettid() == this_vcpu()->tid)
		pr_warn("%s\n", text);
	else
		to_stderr(text);
}

notrace void __noreturn host_upcall_panic(const char *text)
{
	to_stderr(text);
	shutdown_abort();
}
