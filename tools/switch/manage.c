// SPDX-License-Identifier: GPL-2.0
/*
 * manage.c - orders and statistics as JSON on a socket.
 *
 * A client sends one object a line and gets one a line: {"ok":true,...}, or
 * {"ok":false,"error":"..."}. Owns the listening socket and its clients. Who can
 * connect to the socket may do anything to the switch; its mode is the user's.
 */
#include <cjson/cJSON.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>
#include "switch.h"

#define LINE		65536		/* bytes of the longest order */
#define MS		1000000.0	/* ns */
#define DELAY_MAX	60000.0		/* ms */

struct client {
	struct watch watch;
	unsigned int n;
	char line[LINE];
};

static struct listener listener = { .watch.fd = -1 };

/* ---- values ---- */

static double number(const cJSON *order, const char *name, double fallback)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(order, name);

	return cJSON_IsNumber(item) && isfinite(item->valuedouble) ? item->valuedouble : fallback;
}

static const char *text(const cJSON *order, const char *name)
{
	return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(order, name));
}

static struct port *port_of(const cJSON *order)
{
	double n = number(order, "port", -1);

	return n >= 0 && n < n_ports ? ports[(unsigned int)n] : NULL;
}

/* ---- orders: NULL, or what is wrong ---- */

static void add_port(cJSON *list, const struct port *port)
{
	static const char *const modes[] = { "plain", "access", "trunk" };
	const struct port_stats *stats = &port->stats;
	cJSON *item = cJSON_CreateObject();

	cJSON_AddNumberToObject(item, "port", port->number);
	cJSON_AddStringToObject(item, "type", port->tap ? "tap" : "client");
	cJSON_AddBoolToObject(item, "shared", !!port->shared);
	cJSON_AddStringToObject(item, "mode", modes[port->mode]);
	cJSON_AddNumberToObject(item, "vlan", port->pvid);
	cJSON_AddNumberToObject(item, "rx_frames", stats->rx_frames);
	cJSON_AddNumberToObject(item, "rx_bytes", stats->rx_bytes);
	cJSON_AddNumberToObject(item, "rx_bad", stats->rx_bad);
	cJSON_AddNumberToObject(item, "rx_filtered", stats->rx_filtered);
	cJSON_AddNumberToObject(item, "tx_frames", stats->tx_frames);
	cJSON_AddNumberToObject(item, "tx_bytes", stats->tx_bytes);
	cJSON_AddNumberToObject(item, "tx_dropped", stats->tx_dropped);
	cJSON_AddNumberToObject(item, "tx_lost", stats->tx_lost);
	cJSON_AddNumberToObject(item, "tx_waiting", port->waiting);
	cJSON_AddItemToArray(list, item);
}

static const char *list_ports(const cJSON *order, cJSON *answer)
{
	cJSON *list = cJSON_AddArrayToObject(answer, "ports");
	unsigned int i;

	(void)order;
	for (i = 0; i < n_ports; i++)
		if (ports[i])
			add_port(list, ports[i]);
	return NULL;
}

static void add_entry(const uint8_t *mac, unsigned int vlan, unsigned int port, unsigned int age,
		      void *list)
{
	cJSON *item = cJSON_CreateObject();
	char name[18];

	snprintf(name, sizeof(name), "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2],
		 mac[3], mac[4], mac[5]);
	cJSON_AddStringToObject(item, "mac", name);
	cJSON_AddNumberToObject(item, "vlan", vlan);
	cJSON_AddNumberToObject(item, "port", port);
	cJSON_AddNumberToObject(item, "age", age);
	cJSON_AddItemToArray(list, item);
}

static const char *list_table(const cJSON *order, cJSON *answer)
{
	(void)order;
	table_each(add_entry, cJSON_AddArrayToObject(answer, "table"));
	return NULL;
}

static const char *set_trunk(struct port *port, const cJSON *order)
{
	const cJSON *list = cJSON_GetObjectItemCaseSensitive(order, "vlans"), *item;
	uint8_t map[VLANS / 8] = {};

	cJSON_ArrayForEach(item, list) {
		unsigned int n = item->valuedouble >= 1 && item->valuedouble < VLANS - 1 ?
				 item->valuedouble : 0;

		if (!cJSON_IsNumber(item) || !n)
			return "vlans are numbers from 1 to 4094";
		map[n / 8] |= 1 << n % 8;
	}
	/* without a list: all of them */
	if (!list)
		memset(map, 0xff, sizeof(map));
	memcpy(port->vlans, map, sizeof(map));
	return NULL;
}

static const char *set_vlan(const cJSON *order, cJSON *answer)
{
	const char *mode = text(order, "mode"), *error = NULL;
	struct port *port = port_of(order);
	double pvid = number(order, "vlan", 0);

	(void)answer;
	if (!port)
		return "no such port";
	if (!mode || pvid < 0 || pvid > VLANS - 2)
		return "give mode and vlan, a number from 1 to 4094";
	if (!strcmp(mode, "trunk"))
		error = set_trunk(port, order);
	else if (!strcmp(mode, "access") && pvid < 1)
		error = "an access port needs a vlan";
	else if (strcmp(mode, "access") && strcmp(mode, "plain"))
		error = "the modes are plain, access and trunk";
	if (error)
		return error;
	port->mode = *mode == 't' ? PORT_TRUNK : *mode == 'a' ? PORT_ACCESS : PORT_PLAIN;
	port->pvid = port->mode == PORT_PLAIN ? 0 : pvid;
	table_forget(port);
	return NULL;
}

