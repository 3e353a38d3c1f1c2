// SPDX-License-Identifier: GPL-2.0
/*
 * boot.c - from the host's exec to start_kernel().
 *
 * Owns the first steps: read the command line, create physical memory, move
 * the image into it, take over the thread as virtual CPU 0. Runs alone, on the
 * host's first stack, with no kernel service but what host.h offers.
 */
#include <linux/fcntl.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/sched/task.h>
#include <linux/sched/task_stack.h>
#include <linux/signal.h>
#include <linux/sizes.h>
#include <linux/start_kernel.h>
#include <asm/boot.h>
#include <asm/cmdline.h>
#include <asm/elf.h>
#include <asm/host.h>
#include <asm/host_signals.h>
#include <asm/sections.h>
#include <asm/tsc.h>
#include <asm/vcpu.h>

char **host_argv, **host_envp;
int physmem_fd __ro_after_init = -1;
u64 memory_max __ro_after_init;

#define GROWTH_LEAST	(16ULL << 30)	/* bytes that memory may grow to on any host */

static char vcpu_signal_stack[SZ_64K] __aligned(SZ_4K);

/* the caller sees one line and a non-zero status */
void __noreturn boot_fail(const char *what)
{
	char line[512];
	int n = snprintf(line, sizeof(line), "linux: %s\n", what);

	host_write(2, line, min_t(size_t, n, sizeof(line) - 1));
	host_exit(1);
}

static void map_image(void *start, void *end, int prot, int share)
{
	u64 offset = __pa_symbol(start);
	size_t len = end - start;

	if (len && host_map(start, len, prot, share | HOST_MAP_FIXED, physmem_fd, offset) < 0)
		boot_fail("cannot map the kernel image from guest memory");
}

/*
 * Copy the image to the beginning of physical memory and map it from there, in
 * place of what the host loaded. Text is mapped privately, so that a debugger
 * may plant breakpoints; nothing else ever writes to it at these addresses
 * (kernel/text_patch.c). No variable of the image may change between the copy
 * and the mapping.
 */
static void move_image(void)
{
	const int data = HOST_PROT_READ | HOST_PROT_WRITE;
	const int text = HOST_PROT_READ | HOST_PROT_EXEC;

	memcpy((void *)PAGE_OFFSET, _text, _end - _text);
	map_image(_text, _etext, text, HOST_MAP_PRIVATE);
	map_image(_etext, __init_begin, data, HOST_MAP_SHARED);
	map_image(__init_begin, __inittext_end, text, HOST_MAP_PRIVATE);
	map_image(__inittext_end, (void *)PAGE_ALIGN((unsigned long)_end), data, HOST_MAP_SHARED);
}

static bool map_at(unsigned long addr, size_t len, int share, int fd)
{
	long at = host_map((void *)addr, len, HOST_PROT_READ | HOST_PROT_WRITE,
			   HOST_MAP_SHARED | HOST_MAP_FIXED_NOREPLACE | HOST_MAP_NORESERVE |
			   share, fd, 0);

	if (at >= 0 && at != addr)
		host_unmap((void *)at, len);	/* hosts before 4.17 take it for a hint */
	return at == addr;
}

/*
 * The linear map, and the struct pages of all of it. Both are mapped for the
 * memory that there may ever be, once, so that every host process made later has
 * them; what is beyond the file, and what is never touched, costs nothing.
 */
static bool map_memory(u64 max)
{
	size_t pages = max / PAGE_SIZE * sizeof(struct page);

	if (!map_at(PAGE_OFFSET, max, 0, physmem_fd))
		return false;
	if (map_at(VMEMMAP_START, pages, HOST_MAP_ANON, -1)) {
		memory_max = max;
		return true;
	}
	host_unmap((void *)PAGE_OFFSET, max);
	return false;
}

static void physmem_create(void)
{
	u64 most = max3(memory_size, 2 * host_memory_bytes(), GROWTH_LEAST);

	physmem_fd = host_memfd("usermode-memory", memory_size);
	if (physmem_fd < 0)
		boot_fail("mem=: the host refuses a memory file of this size (ulimit -f?)");
	/* a host that limits addresses: then memory cannot grow */
	if (!map_memory(min(round_down(most, SZ_2M), PHYS_MAX)) && !map_memory(memory_size))
		boot_fail("mem=: the host cannot map this much memory (ulimit -v?)");
}

static void __init __noreturn vcpu_start(void)
{
	struct vcpu *vcpu = this_vcpu();

	vcpu->tid = host_gettid();
	vcpu->current_task = &init_task;
	host_pin(0, host_getcpu());
	if (host_signal_init(vcpu_signal_stack, sizeof(vcpu_signal_stack)) < 0)
		boot_fail("cannot install signal handlers");
	vcpu->timer = host_timer_create();
	if (vcpu->timer < 0)
		boot_fail("cannot create a timer");
	if (host_signals_start() || host_event_init())
		boot_fail("cannot start the threads that take signals and events");
	start_kernel();
	unreachable();
}

static unsigned long auxv_value(const unsigned long *auxv, unsigned long type)
{
	for (; auxv[0] != AT_NULL; auxv += 2)
		if (auxv[0] == type)
			return auxv[1];
	return 0;
}

/* a caller may have closed them; no file of ours may take their numbers */
static void open_standard_files(void)
{
	int fd;

	do {
		fd = host_open("/dev/null", O_RDWR, 0);
	} while (fd >= 0 && fd <= 2);
	if (fd > 2)
		host_close(fd);
}

/* called by host/start.S with the stack that the host's exec made */
void __init __noreturn usermode_main(long *stack)
{
	int argc = stack[0];
	unsigned long *auxv;

	/* a file that may grow no more (ulimit -f) is a write's error, not our end */
	host_signal_ignore(SIGXFSZ);
	open_standard_files();
	host_argv = (char **)(stack + 1);
	host_envp = host_argv + argc + 1;
	auxv = (unsigned long *)host_envp;
	while (*auxv++)
		;
	host_vdso_init(auxv);
	boot_ns = host_monotonic_ns();
	tsc_observe_boot();
	elf_hwcap_init(auxv_value(auxv, AT_HWCAP), auxv_value(auxv, AT_HWCAP2));
	usermode_parse_cmdline(argc, host_argv);
	physmem_create();
	move_image();
	asm volatile("mov %0, %%rsp\n\txor %%ebp, %%ebp\n\tcall *%1\n\tud2"
		     : : "r" ((unsigned long)task_guest_regs(&init_task) & ~15UL), "r" (vcpu_start)
		     : "memory");
	unreachable();
}
