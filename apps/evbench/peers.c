/* SPDX-License-Identifier: ISC */
/*
 * Two domains and an event channel between them. ping makes the node
 * data/evbench-peer, which everybody may write; pong, told ping's domid, makes a
 * port for it and writes "DOMID PORT" there. An event from ping is answered by
 * one from pong.
 */
#include "evbench.h"

#include <base/fmt.h>
#include <base/string.h>
#include <minios/evtchn.h>
#include <minios/memory.h>
#include <minios/stdio.h>
#include <minios/thread.h>
#include <minios/time.h>
#include <minios/xenbus.h>

#define NODE           "data/evbench-peer"
#define ROUNDS_DEFAULT 5000u
#define WARM_UP        100u

static struct wait_queue queue = WAIT_QUEUE_INIT;
static volatile unsigned events;

static void on_event(evtchn_port_t port, void *arg)
{
    (void)port;
    (void)arg;
    events++;
    wait_wake_all(&queue);
}

static bool more_events(void *arg)
{
    return events != *(const unsigned *)arg;
}

/* The first event that is not among the (*seen). */
static void next_event(unsigned *seen)
{
    (void)wait_until(&queue, more_events, seen, WAIT_FOREVER);
    *seen = events;
}

/* --- ping ---------------------------------------------------------------------- */

static char peer[32];

static void peer_changed(struct xenbus_watch *w, const char *path)
{
    char *value;

    (void)w;
    (void)path;
    if (xenbus_read(XBT_NIL, NODE, &value, NULL) < 0)
        return; /* fires once before there is anything to read */
    if (strnlen(value, sizeof(peer)) < sizeof(peer))
        memcpy(peer, value, strlen(value) + 1);
    kfree(value);
    wait_wake_all(&queue);
}

static bool peer_known(void *arg)
{
    (void)arg;
    return peer[0] != '\0';
}

/* Makes the node and waits for somebody to write it. */
static int wait_for_peer(unsigned *domid, unsigned *port)
{
    static struct xenbus_watch watch = {.path = NODE, .fn = peer_changed};
    const char *perms[1];
    char everybody[16], *space;
    uint64_t self;
    int rc = xenbus_read_unsigned(XBT_NIL, "domid", &self);

    if (rc < 0)
        return failed("domid", rc);
    fmt_snprintf(everybody, sizeof(everybody), "b%lu", self);
    perms[0] = everybody;
    rc = xenbus_write(XBT_NIL, NODE, "");
    if (rc == 0)
        rc = xenbus_set_perms(XBT_NIL, NODE, perms, 1);
    if (rc == 0)
        rc = xenbus_watch(&watch);
    if (rc < 0)
        return failed(NODE, rc);
    printf("ping: domain %lu waits for pong\n", self);
    (void)wait_until(&queue, peer_known, NULL, WAIT_FOREVER);
    space = strchr(peer, ' ');
    if (!space)
        return failed("what pong wrote", 0);
    *space = '\0';
    *domid = number(peer, 0);
    *port = number(space + 1, 0);
    return 0;
}

int bench_ping(int argc, char **argv)
{
    unsigned rounds = argc > 0 ? number(argv[0], 0) : ROUNDS_DEFAULT;
    struct samples *s = samples_begin();
    unsigned domid = 0, remote = 0, i, seen;
    int rc = wait_for_peer(&domid, &remote), port;

    if (rc != 0)
        return rc;
    port = evtchn_bind_interdomain((domid_t)domid, remote);
    if (port < 0)
        return failed("evtchn_bind_interdomain", port);
    rc = evtchn_bind_handler((evtchn_port_t)port, on_event, NULL);
    if (rc < 0)
        return failed("evtchn_bind_handler", rc);
    for (i = 0; i < rounds + WARM_UP; i++) {
        uint64_t start = time_cycles();

        seen = events;
        rc = evtchn_notify((evtchn_port_t)port);
        if (rc < 0)
            return failed("evtchn_notify", rc);
        next_event(&seen);
        if (i >= WARM_UP)
            samples_add(s, cycles_to_ns(time_cycles() - start));
    }
    samples_print(s, "inter-domain round trip");
    evtchn_close((evtchn_port_t)port);
    return 0;
}

/* --- pong ---------------------------------------------------------------------- */

int bench_pong(int argc, char **argv)
{
    unsigned domid = argc > 0 ? number(argv[0], 0) : 0, seen = 0;
    char path[64];
    uint64_t self = 0;
    int rc, port;

    if (domid == 0)
        return failed("pong needs the number of ping's domain", 0);
    port = evtchn_alloc_unbound((domid_t)domid);
    if (port < 0)
        return failed("evtchn_alloc_unbound", port);
    rc = evtchn_bind_handler((evtchn_port_t)port, on_event, NULL);
    if (rc == 0)
        rc = xenbus_read_unsigned(XBT_NIL, "domid", &self);
    if (rc < 0)
        return failed("domid", rc);
    fmt_snprintf(path, sizeof(path), "/local/domain/%u/" NODE, domid);
    rc = xenbus_printf(XBT_NIL, path, "%lu %d", self, port);
    if (rc < 0)
        return failed(path, rc);
    for (;;) {
        next_event(&seen);
        rc = evtchn_notify((evtchn_port_t)port);
        if (rc < 0)
            return failed("evtchn_notify", rc);
    }
}
