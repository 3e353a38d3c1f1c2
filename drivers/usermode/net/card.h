/* SPDX-License-Identifier: GPL-2.0 */
/*
 * card.h - the front end's own: a network device, its queues.
 *
 * A card is created with its link open. Its queues run while the interface is up
 * and the link is; when the far side has gone the carrier is lost, and work in a
 * process opens the link again, as often as it takes.
 *
 * Locks: rtnl_lock for the card's state, and for opening and closing the link
 * once there is a device. A queue's sending half belongs to whoever holds the
 * transmit lock of the netdev queue, its receiving half to the NAPI instance.
 * Only the NAPI instance arms the queue's descriptor.
 */
#ifndef __USERMODE_NET_CARD_H
#define __USERMODE_NET_CARD_H

#include <linux/netdevice.h>
#include <linux/skbuff.h>
#include <linux/timer.h>
#include <linux/uio.h>
#include <linux/workqueue.h>
#include <asm/host_net.h>
#include "net.h"

struct net_card;

/**
 * struct net_slot - a device that the user asked for
 * @name:	"eth0"
 * @typed:	the setting as it was given, what stands behind the separator
 * @words:	the same, cut up; @setting points into it
 * @setting:	setting.backend is NULL where there is no device
 * @link:	open as long as there is one
 * @card:	the device; NULL before device_initcall, and where it failed
 */
struct net_slot {
	char name[IFNAMSIZ];
	char typed[NET_TEXT], words[NET_TEXT];
	struct net_setting setting;
	struct net_link link;
	struct net_card *card;
};

#define NET_TX_VECTORS	(MAX_SKB_FRAGS + 2)	/* head, linear part, fragments */

/**
 * struct net_tx - the sending half of a queue
 * @first:	the first message that is not sent yet
 * @n:		behind the last one
 * @stalled:	the host had no room; the netdev queue is stopped
 */
struct net_tx {
	unsigned int first, n;
	bool stalled;
	u64 packets, bytes, dropped, errors, calls, stalls;
	struct sk_buff *skb[NET_BATCH];
	struct host_message message[NET_BATCH];
	struct iovec iov[NET_BATCH][NET_TX_VECTORS];
	u8 head[NET_BATCH][NET_HEAD];
};

#define NET_RX_LINEAR	1600	/* bytes of a frame in its buffer; the rest is in pages */
#define NET_RX_PAGES	DIV_ROUND_UP(NET_FRAME_MAX + NET_ETH_HEAD - NET_RX_LINEAR, PAGE_SIZE)
#define NET_RX_VECTORS	(NET_RX_PAGES + 2)	/* head, buffer, pages */

/**
 * struct net_rx - the receiving half of a queue
 * @pool:	where buffers and pages come from
 * @slots:	messages in use, 1 to NET_BATCH
 * @pages:	of each, behind its buffer
 * @room:	bytes before a frame in its buffer
 * @truesize:	bytes of a buffer
 */
struct net_rx {
	struct page_pool *pool;
	unsigned int slots, pages, room, truesize;
	u64 packets, bytes, dropped, length_errors, calls;
	void *buffer[NET_BATCH];
	struct page *page[NET_BATCH][NET_RX_PAGES];
	struct host_message message[NET_BATCH];
	struct iovec iov[NET_BATCH][NET_RX_VECTORS];
	u8 head[NET_BATCH][NET_HEAD];
};

/**
 * struct net_queue - frames to and from one descriptor
 * @card:	whose
 * @index:	in the card and in the link
 * @irq:	the descriptor is ready
 * @retry:	polls again when there was no memory
 * @armed:	the events that will interrupt; 0: none. Of the NAPI instance, and
 *		cleared by the interrupt
 * @answer:	frames were sent, and the answer may be there already
 * @eager:	how often to look for that again though there was none
 * @bursts:	that were sent without looking
 */
struct net_queue {
	struct net_card *card;
	unsigned int index;
	int irq;
	struct napi_struct napi;
	struct timer_list retry;
	int armed;
	bool answer;
	u8 eager, bursts;
	struct net_tx tx;
	struct net_rx rx;
};

/**
 * struct net_card - a network device
 * @control_irq: link.control has something to say; 0: there is no such descriptor
 * @running:	the queues run
 * @lost:	the far side has gone; set in softirq, cleared under rtnl_lock
 * @told:	the user knows
 * @revive:	opens the link again
 * @losses:	how often it was lost
 * @queue:	link.queues of them
 */
struct net_card {
	struct net_slot *slot;
	struct net_device *dev;
	int control_irq;
	bool running, lost, told;
	struct delayed_work revive;
	u64 losses;
	struct net_queue *queue;
	unsigned int queues;
};

/* device.c. Process context, may sleep; 0 or -errno */
int net_card_create(struct net_slot *slot);
void net_card_destroy(struct net_slot *slot);
/* the far side has gone. Any context but hard interrupts */
void net_card_lost(struct net_card *card);

#define NET_EAGER	8	/* misses until a queue looks for answers seldom only */

/* queue_tx.c */
netdev_tx_t net_start_xmit(struct sk_buff *skb, struct net_device *dev);
/* NAPI: try again what the host had no room for */
void net_tx_retry(struct net_queue *queue);
/* forget what was not sent; the queue does not run */
void net_tx_drop(struct net_queue *queue);

/* queue_rx.c: frames that were received, up to @budget; -ENOMEM */
int net_rx_open(struct net_queue *queue);
void net_rx_close(struct net_queue *queue);
int net_rx_poll(struct net_queue *queue, int budget);

/* ethtool.c */
extern const struct ethtool_ops net_ethtool_ops;

#endif
