/* SPDX-License-Identifier: ISC */
/*
 * Events that need nobody else: IPIs of this vCPU and its timer. And sends to
 * others, which need not be waited for (portal/portal.h, struct portal_events).
 * A FIFO domain's mirror has no IPIs and no timer: what raises them here is the
 * 2-level ABI.
 */

#include <vcpu/vcpu.h>
#include <vcpu/sys.h>
#include <portal/hypercalls.h>
#include <xen/event_channel.h>

#define NR_PORTS_2L 4096u

/* Selector, then flag: who finds the selector set leaves it to him who did. */
static void notice(uint32_t port)
{
    uint64_t sel = 1ull << (port / 64);

    if (!(__atomic_fetch_or(&VCPU_INFO->evtchn_pending_sel, sel,
                            __ATOMIC_SEQ_CST) &
          sel))
        __atomic_store_n(&VCPU_INFO->evtchn_upcall_pending, 1,
                         __ATOMIC_SEQ_CST);
}

/*
 * Makes (port) pending as the core would (core/evtchn_2l.c): pending, then
 * mask, then selector, then the flag. Who raises it looks for upcalls on the
 * way out; a wait that a signal handler's raise interrupts begins anew, or
 * finds wake_seq changed.
 */
static void raise(uint32_t port)
{
    uint64_t bit = 1ull << (port % 64);

    if (__atomic_fetch_or(&SHINFO->evtchn_pending[port / 64], bit,
                          __ATOMIC_SEQ_CST) &
        bit)
        return;
    if (!(__atomic_load_n(&SHINFO->evtchn_mask[port / 64], __ATOMIC_SEQ_CST) &
          bit))
        notice(port);
    __atomic_fetch_add(&PORTAL->wake_seq, 1, __ATOMIC_SEQ_CST);
}

bool raise_timer(void)
{
    uint32_t port = PORTAL->events.timer_port;

    if (!port || port >= NR_PORTS_2L)
        return false;
    raise(port);
    return true;
}

/* Tells the daemon, and goes on. */
static void send_remote(uint64_t bit)
{
    const char ring = 1;

    /* Sent and not yet taken: whoever set the first bit has rung, or is about
     * to, having been interrupted. Release: what the guest has put in its rings
     * is seen by whoever takes the bit. */
    if (__atomic_fetch_or(&PORTAL->events.sends, bit, __ATOMIC_SEQ_CST))
        return;
    /* An answer that comes before we are back needs no signal. */
    __atomic_store_n(&PORTAL->vcpu_state, PORTAL_VCPU_CALL, __ATOMIC_RELAXED);
    /* A full doorbell pipe (EAGAIN) is a doorbell that rings already. */
    sys3(NR_write, GUEST_FD_DOORBELL, (long)(uintptr_t)&ring, 1);
    /* Sequentially consistent, and before the look for events on the way out:
     * pairs with the kick's read of it after the event was made pending. */
    __atomic_store_n(&PORTAL->vcpu_state, PORTAL_VCPU_RUNNING,
                     __ATOMIC_SEQ_CST);
}

int64_t event_send(struct guest_regs *r)
{
    struct evtchn_send s;
    uint64_t bit;

    if (copy_from_guest(&s, r->rsi, sizeof s))
        return -XEN_EFAULT;
    bit = s.port < PORTAL_EVENT_PORTS ? 1ull << s.port : 0;
    if (PORTAL->events.ipi & bit) {
        raise(s.port);
        return 0;
    }
    if (PORTAL->events.remote & bit) {
        send_remote(bit);
        return 0;
    }
    return forward_row(r, __HYPERVISOR_event_channel_op, EVTCHNOP_send);
}
