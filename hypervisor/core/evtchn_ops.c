/* SPDX-License-Identifier: ISC */
/*
 * EVTCHNOP_*: what a guest may do with event channels. Rules, notes and
 * structures are in xen/event_channel.h; where it is silent about which error
 * comes first, real Xen decided. Guests are unprivileged: operations on other
 * domains' tables are -XEN_EPERM, on domains that do not exist -XEN_ESRCH.
 */
#include "internal.h"
#include <base/string.h>
#include <xen/errno.h>

/* The argument, copied out of the request and back. */
#define GET_ARG(arg, req) memcpy(&(arg), (req)->buf, sizeof(arg))
#define PUT_ARG(arg, req) memcpy((req)->buf, &(arg), sizeof(arg))

/* Ports that one call closes: some hundred microseconds (XSA-344). */
#define RESET_PORTS 4096u

/* Domain 0 exists: it is us. */
static bool domain_exists(const struct hv_domain *d, domid_t id)
{
    return id == 0 || hv_domain_by_id(d->hv, id);
}

/* 0 when (id) means the caller, else the error for naming somebody else. */
static int check_self(const struct hv_domain *d, domid_t id)
{
    if (hv_is_self(d, id))
        return 0;
    return domain_exists(d, id) ? -XEN_EPERM : -XEN_ESRCH;
}

int64_t hv_evtchn_alloc_unbound(struct hv_domain *d, struct portal_request *req)
{
    struct evtchn_alloc_unbound a;
    int rc;

    GET_ARG(a, req);
    rc = check_self(d, a.dom);
    if (rc != 0)
        return rc;
    rc = hv_port_take(d);
    if (rc < 0)
        return rc;
    a.port = (evtchn_port_t)rc;
    hv_port_set_unbound(d, a.port,
                        a.remote_dom == DOMID_SELF ? d->id : a.remote_dom);
    hv_port_mirror(d, a.port);
    PUT_ARG(a, req);
    return 0;
}

int64_t hv_evtchn_bind_interdomain(struct hv_domain *d,
                                   struct portal_request *req)
{
    struct evtchn_bind_interdomain a;
    struct hv_domain *rd;
    struct hv_evtchn *remote;
    int rc;

    GET_ARG(a, req);
    rd = a.remote_dom == DOMID_SELF ? d : hv_domain_by_id(d->hv, a.remote_dom);
    /* Domain 0's ends are made by its backends, never bound from here. */
    if (!rd)
        return a.remote_dom == 0 ? -XEN_EINVAL : -XEN_ESRCH;
    rc = hv_port_take(d);
    if (rc < 0)
        return rc;
    a.local_port = (evtchn_port_t)rc;
    /* A taken port is still free, so it cannot be its own remote end. */
    remote = hv_port(rd, a.remote_port);
    if (!remote || remote->state != HV_PORT_UNBOUND ||
        remote->peer_id != d->id || remote->u.birth != d->birth)
        return -XEN_EINVAL;
    hv_port_connect(d, a.local_port, rd, a.remote_port);
    hv_port_mirror(d, a.local_port);
    /* For another domain's port nothing changes: a send on it succeeded. */
    if (rd == d)
        hv_port_mirror(d, a.remote_port);
    /* The peer may have sent before: those events went nowhere. */
    hv_port_raise(d, a.local_port);
    PUT_ARG(a, req);
    return 0;
}

int64_t hv_evtchn_bind_virq(struct hv_domain *d, struct portal_request *req)
{
    struct evtchn_bind_virq a;
    struct hv_evtchn *e;
    int rc;

    GET_ARG(a, req);
    if (a.virq >= NR_VIRQS || (hv_virq_is_global(a.virq) && a.vcpu != 0))
        return -XEN_EINVAL;
    if (a.vcpu >= d->nr_vcpus)
        return -XEN_ENOENT;
    if (d->vcpu[a.vcpu].virq_port[a.virq] != 0)
        return -XEN_EEXIST;
    rc = hv_port_take(d);
    if (rc < 0)
        return rc;
    a.port = (evtchn_port_t)rc;
    e = &d->ports[a.port];
    e->state = HV_PORT_VIRQ;
    e->vcpu = (uint8_t)a.vcpu;
    e->u.virq = a.virq;
    d->vcpu[a.vcpu].virq_port[a.virq] = a.port;
    hv_port_mirror(d, a.port);
    PUT_ARG(a, req);
    return 0;
}

