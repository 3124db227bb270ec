/* SPDX-License-Identifier: ISC */
/* Event channels, timers, waiting. */

#include "abi.h"
#include <base/string.h>
#include <minios/boot.h>
#include <minios/evtchn.h>
#include <minios/time.h>
#include <xen/event_channel.h>
#include <xen/sched.h>
#include <xen/vcpu.h>
#include <xen/version.h>

#define MS 1000000ull

static volatile unsigned upcalls;

static void count_event(evtchn_port_t port, void *arg)
{
    (void)port;
    (void)arg;
    upcalls++;
}

static bool some_upcall(void *arg)
{
    return upcalls != *(const unsigned *)arg;
}

static long evtchn_op(unsigned op, void *arg)
{
    return call_page(__HYPERVISOR_event_channel_op, op, va_of(arg), 0, 0);
}

static long send_to(evtchn_port_t port)
{
    struct evtchn_send s = {.port = port};

    return evtchn_op(EVTCHNOP_send, &s);
}

static void ipi(void)
{
    struct evtchn_bind_ipi b = {.vcpu = 0};
    struct evtchn_send s;
    struct evtchn_status st;
    struct evtchn_close c;
    unsigned before;

    check_is(evtchn_op(EVTCHNOP_bind_ipi, &b), 0, "bind an IPI");
    check_is(evtchn_bind_handler(b.port, count_event, NULL), 0,
             "give it a handler");
    before = upcalls;
    check_is(send_to(b.port), 0, "send it");
    check(upcalls == before + 1, "it is delivered before the call returns");
    s.port = b.port;
    before = upcalls;
    check_is(call_page_nt(__HYPERVISOR_event_channel_op, EVTCHNOP_send,
                          va_of(&s), 0, 0),
             0, "send it with the flag NT set");
    check(upcalls == before + 1, "it is delivered all the same");
    before = upcalls;
    evtchn_mask(b.port);
    check_is(send_to(b.port), 0, "send it masked");
    check(upcalls == before, "nothing is delivered");
    evtchn_unmask(b.port);
    check(upcalls == before + 1, "unmasking delivers it");
    memset(&st, 0, sizeof st);
    st.dom = DOMID_SELF;
    st.port = b.port;
    check_is(evtchn_op(EVTCHNOP_status, &st), 0, "ask its status");
    check_is(st.status, EVTCHNSTAT_ipi, "it is an IPI");
    evtchn_unbind_handler(b.port);
    c.port = b.port;
    check_is(evtchn_op(EVTCHNOP_close, &c), 0, "close it");
    check_is(send_to(b.port), -XEN_EINVAL, "send to a closed port");
}

static void to_self(void)
{
    struct evtchn_alloc_unbound u = {.dom = DOMID_SELF,
                                     .remote_dom = DOMID_SELF};
    struct evtchn_bind_interdomain b;
    struct evtchn_close c;
    unsigned before;

    check_is(evtchn_op(EVTCHNOP_alloc_unbound, &u), 0, "allocate a port");
    memset(&b, 0, sizeof b);
    b.remote_dom = DOMID_SELF;
    b.remote_port = u.port;
    check_is(evtchn_op(EVTCHNOP_bind_interdomain, &b), 0, "bind another to it");
    check_is(evtchn_bind_handler(u.port, count_event, NULL), 0,
             "give it a handler");
    before = upcalls;
    check_is(send_to(b.local_port), 0, "send through the pair");
    check(upcalls == before + 1, "the other end gets it");
    evtchn_unbind_handler(u.port);
    c.port = b.local_port;
    check_is(evtchn_op(EVTCHNOP_close, &c), 0, "close one end");
    c.port = u.port;
    check_is(evtchn_op(EVTCHNOP_close, &c), 0, "close the other");
}

/* A send need not wait for anybody, but its errors and its order with other
 * calls are as if it did. */
static void sends(void)
{
    struct evtchn_alloc_unbound u = {.dom = DOMID_SELF, .remote_dom = 0};
    struct evtchn_close c;
    evtchn_port_t store = boot_info.store_port;
    long rc = 0;
    int i;

    check_is(evtchn_op(EVTCHNOP_alloc_unbound, &u), 0, "a port for domain 0");
    check_is(send_to(u.port), 0, "a send unbound goes nowhere");
    c.port = u.port;
    check_is(evtchn_op(EVTCHNOP_close, &c), 0, "close it");
    check_is(send_to(u.port), -XEN_EINVAL, "a send then fails");
    for (i = 0; i < 1000; i++)
        rc |= send_to(store);
    check_is(rc, 0, "a thousand sends in a row");
}

/* Events that the vCPU makes itself, with everything else that goes on. */
static void own_events(void)
{
    struct evtchn_bind_ipi b = {.vcpu = 0};
    struct evtchn_close c;
    unsigned before = upcalls;
    int i;

    check_is(evtchn_op(EVTCHNOP_bind_ipi, &b), 0, "an IPI");
    check_is(evtchn_bind_handler(b.port, count_event, NULL), 0, "handled");
    for (i = 0; i < 1000; i++) {
        send_to(boot_info.store_port);
        send_to(b.port);
    }
    check_is((long)(upcalls - before), 1000,
             "a thousand IPIs between as many sends");
    evtchn_unbind_handler(b.port);
    c.port = b.port;
    check_is(evtchn_op(EVTCHNOP_close, &c), 0, "closed");
}

