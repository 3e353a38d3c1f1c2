// SPDX-License-Identifier: GPL-2.0
/*
 * setup.c - setup_arch(): memory, the platform, the first console.
 */
#include <linux/cpu.h>
#include <linux/init.h>
#include <linux/initrd.h>
#include <linux/memblock.h>
#include <linux/mm.h>
#include <linux/random.h>
#include <linux/sched/task.h>
#include <linux/slab.h>
#include <asm/boot.h>
#include <asm/cmdline.h>
#include <asm/console.h>
#include <asm/entry.h>
#include <asm/elf.h>
#include <asm/fpu.h>
#include <asm/host.h>
#include <asm/hwcap2.h>
#include <asm/irq.h>
#include <asm/pgtable.h>
#include <asm/platform.h>
#include <asm/sections.h>
#include <asm/setup.h>
#include <asm/uaccess_direct.h>
#include <asm/umid.h>

/* ---- pages that the platform shares with host processes ---- */

static void *__ref platform_alloc(size_t bytes)
{
	if (slab_is_available())
		return (void *)__get_free_pages(GFP_KERNEL | __GFP_ZERO, get_order(bytes));
	return memblock_alloc(bytes, max_t(size_t, bytes, PAGE_SIZE));
}

static void __ref platform_free(void *p, size_t bytes)
{
	if (!slab_is_available())
		memblock_free(p, bytes);
	else if (!PageReserved(virt_to_page(p)))
		free_pages((unsigned long)p, get_order(bytes));
	else
		free_reserved_area(p, p + bytes, -1, NULL);
}

static void __init platform_setup(void)
{
	const struct platform_params params = {
		.mode		= mode_name,
		.trap		= trap_name,
		.phys_fd	= physmem_fd,
		.phys_map	= (char *)PAGE_OFFSET,
		.task_size	= TASK_SIZE,
		.alloc		= platform_alloc,
		.free		= platform_free,
		.irq_pending	= irq_is_pending,
		.modules	= (char *)MODULES_VADDR,
		.fsgsbase	= elf_hwcap2 & HWCAP2_FSGSBASE,
		.timer		= this_vcpu()->timer,
		.attention	= &this_vcpu()->attention,
		.moved		= irq_vcpu_moved,
	};
	const char *why = "unknown reason";

	if (platform_init(&params, &why))
		boot_fail(why);
}

/* ---- memory ---- */

static void __init load_initrd(void)
{
	struct host_stat st;
	void *at;
	u64 done = 0;
	int fd;

	if (!IS_ENABLED(CONFIG_BLK_DEV_INITRD) || !initrd_file)
		return;
	fd = host_open(initrd_file, 0, 0);
	if (fd < 0 || host_fstat(fd, &st))
		boot_fail("initrd=: the file went away");
	at = memblock_alloc(st.size, PAGE_SIZE);
	if (!at)
		boot_fail("initrd=: the file does not fit into guest memory; raise mem=");
	while (done < st.size) {
		ssize_t n = host_read(fd, at + done, st.size - done);

		if (n <= 0)
			boot_fail("initrd=: cannot read the file");
		done += n;
	}
	host_close(fd);
	initrd_start = (unsigned long)at;
	initrd_end = initrd_start + st.size;
}

static void __init memory_setup(void)
{
	setup_initial_init_mm(_text, _etext, _edata, _end);
	memblock_add(0, memory_size);
	memblock_reserve(0, PAGE_ALIGN(__pa_symbol(_end)));
	min_low_pfn = 0;
	max_pfn = PFN_DOWN(memory_size);
	max_low_pfn = max_pfn;
	load_initrd();
}

/* the host's random numbers are as good as they come: nobody waits for more */
static void __init seed_random(void)
{
	u8 seed[64];

	if (!host_random(seed, sizeof(seed)))
		add_bootloader_randomness(seed, sizeof(seed));
	memzero_explicit(seed, sizeof(seed));
}

void __init setup_arch(char **cmdline_p)
{
	init_cpu_possible(cpumask_of(0));
	memory_setup();
	platform_setup();
	parse_early_param();		/* "quiet" is for the first console, too */
	usermode_early_console();
	umid_init();
	pr_info("usermode: %s; %llu MiB of guest memory\n", platform_describe(),
		memory_size >> 20);
	if (platform_trusts_guests())
		pr_warn("usermode: GUESTS ARE TRUSTED, not isolated: %s, so their programs can write the kernel's memory\n",
			platform_trusts_guests());
	*cmdline_p = kernel_command_line;
	paging_init();
	seed_random();
}

void __init arch_cpu_finalize_init(void)
{
	fpu_init();
	direct_uaccess_init();
}
