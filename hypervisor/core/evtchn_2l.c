/* SPDX-License-Identifier: ISC */
/*
 * The 2-level event-channel ABI: pending and mask bitmaps in shared_info, a
 * selector word and a flag in vcpu_info (xen/xen.h, struct shared_info).
 *
 * The guest writes all of these concurrently: only atomic operations, nothing
 * read here is trusted for anything but whether to wake that same guest.
 */
#include "internal.h"

#define WORD_BITS 64u

static void tell_vcpu(struct vcpu_info *vi, unsigned word)
{
    xen_ulong_t sel = (xen_ulong_t)1 << word;

    if (!(__atomic_fetch_or(&vi->evtchn_pending_sel, sel, __ATOMIC_SEQ_CST) &
          sel))
        (void)__atomic_exchange_n(&vi->evtchn_upcall_pending, 1,
                                  __ATOMIC_SEQ_CST); /* set already or not */
}

/* pending before mask, selector before the flag: the guest clears the flag,
 * then takes the selector, then the pending words. Whatever it interleaves, the
 * last thing set is what it looks at first. Every step is an atomic
 * read-modify-write or a sequentially consistent load, so the order holds and
 * pairs with the guest's own locked operations (unmask: clear mask, then test
 * pending). */
static bool set_pending(struct hv_domain *d, unsigned vcpu, evtchn_port_t port)
{
    struct shared_info *si = d->shared_info;
    unsigned word = port / WORD_BITS;
    xen_ulong_t bit = (xen_ulong_t)1 << (port % WORD_BITS);

    /* No such port is open. What lies behind the bitmap is other domains': worth
     * looking twice. */
    if (port >= EVTCHN_2L_NR_CHANNELS)
        return false;
    if (__atomic_fetch_or(&si->evtchn_pending[word], bit, __ATOMIC_SEQ_CST) &
        bit)
        return false;
    if (!(__atomic_load_n(&si->evtchn_mask[word], __ATOMIC_SEQ_CST) & bit))
        tell_vcpu(&si->vcpu_info[vcpu], word);
    return true;
}

static bool clear_pending(struct hv_domain *d, evtchn_port_t port)
{
    xen_ulong_t bit = (xen_ulong_t)1 << (port % WORD_BITS);

    return __atomic_fetch_and(&d->shared_info->evtchn_pending[port / WORD_BITS],
                              ~bit, __ATOMIC_SEQ_CST) &
           bit;
}

static bool unmask(struct hv_domain *d, unsigned vcpu, evtchn_port_t port)
{
    struct shared_info *si = d->shared_info;
    unsigned word = port / WORD_BITS;
    xen_ulong_t bit = (xen_ulong_t)1 << (port % WORD_BITS);

    if (!(__atomic_fetch_and(&si->evtchn_mask[word], ~bit, __ATOMIC_SEQ_CST) &
          bit) ||
        !(__atomic_load_n(&si->evtchn_pending[word], __ATOMIC_SEQ_CST) & bit))
        return false;
    tell_vcpu(&si->vcpu_info[vcpu], word);
    return true;
}

const struct hv_evtchn_abi hv_evtchn_2l = {
    .max_ports = EVTCHN_2L_NR_CHANNELS,
    .two_producers = true,
    .set_pending = set_pending,
    .clear_pending = clear_pending,
    .unmask = unmask,
};
