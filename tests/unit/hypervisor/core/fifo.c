/* SPDX-License-Identifier: ISC */
/* The FIFO ABI, with a consumer as an ordinary guest has one. */
#include "world.h"
#include <tap.h>

#define PENDING   (1u << EVTCHN_FIFO_PENDING)
#define MASKED    (1u << EVTCHN_FIFO_MASKED)
#define LINKED    (1u << EVTCHN_FIFO_LINKED)
#define LINK_MASK ((event_word_t)EVTCHN_FIFO_LINK_MASK)

#define ALL_PORTS 131071u

static struct hv *hv;
static struct hv_domain *a;
static evtchn_port_t heads[EVTCHN_FIFO_MAX_QUEUES];
static uint32_t ready; /* as far as taken from the control block            */

static void begin(void)
{
    hv = world_begin();
    world_abi = WORLD_FIFO;
    a = new_domain(hv, "a");
    world_abi = WORLD_2L;
    memset(heads, 0, sizeof(heads));
    ready = 0;
}

/* Takes the next event of vCPU 0, highest priority first; 0: there is none. */
static evtchn_port_t take(void)
{
    struct evtchn_fifo_control_block *c = fifo_control(a, 0);
    evtchn_port_t port;
    event_word_t *w;
    unsigned q;

    for (;;) {
        ready |= c->ready;
        c->ready = 0;
        if (!ready)
            return 0;
        q = (unsigned)__builtin_ctz(ready);
        port = heads[q] ? heads[q] : c->head[q];
        w = fifo_word(a, port);
        heads[q] = *w & LINK_MASK;
        *w &= ~(LINKED | LINK_MASK);
        if (heads[q] == 0)
            ready &= ~(1u << q);
        if ((*w & (PENDING | MASKED)) != PENDING)
            continue;
        *w &= ~PENDING;
        return port;
    }
}

static void test_order(void)
{
    unsigned i;

    begin();
    for (i = 1; i <= 5; i++)
        op_ipi(a, 0);
    for (i = 3; i <= 5; i++)
        is_int(op_send(a, i), 0, "sent on %u", i);
    is_int(op_send(a, 1), 0, "and on 1");
    is_int(info_of(a)->vcpu_info[0].evtchn_upcall_pending, 1, "flag");
    is_int(fifo_control(a, 0)->ready, 1u << EVTCHN_FIFO_PRIORITY_DEFAULT,
           "the queue of the default priority is ready");
    is_int(seen.kicks, 4, "a kick each");
    op_send(a, 4);
    is_int(seen.kicks, 4, "none for what is pending");
    is_int(take(), 3, "they come in their order");
    is_int(take(), 4, "second");
    op_send(a, 3);
    is_int(take(), 5, "third");
    is_int(take(), 1, "fourth");
    is_int(take(), 3, "what was sent again goes to the end");
    is_int(take(), 0, "that was all");
    op_send(a, 2);
    is_int(take(), 2, "an empty queue is filled again");
    op_send(a, 2);
    is_int(take(), 2, "by the same port, which was its tail");
    is_int(take(), 0, "once");
    world_end(hv);
}

static void test_priorities(void)
{
    unsigned i;

    begin();
    for (i = 1; i <= 16; i++) {
        op_ipi(a, 0);
        is_int(op_priority(a, i, i - 1), 0, "port %u: priority %u", i, i - 1);
    }
    for (i = 16; i >= 1; i--)
        op_send(a, i);
    for (i = 1; i <= 8; i++)
        is_int(take(), i, "the highest goes first");
    op_send(a, 2);
    is_int(take(), 2, "a higher one that comes later too");
    for (i = 9; i <= 16; i++)
        is_int(take(), i, "then the others");
    is_int(take(), 0, "that was all");
    is_int(op_close(a, 5), 0, "port 5 is closed");
    is_int(op_ipi(a, 0), 5, "and taken again");
    op_send(a, 5);
    is_int(fifo_control(a, 0)->ready, 1u << EVTCHN_FIFO_PRIORITY_DEFAULT,
           "with the default priority");
    world_end(hv);
}

