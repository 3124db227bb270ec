/* SPDX-License-Identifier: ISC */
/* Event-channel operations one by one: what they do and how they refuse. */
#include "world.h"
#include <stdlib.h>
#include <tap.h>

static struct hv *hv;
static struct hv_domain *a, *b;

static void begin(void)
{
    hv = world_begin();
    a = new_domain(hv, "a"); /* 1 */
    b = new_domain(hv, "b"); /* 2 */
}

static void test_alloc_unbound(void)
{
    struct evtchn_status st;

    begin();
    is_int(op_alloc(a, DOMID_SELF, 2), 1, "ports begin at 1");
    is_int(op_alloc(a, DOMID_SELF, DOMID_SELF), 2, "and go up");
    is_int(op_alloc(a, 1, 0), 3, "the own id is the same as DOMID_SELF");
    st = op_status(a, 1);
    is_int(st.status, EVTCHNSTAT_unbound, "unbound");
    is_int(st.u.unbound.dom, 2, "for b");
    is_int(st.vcpu, 0, "notifies vCPU 0");
    is_int(op_status(a, 2).u.unbound.dom, 1, "loopback names the own id");
    is_int(op_alloc(a, DOMID_SELF, 30000), 4,
           "listening for a domain yet to come is fine");
    is_int(op_alloc(a, 2, 1), -XEN_EPERM, "not in b's table");
    is_int(op_alloc(a, 0, 1), -XEN_EPERM, "not in domain 0's");
    is_int(op_alloc(a, 77, 1), -XEN_ESRCH, "not in nobody's");
    is_int(op_alloc(a, DOMID_IDLE, 1), -XEN_ESRCH, "not in a reserved id's");
    is_int(op_close(a, 2), 0, "close");
    is_int(op_alloc(a, DOMID_SELF, 2), 2, "the lowest free port comes first");
    world_end(hv);
}

static void test_bind_interdomain(void)
{
    struct evtchn_status st;

    begin();
    is_int(op_alloc(a, DOMID_SELF, 2), 1, "a listens for b");
    is_int(op_ipi(b, 0), 1, "b has a port already");
    is_int(op_bind(b, 1, 1), 2, "b binds");
    st = op_status(b, 2);
    is_int(st.status, EVTCHNSTAT_interdomain, "b's end is connected");
    is_int(st.u.interdomain.dom, 1, "to a");
    is_int(st.u.interdomain.port, 1, "port 1");
    st = op_status(a, 1);
    is_int(st.status, EVTCHNSTAT_interdomain, "a's end is connected");
    is_int(st.u.interdomain.dom, 2, "to b");
    is_int(st.u.interdomain.port, 2, "port 2");
    ok(pending(b, 2), "b's new port is pending at once");
    ok(!pending(a, 1), "a's is not");
    ok(seen.kicks == 1 && seen.last_kicked == b, "b is kicked");

    is_int(op_bind(b, 1, 1), -XEN_EINVAL, "a connected port");
    is_int(op_bind(b, 1, 5), -XEN_EINVAL, "a free port");
    is_int(op_bind(b, 1, 0), -XEN_EINVAL, "port 0");
    is_int(op_bind(b, 1, UINT32_MAX), -XEN_EINVAL, "no port at all");
    is_int(op_bind(b, 99, 1), -XEN_ESRCH, "nobody's port");
    is_int(op_bind(b, 0, 1), -XEN_EINVAL, "domain 0 has none to bind to");
    is_int(op_alloc(a, DOMID_SELF, 1), 2, "a listens for itself");
    is_int(op_bind(b, 1, 2), -XEN_EINVAL, "that is not for b");
    is_int(op_alloc(a, DOMID_SELF, 0), 3, "a listens for domain 0");
    is_int(op_bind(b, 1, 3), -XEN_EINVAL, "nor is that");
    is_int(op_bind(b, 1, 1), -XEN_EINVAL, "none of them took a port");
    is_int(op_ipi(b, 0), 3, "so the next is 3");
    world_end(hv);
}

