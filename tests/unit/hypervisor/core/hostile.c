/* SPDX-License-Identifier: ISC */
/* Dispatch, short arguments, refused calls, and a guest that sends anything. */
#include "world.h"
#include <stddef.h>
#include <stdlib.h>
#include <tap.h>

static void test_console(void)
{
    struct hv *hv = world_begin();
    struct hv_domain *d = new_domain(hv, "d");
    struct portal_request q = {.nr = __HYPERVISOR_console_io, .len = 5};

    memcpy(q.buf, "hello", 5);
    q.args[1] = 5;
    hv_hypercall(d, &q);
    is_int(q.ret, 0, "console write");
    ok(seen.text_len == 5 && !memcmp(seen.text, "hello", 5), "arrives");
    q.args[1] = 3;
    hv_hypercall(d, &q);
    is_int(seen.text_len, 3, "as much as the guest says");
    q.args[1] = 6;
    hv_hypercall(d, &q);
    is_int(q.ret, -XEN_EINVAL, "but not more than it sent");
    q.args[1] = 0;
    hv_hypercall(d, &q);
    is_int(q.ret, 0, "nothing is fine");
    is_int(seen.console, 2, "and is not passed on");
    q.args[1] = 1ull << 32;
    hv_hypercall(d, &q);
    is_int(q.ret, -XEN_EINVAL, "4 GiB are not");
    q.args[0] = CONSOLEIO_read;
    hv_hypercall(d, &q);
    is_int(q.ret, -XEN_EPERM, "reading is domain 0's");
    world_end(hv);
}

static void test_shutdown(void)
{
    struct hv *hv = world_begin();
    struct hv_domain *d = new_domain(hv, "d"), *e = new_domain(hv, "e");
    struct portal_request q = {.nr = __HYPERVISOR_sched_op,
                               .args = {SCHEDOP_shutdown, SHUTDOWN_reboot}};
    struct sched_shutdown code = {.reason = SHUTDOWN_watchdog};

    hv_hypercall(d, &q);
    is_int(q.ret, 0, "shutdown");
    is_int(hv_domain_state(d), HV_DOM_SHUTDOWN, "takes place");
    is_int(seen.last_reason, SHUTDOWN_reboot, "with its reason");
    hv_hypercall(d, &q);
    is_int(seen.shutdowns, 1, "once");

    is_int(call(e, __HYPERVISOR_sched_op, SCHEDOP_shutdown_code, &code,
                sizeof(code)),
           0, "a reason ahead of time");
    is_int(seen.shutdowns, 1, "is no shutdown");
    code.reason = SHUTDOWN_suspend;
    call(e, __HYPERVISOR_sched_op, SCHEDOP_shutdown_code, &code, sizeof(code));
    hv_hypercall(e, &q);
    is_int(seen.last_reason, SHUTDOWN_watchdog, "the first one stays");

    e = new_domain(hv, "f");
    code.reason = SHUTDOWN_MAX + 1;
    is_int(call(e, __HYPERVISOR_sched_op, SCHEDOP_shutdown_code, &code,
                sizeof(code)),
           -XEN_EINVAL, "a reason that is none");
    q.args[1] = SHUTDOWN_MAX + 1;
    hv_hypercall(e, &q);
    is_int(q.ret, -XEN_EINVAL, "is none for a shutdown either");
    q.args[1] = 1ull << 32;
    hv_hypercall(e, &q);
    is_int(q.ret, -XEN_EINVAL, "nor is one that is cut");
    is_int(hv_domain_state(e), HV_DOM_RUNNING, "the domain runs on");
    is_int(call(e, PORTAL_CALL_CRASH, 0, NULL, 0), 0, "a crash");
    is_int(seen.last_reason, SHUTDOWN_crash, "is a shutdown too");
    world_end(hv);
}

