/* SPDX-License-Identifier: ISC */
/* The one client of the domain's xenstore ring; contract in minios/xenbus.h. */
#include "xenbus/internal.h"

#include <minios/arch.h>
#include <minios/boot.h>
#include <minios/evtchn.h>
#include <minios/memory.h>
#include <minios/thread.h>
#include <xen/errno.h>

struct xbc xenbus_client;

static void tell_done(struct xenbus_request *r)
{
    /* Nobody runs before events are enabled: (r) stays where it is. */
    if (r->waiter)
        wait_wake_all(r->waiter);
    if (r->on_done)
        r->on_done(r);
}

static void tell_event(struct xenbus_watch *w)
{
    w->fn(w, w->path);
}

static const struct xbc_ops ops = {.alloc = kmalloc,
                                   .free = kfree,
                                   .done = tell_done,
                                   .event = tell_event};

void xenbus_pump(void)
{
    static bool pumping;
    struct xbc *c = &xenbus_client;

    if (pumping)
        return; /* Called by what is called below: seen to by the push. */
    pumping = true;
    xbc_pull(c);
    xbc_push(c);
    if (xbc_take_notify(c))
        (void)evtchn_notify(boot_info.store_port); /* fails without xenstore */
    pumping = false;
    /* More than one handler ought to take is left to the thread. Without memory
     * for one, the next event tries again. */
    if (c->ready || c->more)
        (void)xenbus_wake_thread();
}

static void on_event(evtchn_port_t port, void *arg)
{
    (void)port;
    (void)arg;
    xenbus_pump();
}

int xenbus_init(void)
{
    xbc_init(&xenbus_client, boot_info.store, &ops);
    if (!boot_info.store) {
        xbc_die(&xenbus_client);
        return 0;
    }
    return evtchn_bind_handler(boot_info.store_port, on_event, NULL);
}

int xenbus_submit(struct xenbus_request *const *requests, size_t n)
{
    bool enabled;
    size_t i;
    int rc = 0;

    for (i = 0; i < n; i++)
        if (requests[i]->body_len > XENSTORE_PAYLOAD_MAX)
            return -XEN_E2BIG;
    enabled = arch_events_disable();
    if (xenbus_client.dead)
        rc = -XEN_EIO;
    for (i = 0; i < n; i++) {
        requests[i]->waiter = NULL;
        (void)xbc_submit(&xenbus_client, requests[i]); /* not too long */
    }
    xenbus_pump();
    if (enabled)
        arch_events_enable();
    return rc;
}

struct batch {
    struct xenbus_request *const *requests;
    size_t n;
};

static bool all_done(void *arg)
{
    const struct batch *b = arg;
    size_t i;

    for (i = 0; i < b->n; i++)
        if (!b->requests[i]->done)
            return false;
    return true;
}

static void set_waiter(const struct batch *b, struct wait_queue *q)
{
    bool enabled = arch_events_disable();
    size_t i;

    for (i = 0; i < b->n; i++)
        if (!b->requests[i]->done)
            b->requests[i]->waiter = q;
    if (enabled)
        arch_events_enable();
}

bool xenbus_wait_until(struct xenbus_request *const *requests, size_t n,
                       uint64_t deadline_ns)
{
    struct wait_queue q = WAIT_QUEUE_INIT;
    struct batch b = {requests, n};
    bool done;

    set_waiter(&b, &q);
    done = wait_until(&q, all_done, &b, deadline_ns);
    if (!done)
        set_waiter(&b, NULL);
    return done;
}

void xenbus_wait(struct xenbus_request *const *requests, size_t n)
{
    (void)xenbus_wait_until(requests, n, WAIT_FOREVER); /* always true */
}

int xenbus_ask(struct xenbus_request *r)
{
    int rc = xenbus_submit(&r, 1);

    if (rc == 0) {
        xenbus_wait(&r, 1);
        rc = r->rc;
    }
    return rc;
}