static void test_loopback(void)
{
    begin();
    is_int(op_alloc(a, DOMID_SELF, DOMID_SELF), 1, "a listens for itself");
    is_int(op_bind(a, DOMID_SELF, 1), 2, "and binds");
    is_int(op_status(a, 1).u.interdomain.port, 2, "1 leads to 2");
    is_int(op_status(a, 2).u.interdomain.port, 1, "2 leads to 1");
    is_int(op_status(a, 2).u.interdomain.dom, 1, "both in a");
    clear(a, 2);
    is_int(op_send(a, 1), 0, "send on 1");
    ok(pending(a, 2) && !pending(a, 1), "arrives at 2");
    is_int(op_send(a, 2), 0, "send on 2");
    ok(pending(a, 1), "arrives at 1");
    is_int(op_close(a, 1), 0, "close 1");
    is_int(op_status(a, 2).status, EVTCHNSTAT_unbound, "2 is unbound");
    is_int(op_status(a, 2).u.unbound.dom, 1, "for a");
    is_int(op_bind(a, 1, 2), 1, "and can be bound again, by id");

    is_int(op_bind(a, DOMID_SELF, 3), -XEN_EINVAL,
           "a port that the call itself would take is not there");
    world_end(hv);
}

static void test_bind_virq(void)
{
    struct hv_domain_config c = domain_config("smp");
    struct evtchn_status st;
    struct hv_domain *d;

    begin();
    is_int(op_virq(a, VIRQ_TIMER, 0), 1, "timer");
    st = op_status(a, 1);
    is_int(st.status, EVTCHNSTAT_virq, "a virq port");
    is_int(st.u.virq, VIRQ_TIMER, "timer's");
    is_int(op_virq(a, VIRQ_TIMER, 0), -XEN_EEXIST, "once per vCPU");
    is_int(op_virq(a, VIRQ_DEBUG, 0), 2, "another one");
    is_int(op_virq(a, VIRQ_CON_RING, 0), 3, "a global one");
    is_int(op_virq(a, VIRQ_CON_RING, 1), -XEN_EINVAL,
           "global ones are bound on vCPU 0");
    is_int(op_virq(a, VIRQ_TIMER, 1), -XEN_ENOENT, "no such vCPU");
    is_int(op_virq(a, VIRQ_TIMER, UINT32_MAX), -XEN_ENOENT, "nor that");
    is_int(op_virq(a, NR_VIRQS, 0), -XEN_EINVAL, "no such virq");
    is_int(op_virq(a, UINT32_MAX, 0), -XEN_EINVAL, "nor that");
    is_int(op_close(a, 1), 0, "close the timer's");
    is_int(op_virq(a, VIRQ_TIMER, 0), 1, "it can be bound again");

    c.nr_vcpus = 4;
    is_int(hv_domain_create(hv, &c, &d), 0, "a domain of four vCPUs");
    is_int(op_virq(d, VIRQ_TIMER, 0), 1, "timer of vCPU 0");
    is_int(op_virq(d, VIRQ_TIMER, 3), 2, "timer of vCPU 3");
    is_int(op_status(d, 2).vcpu, 3, "notifies it");
    is_int(op_virq(d, VIRQ_TIMER, 4), -XEN_ENOENT, "there is no vCPU 4");
    world_end(hv);
}

static void test_bind_ipi_vcpu(void)
{
    struct hv_domain_config c = domain_config("smp");
    struct hv_domain *d;

    begin();
    is_int(op_ipi(a, 0), 1, "ipi");
    is_int(op_status(a, 1).status, EVTCHNSTAT_ipi, "an ipi port");
    is_int(op_ipi(a, 1), -XEN_ENOENT, "no such vCPU");

    c.nr_vcpus = 4;
    is_int(hv_domain_create(hv, &c, &d), 0, "a domain of four vCPUs");
    is_int(op_ipi(d, 2), 1, "ipi for vCPU 2");
    is_int(op_status(d, 1).vcpu, 2, "notifies it");
    is_int(op_bind_vcpu(d, 1, 0), -XEN_EINVAL, "that cannot be changed");
    is_int(op_virq(d, VIRQ_TIMER, 1), 2, "timer of vCPU 1");
    is_int(op_bind_vcpu(d, 2, 0), -XEN_EINVAL, "nor that");
    is_int(op_virq(d, VIRQ_ARGO, 0), 3, "a global virq");
    is_int(op_bind_vcpu(d, 3, 3), 0, "can move to vCPU 3");
    is_int(op_status(d, 3).vcpu, 3, "as it did");
    is_int(op_alloc(d, DOMID_SELF, 1), 4, "an unbound port");
    is_int(op_bind_vcpu(d, 4, 1), 0, "can move");
    ok(op_bind(a, hv_domain_id(d), 4) > 0, "a connects to it");
    is_int(op_status(d, 4).vcpu, 1, "which does not move it back");
    is_int(op_bind_vcpu(d, 4, 2), 0, "a connected one can move");
    is_int(op_bind_vcpu(d, 4, 4), -XEN_ENOENT, "but not to vCPU 4");
    is_int(op_bind_vcpu(d, 9, 4), -XEN_ENOENT, "which is looked at first");
    is_int(op_bind_vcpu(d, 9, 0), -XEN_EINVAL, "a free port cannot");
    is_int(op_bind_vcpu(d, 0, 0), -XEN_EINVAL, "nor port 0");
    is_int(op_close(d, 4), 0, "closed");
    is_int(op_alloc(d, DOMID_SELF, 1), 4, "and taken again");
    is_int(op_status(d, 4).vcpu, 0, "it notifies vCPU 0");
    world_end(hv);
}

