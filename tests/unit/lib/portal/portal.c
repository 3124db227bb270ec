/* SPDX-License-Identifier: ISC */
/* The hypercall table's order and contents, and the copies through the portal
 * with a hostile guest on the other side. */
#include <portal/hypercalls.h>
#include <portal/portal.h>
#include <stdbool.h>
#include <xen/errno.h>
#include <xen/event_channel.h>
#include <xen/memory.h>
#include <xen/sched.h>
#include <tap.h>

static void test_table_order(void)
{
    bool sorted = true, named = true, unique = true, sound = true;
    size_t i, k;

    for (i = 0; i < hc_table_rows; i++) {
        const struct hc_row *r = &hc_table[i];

        if (i > 0)
            sorted &= r[-1].nr < r->nr || (r[-1].nr == r->nr && /* ANY last */
                                           r[-1].op < r->op);
        named &= r->name && r->name[0];
        for (k = 0; k < i && named; k++)
            unique &= strcmp(hc_table[k].name, r->name) != 0;
        sound &= r->where >= HC_LOCAL && r->where <= HC_ENOSYS;
        sound &= r->arg_size <= PORTAL_BUF_SIZE;
        sound &= r->arg_size == 0 || (r->dir & HC_IN);
        sound &= r->where == HC_FORWARD || (r->arg_size == 0 && r->dir == 0);
        sound &= r->nr < PORTAL_CALL_BASE;
    }
    ok(sorted, "rows are sorted by number and sub-operation, HC_ANY last");
    ok(named, "every row has a name");
    ok(unique, "no two rows share a name");
    ok(sound, "who serves it, argument size and direction go together");
}

static void test_table_complete(void)
{
    uint32_t nr;

    for (nr = 0; nr <= 42; nr++)
        ok((hc_find(nr, HC_ANY) != NULL) == (nr != 11), "hypercall %u is %s",
           nr, nr == 11 ? "no hypercall" : "in the table");
    for (nr = __HYPERVISOR_arch_0; nr <= __HYPERVISOR_arch_7; nr++)
        ok(hc_find(nr, 0), "architecture's hypercall %u is in the table", nr);
    ok(!hc_find(43, 0), "43 is unknown");
    ok(!hc_find(56, 0), "56 is unknown");
    ok(!hc_find(PORTAL_CALL_UNSHARE, 0), "portal calls are not hypercalls");
    ok(!hc_find(UINT32_MAX, HC_ANY), "the highest number is unknown");
}

struct expect {
    uint32_t nr, op;
    const char *name;
    enum hc_where where;
    unsigned dir;
    size_t size;
};
#define MEM __HYPERVISOR_memory_op
#define EVT __HYPERVISOR_event_channel_op
#define SCH __HYPERVISOR_sched_op
#define GNT __HYPERVISOR_grant_table_op

