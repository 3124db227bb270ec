/* SPDX-License-Identifier: ISC */
/* Ports of one guest: both ABIs, the way from one to the other, all of them. */
#include "events.h"
#include <base/compiler.h>
#include <minios/arch.h>
#include <minios/evtchn.h>
#include <minios/hypercall.h>
#include <minios/memory.h>
#include <minios/stdio.h>
#include <minios/time.h>
#include <xen/errno.h>

#define MS 1000000ull

static evtchn_port_t got[64];
static unsigned nr_got;

static void note(evtchn_port_t port, void *arg)
{
    (void)arg;
    if (nr_got < ARRAY_SIZE(got))
        got[nr_got] = port;
    nr_got++;
}

static long op(int cmd, void *arg)
{
    return HYPERVISOR_event_channel_op(cmd, arg);
}

/* A status, or the error. */
static long status_of(evtchn_port_t port)
{
    struct evtchn_status s = {.dom = DOMID_SELF, .port = port};
    long rc = op(EVTCHNOP_status, &s);

    return rc ? rc : (long)s.status;
}

static long unmask_op(evtchn_port_t port)
{
    struct evtchn_unmask u = {.port = port};

    return op(EVTCHNOP_unmask, &u);
}

static evtchn_port_t new_ipi(void)
{
    int port = evtchn_bind_ipi();

    check(port > 0, "an IPI");
    check_is(evtchn_bind_handler((evtchn_port_t)port, note, NULL), 0,
             "with a handler");
    return (evtchn_port_t)port;
}

void test_two_level(void)
{
    struct evtchn_expand_array e = {.array_gfn = 0};
    evtchn_port_t port;

    check_is(evtchn_port_limit(), 4096, "2-level: 4,096 ports");
    check_is(status_of(0), EVTCHNSTAT_closed, "port 0 is closed");
    check_is(status_of(63), EVTCHNSTAT_closed, "so is 63");
    check_is(status_of(64), -XEN_EINVAL, "64 is not there yet");
    check_is(status_of(131071), -XEN_EINVAL, "nor is the last one");
    check_is(unmask_op(63), 0, "a closed port can be unmasked");
    check_is(op(EVTCHNOP_expand_array, &e), -XEN_EOPNOTSUPP, "no array");
    port = new_ipi();
    check_is(evtchn_set_priority(port, 0), -XEN_ENOSYS, "no priorities");
    check_is(evtchn_set_priority(64, 0), -XEN_EINVAL, "least of all there");
    nr_got = 0;
    check_is(evtchn_notify(port), 0, "sent");
    check(nr_got == 1 && got[0] == port, "delivered");
    check_is(evtchn_close(port), 0, "closed");
    check_is(evtchn_notify(port), -XEN_EINVAL, "nothing can be sent there");
}

/* What is bound stays bound, what is pending stays pending. */
void test_switch(void)
{
    evtchn_port_t open = new_ipi(), masked = new_ipi(), waiting = new_ipi();
    struct evtchn_init_control ic = {.control_gfn = 0, .vcpu = 1};
    bool enabled;

    check_is(op(EVTCHNOP_init_control, &ic), -XEN_ENOENT, "no such vCPU");
    ic.vcpu = 0;
    ic.offset = 4;
    check_is(op(EVTCHNOP_init_control, &ic), -XEN_EINVAL, "misaligned");
    ic.offset = 4096;
    check_is(op(EVTCHNOP_init_control, &ic), -XEN_EINVAL, "not in the page");
    evtchn_mask(masked);
    (void)evtchn_notify(masked);
    nr_got = 0;
    enabled = arch_events_disable();
    (void)evtchn_notify(waiting);
    check_is(evtchn_use_fifo(), 0, "FIFO");
    check_is(nr_got, 0, "nothing is delivered while events are disabled");
    if (enabled)
        arch_events_enable();
    check(nr_got == 1 && got[0] == waiting, "what waited comes");
    check_is(evtchn_use_fifo(), 0, "twice is fine");
    check_is(evtchn_port_limit(), 131072, "131,072 ports");
    evtchn_unmask(masked);
    check(nr_got == 2 && got[1] == masked, "what was masked comes");
    (void)evtchn_notify(open);
    check(nr_got == 3 && got[2] == open, "the others work");
    check_is(evtchn_close(open), 0, "close");
    check_is(evtchn_close(masked), 0, "close");
    check_is(evtchn_close(waiting), 0, "close");
}