/* A port that is the tail of one queue and linked into another. */
static void test_moved_tail(void)
{
    begin();
    op_ipi(a, 0);
    op_ipi(a, 0);
    op_ipi(a, 0);
    op_send(a, 1);
    is_int(take(), 1, "port 1 is the tail of its queue, and taken");
    op_priority(a, 1, 3);
    op_send(a, 1);
    op_priority(a, 2, 3);
    op_send(a, 2);
    op_send(a, 3);
    is_int(take(), 1, "it heads another queue now");
    is_int(take(), 2, "where 2 follows");
    is_int(take(), 3, "and 3 is in the old one");
    is_int(take(), 0, "nothing is lost or doubled");

    op_send(a, 3); /* linked, tail of queue 7 */
    is_int(op_close(a, 3), 0, "a linked port is closed");
    is_int(op_ipi(a, 0), 3, "taken again");
    op_priority(a, 3, 0);
    op_send(a, 3);
    is_int(take(), 3, "and delivered by the queue that it is still in");
    op_send(a, 3);
    op_priority(a, 1, 7);
    op_send(a, 1);
    is_int(take(), 3, "later by its own");
    is_int(take(), 1, "the old queue has no other tail");
    world_end(hv);
}

static void test_mask(void)
{
    begin();
    op_ipi(a, 0);
    op_ipi(a, 0);
    mask(a, 1, true);
    op_send(a, 1);
    ok(pending(a, 1), "a masked port becomes pending");
    is_int(seen.kicks, 1, "with a kick: it may be polled for");
    is_int(take(), 0, "but is not linked");
    world_forget();
    is_int(op_unmask(a, 1), 0, "unmasked");
    is_int(seen.kicks, 1, "there is a kick");
    is_int(take(), 1, "and it comes");
    op_send(a, 1);
    op_send(a, 2);
    mask(a, 1, true);
    is_int(take(), 2, "masked in the queue: passed over");
    is_int(op_unmask(a, 1), 0, "unmasked");
    is_int(take(), 1, "it comes");
    op_send(a, 1);
    is_int(op_close(a, 1), 0, "closed in the queue");
    is_int(take(), 0, "passed over as well");
    world_end(hv);
}

/* What was bound and pending before the ABI changed is so afterwards. */
static void test_switch(void)
{
    hv = world_begin();
    a = new_domain(hv, "a");
    memset(heads, 0, sizeof(heads));
    ready = 0;
    op_ipi(a, 0);
    op_ipi(a, 0);
    op_virq(a, VIRQ_TIMER, 0);
    op_ipi(a, 0);
    op_ipi(a, 0);
    mask(a, 2, true);
    op_send(a, 1);
    op_send(a, 2);
    op_close(a, 5);
    info_of(a)->evtchn_pending[0] |= 1ul << 5; /* the guest's own doing */
    is_int(op_init_control(a, 0, FIFO_CONTROL, 0), 0, "init_control");
    is_int(info_of(a)->evtchn_pending[0], 1ul << 5, "the bitmap is left");
    is_int(op_send(a, 4), 0, "an event before there is a word for it");
    fifo_word(a, 2)[0] = MASKED;
    is_int(op_expand(a, FIFO_WORDS), 0, "a page of words");
    ok(pending(a, 1) && pending(a, 2) && pending(a, 4), "all are pending");
    ok(!pending(a, 3) && !pending(a, 5), "and no others");
    is_int(take(), 1, "delivered");
    is_int(take(), 4, "in order");
    is_int(take(), 0, "but the masked one");
    hv_send_virq(a, 0, VIRQ_TIMER);
    is_int(take(), 3, "the virq is still bound");
    is_int(op_unmask(a, 2), 0, "unmask");
    is_int(take(), 2, "the masked one comes");

    op_send(a, 1);
    is_int(op_reset(a, DOMID_SELF), 0, "reset");
    is_int(mapped_frames, 0, "the guest has its pages back");
    is_int(op_ipi(a, 0), 1, "a port");
    ok(!pending(a, 1), "nothing is pending");
    is_int(op_send(a, 1), 0, "sent");
    is_int(info_of(a)->vcpu_info[0].evtchn_pending_sel & 1, 1, "2-level again");
    is_int(op_init_control(a, 0, FIFO_CONTROL, 0), 0, "and FIFO again");
    is_int(op_expand(a, FIFO_WORDS + 1), 0, "with another page");
    ok(*((event_word_t *)frame_of(a, FIFO_WORDS + 1) + 1) & PENDING,
       "where the event is");
    world_end(hv);
}

