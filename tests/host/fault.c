// SPDX-License-Identifier: GPL-2.0
/*
 * fault.c - every host call of a scenario is made to fail, one after the other.
 *
 * Scenario by scenario, for N = 1, 2, ... the Nth host call fails, until a run
 * makes fewer than N calls. A run must come back with an error or with the right
 * result, must not hang, and must leave no descriptor, thread or mapping behind.
 */
#include <fcntl.h>
#include <unistd.h>
#include "harness.h"

#define LINE	3

static int pty;

static int run_memory(void)
{
	const int rw = HOST_PROT_READ | HOST_PROT_WRITE;
	int fd = host_memfd("fault", 1 << 20);
	int err;
	long at;

	if (fd < 0)
		return fd;
	at = host_map(NULL, 1 << 20, rw, HOST_MAP_SHARED, fd, 0);
	if (at < 0) {
		host_close(fd);
		return at;
	}
	err = host_protect((void *)at, 1 << 20, HOST_PROT_READ);
	host_unmap((void *)at, 1 << 20);
	host_close(fd);
	return err;
}

static int run_event(void)
{
	u32 irqs = irq_count(LINE);
	u64 one = 1;
	int fd, err;

	err = host_event_init();
	if (err)
		return err;
	fd = host_eventfd();
	if (fd < 0) {
		err = fd;
		goto out;
	}
	err = host_event_add(fd, HOST_EVENT_IN, LINE);
	if (!err) {
		while (host_write(fd, &one, sizeof(one)) == -EINTR)
			;
		CHECK(irq_wait(LINE, irqs + 1, 5000));
		err = host_event_arm(fd, HOST_EVENT_IN, LINE);
		if (!err)
			CHECK(irq_wait(LINE, irqs + 2, 5000));
	}
	host_close(fd);
out:
	host_event_exit();
	return err;
}

static int run_signals(void)
{
	int sig;

	host_signal_hold(HOST_SIGMASK(10));
	sig = host_signal_wait(HOST_SIGMASK(10), 0);
	return sig == -EAGAIN ? 0 : sig;
}

/* all operations are submitted in one go; whatever happens, each comes back once */
static int run_aio(enum host_aio_kind kind)
{
	char in[8] = "", out[8] = "content";
	struct iovec iov[2] = { { out, 8 }, { in, 8 } };
	struct host_aio_req req[] = {
		{ .op = HOST_AIO_WRITE, .iov = &iov[0], .n = 1 },
		{ .op = HOST_AIO_READ, .iov = &iov[1], .n = 1, .pos = 1 << 20 },
		{ .op = HOST_AIO_SYNC },
		{ .op = HOST_AIO_PUNCH, .pos = 4096, .len = 4096 },
	};
	const s64 want[] = { 8, 0, 0, 0 };
	u64 seen = 0, cookie;
	struct host_aio *aio;
	int fd, err, first = 0;
	unsigned int i;
	s64 res;

	err = host_aio_create(4, kind, &aio);
	if (err)
		return err;
	fd = test_file();
	for (i = 0; i < 4; i++) {
		req[i].fd = fd;
		req[i].cookie = i;
		CHECK_EQ(host_aio_submit(aio, &req[i]), 0);
	}
	while ((err = host_aio_flush(aio)))
		first = err;
	while (seen != 15) {
		if (!host_aio_reap(aio, &cookie, &res)) {
			usleep(20);
			continue;
		}
		CHECK(cookie < 4 && !(seen & 1 << cookie));
		seen |= 1 << cookie;
		if (res != want[cookie]) {
			CHECK(res < 0);
			first = res;
		}
	}
	CHECK_EQ(host_aio_destroy(aio), 0);
	host_close(fd);
	return first;
}

static int run_aio_threads(void)
{
	return run_aio(HOST_AIO_THREADS);
}

static int run_aio_uring(void)
{
	return run_aio(HOST_AIO_URING);
}

static int run_aio_best(void)
{
	return run_aio(HOST_AIO_BEST);
}

static int run_timer(void)
{
	int id = host_timer_create();
	int err;

	if (id < 0)
		return id;
	err = host_timer_set(id, host_monotonic_ns() + 1000000000000);
	host_timer_delete(id);
	return err;
}

static int run_tty(void)
{
	int err = host_tty_raw(pty);

	host_tty_restore();
	host_tty_release(pty);
	return err;
}

static int run_random(void)
{
	char buf[1000];

	return host_random(buf, sizeof(buf));
}

static int run_pin(void)
{
	int err = host_pin(0, 0);
	int back = host_pin(0, -1);

	return err ? err : back;
}

static const struct scenario {
	const char *name;
	int (*run)(void);
} scenarios[] = {
	{ "memory", run_memory },
	{ "event", run_event },
	{ "signals", run_signals },
	{ "aio threads", run_aio_threads },
	{ "aio io_uring", run_aio_uring },
	{ "aio best", run_aio_best },
	{ "timer", run_timer },
	{ "tty", run_tty },
	{ "random", run_random },
	{ "pin", run_pin },
};

static void run_scenario(const struct scenario *s, bool again)
{
	unsigned int n, errors = 0, misses = 0;
	struct resources before;
	int err;

	err = s->run();			/* warms up, and proves that it works */
	if (err) {
		printf("SKIP: %s: %s\n", s->name, strerror(-err));
		return;
	}
	resources_now();
	before = resources_now();
	/* threads share the count: one run without a fault may be luck, three are not */
	for (n = 1; misses < 3; n++) {
		fault_arm(n, again);
		err = s->run();
		if (!fault_disarm()) {
			CHECK_EQ(err, 0);
			misses++;
		}
		CHECK(err <= 0);
		errors += err < 0;
		resources_check(s->name, before);
	}
	CHECK_EQ(s->run(), 0);
	printf("%s: %u host calls failed, %u errors seen\n", s->name, n - 4, errors);
	CHECK(n > 4);
}

int main(void)
{
	unsigned int i;

	test_begin(60);
	pty = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	CHECK(pty >= 0);
	for (i = 0; i < ARRAY_SIZE(scenarios); i++) {
		run_scenario(&scenarios[i], false);
		run_scenario(&scenarios[i], true);
	}
	return 0;
}
