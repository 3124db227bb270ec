/* SPDX-License-Identifier: ISC */
/*
 * Event channels, whichever ABI carries them; contract in minios/evtchn.h. How
 * a port's state is kept is the ABI's (abi.h), who wants its events is here.
 */
#include "evtchn/abi.h"

#include <base/string.h>
#include <minios/arch.h>
#include <minios/hypercall.h>
#include <minios/memory.h>
#include <minios/thread.h>
#include <xen/errno.h>

struct slot {
    evtchn_handler *fn;
    void *arg;
};

/* Handlers in groups. Most domains use ports of the first group only; the
 * others, and the table of them, are made when their first port is bound, and
 * stay. */
#define GROUP_PORTS  64u
#define NR_GROUPS    (EVTCHN_FIFO_NR_CHANNELS / GROUP_PORTS)
#define GROUPS_ORDER 2u

struct slot_group {
    struct slot slot[GROUP_PORTS];
};

static struct slot_group first_group;
static struct slot_group **more_groups;
_Static_assert(NR_GROUPS * sizeof(void *) == PAGE_SIZE << GROUPS_ORDER,
               "a block of pages");

static const struct evtchn_abi *abi = &evtchn_two_level;
/* Highest port that was bound, by us or by the domain builder for us. */
static evtchn_port_t last_port;

int evtchn_init(void)
{
    two_level_init();
    arch_events_enable();
    return 0;
}

int evtchn_use_fifo(void)
{
    bool enabled;
    int rc;

    if (abi == &evtchn_fifo)
        return 0;
    enabled = arch_events_disable();
    rc = fifo_init(last_port);
    if (rc == 0)
        abi = &evtchn_fifo;
    if (enabled)
        arch_events_enable();
    return rc;
}

const char *evtchn_abi_name(void)
{
    return abi->name;
}

evtchn_port_t evtchn_port_limit(void)
{
    return abi->max_ports;
}

/* --- ports ----------------------------------------------------------------- */

static int prepare(evtchn_port_t port)
{
    int rc;

    preempt_disable();
    rc = abi->prepare(port);
    if (rc == 0 && port > last_port)
        last_port = port;
    preempt_enable();
    return rc;
}

/* What a wrapper returns for a call that gave (port) and (rc). */
static int new_port(int rc, evtchn_port_t port)
{
    if (rc != 0)
        return rc;
    rc = prepare(port);
    if (rc == 0)
        return (int)port;
    (void)evtchn_close(port); /* it exists; (rc) is what the caller wants */
    return rc;
}

int evtchn_alloc_unbound(domid_t remote)
{
    struct evtchn_alloc_unbound a = {.dom = DOMID_SELF, .remote_dom = remote};
    long rc = HYPERVISOR_event_channel_op(EVTCHNOP_alloc_unbound, &a);

    return new_port((int)rc, a.port);
}

int evtchn_bind_interdomain(domid_t remote, evtchn_port_t remote_port)
{
    struct evtchn_bind_interdomain a = {.remote_dom = remote,
                                        .remote_port = remote_port};
    long rc = HYPERVISOR_event_channel_op(EVTCHNOP_bind_interdomain, &a);

    return new_port((int)rc, a.local_port);
}

int evtchn_bind_virq(unsigned virq)
{
    struct evtchn_bind_virq a = {.virq = virq, .vcpu = 0};
    long rc = HYPERVISOR_event_channel_op(EVTCHNOP_bind_virq, &a);

    return new_port((int)rc, a.port);
}

int evtchn_bind_ipi(void)
{
    struct evtchn_bind_ipi a = {.vcpu = 0};
    long rc = HYPERVISOR_event_channel_op(EVTCHNOP_bind_ipi, &a);

    return new_port((int)rc, a.port);
}

int evtchn_close(evtchn_port_t port)
{
    struct evtchn_close a = {.port = port};

    if (port <= last_port)
        evtchn_unbind_handler(port);
    return (int)HYPERVISOR_event_channel_op(EVTCHNOP_close, &a);
}