static const char *set_impairment(const cJSON *order, cJSON *answer)
{
	double delay = number(order, "delay", 0), jitter = number(order, "jitter", 0);
	double loss = number(order, "loss", 0), rate = number(order, "rate", 0);
	double limit = number(order, "limit", 1000);
	struct port *port = port_of(order);

	(void)answer;
	if (!port)
		return "no such port";
	if (delay < 0 || delay > DELAY_MAX || jitter < 0 || jitter > DELAY_MAX)
		return "delay and jitter are milliseconds from 0 to 60000";
	if (loss < 0 || loss > 100)
		return "loss is a percentage";
	if (rate < 0 || rate > 1e9 || (rate > 0 && rate < 1))
		return "rate is kbit/s, from 1 to 1000000000, or 0";
	if (limit < 1 || limit > 100000)
		return "limit is a number of frames from 1 to 100000";
	port->impairment = (struct impairment){
		.delay = delay * MS,
		.jitter = jitter * MS,
		.loss = loss / 100,
		.rate = rate * 1000,
		.limit = limit,
	};
	port->impaired = delay > 0 || jitter > 0 || loss > 0 || rate > 0;
	return NULL;
}

static const char *set_mirror(const cJSON *order, cJSON *answer)
{
	(void)answer;
	mirror = port_of(order);
	return mirror || number(order, "port", -1) == -1 ? NULL : "no such port";
}

static const char *set_capture(const cJSON *order, cJSON *answer)
{
	const char *path = text(order, "file");
	int err;

	(void)answer;
	if (!path) {
		capture_stop();
		return NULL;
	}
	err = capture_start(path);
	return err ? strerror(-err) : NULL;
}

static const char *set_hub(const cJSON *order, cJSON *answer)
{
	(void)answer;
	hub = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(order, "on"));
	return NULL;
}

static const char *set_ageing(const cJSON *order, cJSON *answer)
{
	double seconds = number(order, "seconds", -1);

	(void)answer;
	if (seconds < 1 || seconds > 1e6)
		return "seconds is a number from 1 to 1000000";
	ageing = seconds;
	return NULL;
}

static const char *remove_port(const cJSON *order, cJSON *answer)
{
	struct port *port = port_of(order);

	(void)answer;
	if (!port)
		return "no such port";
	port_kill(port);
	return NULL;
}

static const char *stop(const cJSON *order, cJSON *answer)
{
	(void)order;
	(void)answer;
	loop_stop();
	return NULL;
}

static const struct {
	const char *name;
	const char *(*fn)(const cJSON *order, cJSON *answer);
} orders[] = {
	{ "ports", list_ports }, { "table", list_table }, { "vlan", set_vlan },
	{ "impair", set_impairment }, { "mirror", set_mirror }, { "capture", set_capture },
	{ "hub", set_hub }, { "ageing", set_ageing }, { "remove", remove_port }, { "stop", stop },
};

static const char *execute(const cJSON *order, cJSON *answer)
{
	const char *name = text(order, "command");
	size_t i;

	for (i = 0; name && i < ARRAY_SIZE(orders); i++)
		if (!strcmp(orders[i].name, name))
			return orders[i].fn(order, answer);
	return "commands: ports, table, vlan, impair, mirror, capture, hub, ageing, remove, stop";
}

/* ---- clients ---- */

static void answer_line(struct client *client, const char *line)
{
	cJSON *order = cJSON_Parse(line), *answer = cJSON_CreateObject();
	const char *error = order ? execute(order, answer) : "this is not JSON";
	char *out;

	cJSON_AddBoolToObject(answer, "ok", !error);
	if (error)
		cJSON_AddStringToObject(answer, "error", error);
	out = cJSON_PrintUnformatted(answer);
	if (out) {
		size_t n = strlen(out);

		out[n++] = '\n';	/* in place of the NUL */
		/* who does not read gets less than all, and no switch that waits */
		if (send(client->watch.fd, out, n, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
			shutdown(client->watch.fd, SHUT_RDWR);
	}
	free(out);
	cJSON_Delete(order);
	cJSON_Delete(answer);
}

static void close_client(struct client *client)
{
	watch_del(&client->watch);
	close(client->watch.fd);
	free(client);
}

static void client_ready(struct watch *watch)
{
	struct client *client = (struct client *)watch;	/* it comes first */
	char *end;
	ssize_t n;

	n = recv(watch->fd, client->line + client->n, LINE - 1 - client->n, MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		close_client(client);
		return;
	}
	client->n += n;
	while ((end = memchr(client->line, '\n', client->n))) {
		unsigned int used = end + 1 - client->line;

		*end = 0;
		answer_line(client, client->line);
		client->n -= used;
		memmove(client->line, end + 1, client->n);
	}
	if (client->n == LINE - 1)
		close_client(client);
}

static void listener_ready(struct watch *watch)
{
	int fd = accept4(watch->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	struct client *client = fd >= 0 ? malloc(sizeof(*client)) : NULL;

	if (client) {
		client->watch = (struct watch){ fd, client_ready };
		client->n = 0;
		if (!watch_add(&client->watch))
			return;
		free(client);
	}
	if (fd >= 0)
		close(fd);
}

int manage_listen(const char *path)
{
	mode_t mask = umask(0177);
	int err = listener_open(&listener, path, listener_ready);

	umask(mask);
	return err;
}

void manage_close(void)
{
	listener_close(&listener);
}
