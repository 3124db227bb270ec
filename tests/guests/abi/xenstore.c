/* SPDX-License-Identifier: ISC */
/* The xenstore ring, by hand: several requests at once, one of them wrong. */

#include "abi.h"
#include <base/string.h>
#include <minios/evtchn.h>
#include <ring/xenstore.h>
#include <xen/event_channel.h>
#include <xen/io/xs_wire.h>

static struct xenstore_domain_interface *ring;

static void nothing(evtchn_port_t port, void *arg)
{
    (void)port;
    (void)arg;
}

/* The page whose machine frame the hypervisor has named. */
static void *find_page(unsigned long mfn)
{
    const unsigned long *p2m = (const unsigned long *)x86_start_info->mfn_list;
    unsigned long pfn;

    for (pfn = 0; pfn < x86_start_info->nr_pages; pfn++)
        if (p2m[pfn] == mfn)
            return (void *)(pfn << 12);
    return NULL;
}

static bool bytes_there(void *arg)
{
    uint32_t used = *(volatile uint32_t *)&ring->rsp_prod - ring->rsp_cons;

    return used >= *(const uint32_t *)arg;
}

static void send_request(uint32_t type, uint32_t id, const char *payload,
                         uint32_t len)
{
    const struct xsd_sockmsg h = {type, id, 0, len};

    check_is(xs_ring_write_req(ring, (const char *)&h, sizeof(h)), sizeof(h),
             "a header fits");
    check_is(xs_ring_write_req(ring, payload, len), len, "its payload, too");
}

static void expect(uint32_t type, uint32_t id, const char *payload,
                   const char *what)
{
    uint32_t want = sizeof(struct xsd_sockmsg);
    struct xsd_sockmsg h;
    char body[64];

    event_wait(bytes_there, &want);
    (void)xs_ring_read_rsp(ring, (char *)&h, sizeof(h)); /* it is there */
    want = h.len < sizeof(body) ? h.len : sizeof(body) - 1;
    event_wait(bytes_there, &want);
    (void)xs_ring_read_rsp(ring, body, want);
    body[want] = '\0';
    check_is(h.type, type, what);
    check_is(h.req_id, id, "its number");
    check(!strcmp(body, payload), payload);
}

void test_xenstore(void)
{
    evtchn_port_t port = x86_start_info->store_evtchn;
    struct evtchn_send s = {.port = port};

    ring = find_page(x86_start_info->store_mfn);
    check(ring != NULL, "the store's page is ours");
    if (!ring)
        return;
    check_is(evtchn_bind_handler(port, nothing, NULL), 0, "handle its port");
    send_request(XS_WRITE, 1, "data/abi\0first", 14);
    send_request(XS_READ, 2, "data/abi", 9);
    send_request(XS_WRITE, 3, "name\0mine", 9);
    send_request(XS_GET_DOMAIN_PATH, 4, "0", 2);
    send_request(XS_WATCH, 5, "data/abi\0tok", 13);
    check_is(call_page(__HYPERVISOR_event_channel_op, EVTCHNOP_send, va_of(&s),
                       0, 0),
             0, "ring the bell once for all");
    expect(XS_WRITE, 1, "OK", "write is answered");
    expect(XS_READ, 2, "first", "read");
    expect(XS_ERROR, 3, "EACCES", "what we may not write");
    expect(XS_GET_DOMAIN_PATH, 4, "/local/domain/0", "get_domain_path");
    expect(XS_WATCH, 5, "OK", "watch");
    expect(XS_WATCH_EVENT, 0, "data/abi", "and its first event");
    evtchn_unbind_handler(port);
}