static void test_close(void)
{
    begin();
    is_int(op_alloc(a, DOMID_SELF, 2), 1, "a listens");
    is_int(op_bind(b, 1, 1), 1, "b binds");
    is_int(op_close(b, 1), 0, "b closes");
    is_int(op_status(b, 1).status, EVTCHNSTAT_closed, "b's end is closed");
    ok(!pending(b, 1), "and no longer pending");
    is_int(op_status(a, 1).status, EVTCHNSTAT_unbound, "a's end is unbound");
    is_int(op_status(a, 1).u.unbound.dom, 2, "for b");
    is_int(op_send(a, 1), 0, "what a sends is dropped");
    ok(!pending(b, 1), "and reaches nobody");
    is_int(op_bind(b, 1, 1), 1, "b may bind again");
    ok(pending(b, 1), "and then finds its port pending");
    is_int(op_close(a, 1), 0, "a closes");
    is_int(op_status(b, 1).status, EVTCHNSTAT_unbound, "b's end is unbound");
    is_int(op_status(b, 1).u.unbound.dom, 1, "for a");
    is_int(op_close(a, 1), -XEN_EINVAL, "once is enough");
    is_int(op_close(a, 0), -XEN_EINVAL, "port 0");
    is_int(op_close(a, 1023), -XEN_EINVAL, "a port never used");
    is_int(op_close(a, UINT32_MAX), -XEN_EINVAL, "no port");
    world_end(hv);
}

static void test_status_reset(void)
{
    evtchn_port_t port;
    int closed = 1;

    begin();
    is_int(op_status(a, 0).status, EVTCHNSTAT_closed, "port 0 is closed");
    is_int(op_status(a, 63).status, EVTCHNSTAT_closed, "so is 63");
    is_int(op_status_of(a, DOMID_SELF, 64), -XEN_EINVAL, "64 is not there yet");
    is_int(op_status_of(a, 1, 1), 0, "the own id");
    is_int(op_status_of(a, 2, 1), -XEN_EPERM, "b's ports are b's");
    is_int(op_status_of(a, 0, 1), -XEN_EPERM, "domain 0's are its");
    is_int(op_status_of(a, 3, 1), -XEN_ESRCH, "nobody has none");

    op_alloc(a, DOMID_SELF, 2);
    op_bind(b, 1, 1);
    op_ipi(a, 0);
    op_virq(a, VIRQ_TIMER, 0);
    op_alloc(a, DOMID_SELF, 1);
    op_bind(a, 1, 4);
    is_int(hv_evtchn_bind_backend(a, NULL, NULL), 6, "and a backend's");
    is_int(op_reset(a, 2), -XEN_EPERM, "reset of b");
    is_int(op_reset(a, 9), -XEN_ESRCH, "reset of nobody");
    is_int(op_status(a, 2).status, EVTCHNSTAT_ipi, "nothing happened");
    is_int(op_reset(a, DOMID_SELF), 0, "reset");
    for (port = 0; port < 64; port++)
        closed &=
            op_status(a, port).status == EVTCHNSTAT_closed && !pending(a, port);
    ok(closed, "every port is closed");
    is_int(op_status(b, 1).status, EVTCHNSTAT_unbound, "b's end is unbound");
    is_int(op_virq(a, VIRQ_TIMER, 0), 1, "virqs can be bound again");
    is_int(op_reset(a, 1), 0, "reset by id");
    is_int(op_status(a, 1).status, EVTCHNSTAT_closed, "works as well");
    world_end(hv);
}

