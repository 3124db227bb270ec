/* SPDX-License-Identifier: ISC */
/*
 * The 2-level ABI: bitmaps in shared_info, a selector in vcpu_info.
 *
 * Bits in shared_info are changed with atomic operations throughout: the other
 * side changes its neighbours at the same time (xen.h, "struct shared_info").
 */
#include "evtchn/abi.h"

#include <minios/arch.h>
#include <xen/xen.h>

#define WORD_BITS (sizeof(xen_ulong_t) * 8)
#define NR_PORTS  (WORD_BITS * WORD_BITS)

static xen_ulong_t bit_of(evtchn_port_t port)
{
    return (xen_ulong_t)1 << (port % WORD_BITS);
}

static xen_ulong_t *pending_word(evtchn_port_t port)
{
    return &arch_shared_info->evtchn_pending[port / WORD_BITS];
}

static xen_ulong_t *mask_word(evtchn_port_t port)
{
    return &arch_shared_info->evtchn_mask[port / WORD_BITS];
}

void two_level_init(void)
{
    evtchn_port_t port;

    for (port = 0; port < NR_PORTS; port += WORD_BITS)
        __atomic_store_n(mask_word(port), ~(xen_ulong_t)0, __ATOMIC_RELAXED);
}

bool two_level_is_masked(evtchn_port_t port)
{
    return (__atomic_load_n(mask_word(port), __ATOMIC_RELAXED) &
            bit_of(port)) != 0;
}

static int prepare(evtchn_port_t port)
{
    (void)port;
    return 0; /* shared_info has room for all of them */
}

static void mask(evtchn_port_t port)
{
    __atomic_fetch_or(mask_word(port), bit_of(port), __ATOMIC_SEQ_CST);
}

static bool is_pending(evtchn_port_t port)
{
    return (__atomic_load_n(pending_word(port), __ATOMIC_ACQUIRE) &
            bit_of(port)) != 0;
}

static bool unmask(evtchn_port_t port)
{
    __atomic_fetch_and(mask_word(port), ~bit_of(port), __ATOMIC_SEQ_CST);
    if (!is_pending(port))
        return false;
    /* It became pending while masked, so nobody set the selector. Xen does it
     * when the port is masked: mask it again for its sake. */
    mask(port);
    return true;
}

static bool clear_pending(evtchn_port_t port)
{
    return (__atomic_fetch_and(pending_word(port), ~bit_of(port),
                               __ATOMIC_SEQ_CST) &
            bit_of(port)) != 0;
}

/* Bits that are pending and not masked in word (i). */
static xen_ulong_t active_bits(unsigned i)
{
    struct shared_info *s = arch_shared_info;

    return __atomic_load_n(&s->evtchn_pending[i], __ATOMIC_ACQUIRE) &
           ~__atomic_load_n(&s->evtchn_mask[i], __ATOMIC_RELAXED);
}

/* Serves what was selected when it began; a sender that goes on and on can hold
 * this vCPU only as it could by new upcalls. */
static void deliver(void)
{
    struct vcpu_info *v = arch_vcpu_info;
    xen_ulong_t words =
        __atomic_exchange_n(&v->evtchn_pending_sel, 0, __ATOMIC_SEQ_CST);

    for (; words != 0; words &= words - 1) {
        unsigned i = (unsigned)__builtin_ctzl(words);
        xen_ulong_t bits = active_bits(i);

        for (; bits != 0; bits &= bits - 1)
            evtchn_deliver((evtchn_port_t)(i * WORD_BITS) +
                           (evtchn_port_t)__builtin_ctzl(bits));
    }
}

const struct evtchn_abi evtchn_two_level = {
    .name = "2-level",
    .max_ports = NR_PORTS,
    .prepare = prepare,
    .mask = mask,
    .unmask = unmask,
    .is_pending = is_pending,
    .clear_pending = clear_pending,
    .deliver = deliver,
};