static const struct expect expected[] = {
    {EVT, 4, "EVTCHNOP_send", HC_FORWARD, HC_IN, 4},
    {EVT, 6, "EVTCHNOP_alloc_unbound", HC_FORWARD, HC_IN | HC_OUT, 8},
    {EVT, 0, "EVTCHNOP_bind_interdomain", HC_FORWARD, HC_IN | HC_OUT, 12},
    {EVT, 1, "EVTCHNOP_bind_virq", HC_FORWARD, HC_IN | HC_OUT, 12},
    {EVT, 5, "EVTCHNOP_status", HC_FORWARD, HC_IN | HC_OUT, 24},
    {EVT, 2, "event_channel_op", HC_ENOSYS, 0, 0},
    {EVT, 9, "EVTCHNOP_unmask", HC_FORWARD, HC_IN, 4},
    {EVT, 11, "EVTCHNOP_init_control", HC_FORWARD, HC_IN | HC_OUT, 24},
    {EVT, 12, "EVTCHNOP_expand_array", HC_FORWARD, HC_IN, 8},
    {EVT, 13, "EVTCHNOP_set_priority", HC_FORWARD, HC_IN, 8},
    {EVT, 14, "event_channel_op", HC_ENOSYS, 0, 0},
    {MEM, 0, "XENMEM_increase_reservation", HC_FORWARD, 0, 0},
    {MEM, 1, "XENMEM_decrease_reservation", HC_FORWARD, 0, 0},
    {MEM, 6, "XENMEM_populate_physmap", HC_FORWARD, 0, 0},
    {MEM, 2, "XENMEM_maximum_ram_page", HC_FORWARD, 0, 0},
    {MEM, 3, "XENMEM_current_reservation", HC_FORWARD, HC_IN, 2},
    {MEM, 9, "XENMEM_memory_map", HC_LOCAL, 0, 0},
    {MEM, 12, "XENMEM_machphys_mapping", HC_LOCAL, 0, 0},
    {MEM, 11, "memory_op", HC_ENOSYS, 0, 0},
    {MEM, 24, "XENMEM_claim_pages", HC_EPERM, 0, 0},
    {SCH, 0, "SCHEDOP_yield", HC_LOCAL, 0, 0},
    {SCH, 1, "SCHEDOP_block", HC_LOCAL, 0, 0},
    {SCH, 2, "SCHEDOP_shutdown", HC_FORWARD, 0, 0},
    {SCH, 3, "SCHEDOP_poll", HC_LOCAL, 0, 0},
    {SCH, 4, "SCHEDOP_remote_shutdown", HC_EPERM, 0, 0},
    {SCH, 99, "sched_op", HC_ENOSYS, 0, 0},
    {__HYPERVISOR_console_io, 0, "CONSOLEIO_write", HC_FORWARD, 0, 0},
    {__HYPERVISOR_console_io, 1, "console_io", HC_EPERM, 0, 0},
    {__HYPERVISOR_domctl, 0, "domctl", HC_EPERM, 0, 0},
    {__HYPERVISOR_sysctl, 0, "sysctl", HC_EPERM, 0, 0},
    {__HYPERVISOR_platform_op, 0, "platform_op", HC_EPERM, 0, 0},
    {__HYPERVISOR_physdev_op, 13, "physdev_op", HC_EPERM, 0, 0},
    {GNT, 2, "GNTTABOP_setup_table", HC_FORWARD, HC_IN | HC_OUT, 24},
    {GNT, 3, "grant_table_op", HC_ENOSYS, 0, 0},
    {GNT, 5, "GNTTABOP_copy", HC_FORWARD, 0, 0},
    {GNT, 8, "GNTTABOP_set_version", HC_FORWARD, HC_IN | HC_OUT, 4},
    {GNT, 13, "grant_table_op", HC_ENOSYS, 0, 0},
    {__HYPERVISOR_hvm_op, 0, "hvm_op", HC_ENOSYS, 0, 0},
    {__HYPERVISOR_iret, 0, "iret", HC_LOCAL, 0, 0},
    {__HYPERVISOR_xen_version, 0, "xen_version", HC_LOCAL, 0, 0},
    {__HYPERVISOR_multicall, 3, "multicall", HC_LOCAL, 0, 0},
};

static void test_table_rows(void)
{
    size_t i;

    for (i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
        const struct expect *e = &expected[i];
        const struct hc_row *r = hc_find(e->nr, e->op);

        ok(r, "%u/%u is in the table", e->nr, e->op);
        if (!r)
            continue;
        is_str(r->name, e->name, "its name is %s", e->name);
        is_int(r->where, e->where, "who serves it");
        is_int(r->dir, e->dir, "its direction");
        is_int(r->arg_size, e->size, "its argument's size");
    }
}

static struct portal page __attribute__((aligned(4096)));
static struct portal_request req;

