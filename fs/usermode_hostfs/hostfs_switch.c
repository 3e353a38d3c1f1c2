// SPDX-License-Identifier: GPL-2.0
/*
 * hostfs_switch.c - hostfs=ROOT[,append]: what no mount leaves.
 *
 * Owns the handle of ROOT, opened while the command line is parsed, so that
 * nothing that happens to the path later matters. Read-only after boot.
 */
#include <linux/fcntl.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/stat.h>
#include <linux/string.h>
#include <asm/cmdline.h>
#include "hostfs.h"

bool hostfs_append __ro_after_init;
static int confinement __ro_after_init = -1;

int hostfs_confinement(void)
{
	/* nobody said anything: all that the user who runs this can reach */
	if (confinement < 0)
		confinement = host_open("/", O_PATH | O_DIRECTORY, 0);
	return confinement;
}

static int parse_hostfs(const char *word, char *why, size_t len)
{
	const char *value = word + strlen("hostfs=");
	const char *comma = strchrnul(value, ',');
	char path[256] = "";
	int fd;

	if (*comma && strcmp(comma, ",append")) {
		snprintf(why, len, "%s: unknown flag %s; the only one is append", word, comma + 1);
		return -EINVAL;
	}
	strscpy(path, value, min_t(size_t, sizeof(path), comma - value + 1));
	if (!*path || comma - value >= sizeof(path)) {
		snprintf(why, len, "%s: %s", word,
			 *path ? "the path is too long" : "a directory of the host is missing");
		return -EINVAL;
	}
	fd = host_open(path, O_PATH | O_DIRECTORY, 0);
	if (fd < 0) {
		snprintf(why, len, "%s: %s", word, host_error_text(fd));
		return fd;
	}
	if (confinement >= 0)
		host_close(confinement);
	confinement = fd;
	hostfs_append = *comma;
	return 0;
}

USERMODE_SWITCH(hostfs, "hostfs=", parse_hostfs,
		"hostfs=ROOT[,append]     directory of the host that hostfs mounts stay below;\n"
		"                           append: its files only grow");
