/* SPDX-License-Identifier: ISC */
/*
 * The FIFO event-channel ABI (xen/event_channel.h, "FIFO ABI"): one word per
 * port in an array of guest pages, and for every vCPU a control block with the
 * heads of 16 queues, one per priority. A queue is a list through the LINK
 * fields of the words of its ports.
 *
 *   word   PENDING | MASKED | LINKED | BUSY | ... | LINK (17 bits)
 *
 * We append: set LINKED in the port's word, then write the port into the LINK
 * of the word at the queue's tail, or into the head if the queue is empty; then
 * the queue's bit in (ready). The guest takes from the head: it clears LINKED
 * and LINK of a word in one step, and LINK was the next port, 0 if none.
 *
 * All of that is guest memory, and the guest may write anything there at any
 * time. Hence:
 *
 * 1. Nothing read from a word or a control block is used as an index, or
 *    compared with anything but single bits: the tails are ours, LINK is written
 *    only. A guest that makes loops or sends its consumer astray has lost its
 *    own events.
 * 2. Each word is changed by atomic operations; the only loop, link_after(), is
 *    bounded. Old values come from test_and_set() and test_and_clear() only: of
 *    other atomic operations with a result compilers make loops that end when
 *    the guest lets them.
 * 3. A port is the tail of at most one queue, the one it was linked to last
 *    (last_vcpu, last_priority): else a second queue would hang its events
 *    behind a word that is linked elsewhere by now.
 * 4. Pages stay mapped from the call that gave them until the domain goes back
 *    to the 2-level ABI or dies.
 */
#include "internal.h"
#include <base/string.h>
#include <xen/errno.h>

#define WORDS_PER_PAGE (PORTAL_PAGE_SIZE / sizeof(event_word_t))
#define NR_QUEUES      EVTCHN_FIFO_MAX_QUEUES

#define PENDING   (1u << EVTCHN_FIFO_PENDING)
#define MASKED    (1u << EVTCHN_FIFO_MASKED)
#define LINKED    (1u << EVTCHN_FIFO_LINKED)
#define BUSY      (1u << EVTCHN_FIFO_BUSY)
#define LINK_MASK ((event_word_t)EVTCHN_FIFO_LINK_MASK)

/* What a guest that follows the rules may do to the word at the tail while we
 * want to link to it: clear PENDING, set or clear MASKED, clear LINKED, once
 * each, and clear MASKED only while BUSY is clear. So a few attempts do, the
 * last of them with BUSY set; a guest that needs more is playing games. */
#define FREE_TRIES 4u
#define BUSY_TRIES 4u

struct fifo_page {
    event_word_t *words;
    uint32_t mfn;
};

struct fifo_vcpu {
    struct evtchn_fifo_control_block *control; /* NULL: not given yet      */
    void *page;                                /* the frame it lies in     */
    uint32_t mfn;
    /* Port that was linked last in each queue, 0: none yet. */
    evtchn_port_t tail[NR_QUEUES];
};

struct hv_fifo {
    struct fifo_vcpu *vcpu; /* nr_vcpus of them, behind (page)             */
    uint32_t nr_pages, max_pages;
    struct fifo_page page[]; /* max_pages                                  */
};

/* One instruction each, for which they must stay functions: inlined, the test
 * may take a form of which the compiler makes a loop. */
/* NOLINTBEGIN(readability-non-const-parameter): it knows no atomic operations */
static __attribute__((noinline)) bool test_and_set(uint32_t *word, unsigned bit)
{
    uint32_t m = 1u << bit;

    return (__atomic_fetch_or(word, m, __ATOMIC_SEQ_CST) & m) != 0;
}

static __attribute__((noinline)) bool test_and_clear(uint32_t *word,
                                                     unsigned bit)
{
    uint32_t m = 1u << bit;

    return (__atomic_fetch_and(word, ~m, __ATOMIC_SEQ_CST) & m) != 0;
}
/* NOLINTEND(readability-non-const-parameter) */

static event_word_t *word_of(const struct hv_domain *d, evtchn_port_t port)
{
    const struct hv_fifo *f = d->fifo;
    uint32_t page = port / WORDS_PER_PAGE;

    if (page >= f->nr_pages)
        return NULL;
    return f->page[page].words + port % WORDS_PER_PAGE;
}

/* LINK_DONE: (port) now follows (last). LINK_EMPTY: that one has
 * been taken, the queue is empty. LINK_LOST: the guest keeps changing it. */
enum link_result { LINK_DONE, LINK_EMPTY, LINK_LOST };

