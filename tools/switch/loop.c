// SPDX-License-Identifier: GPL-2.0
/* loop.c - descriptors and the time. Owns an epoll set. */
#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <time.h>
#include "switch.h"

#define EVENTS	64

static int set = -1;
static bool stopped;
static uint64_t now;

static uint64_t read_clock(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000ULL + t.tv_nsec;
}

uint64_t now_ns(void)
{
	return now;
}

void loop_init(void)
{
	set = epoll_create1(EPOLL_CLOEXEC);
	if (set < 0)
		abort();
	now = read_clock();
}

int watch_add(struct watch *watch)
{
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = watch };

	return epoll_ctl(set, EPOLL_CTL_ADD, watch->fd, &event) ? -errno : 0;
}

void watch_del(struct watch *watch)
{
	epoll_ctl(set, EPOLL_CTL_DEL, watch->fd, NULL);
}

void loop_stop(void)
{
	stopped = true;
}

void loop_run(uint64_t (*round)(void))
{
	struct epoll_event events[EVENTS];
	struct timespec wait;
	uint64_t next;
	int i, n;

	while (!stopped) {
		next = round();
		now = read_clock();
		next = next > now ? next - now : !!next;
		wait.tv_sec = next / 1000000000;
		wait.tv_nsec = next % 1000000000;
		n = epoll_pwait2(set, events, EVENTS, next ? &wait : NULL, NULL);
		now = read_clock();
		/* nobody is freed before the round, so the pointers hold */
		for (i = 0; i < n; i++) {
			struct watch *watch = events[i].data.ptr;

			watch->ready(watch);
		}
	}
}
