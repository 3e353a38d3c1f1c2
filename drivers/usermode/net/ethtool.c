// SPDX-License-Identifier: GPL-2.0
/*
 * ethtool.c - what ethtool shows of a network device.
 *
 * Owns the list of statistics: counters of each queue, and how many frames the
 * host took and gave in how many calls. Called under rtnl_lock.
 */
#include <linux/ethtool.h>
#include <linux/rtnetlink.h>
#include "card.h"

struct net_stat {
	char name[ETH_GSTRING_LEN];
	size_t offset;			/* of a u64 in struct net_queue */
};

#define STAT(_name, _member) { _name, offsetof(struct net_queue, _member) }

static const struct net_stat queue_stats[] = {
	STAT("tx_packets", tx.packets),
	STAT("tx_bytes", tx.bytes),
	STAT("tx_host_calls", tx.calls),
	STAT("tx_stalls", tx.stalls),
	STAT("tx_dropped", tx.dropped),
	STAT("tx_errors", tx.errors),
	STAT("rx_packets", rx.packets),
	STAT("rx_bytes", rx.bytes),
	STAT("rx_host_calls", rx.calls),
	STAT("rx_dropped", rx.dropped),
	STAT("rx_length_errors", rx.length_errors),
};

static struct net_card *card_of(struct net_device *dev)
{
	return *(struct net_card **)netdev_priv(dev);
}

static void get_drvinfo(struct net_device *dev, struct ethtool_drvinfo *info)
{
	const struct net_slot *slot = card_of(dev)->slot;

	strscpy(info->driver, "usermode-net");
	strscpy(info->bus_info, slot->setting.backend->name);
}

static int get_link_ksettings(struct net_device *dev, struct ethtool_link_ksettings *cmd)
{
	cmd->base.speed = card_of(dev)->slot->link.speed;
	cmd->base.duplex = DUPLEX_FULL;
	cmd->base.port = PORT_OTHER;
	cmd->base.autoneg = AUTONEG_DISABLE;
	return 0;
}

static int get_sset_count(struct net_device *dev, int set)
{
	if (set != ETH_SS_STATS)
		return -EOPNOTSUPP;
	return card_of(dev)->queues * ARRAY_SIZE(queue_stats) + 1;
}

static void get_strings(struct net_device *dev, u32 set, u8 *data)
{
	unsigned int q, i;

	if (set != ETH_SS_STATS)
		return;
	for (q = 0; q < card_of(dev)->queues; q++)
		for (i = 0; i < ARRAY_SIZE(queue_stats); i++)
			ethtool_sprintf(&data, "queue%u_%s", q, queue_stats[i].name);
	ethtool_puts(&data, "link_losses");
}

static void get_stats(struct net_device *dev, struct ethtool_stats *stats, u64 *data)
{
	struct net_card *card = card_of(dev);
	unsigned int q, i;

	for (q = 0; q < card->queues; q++)
		for (i = 0; i < ARRAY_SIZE(queue_stats); i++)
			*data++ = *(u64 *)((char *)&card->queue[q] + queue_stats[i].offset);
	*data = card->losses;
}

static void get_channels(struct net_device *dev, struct ethtool_channels *channels)
{
	channels->max_combined = card_of(dev)->queues;
	channels->combined_count = card_of(dev)->queues;
}

static void get_ringparam(struct net_device *dev, struct ethtool_ringparam *ring,
			  struct kernel_ethtool_ringparam *kernel_ring,
			  struct netlink_ext_ack *extack)
{
	const struct net_card *card = card_of(dev);

	ring->tx_max_pending = NET_BATCH;
	ring->rx_max_pending = NET_BATCH;
	ring->tx_pending = card->slot->setting.batch;
	ring->rx_pending = card->running ? card->queue[0].rx.slots : card->slot->setting.batch;
}

const struct ethtool_ops net_ethtool_ops = {
	.get_drvinfo		= get_drvinfo,
	.get_link		= ethtool_op_get_link,
	.get_link_ksettings	= get_link_ksettings,
	.get_sset_count		= get_sset_count,
	.get_strings		= get_strings,
	.get_ethtool_stats	= get_stats,
	.get_channels		= get_channels,
	.get_ringparam		= get_ringparam,
	.get_ts_info		= ethtool_op_get_ts_info,
};
