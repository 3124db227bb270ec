/* SPDX-License-Identifier: ISC */
/*
 * The table of a domain's event channels, and what the hypervisor itself does
 * with them. The guest's operations are in evtchn_ops.c; how an event becomes
 * visible to the guest is its ABI's business (evtchn_2l.c, evtchn_fifo.c).
 *
 *            hv_port_set_unbound()          hv_port_connect()
 *     FREE -----------------------> UNBOUND ----------------> INTERDOMAIN
 *      | \                             ^                           |
 *      |  \--> BACKEND, VIRQ, IPI      +---- the peer's close -----+
 *      |                \                        |
 *      +<--- hv_port_close() of any of them -----+
 *
 * 1. INTERDOMAIN ends come in pairs that point at each other, or one end that
 *    points at itself never: loopback uses two ports of one domain.
 * 2. A freed port is not pending and notifies vCPU 0.
 * 3. vcpu.virq_port[] names exactly the ports in state VIRQ.
 */
#include "internal.h"
#include <base/string.h>
#include <xen/errno.h>

#define FIRST_PORTS 8u  /* console, xenstore, a few of the guest's own */
#define KNOWN_STEP  64u /* hv_port_is_known() */

struct hv_evtchn *hv_port(struct hv_domain *d, evtchn_port_t port)
{
    if (port == 0 || port >= d->nr_ports ||
        d->ports[port].state == HV_PORT_FREE)
        return NULL;
    return &d->ports[port];
}

static int grow(struct hv_domain *d)
{
    const struct hv_ops *ops = d->hv->ops;
    uint32_t nr = MIN(MAX(2 * d->nr_ports, FIRST_PORTS), d->max_ports);
    struct hv_evtchn *ports;

    if (nr <= d->nr_ports)
        return -XEN_ENOSPC;
    ports = ops->alloc(nr * sizeof(*ports));
    if (!ports)
        return -XEN_ENOMEM;
    if (d->ports) {
        memcpy(ports, d->ports, d->nr_ports * sizeof(*ports));
        ops->free(d->ports);
    }
    d->ports = ports;
    d->nr_ports = nr;
    return 0;
}

int hv_port_take(struct hv_domain *d)
{
    uint32_t port = d->first_free;
    int rc;

    if (d->state == HV_DOM_DYING)
        return -XEN_EINVAL;
    while (port < d->nr_ports && d->ports[port].state != HV_PORT_FREE)
        port++;
    d->first_free = port;
    if (port >= d->max_ports)
        return -XEN_ENOSPC;
    if (port >= d->nr_ports) {
        rc = grow(d);
        if (rc != 0)
            return rc;
    }
    d->ports[port].priority = EVTCHN_FIFO_PRIORITY_DEFAULT;
    /* An unfinished reset comes back to it: what it has passed is free, else a
     * port that only FIFO has would be open with the 2-level ABI. */
    d->reset_next = MIN(d->reset_next, port);
    if (port >= d->known_ports)
        d->known_ports = (port / KNOWN_STEP + 1) * KNOWN_STEP;
    return (int)port;
}

static enum hv_port_use use_of(const struct hv_domain *d,
                               const struct hv_evtchn *e)
{
    bool own = d->evtchn_abi->two_producers && e->vcpu == 0;

    switch ((enum hv_port_state)e->state) {
    case HV_PORT_INTERDOMAIN:
        /* An event for oneself is there when the call returns. */
        return e->u.peer.d == d ? HV_PORT_USE_NONE : HV_PORT_USE_REMOTE;
    case HV_PORT_UNBOUND: /* a send is dropped, and that is no error */
    case HV_PORT_BACKEND:
        return HV_PORT_USE_REMOTE;
    case HV_PORT_IPI:
        return own ? HV_PORT_USE_IPI : HV_PORT_USE_NONE;
    case HV_PORT_VIRQ:
        return own && e->u.virq == VIRQ_TIMER ? HV_PORT_USE_TIMER
                                              : HV_PORT_USE_NONE;
    case HV_PORT_FREE:
        break;
    }
    return HV_PORT_USE_NONE;
}

void hv_port_mirror(struct hv_domain *d, evtchn_port_t port)
{
    d->hv->ops->port_changed(d, port, use_of(d, &d->ports[port]));
}

void hv_port_use_abi(struct hv_domain *d, const struct hv_evtchn_abi *abi)
{
    uint32_t port;

    d->evtchn_abi = abi;
    d->max_ports = MIN(d->port_limit + 1, abi->max_ports);
    d->known_ports = MAX(d->known_ports, KNOWN_STEP);
    /* These may have two producers with the one and not with the other. */
    for (port = 1; port < d->nr_ports; port++)
        if (d->ports[port].state == HV_PORT_IPI ||
            d->ports[port].state == HV_PORT_VIRQ)
            hv_port_mirror(d, port);
}

