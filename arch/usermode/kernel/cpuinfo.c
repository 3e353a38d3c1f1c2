// SPDX-License-Identifier: GPL-2.0
/*
 * cpuinfo.c - /proc/cpuinfo: the virtual CPU, the host behind it.
 */
#include <linux/cpumask.h>
#include <linux/delay.h>
#include <linux/init.h>
#include <linux/seq_file.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <asm/host.h>
#include <asm/platform.h>
#include <asm/vcpu.h>

#define HOST_CPUINFO_BYTES	SZ_8K

/* the host's CPU flags that need a kernel service which guests do not get */
static const char * const hidden_flags[] = { "pku", "ospke", "user_shstk", "ibt", "umip" };

static char *host_flags;

static bool is_hidden(const char *flag)
{
	return match_string(hidden_flags, ARRAY_SIZE(hidden_flags), flag) >= 0;
}

/* copy the words of @line that guests may rely on */
static char *usable_flags(char *line)
{
	char *word, *out = kzalloc(strlen(line) + 2, GFP_KERNEL);

	while (out && (word = strsep(&line, " ")))
		if (*word && !is_hidden(word)) {
			strcat(out, *out ? " " : "");
			strcat(out, word);
		}
	return out;
}

static int __init host_flags_read(void)
{
	char *text = kzalloc(HOST_CPUINFO_BYTES, GFP_KERNEL), *line;
	int fd = host_open("/proc/cpuinfo", 0, 0);

	if (fd >= 0 && text && host_read(fd, text, HOST_CPUINFO_BYTES - 1) > 0) {
		line = strstr(text, "\nflags\t\t: ");
		if (line) {
			line += strlen("\nflags\t\t: ");
			host_flags = usable_flags(strsep(&line, "\n"));
		}
	}
	if (fd >= 0)
		host_close(fd);
	kfree(text);
	return 0;
}
device_initcall(host_flags_read);

static int cpuinfo_show(struct seq_file *m, void *v)
{
	char uname[400];

	host_uname(uname, sizeof(uname));
	seq_printf(m, "processor\t: %ld\n", (long)v - 1);
	seq_puts(m, "vendor_id\t: User Mode Linux\n");
	seq_puts(m, "model name\t: UML\n");
	seq_printf(m, "mode\t\t: %s\n", space_ops->name);
	seq_printf(m, "trap\t\t: %s\n", platform_describe());
	if (platform_trusts_guests())
		seq_printf(m, "isolation\t: none, guests are trusted: %s\n",
			   platform_trusts_guests());
	seq_printf(m, "host\t\t: %s\n", uname);
	seq_printf(m, "flags\t\t: %s\n", host_flags ?: "");
	seq_printf(m, "bogomips\t: %lu.%02lu\n\n",
		   loops_per_jiffy / (500000 / HZ), (loops_per_jiffy / (5000 / HZ)) % 100);
	return 0;
}

static void *cpuinfo_start(struct seq_file *m, loff_t *pos)
{
	return *pos < num_possible_cpus() ? (void *)(*pos + 1) : NULL;
}

static void *cpuinfo_next(struct seq_file *m, void *v, loff_t *pos)
{
	++*pos;
	return cpuinfo_start(m, pos);
}

static void cpuinfo_stop(struct seq_file *m, void *v)
{
}

const struct seq_operations cpuinfo_op = {
	.start	= cpuinfo_start,
	.next	= cpuinfo_next,
	.stop	= cpuinfo_stop,
	.show	= cpuinfo_show,
};
