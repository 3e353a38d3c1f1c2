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
unsigned int skas_stub_bytes = sizeof(struct stub_page);

static int image_fd = -1;
static struct stub_page *idle[PLATFORM_VCPUS][IDLE_MAX];
static struct stub_page *alive;		/* all that have a host process */

/* ---- those that live ------------------------------------------------------ */

void skas_process_born(struct stub_page *stub, int pid)
{
	stub->pid = pid;
	stub->maps = 0;
	stub->prev = NULL;
	stub->next = alive;
	if (alive)
		alive->prev = stub;
	alive = stub;
}

static void note_dead(struct stub_page *stub)
{
	if (stub->next)
		stub->next->prev = stub->prev;
	if (stub->prev)
		stub->prev->next = stub->next;
	else
		alive = stub->next;
	/* its number may belong to somebody else from now on */
	stub->pid = 0;
	if (stub->listener)
		host_close(stub->listener);
	stub->listener = 0;
}

int skas_process_wait(struct stub_page *stub)
{
	int status = 0;
	int ret;

	do {
		ret = host_wait(stub->pid, &status, HOST_WAIT_ALL);
	} while (ret == -EINTR);
	if (ret > 0 && (status & 0xff) == 0x7f)
		return status >> 8;
	note_dead(stub);
	return -ESRCH;
}

void skas_process_check(struct stub_page *stub)
{
	int status;

	/* that it is stopped was told before: now there is only its death to tell */
	if (host_wait(stub->pid, &status, HOST_WAIT_ALL | WNOHANG))
		note_dead(stub);
}

void skas_process_continue(struct stub_page *stub)
{
	int status;

	/* 0: nothing to tell; its death is told again to who asks */
	if (host_wait(stub->pid, &status, HOST_WAIT_ALL | WNOHANG | WUNTRACED) <= 0)
		return;
	if ((status & 0xff) == 0x7f)
		host_kill(stub->pid, SIGCONT);
	else
		note_dead(stub);
}

void skas_process_end(struct stub_page *stub)
{
	if (!stub->pid)
		return;
	host_kill(stub->pid, SIGKILL);
	while (skas_process_wait(stub) >= 0)
		;
}

void skas_process_end_all(void)
{
	while (alive)
		skas_process_end(alive);
}

/* ---- lists of calls ------------------------------------------------------ */

void skas_process_call(struct stub_page *stub, unsigned int *n, u64 nr, u64 a, u64 b, u64 c,
		       u64 d, u64 e, u64 f, u64 want)
{
	stub->calls[(*n)++] = (struct stub_call) { nr, { a, b, c, d, e, f }, want };
}

void skas_process_clean(struct stub_page *stub, unsigned int *n, unsigned long name)
{
	unsigned long end = STUB_PAGE + skas_stub_bytes;

	skas_process_call(stub, n, __NR_munmap, 0, STUB_START, 0, 0, 0, 0, 0);
	/*
	 * The host's vDSO may be sealed (Linux 6.16). What cannot go may stay: it
	 * lies above all that the guest knows, and calls from there are caught.
	 */
	skas_process_call(stub, n, __NR_munmap, end, HOST_END - end, 0, 0, 0, 0, STUB_ANY);
	skas_process_call(stub, n, __NR_prctl, PR_SET_NAME, name, 0, 0, 0, 0, STUB_ANY);
	/* lets guest code use AMX, where the host has it */
	skas_process_call(stub, n, __NR_arch_prctl, REQ_XCOMP_PERM, XFEATURE_TILES, 0, 0, 0, 0,
			  STUB_ANY);
}

/* ---- the idle ones ------------------------------------------------------- */

struct stub_page *skas_process_get(void)
{
	struct stub_page **slot = idle[platform_vcpu_nr()];
	struct stub_page *stub;
	int i;

	for (i = 0; i < IDLE_MAX; i++) {
		stub = __atomic_exchange_n(&slot[i], NULL, __ATOMIC_ACQ_REL);
		if (stub)
			return stub;
	}
	return platform_params.alloc(skas_stub_bytes);
}

void skas_process_put(struct stub_page *stub)
{
	struct stub_page **slot = idle[platform_vcpu_nr()];
	struct stub_page *none;
	int i;

	for (i = 0; i < IDLE_MAX && stub->pid && stub->maps <= IDLE_MAPS; i++) {
		none = NULL;
		if (__atomic_compare_exchange_n(&slot[i], &none, stub, false, __ATOMIC_ACQ_REL,
						__ATOMIC_RELAXED))
			return;
	}
	skas_process_end(stub);
	platform_params.free(stub, skas_stub_bytes);
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
	struct stub_page *stub;
	int err;

	host_wait_init();
	skas_driver = driver;
	skas_stub_bytes = bytes;
	err = skas_process_image();
	if (err < 0) {
		*why = spawn_failed(err) ?: driver->failed(err);
		return err;
	}
	stub = platform_params.alloc(bytes);
	if (!stub) {
		*why = "no guest memory left";
		return -ENOMEM;
	}
	err = driver->start(stub);
	if (err) {
		*why = spawn_failed(err) ?: driver->failed(err);
		platform_params.free(stub, bytes);
		return err;
	}
	skas_process_put(stub);
	return 0;
}
