// SPDX-License-Identifier: GPL-2.0
/*
 * text_patch.c - writing to kernel text.
 *
 * Text at its own addresses is executable and never writable; it is patched
 * through the linear map. The mapping is private to the process (boot.c), so
 * that a debugger's breakpoint makes a private copy of a page: such a copy no
 * longer follows the alias and is written as the debugger itself does.
 */
#include <linux/fcntl.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/vmalloc.h>
#include <linux/uio.h>
#include <asm/host.h>
#include <asm/text_patch.h>

static void patch_private_copy(void *at, const void *insn, size_t len)
{
	struct iovec iov = { (void __user *)insn, len };
	int fd = host_open("/proc/self/mem", O_RDWR, 0);

	if (fd < 0 || host_pwritev(fd, &iov, 1, (unsigned long)at) != len)
		pr_warn("text at %pS is stale: a debugger holds the page\n", at);
	if (fd >= 0)
		host_close(fd);
}

static void *alias_of(void *at)
{
	if (is_vmalloc_or_module_addr(at))
		return page_address(vmalloc_to_page(at)) + offset_in_page(at);
	return __va(__pa_symbol(at));
}

void text_patch(void *at, const void *insn, size_t len)
{
	size_t first = min_t(size_t, len, PAGE_SIZE - offset_in_page(at));

	memcpy(alias_of(at), insn, first);
	if (first < len)
		memcpy(alias_of(at + first), insn + first, len - first);
	if (memcmp(at, insn, len))
		patch_private_copy(at, insn, len);
}
