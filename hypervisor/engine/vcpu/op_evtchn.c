/* SPDX-License-Identifier: ISC */
/*
 * Event channels: unmasking with the 2-level ABI, which needs nothing but
 * shared_info, and whether a port is pending, for SCHEDOP_poll. The core does
 * the rest; what the FIFO ABI is made of is noted here on its way there.
 */

#include <vcpu/vcpu.h>
#include <xen/event_channel.h>

#define NR_PORTS_2L    4096u
#define WORDS_PER_PAGE (PORTAL_PAGE_SIZE / sizeof(event_word_t))

/* The pages of event words, once the core has accepted them. */
static struct {
    bool on;
    uint32_t nr_pages;
    uint32_t mfn[EVTCHN_FIFO_NR_CHANNELS / WORDS_PER_PAGE];
} fifo;

uint32_t event_port_limit(void)
{
    return fifo.on ? EVTCHN_FIFO_NR_CHANNELS : NR_PORTS_2L;
}

static bool pending_2l(uint32_t port)
{
    const volatile xen_ulong_t *word = &SHINFO->evtchn_pending[port / 64];

    return *word >> (port % 64) & 1;
}

bool event_pending(uint32_t port)
{
    uint32_t page = port / WORDS_PER_PAGE;
    const volatile uint64_t *p;
    uint32_t w;

    if (!fifo.on)
        return pending_2l(port);
    if (page >= fifo.nr_pages)
        return false;
    p = frame_read(fifo.mfn[page]);
    if (!p)
        return false;
    w = ((const volatile event_word_t *)p)[port % WORDS_PER_PAGE];
    return w >> EVTCHN_FIFO_PENDING & 1;
}

/* The same order as Xen: unmask, then see whether something was pending. */
static int64_t unmask_2l(uint64_t arg_va)
{
    struct evtchn_unmask u;
    uint64_t bit;

    if (copy_from_guest(&u, arg_va, sizeof u))
        return -XEN_EFAULT;
    if (u.port == 0 || u.port >= NR_PORTS_2L)
        return -XEN_EINVAL;
    bit = 1ull << (u.port % 64);
    if (!(__atomic_fetch_and(&SHINFO->evtchn_mask[u.port / 64], ~bit,
                             __ATOMIC_SEQ_CST) &
          bit))
        return 0;
    if (!pending_2l(u.port))
        return 0;
    __atomic_fetch_or(&VCPU_INFO->evtchn_pending_sel, 1ull << (u.port / 64),
                      __ATOMIC_SEQ_CST);
    __atomic_store_n(&VCPU_INFO->evtchn_upcall_pending, 1, __ATOMIC_SEQ_CST);
    return 0;
}

static int64_t forward(struct guest_regs *r)
{
    return forward_row(r, __HYPERVISOR_event_channel_op, (uint32_t)r->rdi);
}

/* The daemon is going to write to frame (mfn): where it lies must not change
 * behind our back. What is wrong with the frame is for the core to say. */
static void make_private(uint64_t mfn)
{
    if (mfn < vcpu.boot.max_pages)
        (void)frame_unshare(mfn);
}

static int64_t init_control(struct guest_regs *r)
{
    struct evtchn_init_control c;
    int64_t rc;

    if (copy_from_guest(&c, r->rsi, sizeof c))
        return -XEN_EFAULT;
    make_private(c.control_gfn);
    rc = forward(r);
    if (!rc)
        fifo.on = true;
    return rc;
}

static int64_t expand_array(struct guest_regs *r)
{
    struct evtchn_expand_array e;
    int64_t rc;

    if (copy_from_guest(&e, r->rsi, sizeof e))
        return -XEN_EFAULT;
    make_private(e.array_gfn);
    rc = forward(r);
    if (!rc && fifo.nr_pages < ARRAY_SIZE(fifo.mfn))
        fifo.mfn[fifo.nr_pages++] = (uint32_t)e.array_gfn;
    return rc;
}

/* In parts (portal/hypercalls.h). */
static int64_t reset(struct guest_regs *r)
{
    int64_t rc;

    do
        rc = forward(r);
    while (rc == -XEN_EAGAIN);
    if (!rc) {
        fifo.on = false;
        fifo.nr_pages = 0;
    }
    return rc;
}

int64_t op_evtchn(struct guest_regs *r)
{
    switch ((uint32_t)r->rdi) {
    case EVTCHNOP_send:
        return event_send(r);
    case EVTCHNOP_unmask:
        return fifo.on ? forward(r) : unmask_2l(r->rsi);
    case EVTCHNOP_init_control:
        return init_control(r);
    case EVTCHNOP_expand_array:
        return expand_array(r);
    case EVTCHNOP_reset:
        return reset(r);
    default:
        return forward(r);
    }
}
