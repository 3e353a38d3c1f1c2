// SPDX-License-Identifier: GPL-2.0
/*
 * device.c - front end of eth<n> and vec<n>: the network device and its life.
 *
 * Owns the cards. The carrier follows the link: it is there as long as the
 * backend is open, whether or not the interface is up. See card.h for locks.
 */
#define pr_fmt(fmt) "net: " fmt

#include <linux/etherdevice.h>
#include <linux/if_arp.h>
#include <linux/interrupt.h>
#include <linux/rtnetlink.h>
#include <linux/siphash.h>
#include <asm/irq.h>
#include <asm/umid.h>
#include "card.h"

#define REVIVE_AFTER	msecs_to_jiffies(200)
#define REVIVE_AGAIN	HZ
#define MEMORY_AGAIN	msecs_to_jiffies(10)

static struct net_card *card_of(struct net_device *dev)
{
	return *(struct net_card **)netdev_priv(dev);
}

/* ---- events ---- */

static void arm(struct net_queue *queue)
{
	const struct net_link *link = &queue->card->slot->link;
	int events = HOST_EVENT_IN;

	if (READ_ONCE(queue->tx.stalled) && !link->rings_for_room)
		events |= HOST_EVENT_OUT;
	host_event_arm(link->fd[queue->index], events, queue->irq);
}

static int net_poll(struct napi_struct *napi, int budget)
{
	struct net_queue *queue = container_of(napi, struct net_queue, napi);
	int done;

	net_tx_retry(queue);
	if (!budget)
		return 0;
	done = net_rx_poll(queue, budget);
	if (done >= budget)
		return done;
	/* what told us of frames may have told us of room */
	if (queue->card->slot->link.rings_for_room)
		net_tx_retry(queue);
	if (done == -ENOMEM) {
		napi_complete_done(napi, 0);
		mod_timer(&queue->retry, jiffies + MEMORY_AGAIN);
		return 0;
	}
	if (napi_complete_done(napi, done) && !READ_ONCE(queue->card->lost))
		arm(queue);
	return done;
}

static irqreturn_t queue_interrupt(int irq, void *data)
{
	struct net_queue *queue = data;

	napi_schedule(&queue->napi);
	return IRQ_HANDLED;
}

static void retry_poll(struct timer_list *timer)
{
	struct net_queue *queue = from_timer(queue, timer, retry);

	napi_schedule(&queue->napi);
}

static irqreturn_t control_interrupt(int irq, void *data)
{
	struct net_card *card = data;
	struct net_slot *slot = card->slot;

	if (slot->setting.backend->lost(&slot->link))
		net_card_lost(card);
	else
		host_event_arm(slot->link.control, HOST_EVENT_IN, irq);
	return IRQ_HANDLED;
}

/* ---- queues run and stop ---- */

static void stop_queue(struct net_queue *queue)
{
	host_event_del(queue->card->slot->link.fd[queue->index]);
	timer_delete_sync(&queue->retry);
	napi_disable(&queue->napi);
	net_tx_drop(queue);
	net_rx_close(queue);
}

static int start_queue(struct net_queue *queue)
{
	int err = net_rx_open(queue);

	if (err)
		return err;
	napi_enable(&queue->napi);
	err = host_event_add(queue->card->slot->link.fd[queue->index], HOST_EVENT_IN, queue->irq);
	if (err) {
		napi_disable(&queue->napi);
		net_rx_close(queue);
		return err;
	}
	/* what came while it was down is told of no more */
	if (queue->card->slot->link.rings_for_room)
		mod_timer(&queue->retry, jiffies);
	return 0;
}

static void stop_card(struct net_card *card)
{
	unsigned int q;

	if (!card->running)
		return;
	card->running = false;
	netif_tx_disable(card->dev);
	if (card->control_irq)
		host_event_del(card->slot->link.control);
	for (q = 0; q < card->queues; q++)
		stop_queue(&card->queue[q]);
}

static int start_card(struct net_card *card)
{
	unsigned int q;
	int err = 0;

	for (q = 0; q < card->queues && !err; q++)
		err = start_queue(&card->queue[q]);
	if (!err && card->control_irq)
		err = host_event_add(card->slot->link.control, HOST_EVENT_IN, card->control_irq);
	if (err) {
		while (q-- > 1)
			stop_queue(&card->queue[q - 1]);
		return err;
	}
	card->running = true;
	netif_tx_start_all_queues(card->dev);
	return 0;
}

/* ---- the link is lost and found ---- */

void net_card_lost(struct net_card *card)
{
	if (xchg(&card->lost, true))
		return;
	card->losses++;
	netif_carrier_off(card->dev);
	schedule_delayed_work(&card->revive, card->slot->setting.backend->once ? 0 : REVIVE_AFTER);
}

