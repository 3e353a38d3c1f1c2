// SPDX-License-Identifier: GPL-2.0
/*
 * skas_process.c - host processes of guests: counted, kept, ended.
 *
 * What both traps share; how they are made and told to make calls is the
 * driver's business. Owns the stub's image and the idle host processes of each
 * virtual CPU. Idle ones are taken and put by single atomic exchanges: create
 * and destroy may be interrupted, and another space be created meanwhile. The
 * list of all is touched with interrupts off, where host processes start and end.
 */
#include <linux/build_bug.h>
#include <uapi/asm/signal.h>
#include <uapi/linux/errno.h>
#include <uapi/linux/prctl.h>
#include <uapi/linux/wait.h>
#include <asm/host.h>
#include <asm/unistd.h>
#include "skas_process.h"
#include "vcpu.h"

#define HOST_END	0x7ffffffff000UL	/* of every address that a host process can map */

#define IDLE_MAX	16
#define IDLE_MAPS	8192	/* guest mappings that an idle host process may hold */

#define REQ_XCOMP_PERM	0x1023	/* ARCH_REQ_XCOMP_PERM of asm/prctl.h, Linux 5.16 */
#define XFEATURE_TILES	18

const struct skas_driver *skas_driver;
unsigned int skas_shared_bytes = sizeof(struct stub_page);

static int image_fd = -1;
static struct skas_process *idle[PLATFORM_VCPUS][IDLE_MAX];
static struct skas_process *alive;		/* all that have a host process */

/* struct skas_process, then what is shared */
#define PRIVATE_BYTES	4096U
static_assert(sizeof(struct skas_process) <= PRIVATE_BYTES);
static_assert(sizeof(struct stub_page) == STUB_END - STUB_PAGE);
static unsigned int block_bytes;	/* of both, a power of two */

static struct skas_process *alloc_process(void)
{
	struct skas_process *process = platform_params.alloc(block_bytes);

	if (process)
		process->stub = (void *)process + PRIVATE_BYTES;
	return process;
}

/* ---- those that live ------------------------------------------------------ */

void skas_process_born(struct skas_process *process, int pid)
{
	process->pid = pid;
	process->cpu = platform_this_vcpu()->cpu;
	process->maps = 0;
	process->prev = NULL;
	process->next = alive;
	if (alive)
		alive->prev = process;
	alive = process;
}

static void note_dead(struct skas_process *process)
{
	if (process->next)
		process->next->prev = process->prev;
	if (process->prev)
		process->prev->next = process->next;
	else
		alive = process->next;
	/* its number may belong to somebody else from now on */
	process->pid = 0;
	if (process->listener)
		host_close(process->listener);
	process->listener = 0;
}

int skas_process_wait(struct skas_process *process)
{
	int status = 0;
	int ret;

	do {
		ret = host_wait(process->pid, &status, HOST_WAIT_ALL);
	} while (ret == -EINTR);
	if (ret > 0 && (status & 0xff) == 0x7f)
		return status >> 8;
	note_dead(process);
	return -ESRCH;
}

void skas_process_check(struct skas_process *process)
{
	int status;

	/* that it is stopped was told before: now there is only its death to tell */
	if (host_wait(process->pid, &status, HOST_WAIT_ALL | WNOHANG))
		note_dead(process);
}

void skas_process_continue(struct skas_process *process)
{
	int status;

	/* 0: nothing to tell; its death is told again to who asks */
	if (host_wait(process->pid, &status, HOST_WAIT_ALL | WNOHANG | WUNTRACED) <= 0)
		return;
	if ((status & 0xff) == 0x7f)
		host_kill(process->pid, SIGCONT);
	else
		note_dead(process);
}

void skas_process_end(struct skas_process *process)
{
	if (!process->pid)
		return;
	host_kill(process->pid, SIGKILL);
	while (skas_process_wait(process) >= 0)
		;
}

void skas_process_end_all(void)
{
	while (alive)
		skas_process_end(alive);
}

/* ---- lists of calls ------------------------------------------------------ */

