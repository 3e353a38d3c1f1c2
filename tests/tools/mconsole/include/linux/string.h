/* SPDX-License-Identifier: GPL-2.0 */
/* The kernel's header of this name, for its sources that are compiled as programs. */
#include <string.h>
