/* SPDX-License-Identifier: ISC */
/* How events reach the guest: bits, selector, flag and kick, and backends. */
#include "world.h"
#include <stdlib.h>
#include <tap.h>

static struct hv *hv;
static struct hv_domain *a;

static struct vcpu_info *vi(void)
{
    return &info_of(a)->vcpu_info[0];
}

static void test_order_of_bits(void)
{
    hv = world_begin();
    a = new_domain(hv, "a");
    is_int(op_ipi(a, 0), 1, "an ipi to self");
    is_int(op_send(a, 1), 0, "sent");
    ok(pending(a, 1), "pending");
    is_int(vi()->evtchn_pending_sel, 1, "selector");
    is_int(vi()->evtchn_upcall_pending, 1, "flag");
    is_int(seen.kicks, 1, "kicked");
    is_int(seen.last_vcpu, 0, "vCPU 0");

    vi()->evtchn_upcall_pending = 0;
    is_int(op_send(a, 1), 0, "sent again while pending");
    is_int(vi()->evtchn_upcall_pending, 0, "changes nothing");
    is_int(seen.kicks, 1, "kicks nobody");

    info_of(a)->evtchn_pending[0] = 0;
    is_int(op_send(a, 1), 0, "sent with the selector still set");
    ok(pending(a, 1), "pending");
    is_int(vi()->evtchn_upcall_pending, 0,
           "the flag stays: who set the selector set it");
    is_int(seen.kicks, 2, "the kick is free");

    clear(a, 1);
    vi()->evtchn_upcall_pending = 1;
    is_int(op_send(a, 1), 0, "sent with the flag still set");
    is_int(vi()->evtchn_pending_sel, 1, "the selector is set");
    is_int(vi()->evtchn_upcall_pending, 1, "the flag stays set");
    world_end(hv);
}

/* What the host is told of ports, for a vCPU that serves itself. */
static void test_port_use(void)
{
    struct hv_domain *b;
    int64_t port, mine;

    hv = world_begin();
    a = new_domain(hv, "a");
    b = new_domain(hv, "b");
    is_int(op_virq(a, VIRQ_TIMER, 0), 1, "the timer");
    is_int(seen.use[1], HV_PORT_USE_TIMER, "is told");
    is_int(op_virq(a, VIRQ_DEBUG, 0), 2, "another VIRQ");
    is_int(seen.use[2], HV_PORT_USE_NONE, "is the core's");
    is_int(op_ipi(a, 0), 3, "an IPI");
    is_int(seen.use[3], HV_PORT_USE_IPI, "is told");
    port = op_alloc(a, DOMID_SELF, 2);
    is_int(seen.use[port], HV_PORT_USE_REMOTE, "a send unbound is no error");
    world_forget();
    is_int(op_bind(b, 1, (evtchn_port_t)port), 1, "b binds");
    is_int(seen.use[1], HV_PORT_USE_REMOTE, "its end");
    hv_evtchn_sends(a, 1ull << port);
    ok(pending(b, 1), "sends arrive");
    is_int(op_close(a, (evtchn_port_t)port), 0, "closing");
    is_int(seen.use[port], HV_PORT_USE_NONE, "is told");
    clear(b, 1);
    hv_evtchn_sends(a, UINT64_MAX);
    ok(!pending(b, 1) && pending(a, 3) && !pending(a, 1),
       "of all bits those count that could be sent on");
    port = op_alloc(a, DOMID_SELF, DOMID_SELF);
    mine = op_bind(a, DOMID_SELF, (evtchn_port_t)port);
    is_int(seen.use[mine], HV_PORT_USE_NONE, "events for oneself: the core's");
    is_int(seen.use[port], HV_PORT_USE_NONE, "at both ends");
    is_int(op_close(a, (evtchn_port_t)mine), 0, "one end closed");
    is_int(seen.use[port], HV_PORT_USE_REMOTE, "the other is unbound");
    is_int(op_reset(a, DOMID_SELF), 0, "reset");
    is_int(seen.use[1] + seen.use[3] + seen.use[port], 0, "closes all of them");
    world_end(hv);
}