void skas_process_call(struct skas_process *process, unsigned int *n, u64 nr, u64 a, u64 b, u64 c,
		       u64 d, u64 e, u64 f, u64 want)
{
	process->calls[(*n)++] = (struct stub_call) { nr, { a, b, c, d, e, f }, want };
}

void skas_process_publish(struct skas_process *process, unsigned int n)
{
	__builtin_memcpy(process->stub->calls, process->calls, n * sizeof(*process->calls));
	process->stub->calls[n].nr = STUB_CALL_END;
}

void skas_process_hide(struct skas_process *process, unsigned int from, unsigned int end)
{
	for (; from < end; from++)
		__builtin_memset(process->stub->calls[from].arg, 0,
				 sizeof(process->stub->calls[from].arg));
}

void skas_process_blank(struct skas_process *process)
{
	__builtin_memset(process->stub, 0, sizeof(*process->stub));
}

void skas_process_clean(struct skas_process *process, unsigned int *n, unsigned long name)
{
	unsigned long end = STUB_PAGE + skas_shared_bytes;

	skas_process_call(process, n, __NR_munmap, 0, STUB_START, 0, 0, 0, 0, 0);
	/*
	 * The host's vDSO may be sealed (Linux 6.16). What cannot go may stay: it
	 * lies above all that the guest knows, and calls from there are caught.
	 */
	skas_process_call(process, n, __NR_munmap, end, HOST_END - end, 0, 0, 0, 0, STUB_ANY);
	skas_process_call(process, n, __NR_prctl, PR_SET_NAME, name, 0, 0, 0, 0, STUB_ANY);
	/* lets guest code use AMX, where the host has it */
	skas_process_call(process, n, __NR_arch_prctl, REQ_XCOMP_PERM, XFEATURE_TILES, 0, 0, 0, 0,
			  STUB_ANY);
}

/* ---- the idle ones ------------------------------------------------------- */

struct skas_process *skas_process_get(void)
{
	struct skas_process **slot = idle[platform_vcpu_nr()];
	struct skas_process *process;
	int i;

	for (i = 0; i < IDLE_MAX; i++) {
		process = __atomic_exchange_n(&slot[i], NULL, __ATOMIC_ACQ_REL);
		if (process)
			return process;
	}
	return alloc_process();
}

void skas_process_put(struct skas_process *process)
{
	struct skas_process **slot = idle[platform_vcpu_nr()];
	struct skas_process *none;
	int i;

	process->stale = true;
	for (i = 0; i < IDLE_MAX && process->pid && process->maps <= IDLE_MAPS; i++) {
		none = NULL;
		if (__atomic_compare_exchange_n(&slot[i], &none, process, false, __ATOMIC_ACQ_REL,
						__ATOMIC_RELAXED))
			return;
	}
	skas_process_end(process);
	platform_params.free(process, block_bytes);
}

/* ---- start --------------------------------------------------------------- */

int skas_process_image(void)
{
	if (image_fd < 0)
		image_fd = host_image("usermode-guest", stub_image, stub_image_end - stub_image);
	return image_fd;
}

static const char *spawn_failed(int err)
{
	switch (err) {
	case -EACCES:
		return "the host lets nobody execute memory files (vm.memfd_noexec)";
	case -EAGAIN:
		return "the host allows no more processes (ulimit -u, or pids of the container)";
	default:
		return NULL;
	}
}

int skas_process_init(const struct skas_driver *driver, unsigned int bytes, const char **why)
{
	struct skas_process *process;
	int err;

	host_wait_init();
	skas_driver = driver;
	skas_shared_bytes = bytes;
	for (block_bytes = PRIVATE_BYTES; block_bytes < PRIVATE_BYTES + bytes; block_bytes *= 2)
		;
	err = skas_process_image();
	if (err < 0) {
		*why = spawn_failed(err) ?: driver->failed(err);
		return err;
	}
	process = alloc_process();
	if (!process) {
		*why = "no guest memory left";
		return -ENOMEM;
	}
	err = driver->start(process);
	if (err) {
		*why = spawn_failed(err) ?: driver->failed(err);
		platform_params.free(process, block_bytes);
		return err;
	}
	skas_process_put(process);
	return 0;
}