static void tell(struct net_card *card, const char *reason)
{
	if (!card->told)
		netdev_warn(card->dev, "the far side has gone; %s\n", reason);
	card->told = true;
}

/* true: the link is open again */
static bool reopen(struct net_card *card)
{
	struct net_slot *slot = card->slot;
	char why[200];
	int err;

	slot->setting.backend->close(&slot->link);
	err = slot->setting.backend->open(&slot->link, why, sizeof(why));
	if (err) {
		tell(card, why);
		return false;
	}
	card->lost = false;
	card->told = false;
	netdev_info(card->dev, "connected again\n");
	netif_carrier_on(card->dev);
	return true;
}

static void revive(struct work_struct *work)
{
	struct net_card *card = container_of(to_delayed_work(work), struct net_card, revive);

	if (card->slot->setting.backend->once) {
		tell(card, "the link stays down");
		return;
	}
	rtnl_lock();
	stop_card(card);
	if (!reopen(card))
		schedule_delayed_work(&card->revive, REVIVE_AGAIN);
	else if (netif_running(card->dev) && start_card(card))
		netdev_err(card->dev, "does not start again\n");
	rtnl_unlock();
}

/* ---- the network device ---- */

static int net_open(struct net_device *dev)
{
	struct net_card *card = card_of(dev);

	/* the work starts it when the link is there */
	return card->lost ? 0 : start_card(card);
}

static int net_stop(struct net_device *dev)
{
	stop_card(card_of(dev));
	return 0;
}

static int net_change_mtu(struct net_device *dev, int mtu)
{
	struct net_card *card = card_of(dev);
	bool running = card->running;

	/* the memory for frames depends on it */
	stop_card(card);
	WRITE_ONCE(dev->mtu, mtu);
	return running ? start_card(card) : 0;
}

static void net_get_stats64(struct net_device *dev, struct rtnl_link_stats64 *stats)
{
	struct net_card *card = card_of(dev);
	unsigned int q;

	for (q = 0; q < card->queues; q++) {
		const struct net_tx *tx = &card->queue[q].tx;
		const struct net_rx *rx = &card->queue[q].rx;

		stats->tx_packets += tx->packets;
		stats->tx_bytes += tx->bytes;
		stats->tx_dropped += tx->dropped;
		stats->tx_errors += tx->errors;
		stats->rx_packets += rx->packets;
		stats->rx_bytes += rx->bytes;
		stats->rx_dropped += rx->dropped;
		stats->rx_length_errors += rx->length_errors;
		stats->rx_errors += rx->length_errors;
	}
}

static const struct net_device_ops net_ops = {
	.ndo_open		= net_open,
	.ndo_stop		= net_stop,
	.ndo_start_xmit		= net_start_xmit,
	.ndo_change_mtu		= net_change_mtu,
	.ndo_get_stats64	= net_get_stats64,
	.ndo_set_mac_address	= eth_mac_addr,
	.ndo_validate_addr	= eth_validate_addr,
};

/* ---- create and destroy ---- */

/* the same machine has the same addresses every day */
static void set_address(struct net_card *card)
{
	static const siphash_key_t key = { { 0x75736572, 0x6d6f6465 } };
	const struct net_setting *setting = &card->slot->setting;
	char name[UMID_MAX + IFNAMSIZ + 1];
	u8 mac[ETH_ALEN];
	u64 hash;

	if (setting->has_mac) {
		eth_hw_addr_set(card->dev, setting->mac);
		return;
	}
	snprintf(name, sizeof(name), "%s/%s", umid_name(), card->slot->name);
	hash = siphash(name, strlen(name), &key);
	memcpy(mac, &hash, sizeof(mac));
	mac[0] = (mac[0] & ~1) | 2;		/* one device's, of local administration */
	eth_hw_addr_set(card->dev, mac);
}

static void set_features(struct net_card *card)
{
	const struct net_link *link = &card->slot->link;
	struct net_device *dev = card->dev;

	dev->hw_features = NETIF_F_SG;
	if (link->vnet)
		dev->hw_features |= NETIF_F_HW_CSUM | NETIF_F_TSO | NETIF_F_TSO6 |
				    NETIF_F_TSO_ECN | NETIF_F_RXCSUM;
	if (link->vnet_udp)
		dev->hw_features |= NETIF_F_GSO_UDP_L4;
	dev->features = dev->hw_features | NETIF_F_HIGHDMA;
	dev->vlan_features = dev->hw_features;
}

