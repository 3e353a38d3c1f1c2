// SPDX-License-Identifier: GPL-2.0
/*
 * queue_rx.c - frames from the host.
 *
 * A burst is received in one host call, straight into the memory that the stack
 * will have it in: a buffer for the first part of a frame, which is all of a
 * small one, and pages for the rest where frames may be long. What a frame did
 * not fill stays for the next.
 *
 * Runs in the queue's NAPI instance; opening and closing in a process, while
 * that does not run.
 */
#include <linux/etherdevice.h>
#include <linux/virtio_net.h>
#include <net/page_pool/helpers.h>
#include "card.h"

#define PAGES_TOTAL	512	/* of all slots of a queue; 2 MiB */
#define SLOTS_LEAST	8

/* ---- memory for frames ---- */

static bool fill_slot(struct net_rx *rx, unsigned int i)
{
	struct iovec *iov = rx->message[i].iov + rx->message[i].n - rx->pages - 1;
	unsigned int size = rx->truesize;
	unsigned int p;

	if (!rx->buffer[i]) {
		rx->buffer[i] = page_pool_dev_alloc_va(rx->pool, &size);
		if (!rx->buffer[i])
			return false;
		iov->iov_base = (void __user *)rx->buffer[i] + rx->room;
	}
	for (p = 0; p < rx->pages; p++) {
		if (rx->page[i][p])
			continue;
		rx->page[i][p] = page_pool_dev_alloc_pages(rx->pool);
		if (!rx->page[i][p])
			return false;
		iov[p + 1].iov_base = (void __user *)page_address(rx->page[i][p]);
	}
	return true;
}

static void empty_slot(struct net_rx *rx, unsigned int i)
{
	unsigned int p;

	if (rx->buffer[i])
		page_pool_free_va(rx->pool, rx->buffer[i], false);
	rx->buffer[i] = NULL;
	for (p = 0; p < rx->pages; p++) {
		if (rx->page[i][p])
			page_pool_put_full_page(rx->pool, rx->page[i][p], false);
		rx->page[i][p] = NULL;
	}
}

/* the vectors' lengths never change; their addresses come with each filling */
static void init_slot(struct net_rx *rx, unsigned int i, unsigned int head)
{
	struct host_message *message = &rx->message[i];
	struct iovec *iov = rx->iov[i];
	unsigned int p;

	*message = (struct host_message){ .iov = iov };
	if (head) {
		iov[0].iov_base = (void __user *)rx->head[i];
		iov[0].iov_len = head;
		message->n++;
	}
	iov[message->n++].iov_len = NET_RX_LINEAR;
	for (p = 0; p < rx->pages; p++)
		iov[message->n++].iov_len = PAGE_SIZE;
}

int net_rx_open(struct net_queue *queue)
{
	const struct net_slot *slot = queue->card->slot;
	struct net_device *dev = queue->card->dev;
	struct page_pool_params params = {
		.pool_size = 1024,
		.nid = NUMA_NO_NODE,
		.napi = &queue->napi,
		.netdev = dev,
	};
	struct net_rx *rx = &queue->rx;
	unsigned int frame = slot->link.vnet ? NET_FRAME_MAX : dev->mtu;
	unsigned int i;

	frame = min_t(unsigned int, frame + NET_ETH_HEAD, NET_FRAME_MAX + NET_ETH_HEAD);
	rx->pages = frame > NET_RX_LINEAR ? DIV_ROUND_UP(frame - NET_RX_LINEAR, PAGE_SIZE) : 0;
	rx->slots = slot->setting.batch;
	if (rx->pages)
		rx->slots = min(rx->slots, max(PAGES_TOTAL / rx->pages, SLOTS_LEAST));
	rx->room = NET_SKB_PAD + NET_IP_ALIGN + slot->setting.headroom;
	rx->truesize = SKB_HEAD_ALIGN(rx->room + NET_RX_LINEAR);
	rx->pool = page_pool_create(&params);
	if (IS_ERR(rx->pool))
		return PTR_ERR(rx->pool);
	for (i = 0; i < rx->slots; i++)
		init_slot(rx, i, slot->link.head_rx);
	return 0;
}

void net_rx_close(struct net_queue *queue)
{
	struct net_rx *rx = &queue->rx;
	unsigned int i;

	for (i = 0; i < rx->slots; i++)
		empty_slot(rx, i);
	page_pool_destroy(rx->pool);
}

/* ---- frames ---- */

