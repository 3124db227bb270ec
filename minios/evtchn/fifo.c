/* SPDX-License-Identifier: ISC */
/*
 * The FIFO ABI (xen/event_channel.h): a word for every port, in pages that we
 * give to Xen one by one, and 16 queues, one per priority, that are lists
 * through the LINK fields of the words. Xen appends, we take from the head.
 *
 * To take a port is to clear LINKED and LINK of its word in one step; LINK was
 * the next port, 0 if there is none. Whether it is pending and not masked is
 * looked at afterwards.
 */
#include "evtchn/abi.h"

#include <base/string.h>
#include <minios/arch.h>
#include <minios/hypercall.h>
#include <minios/memory.h>
#include <minios/panic.h>
#include <xen/errno.h>

#define WORDS_PER_PAGE (PAGE_SIZE / sizeof(event_word_t))
#define NR_PAGES       (EVTCHN_FIFO_NR_CHANNELS / WORDS_PER_PAGE)

#define PENDING   (1u << EVTCHN_FIFO_PENDING)
#define MASKED    (1u << EVTCHN_FIFO_MASKED)
#define LINKED    (1u << EVTCHN_FIFO_LINKED)
#define BUSY      (1u << EVTCHN_FIFO_BUSY)
#define LINK_MASK ((event_word_t)EVTCHN_FIFO_LINK_MASK)

static struct evtchn_fifo_control_block *control;
static event_word_t *pages[NR_PAGES];
static unsigned nr_pages;
/* Next port of each queue, 0: where Xen's head says. */
static evtchn_port_t heads[EVTCHN_FIFO_MAX_QUEUES];

static event_word_t *word_of(evtchn_port_t port)
{
    return &pages[port / WORDS_PER_PAGE][port % WORDS_PER_PAGE];
}

static void mask(evtchn_port_t port)
{
    __atomic_fetch_or(word_of(port), MASKED, __ATOMIC_SEQ_CST);
}

static bool unmask(evtchn_port_t port)
{
    event_word_t *word = word_of(port);
    event_word_t w = __atomic_load_n(word, __ATOMIC_RELAXED);

    /* BUSY: Xen is about to link to this word, and asks us to wait. */
    do {
        while (w & BUSY)
            w = __atomic_load_n(word, __ATOMIC_RELAXED);
    } while (!__atomic_compare_exchange_n(word, &w, w & ~MASKED, false,
                                          __ATOMIC_SEQ_CST, __ATOMIC_RELAXED));
    return (w & PENDING) != 0;
}

static bool is_pending(evtchn_port_t port)
{
    return (__atomic_load_n(word_of(port), __ATOMIC_ACQUIRE) & PENDING) != 0;
}

static bool clear_pending(evtchn_port_t port)
{
    return (__atomic_fetch_and(word_of(port), ~PENDING, __ATOMIC_SEQ_CST) &
            PENDING) != 0;
}

/* Takes (port) from its queue; returns the one behind it. */
static evtchn_port_t take(evtchn_port_t port)
{
    event_word_t *word = word_of(port);
    event_word_t w = __atomic_load_n(word, __ATOMIC_RELAXED);

    while (!__atomic_compare_exchange_n(word, &w, w & ~(LINKED | LINK_MASK),
                                        false, __ATOMIC_SEQ_CST,
                                        __ATOMIC_RELAXED))
        ;
    return w & LINK_MASK;
}

/* One event of queue (prio); its bit in (*ready) goes when it was the last. */
static void serve_one(unsigned prio, uint32_t *ready)
{
    evtchn_port_t port = heads[prio];
    event_word_t w;

    /* Acquire: pairs with Xen's setting of the ready bit after the head. */
    if (port == 0)
        port = __atomic_load_n(&control->head[prio], __ATOMIC_ACQUIRE);
    BUG_ON(port / WORDS_PER_PAGE >= nr_pages);
    heads[prio] = take(port);
    if (heads[prio] == 0)
        *ready &= ~(1u << prio);
    w = __atomic_load_n(word_of(port), __ATOMIC_ACQUIRE);
    if ((w & PENDING) && !(w & MASKED))
        evtchn_deliver(port);
}

static void deliver(void)
{
    uint32_t ready = __atomic_exchange_n(&control->ready, 0, __ATOMIC_SEQ_CST);

    while (ready) {
        serve_one((unsigned)__builtin_ctz(ready), &ready);
        /* An event of a higher priority goes before what is left here. */
        ready |= __atomic_exchange_n(&control->ready, 0, __ATOMIC_SEQ_CST);
    }
}

/* A page of words, as the 2-level ABI has the ports masked. */
static void *make_page(unsigned nr)
{
    event_word_t *words = page_alloc(0);
    evtchn_port_t port = (evtchn_port_t)(nr * WORDS_PER_PAGE);
    size_t i;

    if (!words)
        return NULL;
    for (i = 0; i < WORDS_PER_PAGE; i++, port++)
        words[i] =
            port >= evtchn_two_level.max_ports || two_level_is_masked(port)
                ? MASKED
                : 0;
    return words;
}

/* Gives the next page of words, made already, to Xen. */
static int expand(void)
{
    struct evtchn_expand_array a = {.array_gfn =
                                        arch_page_gfn(pages[nr_pages])};
    int rc;

    /* From this call on events may arrive there. */
    nr_pages++;
    rc = (int)HYPERVISOR_event_channel_op(EVTCHNOP_expand_array, &a);
    if (rc != 0)
        nr_pages--;
    return rc;
}

static int prepare(evtchn_port_t port)
{
    while (port / WORDS_PER_PAGE >= nr_pages) {
        int rc;

        if (!pages[nr_pages])
            pages[nr_pages] = make_page(nr_pages);
        if (!pages[nr_pages])
            return -XEN_ENOMEM;
        rc = expand();
        if (rc != 0)
            return rc;
    }
    return 0;
}

static int init_control(void)
{
    struct evtchn_init_control c = {.control_gfn = arch_page_gfn(control)};

    return (int)HYPERVISOR_event_channel_op(EVTCHNOP_init_control, &c);
}

static void free_pages(void)
{
    size_t i;

    for (i = 0; i < NR_PAGES && pages[i]; i++) {
        page_free(pages[i], 0);
        pages[i] = NULL;
    }
    if (control)
        page_free(control, 0);
    control = NULL;
}

int fifo_init(evtchn_port_t last)
{
    unsigned i, nr = last / WORDS_PER_PAGE + 1;
    int rc = -XEN_ENOMEM;

    /* All memory first: there is no way back once Xen has agreed. */
    control = page_alloc(0);
    if (!control)
        return rc;
    memset(control, 0, PAGE_SIZE);
    for (i = 0; i < nr; i++) {
        pages[i] = make_page(i);
        if (!pages[i])
            goto out;
    }
    rc = init_control();
    if (rc != 0)
        goto out;
    while (nr_pages < nr) {
        rc = expand();
        if (rc != 0)
            panic("event array page %u: error %d", nr_pages, rc);
    }
    return 0;
out:
    free_pages();
    return rc;
}

const struct evtchn_abi evtchn_fifo = {
    .name = "fifo",
    .max_ports = EVTCHN_FIFO_NR_CHANNELS,
    .prepare = prepare,
    .mask = mask,
    .unmask = unmask,
    .is_pending = is_pending,
    .clear_pending = clear_pending,
    .deliver = deliver,
};