/* Every row of the table: forwarded ones are served, the others refused. */
static void test_every_row(void)
{
    struct hv *hv = world_begin();
    struct hv_domain *d = new_domain(hv, "d");
    uint8_t zero[64] = {0};
    size_t i;

    for (i = 0; i < hc_table_rows; i++) {
        const struct hc_row *row = &hc_table[i];
        int64_t ret = call(d, row->nr, row->op, zero, sizeof(zero));

        switch ((enum hc_where)row->where) {
        case HC_FORWARD:
            /* Priorities are FIFO's. */
            ok(ret != -XEN_ENOSYS || row->op == EVTCHNOP_set_priority,
               "%s is served", row->name);
            if (row->arg_size == 0)
                break;
            is_int(call(d, row->nr, row->op, zero, row->arg_size - 1),
                   -XEN_EINVAL, "%s: a byte too few", row->name);
            is_int(last_req.out_len, 0, "%s: nothing comes back", row->name);
            call(d, row->nr, row->op, zero, row->arg_size);
            is_int(last_req.out_len, row->dir & HC_OUT ? row->arg_size : 0,
                   "%s: what comes back", row->name);
            break;
        case HC_EPERM:
            is_int(ret, -XEN_EPERM, "%s is for domain 0", row->name);
            break;
        case HC_LOCAL:
        case HC_ENOSYS:
            is_int(ret, -XEN_ENOSYS, "%s is not served here", row->name);
            break;
        }
    }
    memset(zero, 0, sizeof(zero)); /* results have come back in it */
    is_int(call(d, 11, 0, zero, 8), -XEN_ENOSYS, "no such hypercall");
    is_int(call(d, 43, 0, zero, 8), -XEN_ENOSYS, "nor this");
    is_int(call(d, UINT32_MAX, 0, zero, 8), -XEN_ENOSYS, "nor this");
    is_int(call(d, PORTAL_CALL_BASE + 3, 0, zero, 8), -XEN_ENOSYS,
           "nor such a portal call");
    is_int(call(d, __HYPERVISOR_event_channel_op,
                (1ull << 32) | EVTCHNOP_bind_ipi, zero, 8),
           0, "sub-operations are 32 bits");
    world_end(hv);
}

/* Ports of all kinds between two domains, opened and closed at random; then
 * each end must still agree with the other. */
static void check_pairs(struct hv_domain *const *dom, unsigned n)
{
    unsigned i, good = 1;
    evtchn_port_t port;

    for (i = 0; i < n; i++) {
        for (port = 1; port < 100; port++) {
            struct evtchn_status s = op_status(dom[i], port), t;

            if (s.status != EVTCHNSTAT_interdomain || s.u.interdomain.dom == 0)
                continue;
            t = op_status(dom[s.u.interdomain.dom - 1], s.u.interdomain.port);
            good &= t.status == EVTCHNSTAT_interdomain &&
                    t.u.interdomain.dom == hv_domain_id(dom[i]) &&
                    t.u.interdomain.port == port;
        }
    }
    ok(good, "after all that every connection has two ends that agree");
}

static void random_op(struct hv_domain *d)
{
    evtchn_port_t port = (evtchn_port_t)rand() % 100;
    domid_t id = (domid_t)(rand() % 5);

    switch (rand() % 10) {
    case 0:
    case 1:
        op_alloc(d, DOMID_SELF, id);
        break;
    case 2:
    case 3:
    case 4:
        op_bind(d, id, port);
        break;
    case 5:
        op_virq(d, (uint32_t)rand() % 30, (uint32_t)rand() % 2);
        break;
    case 6:
        op_send(d, port);
        break;
    case 7:
        op_bind_vcpu(d, port, (uint32_t)rand() % 2);
        break;
    case 8:
        op_ipi(d, 0);
        break;
    default:
        op_close(d, port);
        break;
    }
}

static void test_random_ports(void)
{
    struct hv *hv = world_begin();
    struct hv_domain *dom[3];
    int i;

    srand(7);
    for (i = 0; i < 3; i++)
        dom[i] = new_domain(hv, i == 0 ? "x" : i == 1 ? "y" : "z");
    for (i = 0; i < 50000; i++) {
        random_op(dom[rand() % 3]);
        if (i % 9973 == 0)
            op_reset(dom[rand() % 3], DOMID_SELF);
    }
    check_pairs(dom, 3);
    world_end(hv);
}

/* Any bytes at all, in any call. ASan, UBSan and the ops of the world watch. */
static void test_random_bytes(void)
{
    struct hv *hv = world_begin();
    struct hv_domain *d = new_domain(hv, "d");
    struct portal_request q;
    unsigned i, k, bad = 0;

    srand(3);
    for (i = 0; i < 100000; i++) {
        q.nr = rand() % 8 ? (uint32_t)rand() % 60
                          : PORTAL_CALL_BASE + (uint32_t)rand() % 4;
        if (rand() % 2)
            q.nr = rand() % 2 ? __HYPERVISOR_memory_op
                              : __HYPERVISOR_event_channel_op;
        q.len = (uint32_t)rand() % (PORTAL_BUF_SIZE + 1);
        for (k = 0; k < 6; k++)
            q.args[k] = (uint64_t)rand() % 40;
        for (k = 0; k < 64; k++)
            q.buf[k] = (uint8_t)(rand() % 3 ? rand() % 4 : rand());
        hv_hypercall(d, &q);
        bad += q.out_len > PORTAL_BUF_SIZE;
        bad += hv_domain_nr_pages(d) > hv_domain_max_pages(d);
        if (i % 5000 == 0)
            op_reset(d, DOMID_SELF);
    }
    is_int(bad, 0, "100,000 calls of garbage break nothing");
    world_end(hv);
}

void test_hostile(void)
{
    test_console();
    test_shutdown();
    test_every_row();
    test_random_ports();
    test_random_bytes();
}