int64_t hv_evtchn_bind_ipi(struct hv_domain *d, struct portal_request *req)
{
    struct evtchn_bind_ipi a;
    int rc;

    GET_ARG(a, req);
    if (a.vcpu >= d->nr_vcpus)
        return -XEN_ENOENT;
    rc = hv_port_take(d);
    if (rc < 0)
        return rc;
    a.port = (evtchn_port_t)rc;
    d->ports[a.port].state = HV_PORT_IPI;
    d->ports[a.port].vcpu = (uint8_t)a.vcpu;
    hv_port_mirror(d, a.port);
    PUT_ARG(a, req);
    return 0;
}

int64_t hv_evtchn_bind_vcpu(struct hv_domain *d, struct portal_request *req)
{
    struct evtchn_bind_vcpu a;
    struct hv_evtchn *e;

    GET_ARG(a, req);
    if (a.vcpu >= d->nr_vcpus)
        return -XEN_ENOENT;
    e = hv_port(d, a.port);
    /* event_channel.h EVTCHNOP_bind_vcpu notes 1 and 2 */
    if (!e || e->state == HV_PORT_IPI ||
        (e->state == HV_PORT_VIRQ && !hv_virq_is_global(e->u.virq)))
        return -XEN_EINVAL;
    e->vcpu = (uint8_t)a.vcpu;
    return 0;
}

int64_t hv_evtchn_close(struct hv_domain *d, struct portal_request *req)
{
    struct evtchn_close a;

    GET_ARG(a, req);
    if (!hv_port(d, a.port))
        return -XEN_EINVAL;
    hv_port_close(d, a.port);
    return 0;
}

static int send_on(struct hv_domain *d, evtchn_port_t port)
{
    struct hv_evtchn *e = hv_port(d, port);

    if (!e)
        return -XEN_EINVAL;
    switch ((enum hv_port_state)e->state) {
    case HV_PORT_INTERDOMAIN:
        hv_port_raise(e->u.peer.d, e->u.peer.port);
        return 0;
    case HV_PORT_BACKEND:
        /* (e) may be gone when this returns. */
        e->u.backend.fn(d, port, e->u.backend.arg);
        return 0;
    case HV_PORT_IPI:
        hv_port_raise(d, port);
        return 0;
    case HV_PORT_UNBOUND:
        return 0; /* dropped without a word, as in Xen */
    case HV_PORT_FREE:
    case HV_PORT_VIRQ:
        break;
    }
    return -XEN_EINVAL;
}

int64_t hv_evtchn_send(struct hv_domain *d, struct portal_request *req)
{
    struct evtchn_send a;

    GET_ARG(a, req);
    return send_on(d, a.port);
}

void hv_evtchn_sends(struct hv_domain *d, uint64_t ports)
{
    for (; ports; ports &= ports - 1)
        (void)send_on(d, (evtchn_port_t)__builtin_ctzll(ports));
}

/* The answer's status and union for a port in use. */
static void describe(const struct hv_evtchn *e, struct evtchn_status *a)
{
    switch ((enum hv_port_state)e->state) {
    case HV_PORT_FREE:
        break;
    case HV_PORT_UNBOUND:
        a->status = EVTCHNSTAT_unbound;
        a->u.unbound.dom = e->peer_id;
        break;
    case HV_PORT_INTERDOMAIN:
        a->status = EVTCHNSTAT_interdomain;
        a->u.interdomain.dom = e->u.peer.d->id;
        a->u.interdomain.port = e->u.peer.port;
        break;
    case HV_PORT_BACKEND:
        /* Domain 0 has no table; its end is known by the guest's number. */
        a->status = EVTCHNSTAT_interdomain;
        a->u.interdomain.dom = 0;
        a->u.interdomain.port = a->port;
        break;
    case HV_PORT_VIRQ:
        a->status = EVTCHNSTAT_virq;
        a->u.virq = e->u.virq;
        break;
    case HV_PORT_IPI:
        a->status = EVTCHNSTAT_ipi;
        break;
    }
    a->vcpu = e->vcpu;
}