static void test_limits(void)
{
    struct hv_domain_config c = domain_config("small");
    struct hv_domain *d;
    int64_t port = 0, n = 0;

    begin();
    while ((port = op_ipi(a, 0)) > 0)
        n++;
    is_int(n, 1023, "1,023 ports by default");
    is_int(port, -XEN_ENOSPC, "then there is no space");
    is_int(op_virq(a, VIRQ_TIMER, 0), -XEN_ENOSPC, "for virqs either");
    is_int(op_alloc(a, DOMID_SELF, 2), -XEN_ENOSPC, "nor to listen");
    is_int(op_bind(a, 2, 1), -XEN_ENOSPC, "nor to bind");
    is_int(hv_evtchn_bind_backend(a, NULL, NULL), -XEN_ENOSPC, "nor for us");
    is_int(op_close(a, 500), 0, "one goes");
    is_int(op_virq(a, VIRQ_TIMER, 0), 500, "one comes");
    is_int(op_close(a, 500), 0, "and goes");
    is_int(op_virq(a, VIRQ_TIMER, 0), 500, "the virq was not left behind");

    c.max_event_channels = 4095;
    is_int(hv_domain_create(hv, &c, &d), 0, "as many as two levels have");
    for (n = 0; op_ipi(d, 0) > 0;)
        n++;
    is_int(n, 4095, "4,095");
    is_int(op_send(d, 4095), 0, "the last can be sent on");
    ok(pending(d, 4095), "and becomes pending");
    is_int(op_status(d, 4095).status, EVTCHNSTAT_ipi, "has a status");
    is_int(op_status_of(d, DOMID_SELF, 4096), -XEN_EINVAL, "4,096 is none");

    c = domain_config("large");
    c.max_event_channels = 131071;
    is_int(hv_domain_create(hv, &c, &d), 0, "more than two levels have");
    for (n = 0; op_ipi(d, 0) > 0;)
        n++;
    is_int(n, 4095, "4,095 until FIFO is asked for");

    c = domain_config("tiny");
    c.max_event_channels = 1;
    is_int(hv_domain_create(hv, &c, &d), 0, "one port");
    is_int(op_ipi(d, 0), 1, "is there");
    is_int(op_ipi(d, 0), -XEN_ENOSPC, "a second is not");
    is_int(op_status(d, 63).status, EVTCHNSTAT_closed,
           "what the limit forbids is closed");

    fail_alloc_after = 0;
    is_int(op_ipi(b, 0), -XEN_ENOMEM, "no memory for ports");
    fail_alloc_after = -1;
    is_int(op_ipi(b, 0), 1, "later there is");
    world_end(hv);
}

static void test_unmask(void)
{
    begin();
    op_ipi(a, 0);
    mask(a, 1, true);
    op_send(a, 1);
    is_int(info_of(a)->vcpu_info[0].evtchn_upcall_pending, 0, "masked");
    world_forget();
    is_int(op_unmask(a, 1), 0, "unmask");
    is_int(info_of(a)->vcpu_info[0].evtchn_upcall_pending, 1, "delivers");
    is_int(seen.kicks, 1, "with a kick");
    is_int(op_unmask(a, 1), 0, "again");
    is_int(op_unmask(a, 0), 0, "port 0");
    is_int(op_unmask(a, 63), 0, "a closed port");
    is_int(op_unmask(a, 64), -XEN_EINVAL, "one that is not there yet");
    is_int(op_unmask(a, UINT32_MAX), -XEN_EINVAL, "no port");
    world_end(hv);
}

static void test_no_such_op(void)
{
    uint32_t arg[8] = {0};

    begin();
    is_int(call(a, __HYPERVISOR_event_channel_op, 99, arg, sizeof(arg)),
           -XEN_ENOSYS, "what Xen does not know");
    world_end(hv);
}

static void test_with_any_abi(void)
{
    test_alloc_unbound();
    test_bind_interdomain();
    test_loopback();
    test_bind_virq();
    test_bind_ipi_vcpu();
    test_close();
    test_status_reset();
    test_unmask();
    test_no_such_op();
}

void test_evtchn(void)
{
    printf("# 2-level\n");
    test_with_any_abi();
    test_limits();
    printf("# FIFO\n");
    world_abi = WORLD_FIFO;
    test_with_any_abi();
    world_abi = WORLD_2L;
}