static enum link_result link_after(const struct hv_domain *d,
                                   evtchn_port_t last, evtchn_port_t port)
{
    event_word_t *tail = word_of(d, last);
    event_word_t w = __atomic_load_n(tail, __ATOMIC_SEQ_CST);
    enum link_result result = LINK_LOST;
    unsigned i;

    for (i = 0; i < FREE_TRIES + BUSY_TRIES; i++) {
        if (i == FREE_TRIES) {
            __atomic_fetch_or(tail, BUSY, __ATOMIC_SEQ_CST);
            w = __atomic_load_n(tail, __ATOMIC_SEQ_CST);
        }
        if (!(w & LINKED)) {
            result = LINK_EMPTY;
            break;
        }
        /* Pairs with the guest's clearing of LINKED and LINK: either it finds
         * the link or we find the word unlinked. */
        if (__atomic_compare_exchange_n(tail, &w,
                                        (w & ~(BUSY | LINK_MASK)) | port, false,
                                        __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
            return LINK_DONE;
    }
    if (i >= FREE_TRIES)
        __atomic_fetch_and(tail, ~BUSY, __ATOMIC_SEQ_CST);
    return result;
}

/* The queue that (port), which is not linked, goes to now. It may still be the
 * tail of another one (invariant 3). */
static evtchn_port_t *choose_queue(struct hv_domain *d, unsigned vcpu,
                                   evtchn_port_t port)
{
    struct hv_evtchn *e = &d->ports[port];
    evtchn_port_t *q = &d->fifo->vcpu[vcpu].tail[e->priority];
    evtchn_port_t *old = &d->fifo->vcpu[e->last_vcpu].tail[e->last_priority];

    if (old != q && *old == port)
        *old = 0;
    e->last_vcpu = (uint8_t)vcpu;
    e->last_priority = e->priority;
    return q;
}

/* Appends (port) to its queue. True when the vCPU has to be told. */
static bool enqueue(struct hv_domain *d, unsigned vcpu, evtchn_port_t port,
                    event_word_t *word)
{
    struct evtchn_fifo_control_block *c = d->fifo->vcpu[vcpu].control;
    evtchn_port_t *tail = choose_queue(d, vcpu, port);
    unsigned prio = d->ports[port].priority;
    enum link_result r = LINK_EMPTY;
    uint8_t *flag = &d->shared_info->vcpu_info[vcpu].evtchn_upcall_pending;

    if (test_and_set(word, EVTCHN_FIFO_LINKED))
        return false; /* the guest set it this moment; so be it */
    /* Were it its own tail, the word would look linked: by us, just now. */
    if (*tail != 0 && *tail != port)
        r = link_after(d, *tail, port);
    if (r == LINK_LOST) {
        /* Out of the queue again, and pending: it is tried again with the next
         * event, or when the guest unmasks it. */
        __atomic_fetch_and(word, ~LINKED, __ATOMIC_SEQ_CST);
        return false;
    }
    *tail = port;
    if (r == LINK_DONE)
        return false; /* whoever made the queue not empty told the vCPU */
    /* Head before ready before the flag: the guest looks at them in the
     * opposite order. */
    __atomic_store_n(&c->head[prio], port, __ATOMIC_SEQ_CST);
    if (test_and_set(&c->ready, prio))
        return false;
    (void)__atomic_exchange_n(flag, 1, __ATOMIC_SEQ_CST); /* set or not */
    return true;
}

static bool set_pending(struct hv_domain *d, unsigned vcpu, evtchn_port_t port)
{
    event_word_t *word = word_of(d, port), w;
    bool was, told = false;

    if (!word) {
        d->ports[port].pending = true; /* until there is a page for its word */
        return false;
    }
    was = test_and_set(word, EVTCHN_FIFO_PENDING);
    /* Pairs with the guest's clearing of MASKED before it looks at PENDING. */
    w = __atomic_load_n(word, __ATOMIC_SEQ_CST);
    if (!(w & (MASKED | LINKED)) && d->fifo->vcpu[vcpu].control)
        told = enqueue(d, vcpu, port, word);
    return told || !was;
}

/* It stays linked: the guest takes it out and finds it not pending. */
static bool clear_pending(struct hv_domain *d, evtchn_port_t port)
{
    event_word_t *word = word_of(d, port);
    bool was = d->ports[port].pending;

    d->ports[port].pending = false;
    if (word)
        was = test_and_clear(word, EVTCHN_FIFO_PENDING);
    return was;
}

static bool unmask(struct hv_domain *d, unsigned vcpu, evtchn_port_t port)
{
    event_word_t *word = word_of(d, port);

    if (!word)
        return false;
    __atomic_fetch_and(word, ~MASKED, __ATOMIC_SEQ_CST);
    if (!(__atomic_load_n(word, __ATOMIC_SEQ_CST) & PENDING))
        return false;
    return set_pending(d, vcpu, port);
}

const struct hv_evtchn_abi hv_evtchn_fifo = {
    .max_ports = EVTCHN_FIFO_NR_CHANNELS,
    .has_priorities = true,
    .set_pending = set_pending,
    .clear_pending = clear_pending,
    .unmask = unmask,
};

/* --- setting up and taking down ------------------------------------------- */

static int make(struct hv_domain *d)
{
    uint32_t ports = MIN(d->port_limit + 1, EVTCHN_FIFO_NR_CHANNELS);
    uint32_t pages = (uint32_t)((ports + WORDS_PER_PAGE - 1) / WORDS_PER_PAGE);
    size_t head = sizeof(struct hv_fifo) + pages * sizeof(struct fifo_page);
    struct hv_fifo *f =
        d->hv->ops->alloc(head + d->nr_vcpus * sizeof(struct fifo_vcpu));

    if (!f)
        return -XEN_ENOMEM;
    f->max_pages = pages;
    f->vcpu = (struct fifo_vcpu *)((char *)f + head);
    d->fifo = f;
    return 0;
}

/* RAM only: nobody needs the words in shared_info or a grant table. */
static int map_page(struct hv_domain *d, uint64_t mfn, void **page)
{
    *page = mfn < d->max_pages ? hv_frame_map(d, mfn, true) : NULL;
    return *page ? 0 : -XEN_EINVAL;
}

static int set_control(struct hv_domain *d, unsigned vcpu, uint64_t mfn,
                       uint32_t offset)
{
    struct fifo_vcpu *v = &d->fifo->vcpu[vcpu];
    int rc;

    if (v->control)
        return -XEN_EINVAL;
    rc = map_page(d, mfn, &v->page);
    if (rc != 0)
        return rc;
    v->mfn = (uint32_t)mfn;
    v->control = (void *)((char *)v->page + offset);
    return 0;
}

/* Every event waits for the page with its word. */
static void adopt_pending(struct hv_domain *d)
{
    evtchn_port_t port, end = MIN(d->nr_ports, hv_evtchn_2l.max_ports);

    for (port = 1; port < end; port++)
        if (hv_port(d, port))
            d->ports[port].pending = hv_evtchn_2l.clear_pending(d, port);
}

int hv_fifo_init_control(struct hv_domain *d, unsigned vcpu, uint64_t mfn,
                         uint32_t offset)
{
    bool first = !d->fifo;
    int rc = first ? make(d) : 0;

    if (rc != 0)
        return rc;
    rc = set_control(d, vcpu, mfn, offset);
    if (!first)
        return rc;
    if (rc != 0) {
        hv_fifo_fini(d);
        return rc;
    }
    adopt_pending(d);
    hv_port_use_abi(d, &hv_evtchn_fifo);
    return 0;
}

int hv_fifo_expand(struct hv_domain *d, uint64_t mfn)
{
    struct hv_fifo *f = d->fifo;
    evtchn_port_t port, end;
    void *page;
    int rc;

    if (f->nr_pages >= f->max_pages)
        return -XEN_ENOSPC;
    rc = map_page(d, mfn, &page);
    if (rc != 0)
        return rc;
    f->page[f->nr_pages].mfn = (uint32_t)mfn;
    f->page[f->nr_pages].words = page;
    port = (evtchn_port_t)(f->nr_pages * WORDS_PER_PAGE);
    f->nr_pages++;
    end = (evtchn_port_t)MIN(port + WORDS_PER_PAGE, d->nr_ports);
    for (; port < end; port++) {
        if (!d->ports[port].pending)
            continue;
        d->ports[port].pending = false;
        hv_port_raise(d, port);
    }
    return 0;
}

void hv_fifo_fini(struct hv_domain *d)
{
    const struct hv_ops *ops = d->hv->ops;
    struct hv_fifo *f = d->fifo;
    uint32_t i;

    if (!f)
        return;
    d->fifo = NULL;
    for (i = 0; i < f->nr_pages; i++)
        ops->unmap_frame(d, f->page[i].mfn, f->page[i].words);
    for (i = 0; i < d->nr_vcpus; i++)
        if (f->vcpu[i].page)
            ops->unmap_frame(d, f->vcpu[i].mfn, f->vcpu[i].page);
    ops->free(f);
    hv_port_use_abi(d, &hv_evtchn_2l);
}