static void attach_pages(struct net_rx *rx, unsigned int i, struct sk_buff *skb, unsigned int left)
{
	unsigned int p, n;

	for (p = 0; left; p++) {
		n = min_t(unsigned int, left, PAGE_SIZE);
		skb_add_rx_frag(skb, p, rx->page[i][p], 0, n, PAGE_SIZE);
		rx->page[i][p] = NULL;
		left -= n;
	}
}

/* the frame of @len bytes in slot @i, which loses what it had of memory for it */
static struct sk_buff *take_frame(struct net_rx *rx, unsigned int i, unsigned int len)
{
	unsigned int linear = min_t(unsigned int, len, NET_RX_LINEAR);
	struct sk_buff *skb = napi_build_skb(rx->buffer[i], rx->truesize);

	if (!skb)
		return NULL;
	rx->buffer[i] = NULL;
	skb_mark_for_recycle(skb);
	skb_reserve(skb, rx->room);
	skb_put(skb, linear);
	attach_pages(rx, i, skb, len - linear);
	return skb;
}

static bool apply_header(struct sk_buff *skb, const struct virtio_net_hdr *hdr)
{
	if (hdr->flags & VIRTIO_NET_HDR_F_DATA_VALID)
		skb->ip_summed = CHECKSUM_UNNECESSARY;
	return !virtio_net_hdr_to_skb(skb, hdr, virtio_legacy_is_little_endian());
}

/* false: neither of the two that there are on a line without headers */
static bool find_protocol(struct sk_buff *skb, struct net_device *dev)
{
	unsigned int version = skb->data[0] >> 4;

	if (version != 4 && version != 6)
		return false;
	skb_reset_mac_header(skb);
	skb->protocol = version == 4 ? htons(ETH_P_IP) : htons(ETH_P_IPV6);
	skb->dev = dev;
	return true;
}

static void receive_frame(struct net_queue *queue, unsigned int i)
{
	const struct net_link *link = &queue->card->slot->link;
	const struct host_message *message = &queue->rx.message[i];
	unsigned int least = link->ip_only ? 1 : ETH_HLEN;
	struct net_rx *rx = &queue->rx;
	struct sk_buff *skb;
	unsigned int len;

	len = message->len - link->head_rx;
	if (message->len < link->head_rx + least || message->flags & HOST_MESSAGE_CUT ||
	    len > NET_RX_LINEAR + rx->pages * PAGE_SIZE) {
		rx->length_errors++;
		return;
	}
	skb = take_frame(rx, i, len);
	if (!skb) {
		rx->dropped++;
		return;
	}
	rx->packets++;
	rx->bytes += len;
	if (link->vnet && !apply_header(skb, (struct virtio_net_hdr *)rx->head[i])) {
		rx->dropped++;
		dev_kfree_skb_any(skb);
		return;
	}
	if (link->ip_only && !find_protocol(skb, queue->card->dev)) {
		rx->length_errors++;
		dev_kfree_skb_any(skb);
		return;
	}
	skb_record_rx_queue(skb, queue->index);
	if (!link->ip_only)
		skb->protocol = eth_type_trans(skb, queue->card->dev);
	napi_gro_receive(&queue->napi, skb);
}

/* one host call: the number of messages that it filled, of @n at most */
static int receive_burst(struct net_queue *queue, unsigned int n)
{
	struct net_slot *slot = queue->card->slot;
	struct net_rx *rx = &queue->rx;
	unsigned int ready;
	int i, ret;

	for (ready = 0; ready < n; ready++)
		if (!fill_slot(rx, ready))
			break;
	if (!ready)
		return -ENOMEM;
	ret = slot->setting.backend->receive(&slot->link, queue->index, rx->message, ready);
	rx->calls++;
	for (i = 0; i < ret; i++)
		if (rx->message[i].len)
			receive_frame(queue, i);
	return ret;
}

int net_rx_poll(struct net_queue *queue, int budget)
{
	unsigned int slots = queue->rx.slots;
	int done = 0, n, ret;

	while (done < budget && !READ_ONCE(queue->card->lost)) {
		n = min_t(int, budget - done, slots);
		ret = receive_burst(queue, n);
		if (ret == -EPIPE)
			net_card_lost(queue->card);
		if (ret == -ENOMEM && !done)
			return -ENOMEM;
		if (ret <= 0)
			break;
		done += ret;
		/* fewer than there was room for: the host has no more now */
		if (ret < n)
			break;
	}
	return done;
}