void hv_port_set_unbound(struct hv_domain *d, evtchn_port_t port,
                         domid_t peer_id)
{
    struct hv_evtchn *e = &d->ports[port];

    e->state = HV_PORT_UNBOUND;
    e->peer_id = peer_id;
    e->u.birth = hv_id_means(d->hv, peer_id);
}

static void connect_end(struct hv_domain *d, evtchn_port_t port,
                        struct hv_domain *peer, evtchn_port_t peer_port)
{
    struct hv_evtchn *e = &d->ports[port];

    e->state = HV_PORT_INTERDOMAIN;
    e->u.peer.d = peer;
    e->u.peer.port = peer_port;
}

void hv_port_connect(struct hv_domain *d1, evtchn_port_t port1,
                     struct hv_domain *d2, evtchn_port_t port2)
{
    connect_end(d1, port1, d2, port2);
    connect_end(d2, port2, d1, port1);
}

void hv_port_close(struct hv_domain *d, evtchn_port_t port)
{
    struct hv_evtchn *e = &d->ports[port];
    unsigned v;

    switch ((enum hv_port_state)e->state) {
    case HV_PORT_INTERDOMAIN:
        /* As in Xen the other side is not told: it finds out by its next
         * send, which goes nowhere, or by means of its own (xenbus). */
        hv_port_set_unbound(e->u.peer.d, e->u.peer.port, d->id);
        if (e->u.peer.d == d)
            hv_port_mirror(d, e->u.peer.port);
        break;
    case HV_PORT_VIRQ:
        for (v = 0; v < d->nr_vcpus; v++)
            if (d->vcpu[v].virq_port[e->u.virq] == port)
                d->vcpu[v].virq_port[e->u.virq] = 0;
        break;
    case HV_PORT_FREE:
    case HV_PORT_UNBOUND:
    case HV_PORT_BACKEND:
    case HV_PORT_IPI:
        break;
    }
    *e = (struct hv_evtchn){.last_vcpu = e->last_vcpu,
                            .last_priority = e->last_priority};
    hv_port_mirror(d, port);
    /* Whoever gets the port next must not start with this one's event. */
    d->evtchn_abi->clear_pending(d, port);
    d->first_free = MIN(d->first_free, port);
}

void hv_port_close_range(struct hv_domain *d, evtchn_port_t first,
                         evtchn_port_t end)
{
    evtchn_port_t port;

    for (port = first; port < end; port++)
        if (hv_port(d, port))
            hv_port_close(d, port);
}

void hv_port_kick(struct hv_domain *d, evtchn_port_t port)
{
    /* A vCPU that never runs again is left alone. */
    if (d->state == HV_DOM_BUILDING || d->state == HV_DOM_RUNNING)
        d->hv->ops->kick(d, d->ports[port].vcpu);
}

void hv_port_raise(struct hv_domain *d, evtchn_port_t port)
{
    /* Masked ports too: SCHEDOP_poll waits for those. */
    if (d->evtchn_abi->set_pending(d, d->ports[port].vcpu, port))
        hv_port_kick(d, port);
}

int hv_evtchn_bind_backend(struct hv_domain *d, hv_backend_fn *fn, void *arg)
{
    int port = hv_port_take(d);
    struct hv_evtchn *e;

    if (port < 0)
        return port;
    e = &d->ports[port];
    e->state = HV_PORT_BACKEND;
    e->u.backend.fn = fn;
    e->u.backend.arg = arg;
    hv_port_mirror(d, (evtchn_port_t)port);
    return port;
}

void hv_evtchn_notify(struct hv_domain *d, evtchn_port_t port)
{
    struct hv_evtchn *e = hv_port(d, port);

    if (e && e->state == HV_PORT_BACKEND)
        hv_port_raise(d, port);
}

/* Xen's xen.h marks them "V."; the others are "G.", unused numbers too. */
bool hv_virq_is_global(unsigned virq)
{
    return virq != VIRQ_TIMER && virq != VIRQ_DEBUG && virq != VIRQ_XENOPROF &&
           virq != VIRQ_XENPMU;
}

void hv_send_virq(struct hv_domain *d, unsigned vcpu, unsigned virq)
{
    evtchn_port_t port;

    if (vcpu >= d->nr_vcpus || virq >= NR_VIRQS)
        return;
    /* Global ones are always bound by way of vCPU 0. */
    port = d->vcpu[hv_virq_is_global(virq) ? 0 : vcpu].virq_port[virq];
    if (port != 0)
        hv_port_raise(d, port);
}
