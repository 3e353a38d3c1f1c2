// SPDX-License-Identifier: GPL-2.0
/*
 * event.c - the event thread: one interrupt for each arming.
 */
#include <sys/resource.h>
#include <unistd.h>
#include "harness.h"

enum { LINE_PIPE = 5, LINE_OUT, LINE_HUP, LINE_MANY };

static void test_oneshot(void)
{
	char buf[8];
	int fd[2], file;

	CHECK_EQ(host_pipe(fd), 0);
	CHECK_EQ(host_set_nonblock(fd[0], true), 0);
	CHECK_EQ(host_event_add(fd[0], HOST_EVENT_IN, LINE_PIPE), 0);
	CHECK_EQ(host_event_add(fd[0], HOST_EVENT_IN, LINE_PIPE), -EEXIST);
	usleep(5000);
	CHECK_EQ(irq_count(LINE_PIPE), 0);

	/* once, however much comes in, until armed again */
	CHECK_EQ(host_write(fd[1], "x", 1), 1);
	CHECK(irq_wait(LINE_PIPE, 1, 2000));
	CHECK_EQ(host_write(fd[1], "y", 1), 1);
	usleep(5000);
	CHECK_EQ(irq_count(LINE_PIPE), 1);

	/* arming what is ready still raises it at once */
	CHECK_EQ(host_event_arm(fd[0], HOST_EVENT_IN, LINE_PIPE), 0);
	CHECK(irq_wait(LINE_PIPE, 2, 2000));
	CHECK_EQ(host_read(fd[0], buf, sizeof(buf)), 2);
	CHECK_EQ(host_event_arm(fd[0], HOST_EVENT_IN, LINE_PIPE), 0);
	usleep(5000);
	CHECK_EQ(irq_count(LINE_PIPE), 2);

	/* the other direction, and a hang-up */
	CHECK_EQ(host_event_add(fd[1], HOST_EVENT_OUT, LINE_OUT), 0);
	CHECK(irq_wait(LINE_OUT, 1, 2000));
	CHECK_EQ(host_event_arm(fd[0], HOST_EVENT_IN, LINE_HUP), 0);
	CHECK_EQ(host_event_del(fd[1]), 0);
	CHECK_EQ(host_close(fd[1]), 0);
	CHECK(irq_wait(LINE_HUP, 1, 2000));

	CHECK_EQ(host_event_del(fd[0]), 0);
	CHECK_EQ(host_event_del(fd[0]), -ENOENT);
	CHECK_EQ(host_event_arm(fd[0], HOST_EVENT_IN, LINE_PIPE), -ENOENT);
	CHECK_EQ(host_close(fd[0]), 0);

	file = test_file();
	CHECK_EQ(host_event_add(file, HOST_EVENT_IN, LINE_PIPE), -EPERM);
	CHECK_EQ(host_close(file), 0);
}

/* more descriptors at once than one wait returns */
static void test_many(void)
{
	int fd[100];
	u64 one = 1;
	int i;

	for (i = 0; i < 100; i++) {
		fd[i] = host_eventfd();
		CHECK(fd[i] >= 0);
		CHECK_EQ(host_write(fd[i], &one, 8), 8);
		CHECK_EQ(host_event_add(fd[i], HOST_EVENT_IN, LINE_MANY), 0);
	}
	CHECK(irq_wait(LINE_MANY, 100, 2000));
	usleep(5000);
	CHECK_EQ(irq_count(LINE_MANY), 100);
	for (i = 0; i < 100; i++)
		CHECK_EQ(host_close(fd[i]), 0);
}

/* an idle event thread costs nothing */
static void test_idle(void)
{
	struct rusage a, b;

	getrusage(RUSAGE_SELF, &a);
	usleep(100000);
	getrusage(RUSAGE_SELF, &b);
	CHECK(b.ru_nvcsw - a.ru_nvcsw <= 5);
}

int main(void)
{
	struct resources before;

	test_begin(30);
	CHECK_EQ(host_event_add(0, HOST_EVENT_IN, 0), -EBADF);
	host_event_exit();		/* nothing to stop yet */

	resources_now();
	before = resources_now();
	CHECK_EQ(host_event_init(), 0);
	test_oneshot();
	test_many();
	test_idle();
	host_event_exit();

	/* and again */
	CHECK_EQ(host_event_init(), 0);
	host_event_exit();
	resources_check("event", before);
	return 0;
}
