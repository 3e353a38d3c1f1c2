// SPDX-License-Identifier: GPL-2.0
/*
 * queue_tx.c - frames to the host.
 *
 * Frames that the stack says more will follow are gathered, and a burst goes out
 * in one host call, from the pages where the stack has them. What the host has
 * no room for stays here, the netdev queue stops, and the NAPI instance goes on
 * when the descriptor is ready. Nobody waits.
 *
 * Runs with the netdev queue's transmit lock held, in softirq context.
 */
#include <linux/etherdevice.h>
#include <linux/virtio_net.h>
#include "card.h"

static struct netdev_queue *txq_of(struct net_queue *queue)
{
	return netdev_get_tx_queue(queue->card->dev, queue->index);
}

/* ---- what was sent, or is given up ---- */

static void finish(struct net_queue *queue, unsigned int n, bool sent)
{
	struct net_tx *tx = &queue->tx;
	unsigned int bytes = 0, i;

	for (i = tx->first; i < tx->first + n; i++) {
		struct sk_buff *skb = tx->skb[i];

		bytes += skb->len;
		if (sent)
			dev_consume_skb_any(skb);
		else
			dev_kfree_skb_any(skb);
	}
	tx->first += n;
	if (tx->first == tx->n) {
		tx->first = 0;
		tx->n = 0;
	}
	if (sent) {
		tx->packets += n;
		tx->bytes += bytes;
	}
	netdev_tx_completed_queue(txq_of(queue), n, bytes);
}

/* send what is there: false if the host has no room for some of it */
static bool flush(struct net_queue *queue)
{
	struct net_slot *slot = queue->card->slot;
	struct net_tx *tx = &queue->tx;
	int ret;

	while (tx->n) {
		ret = -EPIPE;
		if (!READ_ONCE(queue->card->lost)) {
			ret = slot->setting.backend->send(&slot->link, queue->index,
							  tx->message + tx->first,
							  min(tx->n - tx->first,
							      slot->setting.batch));
			tx->calls++;
		}
		if (ret > 0) {
			finish(queue, ret, true);
		} else if (ret == -EAGAIN) {
			return false;
		} else if (ret == -EPIPE) {
			tx->dropped += tx->n - tx->first;
			finish(queue, tx->n - tx->first, false);
			net_card_lost(queue->card);
		} else {
			tx->errors++;
			finish(queue, 1, false);
		}
	}
	return true;
}

void net_tx_drop(struct net_queue *queue)
{
	struct net_tx *tx = &queue->tx;

	tx->dropped += tx->n - tx->first;
	if (tx->n)
		finish(queue, tx->n - tx->first, false);
	tx->stalled = false;
	netdev_tx_reset_queue(txq_of(queue));
}

/* ---- one frame ---- */

/* the host sees the kernel's memory at the kernel's addresses: nothing is copied */
static void add_vector(struct host_message *message, void *at, unsigned int len)
{
	struct iovec *iov = message->iov + message->n++;

	iov->iov_base = (void __user *)at;
	iov->iov_len = len;
}

static bool describe(struct net_queue *queue, struct sk_buff *skb)
{
	const struct net_link *link = &queue->card->slot->link;
	struct net_tx *tx = &queue->tx;
	struct host_message *message = tx->message + tx->n;
	u8 *head = tx->head[tx->n];
	unsigned int i;

	if (link->vnet && virtio_net_hdr_from_skb(skb, (struct virtio_net_hdr *)head,
						  virtio_legacy_is_little_endian(), false, 0))
		return false;
	message->iov = tx->iov[tx->n];
	message->n = 0;
	if (link->head_tx)
		add_vector(message, head, link->head_tx);
	if (skb_headlen(skb))
		add_vector(message, skb->data, skb_headlen(skb));
	for (i = 0; i < skb_shinfo(skb)->nr_frags; i++) {
		const skb_frag_t *frag = &skb_shinfo(skb)->frags[i];

		add_vector(message, skb_frag_address(frag), skb_frag_size(frag));
	}
	tx->skb[tx->n++] = skb;
	return true;
}

/*
 * The host's own stack answers before the call that sends has returned. So whoever
 * has had answers looks at once, and need not be interrupted for them, which would
 * wake two threads of the host; whoever has had none tries again every 256 bursts.
 */
static bool expects_answer(struct net_queue *queue)
{
	return queue->eager || !++queue->bursts;
}

/* the NAPI instance will arm it again */
static void disarm(struct net_queue *queue)
{
	if (!READ_ONCE(queue->armed))
		return;
	WRITE_ONCE(queue->armed, 0);
	host_event_arm(queue->card->slot->link.fd[queue->index], 0, queue->irq);
}

netdev_tx_t net_start_xmit(struct sk_buff *skb, struct net_device *dev)
{
	struct net_card *card = *(struct net_card **)netdev_priv(dev);
	struct net_queue *queue = &card->queue[skb_get_queue_mapping(skb)];
	struct netdev_queue *txq = txq_of(queue);
	struct net_tx *tx = &queue->tx;
	bool now, look;

	if (WARN_ON_ONCE(tx->n == NET_BATCH)) {
		netif_tx_stop_queue(txq);
		return NETDEV_TX_BUSY;
	}
	skb_tx_timestamp(skb);
	now = __netdev_tx_sent_queue(txq, skb->len, netdev_xmit_more());
	if (!describe(queue, skb)) {
		tx->errors++;
		netdev_tx_completed_queue(txq, 1, skb->len);
		dev_kfree_skb_any(skb);
	}
	if (tx->stalled || (!now && tx->n < NET_BATCH))
		return NETDEV_TX_OK;
	look = expects_answer(queue);
	if (look)
		disarm(queue);
	if (!flush(queue)) {
		tx->stalled = true;
		tx->stalls++;
		netif_tx_stop_queue(txq);
	}
	/* who has the descriptor watched, too */
	if (look)
		queue->answer = true;
	if (look || tx->stalled)
		napi_schedule(&queue->napi);
	return NETDEV_TX_OK;
}

void net_tx_retry(struct net_queue *queue)
{
	struct netdev_queue *txq = txq_of(queue);

	if (!READ_ONCE(queue->tx.stalled))
		return;
	__netif_tx_lock(txq, smp_processor_id());
	if (queue->tx.stalled && flush(queue)) {
		queue->tx.stalled = false;
		netif_tx_wake_queue(txq);
	}
	__netif_tx_unlock(txq);
}
