/* SPDX-License-Identifier: ISC */
/*
 * 2-level event channels; contract in minios/evtchn.h.
 *
 * Bits in shared_info are changed with atomic operations throughout: the other
 * side changes its neighbours at the same time (xen.h, "struct shared_info").
 */
#include <minios/evtchn.h>

#include <minios/arch.h>
#include <minios/hypercall.h>
#include <minios/memory.h>
#include <xen/errno.h>
#include <xen/sched.h>

#define WORD_BITS (sizeof(xen_ulong_t) * 8)
#define NR_WORDS  WORD_BITS
#define NR_PORTS  (NR_WORDS * WORD_BITS)

struct slot {
    evtchn_handler *fn;
    void *arg;
};

/* The slots of one selector word. Most domains use ports of the first word
 * only; the others' are made when their first port is bound. */
struct slot_group {
    struct slot slot[WORD_BITS];
};

static struct slot_group first_group;
static struct slot_group *groups[NR_WORDS] = {&first_group};

static xen_ulong_t bit_of(evtchn_port_t port)
{
    return (xen_ulong_t)1 << (port % WORD_BITS);
}

static struct vcpu_info *this_vcpu(void)
{
    return &arch_shared_info->vcpu_info[0];
}

static xen_ulong_t *pending_word(evtchn_port_t port)
{
    return &arch_shared_info->evtchn_pending[port / WORD_BITS];
}

static xen_ulong_t *mask_word(evtchn_port_t port)
{
    return &arch_shared_info->evtchn_mask[port / WORD_BITS];
}

static bool is_pending(evtchn_port_t port)
{
    xen_ulong_t word = __atomic_load_n(pending_word(port), __ATOMIC_ACQUIRE);

    return (word & bit_of(port)) != 0;
}

int evtchn_init(void)
{
    evtchn_port_t port;

    for (port = 0; port < NR_PORTS; port += WORD_BITS)
        __atomic_store_n(mask_word(port), ~(xen_ulong_t)0, __ATOMIC_RELAXED);
    arch_events_enable();
    return 0;
}

int evtchn_bind_handler(evtchn_port_t port, evtchn_handler *fn, void *arg)
{
    struct slot_group **group;
    struct slot *slot;

    if (port == 0 || port >= NR_PORTS)
        return -XEN_EINVAL;
    group = &groups[port / WORD_BITS];
    if (!*group) {
        *group = kzalloc(sizeof(**group));
        if (!*group)
            return -XEN_ENOMEM;
    }
    slot = &(*group)->slot[port % WORD_BITS];
    if (slot->fn)
        return -XEN_EBUSY;
    slot->arg = arg;
    slot->fn = fn;
    evtchn_unmask(port);
    return 0;
}

void evtchn_unbind_handler(evtchn_port_t port)
{
    struct slot_group *group;

    if (port >= NR_PORTS)
        return;
    evtchn_mask(port);
    group = groups[port / WORD_BITS];
    if (group)
        group->slot[port % WORD_BITS].fn = NULL;
}

void evtchn_mask(evtchn_port_t port)
{
    __atomic_fetch_or(mask_word(port), bit_of(port), __ATOMIC_SEQ_CST);
}

void evtchn_unmask(evtchn_port_t port)
{
    struct evtchn_unmask unmask = {.port = port};

    __atomic_fetch_and(mask_word(port), ~bit_of(port), __ATOMIC_SEQ_CST);
    if (!is_pending(port))
        return;
    /* It became pending while masked, so nobody set the selector. Xen does it,
     * and delivers, when the port is masked: mask it again for its sake. */
    evtchn_mask(port);
    (void)HYPERVISOR_event_channel_op(EVTCHNOP_unmask, &unmask);
    /* Fails only for a port that does not exist. */
}

bool evtchn_clear_pending(evtchn_port_t port)
{
    return (__atomic_fetch_and(pending_word(port), ~bit_of(port),
                               __ATOMIC_SEQ_CST) &
            bit_of(port)) != 0;
}

int evtchn_notify(evtchn_port_t port)
{
    struct evtchn_send send = {.port = port};

    return (int)HYPERVISOR_event_channel_op(EVTCHNOP_send, &send);
}

static void deliver(evtchn_port_t port)
{
    const struct slot_group *group = groups[port / WORD_BITS];
    const struct slot *slot = group ? &group->slot[port % WORD_BITS] : NULL;

    evtchn_clear_pending(port);
    if (slot && slot->fn)
        slot->fn(port, slot->arg);
    else
        evtchn_mask(port); /* Nobody's: hear of it no more. */
}

/* Bits that are pending and not masked in word (i). */
static xen_ulong_t active_bits(unsigned i)
{
    struct shared_info *s = arch_shared_info;

    return __atomic_load_n(&s->evtchn_pending[i], __ATOMIC_ACQUIRE) &
           ~__atomic_load_n(&s->evtchn_mask[i], __ATOMIC_RELAXED);
}

void evtchn_upcall(void)
{
    struct vcpu_info *v = this_vcpu();

    /* Every round serves what was selected when it began; a sender that goes on
     * and on can hold this vCPU only as it could by new upcalls. The flag is
     * cleared before the selector is read: a sender sets them the other way
     * round (xen.h, "evtchn_upcall_pending"). */
    while (
        __atomic_exchange_n(&v->evtchn_upcall_pending, 0, __ATOMIC_SEQ_CST)) {
        xen_ulong_t words =
            __atomic_exchange_n(&v->evtchn_pending_sel, 0, __ATOMIC_SEQ_CST);

        for (; words != 0; words &= words - 1) {
            unsigned i = (unsigned)__builtin_ctzl(words);
            xen_ulong_t bits = active_bits(i);

            for (; bits != 0; bits &= bits - 1)
                deliver((evtchn_port_t)(i * WORD_BITS) +
                        (evtchn_port_t)__builtin_ctzl(bits));
        }
    }
}

bool evtchn_poll(evtchn_port_t port, uint64_t deadline_ns)
{
    struct sched_poll poll = {.nr_ports = 1, .timeout = deadline_ns};

    set_xen_guest_handle(poll.ports, &port);
    if (HYPERVISOR_sched_op(SCHEDOP_poll, &poll) < 0)
        /* Not to be had here: yield, so that the wait still has its limit. */
        (void)HYPERVISOR_sched_op(SCHEDOP_yield, NULL);
    return is_pending(port) || arch_system_time_ns() < deadline_ns;
}