static int create_queue(struct net_card *card, unsigned int q)
{
	struct net_queue *queue = &card->queue[q];
	int err;

	queue->card = card;
	queue->index = q;
	timer_setup(&queue->retry, retry_poll, 0);
	queue->irq = usermode_irq_alloc(card->slot->name);
	if (queue->irq < 0)
		return queue->irq;
	err = request_irq(queue->irq, queue_interrupt, 0, card->slot->name, queue);
	if (err) {
		usermode_irq_free(queue->irq);
		return err;
	}
	netif_napi_add(card->dev, &queue->napi, net_poll);
	return 0;
}

static void destroy_queue(struct net_queue *queue)
{
	netif_napi_del(&queue->napi);
	free_irq(queue->irq, queue);
	usermode_irq_free(queue->irq);
}

static void destroy_queues(struct net_card *card, unsigned int n)
{
	while (n--)
		destroy_queue(&card->queue[n]);
	kvfree(card->queue);
}

static int create_queues(struct net_card *card)
{
	unsigned int q;
	int err;

	card->queues = card->slot->link.queues;
	card->queue = kvcalloc(card->queues, sizeof(*card->queue), GFP_KERNEL);
	if (!card->queue)
		return -ENOMEM;
	for (q = 0; q < card->queues; q++) {
		err = create_queue(card, q);
		if (err) {
			destroy_queues(card, q);
			return err;
		}
	}
	return 0;
}

static int create_control(struct net_card *card)
{
	int irq, err;

	if (card->slot->link.control < 0)
		return 0;
	irq = usermode_irq_alloc(card->slot->name);
	if (irq < 0)
		return irq;
	err = request_irq(irq, control_interrupt, 0, card->slot->name, card);
	if (err) {
		usermode_irq_free(irq);
		return err;
	}
	card->control_irq = irq;
	return 0;
}

static void destroy_control(struct net_card *card)
{
	if (!card->control_irq)
		return;
	free_irq(card->control_irq, card);
	usermode_irq_free(card->control_irq);
}

/* packets without a header, between two hosts that need no addresses to find each other */
static void make_line(struct net_device *dev)
{
	dev->header_ops = NULL;
	dev->type = ARPHRD_SLIP;
	dev->hard_header_len = 0;
	dev->addr_len = 0;
	dev->flags = IFF_POINTOPOINT | IFF_NOARP | IFF_MULTICAST;
}

static void init_device(struct net_card *card)
{
	const struct net_slot *slot = card->slot;
	struct net_device *dev = card->dev;

	*(struct net_card **)netdev_priv(dev) = card;
	strscpy(dev->name, slot->name);
	dev->name_assign_type = NET_NAME_PREDICTABLE;
	dev->netdev_ops = &net_ops;
	dev->ethtool_ops = &net_ethtool_ops;
	dev->min_mtu = ETH_MIN_MTU;
	dev->max_mtu = slot->link.max_mtu;
	dev->mtu = slot->setting.mtu ?: min(slot->link.mtu, slot->link.max_mtu);
	set_address(card);
	set_features(card);
	if (slot->link.ip_only)
		make_line(dev);
}

int net_card_create(struct net_slot *slot)
{
	struct net_card *card = kzalloc(sizeof(*card), GFP_KERNEL);
	int err = -ENOMEM;

	if (!card)
		return -ENOMEM;
	card->slot = slot;
	INIT_DELAYED_WORK(&card->revive, revive);
	card->dev = alloc_etherdev_mqs(sizeof(card), slot->link.queues, slot->link.queues);
	if (!card->dev)
		goto err_card;
	init_device(card);
	err = create_queues(card);
	if (err)
		goto err_dev;
	err = create_control(card);
	if (err)
		goto err_queues;
	slot->card = card;
	err = register_netdev(card->dev);
	if (err)
		goto err_control;
	if (!slot->setting.gro) {
		rtnl_lock();
		card->dev->wanted_features &= ~NETIF_F_GRO;
		netdev_update_features(card->dev);
		rtnl_unlock();
	}
	pr_info("%s: %s, %pM\n", slot->name, slot->setting.backend->name, card->dev->dev_addr);
	return 0;

err_control:
	slot->card = NULL;
	destroy_control(card);
err_queues:
	destroy_queues(card, card->queues);
err_dev:
	free_netdev(card->dev);
err_card:
	kfree(card);
	return err;
}

void net_card_destroy(struct net_slot *slot)
{
	struct net_card *card = slot->card;

	slot->card = NULL;
	unregister_netdev(card->dev);
	cancel_delayed_work_sync(&card->revive);
	destroy_control(card);
	destroy_queues(card, card->queues);
	free_netdev(card->dev);
	kfree(card);
}
