// SPDX-License-Identifier: GPL-2.0
/*
 * folios.c - in which pieces anonymous memory comes: 64 KB, where an area has room.
 *
 * One fault and one host mapping then serve sixteen pages, whatever state the guest's
 * free memory is in. This is a default: thp_anon= and sysfs
 * (kernel/mm/transparent_hugepage) may say otherwise.
 *
 * Context: boot.
 */
#include <linux/init.h>
#include <linux/mm.h>
#include <linux/sizes.h>

static int __init folios_init(void)
{
	/* as far as the command line has not been here first */
	if (!huge_anon_orders_always && !huge_anon_orders_madvise && !huge_anon_orders_inherit)
		huge_anon_orders_always = BIT(get_order(SZ_64K));
	return 0;
}
core_initcall(folios_init);
