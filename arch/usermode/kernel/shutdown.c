// SPDX-License-Identifier: GPL-2.0
/*
 * shutdown.c - the ways out of the program, and its exit status.
 *
 * Owns the exit status and the order in which the host gets back what is its
 * own. Halt and power-off exit, reboot runs the same command line again, a panic
 * aborts. What SIGINT and SIGTERM do is in orderly.c.
 *
 * No locks. shutdown_exit() and shutdown_abort() may be called by any host
 * thread, so they touch nothing but host.h, umid.c and platform_home().
 */
#include <linux/atomic.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/mm_types.h>
#include <linux/panic.h>
#include <linux/pm.h>
#include <linux/proc_fs.h>
#include <linux/reboot.h>
#include <linux/syscalls.h>
#include <linux/uaccess.h>
#include <linux/workqueue.h>
#include <asm/boot.h>
#include <asm/cmdline.h>
#include <asm/host.h>
#include <asm/page.h>
#include <asm/platform.h>
#include <asm/shutdown.h>
#include <asm/umid.h>

#define HOST_MADV_DONTDUMP	16

static int exit_status;
static bool no_reboot, debug;

notrace void __noreturn shutdown_exit(int status)
{
	platform_home();
	host_tty_restore();
	umid_remove();
	host_exit(status);
}

notrace void __noreturn shutdown_abort(void)
{
	platform_home();
	host_tty_restore();
	umid_remove();
	host_abort();
}

void shutdown_status(int status)
{
	WRITE_ONCE(exit_status, status);
}

/* ---- what the kernel asks of its machine ---- */

/* the memory that an exec must not leave behind is closed on exec; host processes are not */
static notrace void __noreturn start_again(void)
{
	char line[80];
	int err;

	platform_stop();
	host_tty_restore();
	umid_remove();
	err = host_exec("/proc/self/exe", host_argv, host_envp);
	err = snprintf(line, sizeof(line), "linux: cannot start again (error %d)\n", -err);
	host_write(2, line, err);
	host_exit(1);
}

notrace void __noreturn shutdown_force(bool restart)
{
	if (!restart)
		shutdown_exit(exit_status);
	if (no_reboot)
		shutdown_exit(0);
	start_again();
}

void machine_halt(void)
{
	local_irq_disable();
	shutdown_force(false);
}

void machine_power_off(void)
{
	machine_halt();
}

void machine_restart(char *cmd)
{
	local_irq_disable();
	shutdown_force(true);
}

/*
 * The very last step of panic(), after the log is out and everybody was
 * notified. With panic=SECONDS it also runs while panic() waits to restart.
 */
static long panic_end(int state)
{
	if (panic_timeout <= 0)
		shutdown_abort();
	return 0;
}

/* ---- without asking init ---- */

static bool end_restarts;

/* a disk that hangs holds this up; those who asked for it set a limit */
static void end_now(struct work_struct *work)
{
	ksys_sync();
	if (READ_ONCE(end_restarts))
		kernel_restart(NULL);
	else
		kernel_power_off();
}

static DECLARE_WORK(end_now_work, end_now);

void shutdown_now(bool restart)
{
	WRITE_ONCE(end_restarts, restart);
	queue_work(system_unbound_wq, &end_now_work);
}

/* ---- /proc/exitcode ---- */

static ssize_t exitcode_read(struct file *file, char __user *to, size_t len, loff_t *pos)
{
	char text[16];
	int n = scnprintf(text, sizeof(text), "%d\n", READ_ONCE(exit_status));

	return simple_read_from_buffer(to, len, pos, text, n);
}

static ssize_t exitcode_write(struct file *file, const char __user *from, size_t len,
			      loff_t *pos)
{
	int status, err;

	err = kstrtoint_from_user(from, len, 0, &status);
	if (err)
		return err;
	WRITE_ONCE(exit_status, status);
	return len;
}

static const struct proc_ops exitcode_ops = {
	.proc_read	= exitcode_read,
	.proc_write	= exitcode_write,
	.proc_lseek	= default_llseek,
};

/* ---- switches ---- */

static int parse_noreboot(const char *word, char *why, size_t len)
{
	if (strcmp(word, "noreboot"))
		return SWITCH_NOT_MINE;
	no_reboot = true;
	return 0;
}

USERMODE_SWITCH(noreboot, "noreboot", parse_noreboot,
		"noreboot                 exit instead of starting again");

static int parse_debug(const char *word, char *why, size_t len)
{
	if (!strcmp(word, "debug"))
		debug = true;
	return SWITCH_NOT_MINE;		/* the kernel has a use for it too */
}

USERMODE_SWITCH(debug, "debug", parse_debug,
		"debug                    print all kernel messages; core files hold guest memory");

static int __init shutdown_init(void)
{
	panic_blink = panic_end;
	pm_power_off = machine_power_off;
	/* a panic's core file of the size of mem= would fill the user's disk */
	if (!debug) {
		host_madvise((void *)PAGE_OFFSET, memory_max, HOST_MADV_DONTDUMP);
		host_madvise((void *)VMEMMAP_START, PFN_DOWN(memory_max) * sizeof(struct page),
			     HOST_MADV_DONTDUMP);
	}
	return 0;
}
early_initcall(shutdown_init);

static int __init exitcode_init(void)
{
	return proc_create("exitcode", 0644, NULL, &exitcode_ops) ? 0 : -ENOMEM;
}
fs_initcall(exitcode_init);
