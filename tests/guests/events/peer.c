/* SPDX-License-Identifier: ISC */
/* Two guests that send each other events, each with the FIFO ABI. */
#include "events.h"
#include <minios/evtchn.h>
#include <minios/stdio.h>
#include <minios/time.h>

#define ROUND_TRIPS 1000u

static volatile unsigned received;

static void answer(evtchn_port_t port, void *arg)
{
    (void)arg;
    received++;
    (void)evtchn_notify(port); /* the other end counts the answers */
}

static void count(evtchn_port_t port, void *arg)
{
    (void)port;
    (void)arg;
    received++;
}

static bool have(void *arg)
{
    return received >= *(const unsigned *)arg;
}

static void wait_for(unsigned n)
{
    event_wait(have, &n);
}

static int fail(const char *what, int rc)
{
    printf("%s: error %d\n", what, rc);
    return 1;
}

int peer_listen(unsigned domid)
{
    int rc = evtchn_use_fifo();
    int port;

    if (rc)
        return fail("FIFO", rc);
    port = evtchn_alloc_unbound((domid_t)domid);
    if (port < 0)
        return fail("alloc_unbound", port);
    rc = evtchn_bind_handler((evtchn_port_t)port, answer, NULL);
    if (rc)
        return fail("bind_handler", rc);
    printf("listening on port %d\n", port);
    wait_for(ROUND_TRIPS);
    printf("answered %u events\n", received);
    return 0;
}

int peer_connect(unsigned domid, unsigned remote_port)
{
    int rc = evtchn_use_fifo();
    evtchn_port_t port;
    uint64_t start;
    unsigned i;

    if (rc)
        return fail("FIFO", rc);
    rc = evtchn_bind_interdomain((domid_t)domid, remote_port);
    if (rc < 0)
        return fail("bind_interdomain", rc);
    port = (evtchn_port_t)rc;
    rc = evtchn_bind_handler(port, count, NULL);
    if (rc)
        return fail("bind_handler", rc);
    wait_for(1); /* a new connection is pending at once */
    received = 0;
    start = time_monotonic_ns();
    for (i = 1; i <= ROUND_TRIPS; i++) {
        rc = evtchn_notify(port);
        if (rc)
            return fail("send", rc);
        wait_for(i);
    }
    printf("%u round trips, %lu ns each\n", received,
           (unsigned long)((time_monotonic_ns() - start) / ROUND_TRIPS));
    return 0;
}