static void test_vcpus(void)
{
    struct hv_domain_config c = domain_config("smp");

    hv = world_begin();
    c.nr_vcpus = 2;
    is_int(hv_domain_create(hv, &c, &a), 0, "a domain of two vCPUs");
    is_int(op_init_control(a, 1, FIFO_CONTROL, FIFO_STEP), 0,
           "vCPU 1 has its control block first");
    is_int(op_expand(a, FIFO_WORDS), 0, "words");
    op_ipi(a, 0);
    op_ipi(a, 1);
    op_send(a, 2);
    is_int(fifo_control(a, 1)->head[7], 2, "its event is linked");
    is_int(info_of(a)->vcpu_info[1].evtchn_upcall_pending, 1, "it is told");
    op_send(a, 1);
    ok(pending(a, 1), "vCPU 0's is pending");
    ok(!(*fifo_word(a, 1) & LINKED), "and waits for its control block");
    is_int(op_init_control(a, 0, FIFO_CONTROL, 0), 0, "there it is");
    is_int(op_unmask(a, 1), 0, "unmask");
    is_int(fifo_control(a, 0)->head[7], 1, "links it");
    is_int(seen.last_vcpu, 0, "and kicks vCPU 0");

    is_int(op_alloc(a, DOMID_SELF, 0), 3, "a port that can move");
    op_alloc(a, DOMID_SELF, 1);
    op_bind(a, 1, 4); /* 5 -> 4 */
    op_bind_vcpu(a, 4, 1);
    *fifo_word(a, 2) = 0;
    op_send(a, 5);
    is_int(fifo_control(a, 1)->head[7], 4, "it goes where it was moved to");
    *fifo_word(a, 4) = 0;
    op_bind_vcpu(a, 4, 0);
    op_send(a, 5);
    ok((*fifo_word(a, 5) & LINK_MASK) == 4, "and to the end of another queue");
    op_send(a, 2);
    is_int(fifo_control(a, 1)->head[7], 2, "that it left is empty");
    world_end(hv);
}

/* Every port there is, with priorities mixed. */
static void test_all_ports(void)
{
    struct hv_domain_config c = domain_config("large");
    unsigned i, n, good = 1, last = 0;
    int64_t rc;

    hv = world_begin();
    memset(heads, 0, sizeof(heads));
    ready = 0;
    c.max_event_channels = ALL_PORTS;
    c.nr_pages = c.max_pages;
    is_int(hv_domain_create(hv, &c, &a), 0, "a domain with all ports");
    is_int(op_init_control(a, 0, FIFO_CONTROL, 0), 0, "FIFO");
    for (i = 0; (rc = op_expand(a, FIFO_WORDS + i)) == 0;)
        i++;
    is_int(i, 128, "128 pages of words");
    is_int(rc, -XEN_ENOSPC, "and no more");
    for (n = 0; (rc = op_ipi(a, 0)) > 0; n++)
        good &= op_priority(a, (evtchn_port_t)rc, n % 16) == 0;
    is_int(n, ALL_PORTS, "131,071 ports");
    ok(good, "each has a priority");
    is_int(rc, -XEN_ENOSPC, "and there is not one more");
    is_int(op_virq(a, VIRQ_TIMER, 0), -XEN_ENOSPC, "for a virq either");
    for (i = ALL_PORTS; i >= 1; i--)
        good &= op_send(a, i) == 0;
    ok(good, "all sent on, the last first");
    for (n = 0; (i = take()) != 0; n++) {
        good &= n == 0 || (last - 1) % 16 < (i - 1) % 16 ||
                ((last - 1) % 16 == (i - 1) % 16 && last > i);
        last = i;
    }
    is_int(n, ALL_PORTS, "all come");
    ok(good, "by priority, and in order within each");
    is_int(op_status(a, ALL_PORTS).status, EVTCHNSTAT_ipi, "the last one");
    is_int(op_status_of(a, DOMID_SELF, ALL_PORTS + 1), -XEN_EINVAL,
           "131,072 is none");
    world_end(hv);
}

void test_fifo(void)
{
    test_order();
    test_priorities();
    test_moved_tail();
    test_mask();
    test_switch();
    test_vcpus();
    test_all_ports();
}
