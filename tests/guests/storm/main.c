/* SPDX-License-Identifier: ISC */
/*
 * Misuses xenstore as a hostile guest can, over its real ring: the argument
 * names how (ATTACKS 29 to 31). It may end up without xenstore; nobody else may
 * notice. "neighbour" is somebody else: it answers pings through xenstore.
 */
#include "storm.h"

#include <base/compiler.h>
#include <base/string.h>
#include <minios/app.h>
#include <minios/evtchn.h>
#include <minios/shutdown.h>
#include <minios/stdio.h>
#include <ring/xenstore.h>
#include <xen/xen.h>

const char app_name[] = "storm";

static struct reply reply;
static char big[XENSTORE_PAYLOAD_MAX];

static uint32_t dice(void)
{
    static uint64_t state = 88172645463325252u;

    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (uint32_t)(state >> 16);
}

/* --- attacks ------------------------------------------------------------------*/

/* Asks and asks, and reads nothing. */
static void no_reader(void)
{
    unsigned i;

    for (i = 0; i < 20000; i++) {
        (void)ring_try_send(XS_READ, "name", 5);
        ring_bell();
    }
}

/* As many watches as it gets, on everything; then changes that they see, whose
 * events it does not read. */
static void watch_flood(void)
{
    char path[] = "/\0t0000";
    unsigned i, got = 0;

    for (i = 0; i < 200; i++) {
        path[3] = (char)('a' + i % 26);
        path[4] = (char)('a' + i / 26);
        got += ring_ask(XS_WATCH, 0, path, sizeof(path), &reply);
    }
    printf("storm: %u watches\n", got);
    for (i = 0; i < 20000; i++) {
        (void)ring_try_send(XS_WRITE, i & 1 ? "data/x\0" : "data/y\0", 8);
        ring_bell();
    }
}

/* Transactions that are never ended, as large as they get. */
static void transactions(void)
{
    char write[2000] = "data/k00000000";
    unsigned i, opened = 0, written = 0;

    memset(write + 15, 'v', sizeof(write) - 15);
    while (opened < 100 && ring_ask(XS_TRANSACTION_START, 0, "", 1, &reply)) {
        uint32_t tx = 0;
        const char *c;

        for (c = reply.body; *c >= '0' && *c <= '9'; c++)
            tx = tx * 10 + (uint32_t)(*c - '0');
        opened++;
        for (i = 0; i < 200; i++) {
            write[6] = (char)('a' + i % 26);
            write[7] = (char)('a' + i / 26);
            written += ring_ask(XS_WRITE, tx, write, sizeof(write), &reply);
        }
    }
    printf("storm: %u transactions, %u writes\n", opened, written);
}

/* Nonsense in every word of the ring, over and over; it comes back each time. */
static void indices(void)
{
    uint32_t *const words[] = {&ring->req_cons,   &ring->req_prod,
                               &ring->rsp_cons,   &ring->rsp_prod,
                               &ring->connection, &ring->error};
    unsigned i, errors = 0;

    for (i = 0; i < 5000; i++) {
        unsigned n = 1 + dice() % 4;

        while (n--)
            *(volatile uint32_t *)words[dice() % ARRAY_SIZE(words)] =
                dice() >> (dice() % 32);
        ring_bell();
        errors += *(volatile uint32_t *)&ring->error == XENSTORE_ERROR_RINGIDX;
        if (i % 50 == 0)
            ring_reconnect();
    }
    ring_reconnect();
    printf("storm: %u times out of order, %s\n", errors,
           ring_ask(XS_READ, 0, "name", 5, &reply) ? "served again" : "BROKEN");
}

/* Bytes without sense behind right indices. */
static void garbage(void)
{
    unsigned i, k, errors = 0;

    for (i = 0; i < 2000; i++) {
        char bytes[64];

        for (k = 0; k < sizeof(bytes); k++)
            bytes[k] = (char)(dice() % 3 ? 0 : dice());
        (void)xs_ring_write_req(ring, bytes, sizeof(bytes));
        ring_bell();
        ring->rsp_cons = *(volatile uint32_t *)&ring->rsp_prod;
        ring_bell();
        if (*(volatile uint32_t *)&ring->error) {
            errors++;
            ring_reconnect();
        }
    }
    ring_reconnect();
    printf("storm: %u times closed, %s\n", errors,
           ring_ask(XS_READ, 0, "name", 5, &reply) ? "served again" : "BROKEN");
}

/* Paths and lengths at their limits, types that do not exist. */
static void limits(void)
{
    const struct xsd_sockmsg long_one = {XS_READ, 1, 0,
                                         XENSTORE_PAYLOAD_MAX + 1};
    unsigned i, good = 0;

    memset(big, 'x', sizeof(big));
    good += ring_ask(XS_READ, 0, big, sizeof(big), &reply);
    big[2049] = '\0';
    good += ring_ask(XS_READ, 0, big, 2050, &reply);
    good += ring_ask(XS_READ, 0, "a\0b", 4, &reply);
    good += ring_ask(XS_READ, 0, "a//b", 5, &reply);
    good += ring_ask(XS_READ, 0, "a/", 3, &reply);
    good += ring_ask(XS_READ, 0, "\xc3\xa4", 3, &reply);
    for (i = XS_DIRECTORY_PART + 1; i < 300; i++)
        good += ring_ask(i, 0, "x", 2, &reply);
    printf("storm: %u of nonsense accepted\n", good);
    /* A header that promises more than there may be. */
    (void)xs_ring_write_req(ring, (const char *)&long_one, sizeof(long_one));
    ring_bell();
    printf("storm: error %u\n", *(volatile uint32_t *)&ring->error);
}

/* --- somebody else ----------------------------------------------------------------*/

/* Writes to data/pong what it finds in data/ping. */
static void neighbour(void)
{
    char pong[64] = "data/pong";
    unsigned seen;

    (void)ring_ask(XS_WATCH, 0, "data/ping\0p", 12, &reply);
    for (;;) {
        seen = ring_events;
        if (ring_ask(XS_READ, 0, "data/ping", 10, &reply) &&
            reply.head.len <= 40) {
            memcpy(pong + 10, reply.body, reply.head.len);
            (void)ring_ask(XS_WRITE, 0, pong, 10 + reply.head.len, &reply);
        }
        while (ring_events == seen)
            ring_receive(&reply);
    }
}

static const struct {
    const char *name;
    void (*run)(void);
} parts[] = {
    {"no-reader", no_reader},       {"watch-flood", watch_flood},
    {"transactions", transactions}, {"indices", indices},
    {"garbage", garbage},           {"limits", limits},
    {"neighbour", neighbour},
};

static bool never(void *arg)
{
    (void)arg;
    return false;
}

int main(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "";
    unsigned i;

    shutdown_armed = true; /* The kernel has no business on the ring. */
    if (!ring_take_over()) {
        printf("storm: no xenstore\n");
        return 1;
    }
    for (i = 0; i < ARRAY_SIZE(parts); i++) {
        if (strcmp(what, parts[i].name) != 0)
            continue;
        printf("storm: %s begins\n", what);
        parts[i].run();
        printf("storm: %s is through\n", what);
        /* What it holds it keeps. */
        event_wait(never, NULL);
    }
    printf("storm: no such thing: '%s'\n", what);
    return 2;
}