static void test_port_use_fifo(void)
{
    int64_t ipi, timer, port;

    hv = world_begin();
    a = new_domain(hv, "a");
    ipi = op_ipi(a, 0);
    is_int(seen.use[ipi], HV_PORT_USE_NONE, "an IPI is the core's");
    timer = op_virq(a, VIRQ_TIMER, 0);
    is_int(seen.use[timer], HV_PORT_USE_NONE, "so is the timer");
    port = op_alloc(a, DOMID_SELF, 2);
    is_int(seen.use[port], HV_PORT_USE_REMOTE, "sends are as they were");
    is_int(op_reset(a, DOMID_SELF), 0, "back to 2-level");
    ipi = op_ipi(a, 0);
    is_int(seen.use[ipi], HV_PORT_USE_IPI, "an IPI is the vCPU's");
    world_end(hv);
}

static void test_masked(void)
{
    hv = world_begin();
    a = new_domain(hv, "a");
    op_ipi(a, 0);
    mask(a, 1, true);
    is_int(op_send(a, 1), 0, "sent on a masked port");
    ok(pending(a, 1), "pending");
    is_int(vi()->evtchn_pending_sel, 0, "no selector");
    is_int(vi()->evtchn_upcall_pending, 0, "no flag");
    is_int(seen.kicks, 1, "kicked all the same: it may be polled for");
    mask(a, 1, false);
    clear(a, 1);
    vi()->evtchn_upcall_mask = 1;
    is_int(op_send(a, 1), 0, "sent with upcalls masked");
    is_int(vi()->evtchn_upcall_pending, 1, "the flag is set");
    is_int(seen.kicks, 2, "and the vCPU kicked: it may be blocked");
    is_int(vi()->evtchn_upcall_mask, 1, "its mask is its own");
    world_end(hv);
}

static void test_high_port_and_vcpu(void)
{
    struct hv_domain_config c = domain_config("smp");
    struct shared_info *si = c.shared_info;
    int i;

    hv = world_begin();
    c.nr_vcpus = 2;
    is_int(hv_domain_create(hv, &c, &a), 0, "a domain of two vCPUs");
    for (i = 1; i <= 200; i++)
        op_ipi(a, 1);
    is_int(op_send(a, 200), 0, "sent on port 200 of vCPU 1");
    is_int(si->evtchn_pending[3], 1ul << 8, "word 3, bit 8");
    is_int(si->vcpu_info[1].evtchn_pending_sel, 1ul << 3, "selector bit 3");
    is_int(si->vcpu_info[1].evtchn_upcall_pending, 1, "vCPU 1's flag");
    is_int(si->vcpu_info[0].evtchn_upcall_pending, 0, "not vCPU 0's");
    is_int(si->vcpu_info[0].evtchn_pending_sel, 0, "nor its selector");
    is_int(seen.last_vcpu, 1, "vCPU 1 is kicked");
    world_end(hv);
}

static void test_virqs(void)
{
    struct hv_domain_config c = domain_config("smp");

    hv = world_begin();
    c.nr_vcpus = 2;
    is_int(hv_domain_create(hv, &c, &a), 0, "a domain of two vCPUs");
    use_abi(a);
    hv_send_virq(a, 0, VIRQ_TIMER);
    is_int(seen.kicks, 0, "a virq that is not bound goes nowhere");
    is_int(op_virq(a, VIRQ_TIMER, 0), 1, "timer of vCPU 0");
    is_int(op_virq(a, VIRQ_TIMER, 1), 2, "timer of vCPU 1");
    is_int(op_virq(a, VIRQ_CONSOLE, 0), 3, "a global one");
    hv_send_virq(a, 1, VIRQ_TIMER);
    ok(pending(a, 2) && !pending(a, 1), "vCPU 1's timer");
    is_int(seen.last_vcpu, 1, "kicks vCPU 1");
    is_int(call(a, PORTAL_CALL_TIMER, 0, NULL, 0), 0, "the monitor's timer");
    ok(pending(a, 1), "is vCPU 0's");
    op_bind_vcpu(a, 3, 1);
    hv_send_virq(a, 0, VIRQ_CONSOLE);
    ok(pending(a, 3), "a global virq arrives");
    is_int(seen.last_vcpu, 1, "where it was bound to");
    hv_send_virq(a, 2, VIRQ_TIMER);
    hv_send_virq(a, 0, NR_VIRQS);
    is_int(seen.kicks, 3, "no such vCPU or virq: nothing");
    is_int(op_send(a, 1), -XEN_EINVAL, "a guest cannot send on a virq");
    op_close(a, 1);
    clear(a, 1);
    hv_send_virq(a, 0, VIRQ_TIMER);
    ok(!pending(a, 1), "a closed one goes nowhere");
    world_end(hv);
}