int64_t hv_evtchn_status(struct hv_domain *d, struct portal_request *req)
{
    struct evtchn_status a;
    const struct hv_evtchn *e;
    int rc;

    GET_ARG(a, req);
    rc = check_self(d, a.dom);
    if (rc != 0)
        return rc;
    if (!hv_port_is_known(d, a.port))
        return -XEN_EINVAL;
    a.status = EVTCHNSTAT_closed;
    a.vcpu = 0;
    e = hv_port(d, a.port);
    if (e)
        describe(e, &a);
    PUT_ARG(a, req);
    return 0;
}

int64_t hv_evtchn_reset(struct hv_domain *d, struct portal_request *req)
{
    struct evtchn_reset a;
    evtchn_port_t first, end;
    int rc;

    GET_ARG(a, req);
    rc = check_self(d, a.dom);
    if (rc != 0)
        return rc;
    first = MAX(d->reset_next, 1);
    end = MIN(first + RESET_PORTS, d->nr_ports);
    hv_port_close_range(d, first, end);
    d->reset_next = end < d->nr_ports ? end : 0;
    if (d->reset_next != 0)
        return -XEN_EAGAIN;
    hv_fifo_fini(d);
    return 0;
}

int64_t hv_evtchn_unmask(struct hv_domain *d, struct portal_request *req)
{
    struct evtchn_unmask a;
    const struct hv_evtchn *e;

    GET_ARG(a, req);
    if (!hv_port_is_known(d, a.port))
        return -XEN_EINVAL;
    e = hv_port(d, a.port);
    if (e && d->evtchn_abi->unmask(d, e->vcpu, a.port))
        hv_port_kick(d, a.port);
    return 0;
}

int64_t hv_evtchn_init_control(struct hv_domain *d, struct portal_request *req)
{
    struct evtchn_init_control a;
    int rc;

    GET_ARG(a, req);
    if (a.vcpu >= d->nr_vcpus)
        return -XEN_ENOENT;
    if (a.offset >
            PORTAL_PAGE_SIZE - sizeof(struct evtchn_fifo_control_block) ||
        a.offset % 8 != 0)
        return -XEN_EINVAL;
    rc = hv_fifo_init_control(d, a.vcpu, a.control_gfn, a.offset);
    if (rc != 0)
        return rc;
    a.link_bits = EVTCHN_FIFO_LINK_BITS;
    PUT_ARG(a, req);
    return 0;
}

int64_t hv_evtchn_expand_array(struct hv_domain *d, struct portal_request *req)
{
    struct evtchn_expand_array a;

    GET_ARG(a, req);
    return d->fifo ? hv_fifo_expand(d, a.array_gfn) : -XEN_EOPNOTSUPP;
}

int64_t hv_evtchn_set_priority(struct hv_domain *d, struct portal_request *req)
{
    struct evtchn_set_priority a;
    struct hv_evtchn *e;

    GET_ARG(a, req);
    if (!hv_port_is_known(d, a.port))
        return -XEN_EINVAL;
    if (!d->evtchn_abi->has_priorities)
        return -XEN_ENOSYS;
    e = hv_port(d, a.port);
    if (!e)
        return -XEN_EACCES;
    if (a.priority > EVTCHN_FIFO_PRIORITY_MIN)
        return -XEN_EINVAL;
    e->priority = (uint8_t)a.priority; /* from the next event on */
    return 0;
}
