/* SPDX-License-Identifier: ISC */
/* Events that a domain sends to itself. */
#include "evbench.h"

#include <minios/evtchn.h>
#include <minios/stdio.h>
#include <minios/thread.h>
#include <minios/time.h>

#define ROUNDS 10000u
#define NAPS   500u
#define NAP_NS 200000u

static volatile uint64_t handled_at;

static void handler(evtchn_port_t port, void *arg)
{
    (void)port;
    (void)arg;
    handled_at = time_cycles();
}

/* EVTCHNOP_send on a port of one's own, up to its handler. */
static int send_to_self(void)
{
    struct samples *s = samples_begin();
    int port = evtchn_bind_ipi(), rc;
    unsigned i;

    if (port < 0)
        return failed("evtchn_bind_ipi", port);
    rc = evtchn_bind_handler((evtchn_port_t)port, handler, NULL);
    if (rc < 0)
        return failed("evtchn_bind_handler", rc);
    for (i = 0; i < ROUNDS; i++) {
        uint64_t start = time_cycles();

        handled_at = 0;
        (void)evtchn_notify((evtchn_port_t)port); /* seen by what follows */
        while (handled_at == 0)
            ;
        samples_add(s, cycles_to_ns(handled_at - start));
    }
    evtchn_close((evtchn_port_t)port);
    samples_print(s, "event to oneself");
    return 0;
}

static struct wait_queue nap_queue = WAIT_QUEUE_INIT;
static volatile bool nap_over;

static void nap_end(struct timer *t)
{
    (void)t;
    handled_at = time_monotonic_ns();
    nap_over = true;
    wait_wake_all(&nap_queue);
}

static bool is_nap_over(void *arg)
{
    (void)arg;
    return nap_over;
}

/* How late a timer's handler runs in a domain that sleeps; and how much later
 * the thread that waits for it. */
static int timer_latency(void)
{
    struct timer t = {.fn = nap_end};
    struct samples *s;
    unsigned i, pass;

    for (pass = 0; pass < 2; pass++) {
        s = samples_begin();
        for (i = 0; i < NAPS; i++) {
            uint64_t due = time_monotonic_ns() + NAP_NS, woken;

            nap_over = false;
            timer_start(&t, due);
            (void)wait_until(&nap_queue, is_nap_over, NULL, WAIT_FOREVER);
            woken = time_monotonic_ns();
            samples_add(s, (pass ? woken : handled_at) - due);
        }
        samples_print(s, pass ? "timer to its waiting thread"
                              : "timer to its handler, domain asleep");
    }
    return 0;
}

int bench_events(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    return send_to_self() | timer_latency();
}
