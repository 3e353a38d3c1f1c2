// SPDX-License-Identifier: GPL-2.0
/*
 * reply.c - answers: text cut into packets.
 *
 * A reply belongs to whoever writes it. Packets are sent at once, from whatever
 * context that is; a reader whose queue is full is waited for, but only so long,
 * and then not again before it has read something. What it misses is its own loss.
 *
 * No locks: of each reader who does not read one word is kept, and a wrong one costs a
 * wait or an answer at most. Functions marked notrace run on the server's host thread, too.
 */
#include <linux/delay.h>
#include <linux/kernel.h>
#include <linux/string.h>
#include <linux/time64.h>
#include "mconsole.h"

/* for the reader to take something, ... */
#define PATIENCE_TASK		(5LL * NSEC_PER_SEC)
#define PATIENCE_INTERRUPT	(1LL * NSEC_PER_SEC)
/* ... and for all of an answer: nothing else runs during an interrupt */
#define TOTAL_TASK		(300LL * NSEC_PER_SEC)
#define TOTAL_INTERRUPT		(8LL * NSEC_PER_SEC)
#define NAP			NSEC_PER_MSEC

#define DEAF			16	/* readers that are remembered */

static u64 deaf[DEAF];		/* name_of() those that did not read, by deaf_slot() */

/* a number that is most probably the peer's alone; never 0 */
static notrace u64 name_of(const struct host_dgram_peer *peer)
{
	u64 hash = 0;
	u32 i;

	for (i = 0; i < peer->len; i++)
		hash = (hash ^ peer->address[i]) * 0x100000001b3ULL;
	return hash | 1;
}

static notrace u64 *deaf_slot(u64 name)
{
	return &deaf[(name >> 32) % DEAF];
}

static notrace void be_patient(struct reply *reply)
{
	reply->patience = reply->may_sleep ? PATIENCE_TASK : PATIENCE_INTERRUPT;
}

notrace void reply_begin(struct reply *reply, const struct host_dgram_peer *peer,
			 bool may_sleep)
{
	reply->peer = peer;
	reply->may_sleep = may_sleep;
	reply->total = may_sleep ? TOTAL_TASK : TOTAL_INTERRUPT;
	reply->name = name_of(peer);
	if (READ_ONCE(*deaf_slot(reply->name)) == reply->name)
		reply->patience = 0;
	else
		be_patient(reply);
	reply->gone = false;
	reply->err = 0;
	reply->len = 0;
}

/* until the reader may have taken something, @left ns at most; false: no more patience */
static notrace bool nap(struct reply *reply, s64 *left)
{
	u32 word = 0;

	if (*left <= 0 || reply->total <= 0)
		return false;
	if (reply->may_sleep)
		usleep_range(NAP / NSEC_PER_USEC, 2 * NAP / NSEC_PER_USEC);
	else
		host_futex_wait(&word, 0, NAP);
	*left -= NAP;
	reply->total -= NAP;
	return true;
}

static notrace void send(struct reply *reply, bool more)
{
	struct mconsole_reply packet;
	s64 left = reply->patience;
	ssize_t n;

	if (reply->gone)
		return;
	packet.err = reply->err;
	packet.more = more;
	packet.len = reply->len + 1;
	memcpy(packet.data, reply->text, reply->len);
	packet.data[reply->len] = 0;
	do {
		n = host_dgram_send(mconsole_fd, &packet, MCONSOLE_HEADER + packet.len,
				    reply->peer);
	} while ((n == -EAGAIN && nap(reply, &left)) || n == -EINTR);
	reply->gone = n < 0;
	reply->len = 0;
	if (n == -EAGAIN) {
		WRITE_ONCE(*deaf_slot(reply->name), reply->name);
	} else if (!reply->patience) {
		WRITE_ONCE(*deaf_slot(reply->name), 0);	/* it reads again */
		be_patient(reply);
	}
}

notrace void reply_put(struct reply *reply, const char *text, size_t len)
{
	while (len && !reply->gone) {
		size_t room = MCONSOLE_MAX_DATA - 1 - reply->len;
		size_t n = min(len, room);

		if (!room) {
			send(reply, true);
			continue;
		}
		memcpy(reply->text + reply->len, text, n);
		reply->len += n;
		text += n;
		len -= n;
	}
}

notrace void reply_puts(struct reply *reply, const char *text)
{
	reply_put(reply, text, strlen(text));
}

static void reply_vprintf(struct reply *reply, const char *fmt, va_list args)
{
	char text[MCONSOLE_MAX_DATA];

	reply_put(reply, text, vscnprintf(text, sizeof(text), fmt, args));
}

void reply_printf(struct reply *reply, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	reply_vprintf(reply, fmt, args);
	va_end(args);
}

void reply_fail(struct reply *reply, int err, const char *fmt, ...)
{
	va_list args;

	reply->err = -err;
	va_start(args, fmt);
	reply_vprintf(reply, fmt, args);
	va_end(args);
}

notrace void reply_end(struct reply *reply)
{
	send(reply, false);
	reply->gone = true;
}