static void errors(void)
{
    struct evtchn_bind_virq v = {.virq = 1000, .vcpu = 0};
    struct evtchn_alloc_unbound u = {.dom = 0, .remote_dom = 0};

    check_is(send_to(4000000), -XEN_EINVAL, "send to an absurd port");
    check_is(send_to(0), -XEN_EINVAL, "send to port 0");
    check_is(evtchn_op(EVTCHNOP_bind_virq, &v), -XEN_EINVAL,
             "bind an absurd VIRQ");
    check(evtchn_op(EVTCHNOP_alloc_unbound, &u) < 0,
          "allocate a port for another domain");
    check_is(evtchn_op(77, &u), -XEN_ENOSYS, "unknown operation");
}

/* Xen may fire a timer 50 us early (its timer_slop), and in an emulated
 * machine its clock and ours drift apart; Midge is never early. */
static uint64_t slop_ns(void)
{
    char extra[16] = "";

    call_page(__HYPERVISOR_xen_version, XENVER_extraversion, va_of(extra), 0,
              0);
    return strcmp(extra, "-midge") == 0 ? 0 : 1000000;
}

static long set_timer(uint64_t deadline_ns)
{
    return call_page(__HYPERVISOR_set_timer_op, deadline_ns, 0, 0, 0);
}

/* Guests without a hypercall page wait by the raw instruction. */
static void by_syscall(evtchn_port_t port)
{
    unsigned before = upcalls;
    uint64_t deadline = time_monotonic_ns() + 2 * MS;
    struct sched_poll p;

    check_is(set_timer(deadline), 0, "set a timer");
    while (upcalls == before)
        call_syscall(__HYPERVISOR_sched_op, SCHEDOP_block, 0, 0, 0);
    check(time_monotonic_ns() + slop_ns() >= deadline,
          "a raw syscall's SCHEDOP_block ends with it, not early");

    memset(&p, 0, sizeof p);
    set_xen_guest_handle(p.ports, &port);
    p.nr_ports = 1;
    evtchn_mask(port);
    before = upcalls;
    deadline = time_monotonic_ns() + 2 * MS;
    check_is(set_timer(deadline), 0, "set another, masked");
    while (!evtchn_clear_pending(port))
        call_syscall(__HYPERVISOR_sched_op, SCHEDOP_poll, va_of(&p), 0, 0);
    check(time_monotonic_ns() + slop_ns() >= deadline,
          "so does its SCHEDOP_poll without a time-out");
    check(upcalls == before, "without an upcall");
    evtchn_unmask(port);
}

static void timer(void)
{
    struct evtchn_bind_virq v = {.virq = VIRQ_TIMER, .vcpu = 0};
    unsigned before = upcalls;
    uint64_t deadline;

    /* Xen gives a vCPU a periodic timer of 10 ms until told otherwise. */
    check_is(
        call_page(__HYPERVISOR_vcpu_op, VCPUOP_stop_periodic_timer, 0, 0, 0), 0,
        "stop the periodic timer");
    check_is(evtchn_op(EVTCHNOP_bind_virq, &v), 0, "bind VIRQ_TIMER");
    check_is(evtchn_bind_handler(v.port, count_event, NULL), 0,
             "give it a handler");
    deadline = time_monotonic_ns() + 2 * MS;
    check_is(set_timer(deadline), 0, "set a timer");
    event_wait(some_upcall, &before);
    check(time_monotonic_ns() + slop_ns() >= deadline,
          "asleep: it wakes us, not early");

    before = upcalls;
    deadline = time_monotonic_ns() + 2 * MS;
    check_is(set_timer(deadline), 0, "set another");
    while (upcalls == before)
        ;
    check(time_monotonic_ns() + slop_ns() >= deadline,
          "computing: it interrupts us, not early");

    before = upcalls;
    check_is(set_timer(time_monotonic_ns() - MS), 0, "set one in the past");
    event_wait(some_upcall, &before);
    check(true, "it fires at once");
    check_is(send_to(v.port), -XEN_EINVAL, "nobody sends on a VIRQ's port");
    if (x86_start_info) /* only PV has it */
        by_syscall(v.port);
    evtchn_unbind_handler(v.port);
}

static void poll(void)
{
    struct evtchn_bind_ipi b = {.vcpu = 0};
    uint64_t deadline;

    check_is(evtchn_op(EVTCHNOP_bind_ipi, &b), 0, "bind an IPI, masked");
    deadline = time_monotonic_ns() + 2 * MS;
    while (evtchn_poll(b.port, deadline) &&
           time_monotonic_ns() + slop_ns() < deadline)
        ;
    check(!evtchn_clear_pending(b.port), "poll: time is up");
    check(time_monotonic_ns() + slop_ns() >= deadline, "not early");
    check_is(send_to(b.port), 0, "send");
    check(evtchn_poll(b.port, time_monotonic_ns() + 60000 * MS),
          "poll: it is pending");
}

void test_events(void)
{
    ipi();
    to_self();
    sends();
    own_events();
    errors();
    timer();
    poll();
    check_is(call_page(__HYPERVISOR_vcpu_op, VCPUOP_is_up, 0, 0, 0), 1,
             "vCPU 0 is up");
    check_is(call_page(__HYPERVISOR_vcpu_op, VCPUOP_is_up, 9999, 0, 0),
             -XEN_ENOENT, "vCPU 9999 is not there");
}
