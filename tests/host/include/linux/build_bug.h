/* SPDX-License-Identifier: GPL-2.0 */
/* static_assert(), where there is no kernel. */
#include <assert.h>