static void test_errors(void)
{
    void *page = page_alloc(0);
    struct evtchn_init_control ic = {.control_gfn = arch_page_gfn(page)};
    evtchn_port_t port = new_ipi();

    check_is(op(EVTCHNOP_init_control, &ic), -XEN_EINVAL, "control twice");
    check_is(evtchn_set_priority(port, 16), -XEN_EINVAL, "priority 16");
    check_is(evtchn_set_priority(63, 3), -XEN_EACCES, "of a closed port");
    check_is(evtchn_set_priority(64, 3), -XEN_EINVAL, "of one not there");
    check_is(unmask_op(63), 0, "a closed port can be unmasked");
    check_is(unmask_op(64), -XEN_EINVAL, "one not there cannot");
    check_is(evtchn_close(port), 0, "close");
    page_free(page, 0);
}

/* Sent while events are disabled, the least important first. */
static void test_priorities(void)
{
    evtchn_port_t port[16];
    unsigned i, good = 1;

    for (i = 0; i < 16; i++) {
        port[i] = new_ipi();
        good &= evtchn_set_priority(port[i], i) == 0;
    }
    check(good, "each of the 16 priorities");
    nr_got = 0;
    arch_events_disable();
    for (i = 16; i-- > 0;)
        (void)evtchn_notify(port[i]);
    arch_events_enable();
    for (i = 0; i < 16; i++)
        good &= got[i] == port[i];
    check(good && nr_got == 16, "come in their order");
    for (i = 0; i < 16; i++)
        good &= evtchn_close(port[i]) == 0;
    check(good, "closed");
}

static void test_poll(void)
{
    uint64_t soon = time_monotonic_ns() + MS;
    evtchn_port_t port = new_ipi();
    int idle = evtchn_bind_ipi();

    evtchn_mask(port);
    (void)evtchn_notify(port);
    check(evtchn_poll(port, time_monotonic_ns() + 1000 * MS),
          "polled: it is pending");
    check(evtchn_clear_pending(port), "cleared");
    check(idle > 0, "another port, without a handler");
    while (evtchn_poll((evtchn_port_t)idle, soon))
        ;
    check(time_monotonic_ns() >= soon, "nothing there until time is up");
    check_is(evtchn_close(port), 0, "close");
    check_is(evtchn_close((evtchn_port_t)idle), 0, "close");
}

void test_fifo(void)
{
    test_errors();
    test_priorities();
    test_poll();
}

/* --- all of them ----------------------------------------------------------- */

static struct {
    evtchn_port_t last;
    unsigned last_priority, nr, wrong;
} all;

static unsigned priority_of(evtchn_port_t port)
{
    return port * 7 % 16;
}

static void in_order(evtchn_port_t port, void *arg)
{
    unsigned prio = priority_of(port);

    (void)arg;
    if (all.nr > 0 && (prio < all.last_priority ||
                       (prio == all.last_priority && port <= all.last)))
        all.wrong++;
    all.last = port;
    all.last_priority = prio;
    all.nr++;
}

/* Takes every port there is; the first and the last of them, their number. */
static unsigned bind_all(evtchn_port_t *first, evtchn_port_t *last)
{
    unsigned n = 0, wrong = 0;
    int port;

    *first = *last = 0;
    while ((port = evtchn_bind_ipi()) > 0) {
        *last = (evtchn_port_t)port;
        if (!*first)
            *first = *last;
        wrong += evtchn_bind_handler(*last, in_order, NULL) != 0;
        wrong += evtchn_set_priority(*last, priority_of(*last)) != 0;
        n++;
    }
    check_is(port, -XEN_ENOSPC, "ports until there are no more");
    check_is(wrong, 0, "each with a handler and a priority");
    check_is(n, *last - *first + 1, "without gaps");
    return n;
}

static unsigned long ns_each(uint64_t start, unsigned n)
{
    return (unsigned long)((time_monotonic_ns() - start) / n);
}

void test_all_ports(void)
{
    uint64_t start = time_monotonic_ns();
    evtchn_port_t first, last, port;
    unsigned n = bind_all(&first, &last), wrong = 0;
    unsigned long sending;

    if (!n)
        return;
    printf("# bound %u ports, %u to %u, %lu ns each\n", n, first, last,
           ns_each(start, n));
    arch_events_disable(); /* no output now: it may have to wait */
    start = time_monotonic_ns();
    for (port = first; port <= last; port++)
        wrong += evtchn_notify(port) != 0;
    sending = ns_each(start, n);
    start = time_monotonic_ns();
    arch_events_enable();
    printf("# sent, %lu ns each; delivered, %lu ns each\n", sending,
           ns_each(start, n));
    check_is(wrong, 0, "an event for each");
    check_is(all.nr, n, "all are delivered");
    check_is(all.wrong, 0, "by priority, and in order within each");
    for (port = first; port <= last; port++)
        wrong += evtchn_close(port) != 0;
    check_is(wrong, 0, "all closed");
}