/* A request of (len) bytes 0, 1, 2, ... */
static void make_request(uint32_t seq, uint32_t len)
{
    size_t i;

    memset(&page, 0, sizeof(page));
    memset(&req, 0xee, sizeof(req));
    page.req_seq = seq;
    page.nr = 32;
    page.len = len;
    for (i = 0; i < 6; i++)
        page.args[i] = 0x100 + i;
    for (i = 0; i < PORTAL_BUF_SIZE; i++)
        page.buf[i] = (uint8_t)i;
}

static void test_take(void)
{
    uint32_t last = 6;

    make_request(7, 10);
    is_int(portal_take_request(&page, &last, &req), 1,
           "a new request is taken");
    is_int(last, 7, "its number is remembered");
    is_int(req.nr, 32, "number of the call");
    is_int(req.len, 10, "length");
    is_int(req.out_len, 0, "nothing to copy back yet");
    is_int(req.args[0], 0x100, "first argument");
    is_int(req.args[5], 0x105, "last argument");
    ok(!memcmp(req.buf, page.buf, 10), "bytes are copied");
    is_int(req.buf[10], 0xee, "no byte more than asked for");
    is_int(portal_take_request(&page, &last, &req), 0, "it is taken once");

    page.nr = 99;
    page.buf[0] = 0xff;
    is_int(req.nr, 32, "what the guest changes later does not count");
    is_int(req.buf[0], 0, "nor in the buffer");
}

static void test_take_edges(void)
{
    uint32_t last = UINT32_MAX;

    make_request(0, PORTAL_BUF_SIZE);
    is_int(portal_take_request(&page, &last, &req), 1, "sequence numbers wrap");
    is_int(req.len, PORTAL_BUF_SIZE, "a full buffer is fine");
    ok(!memcmp(req.buf, page.buf, PORTAL_BUF_SIZE), "and copied whole");

    make_request(1, PORTAL_BUF_SIZE + 1);
    is_int(portal_take_request(&page, &last, &req), -XEN_EINVAL,
           "one byte more is refused");
    is_int(req.len, 0, "with length 0");
    is_int(req.ret, -XEN_EINVAL, "and its answer ready");
    is_int(req.out_len, 0, "which has no bytes");
    is_int(req.buf[0], 0xee, "nothing was copied");
    is_int(portal_take_request(&page, &last, &req), 0, "and it is consumed");

    make_request(2, UINT32_MAX);
    is_int(portal_take_request(&page, &last, &req), -XEN_EINVAL,
           "so is the largest length");

    make_request(500, 0);
    is_int(portal_take_request(&page, &last, &req), 1,
           "a sequence number that jumps is just another one");
    is_int(last, 500, "as it is");
}

static void test_put(void)
{
    make_request(9, 4);
    memset(&req, 0xaa, sizeof(req));
    req.ret = -5;
    req.out_len = 3;
    portal_put_response(&page, 9, &req);
    is_int(page.resp_seq, 9, "the answer has the request's number");
    is_int(page.ret, -5, "and the value");
    is_int(page.buf[2], 0xaa, "bytes are copied back");
    is_int(page.buf[3], 3, "as many as said, no more");

    req.out_len = UINT32_MAX;
    portal_put_response(&page, 10, &req);
    is_int(page.buf[PORTAL_BUF_SIZE - 1], 0xaa, "too many are cut");
    is_int(page.resp_seq, 10, "and the answer still comes");
}

static void test_sends(void)
{
    memset((void *)&page, 0, sizeof(page));
    is_int(portal_take_sends(&page), 0, "nothing sent");
    page.events.sends = 1ull << 63 | 6;
    is_int(portal_take_sends(&page), (long long)(1ull << 63 | 6),
           "what was sent");
    is_int(portal_take_sends(&page), 0, "once");
}

int main(void)
{
    test_table_order();
    test_table_complete();
    test_table_rows();
    test_take();
    test_take_edges();
    test_put();
    test_sends();
    return tap_done();
}