static unsigned served;
static evtchn_port_t served_port;

/* A backend that answers at once. */
static void backend(struct hv_domain *d, evtchn_port_t port, void *arg)
{
    served++;
    served_port = port;
    if (arg)
        hv_evtchn_notify(d, port);
}

/* A backend that reacts by killing the domain. */
static void deadly(struct hv_domain *d, evtchn_port_t port, void *arg)
{
    (void)port;
    (void)arg;
    hv_domain_kill(d);
}

static void test_backends(void)
{
    struct evtchn_status st;

    hv = world_begin();
    a = new_domain(hv, "a");
    served = 0;
    is_int(hv_evtchn_bind_backend(a, backend, NULL), 1, "xenstore's port");
    is_int(hv_evtchn_bind_backend(a, backend, &served), 2, "console's port");
    st = op_status(a, 1);
    is_int(st.status, EVTCHNSTAT_interdomain, "the guest sees a connection");
    is_int(st.u.interdomain.dom, 0, "to domain 0");
    is_int(op_send(a, 1), 0, "the guest sends");
    ok(served == 1 && served_port == 1, "the backend is called");
    ok(!pending(a, 1), "the guest is not");
    is_int(op_send(a, 2), 0, "to one that answers");
    ok(served == 2 && pending(a, 2), "both are told");
    hv_evtchn_notify(a, 1);
    ok(pending(a, 1), "the backend notifies");

    is_int(op_close(a, 1), 0, "the guest closes");
    ok(!pending(a, 1), "nothing is pending");
    is_int(op_send(a, 1), -XEN_EINVAL, "and can no longer send");
    hv_evtchn_notify(a, 1);
    ok(!pending(a, 1), "nor the backend notify");
    is_int(op_ipi(a, 0), 1, "the port is somebody else's");
    hv_evtchn_notify(a, 1);
    ok(!pending(a, 1), "who hears nothing of it");
    hv_evtchn_notify(a, 0);
    hv_evtchn_notify(a, 77);
    hv_evtchn_notify(a, UINT32_MAX);
    ok(true, "ports that are none do no harm");

    is_int(hv_evtchn_bind_backend(a, deadly, NULL), 3, "a deadly backend");
    is_int(op_send(a, 3), 0, "is called");
    is_int(hv_domain_state(a), HV_DOM_DYING, "and may kill the sender");
    world_end(hv);
}

/* The dead are not kicked, and their peers are told. */
static void test_after_death(void)
{
    struct hv_domain *b;

    hv = world_begin();
    a = new_domain(hv, "a");
    b = new_domain(hv, "b");
    op_alloc(a, DOMID_SELF, 2);
    op_bind(b, 1, 1);
    world_forget();
    hv_domain_shutdown(b, SHUTDOWN_poweroff);
    is_int(op_send(a, 1), 0, "to a domain that is shut down");
    is_int(seen.kicks, 0, "kicks nobody");
    hv_domain_kill(b);
    is_int(op_send(a, 1), 0, "to a dying domain");
    is_int(seen.kicks, 0, "kicks nobody");
    is_int(op_status(a, 1).status, EVTCHNSTAT_unbound, "the port is unbound");
    is_int(op_bind(a, 2, 1), -XEN_EINVAL, "the dying have no ports to bind to");
    hv_domain_kill(a);
    is_int(op_ipi(a, 0), -XEN_EINVAL, "and get none");
    world_end(hv);
}

static void test_with_any_abi(void)
{
    test_virqs();
    test_backends();
    test_after_death();
}

void test_delivery(void)
{
    printf("# 2-level\n");
    test_order_of_bits();
    test_port_use();
    test_masked();
    test_high_port_and_vcpu();
    test_with_any_abi();
    printf("# FIFO\n");
    world_abi = WORLD_FIFO;
    test_port_use_fifo();
    test_with_any_abi();
    world_abi = WORLD_2L;
}
