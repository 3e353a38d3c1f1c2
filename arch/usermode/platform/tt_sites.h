/* SPDX-License-Identifier: GPL-2.0 */
/* tt_sites.h - what tt_gate.S and tt_sites.c agree on. */
#ifndef __USERMODE_PLATFORM_TT_SITES_H
#define __USERMODE_PLATFORM_TT_SITES_H

#include <asm/sites.h>

#define TT_STUB_BYTES	16

/* bits of an entry of tt_site[]: the number of the call, and from here on ... */
#define TT_SITE_END	32		/* the end of the site, 16 bits */
#define TT_SITE_SLOT	48		/* the slot that it is in */

#ifndef __ASSEMBLY__

extern u64 tt_site[SITES];

/* guest code comes from a site while it is between these */
extern const char tt_stubs[], tt_stubs_end[], tt_gate_end[];

/* once, before the first host process is forked. 0 or -errno */
int tt_sites_init(void);

#endif
#endif