int evtchn_set_priority(evtchn_port_t port, unsigned priority)
{
    struct evtchn_set_priority a = {.port = port, .priority = priority};

    return (int)HYPERVISOR_event_channel_op(EVTCHNOP_set_priority, &a);
}

int evtchn_notify(evtchn_port_t port)
{
    struct evtchn_send send = {.port = port};

    return (int)HYPERVISOR_event_channel_op(EVTCHNOP_send, &send);
}

void evtchn_mask(evtchn_port_t port)
{
    abi->mask(port);
}

void evtchn_unmask(evtchn_port_t port)
{
    struct evtchn_unmask unmask = {.port = port};

    if (abi->unmask(port))
        /* Fails only for a port that does not exist. */
        (void)HYPERVISOR_event_channel_op(EVTCHNOP_unmask, &unmask);
}

bool evtchn_clear_pending(evtchn_port_t port)
{
    return abi->clear_pending(port);
}

/* --- handlers -------------------------------------------------------------- */

/* The slot of (port), NULL if nothing in its group was ever bound. */
static struct slot *find_slot(evtchn_port_t port)
{
    struct slot_group *group = &first_group;

    if (port >= GROUP_PORTS)
        group = more_groups ? more_groups[port / GROUP_PORTS] : NULL;
    return group ? &group->slot[port % GROUP_PORTS] : NULL;
}

/* The same, made if need be; NULL when there is no memory. */
static struct slot *make_slot(evtchn_port_t port)
{
    struct slot_group **group;

    if (port < GROUP_PORTS)
        return find_slot(port);
    if (!more_groups) {
        more_groups = page_alloc(GROUPS_ORDER);
        if (!more_groups)
            return NULL;
        memset(more_groups, 0, PAGE_SIZE << GROUPS_ORDER);
    }
    group = &more_groups[port / GROUP_PORTS];
    if (!*group)
        *group = kzalloc(sizeof(**group));
    return find_slot(port);
}

static int set_handler(evtchn_port_t port, evtchn_handler *fn, void *arg)
{
    struct slot *slot = make_slot(port);

    if (!slot)
        return -XEN_ENOMEM;
    if (slot->fn)
        return -XEN_EBUSY;
    slot->arg = arg;
    slot->fn = fn;
    return 0;
}

int evtchn_bind_handler(evtchn_port_t port, evtchn_handler *fn, void *arg)
{
    int rc;

    if (port == 0 || port >= abi->max_ports)
        return -XEN_EINVAL;
    rc = prepare(port);
    if (rc != 0)
        return rc;
    preempt_disable();
    rc = set_handler(port, fn, arg);
    preempt_enable();
    if (rc == 0)
        evtchn_unmask(port);
    return rc;
}

void evtchn_unbind_handler(evtchn_port_t port)
{
    struct slot *slot;

    if (port > last_port)
        return;
    evtchn_mask(port);
    slot = find_slot(port);
    if (slot)
        slot->fn = NULL;
}

void evtchn_deliver(evtchn_port_t port)
{
    const struct slot *slot = find_slot(port);

    abi->clear_pending(port);
    if (slot && slot->fn)
        slot->fn(port, slot->arg);
    else
        abi->mask(port); /* Nobody's: hear of it no more. */
}

void evtchn_upcall(void)
{
    struct vcpu_info *v = arch_vcpu_info;

    /* The flag is cleared before the ABI looks: a sender sets what is pending
     * first and the flag last (xen.h, "evtchn_upcall_pending"). */
    while (__atomic_exchange_n(&v->evtchn_upcall_pending, 0, __ATOMIC_SEQ_CST))
        abi->deliver();
}

bool evtchn_poll(evtchn_port_t port, uint64_t deadline_ns)
{
    arch_wait_event(port, deadline_ns);
    return abi->is_pending(port) || arch_system_time_ns() < deadline_ns;
}
