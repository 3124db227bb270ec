/* SPDX-License-Identifier: ISC */
/* The xenstore ring in the hands of this guest: no kernel code between. */
#include "storm.h"

#include <base/compiler.h>
#include <base/string.h>
#include <minios/evtchn.h>
#include <minios/hypercall.h>
#include <ring/xenstore.h>
#include <xen/memory.h>

struct xenstore_domain_interface *ring;
unsigned ring_events;

static void nothing(evtchn_port_t port, void *arg)
{
    (void)port;
    (void)arg;
}

bool ring_take_over(void)
{
    const start_info_t *si = x86_start_info;
    const unsigned long *p2m = (const unsigned long *)si->mfn_list;
    unsigned long pfn;

    for (pfn = 0; pfn < si->nr_pages && !ring; pfn++)
        if (p2m[pfn] == si->store_mfn)
            ring = (struct xenstore_domain_interface *)(pfn << 12);
    evtchn_unbind_handler(si->store_evtchn);
    if (!ring || evtchn_bind_handler(si->store_evtchn, nothing, NULL))
        return false;
    ring_reconnect();
    return true;
}

/* A send is not waited for, but heard before any call is answered: what the
 * ring held has been looked at when this returns. */
void ring_bell(void)
{
    (void)evtchn_notify(x86_start_info->store_evtchn);
    (void)HYPERVISOR_memory_op(XENMEM_maximum_ram_page, NULL); /* any will do */
}

static bool connected(void *arg)
{
    (void)arg;
    return __atomic_load_n(&ring->connection, __ATOMIC_ACQUIRE) ==
           XENSTORE_CONNECTED;
}

void ring_reconnect(void)
{
    __atomic_store_n(&ring->connection, XENSTORE_RECONNECT, __ATOMIC_RELEASE);
    ring_bell();
    event_wait(connected, NULL);
}

static bool room_there(void *arg)
{
    (void)arg;
    return ring->req_prod - *(volatile uint32_t *)&ring->req_cons <
           XENSTORE_RING_SIZE;
}

static bool bytes_there(void *arg)
{
    (void)arg;
    return *(volatile uint32_t *)&ring->rsp_prod != ring->rsp_cons;
}

static void put(const void *bytes, size_t len)
{
    const char *from = bytes;

    while (len) {
        int n = xs_ring_write_req(ring, from, len);

        if (n <= 0) {
            ring_bell();
            event_wait(room_there, NULL);
            continue;
        }
        from += n;
        len -= (size_t)n;
    }
}

static void get(void *bytes, size_t len)
{
    char *to = bytes;

    while (len) {
        int n = xs_ring_read_rsp(ring, to, len);

        if (n <= 0) {
            event_wait(bytes_there, NULL);
            continue;
        }
        to += n;
        len -= (size_t)n;
        /* There is room again: the store may be waiting for it. */
        ring_bell();
    }
}

void ring_send(uint32_t type, uint32_t tx, const void *payload, uint32_t len)
{
    const struct xsd_sockmsg h = {type, 7, tx, len};

    put(&h, sizeof(h));
    put(payload, len);
    ring_bell();
}

bool ring_try_send(uint32_t type, const void *payload, uint32_t len)
{
    const struct xsd_sockmsg h = {type, 7, 0, len};

    return xs_ring_write_req(ring, (const char *)&h, sizeof(h)) ==
               (int)sizeof(h) &&
           xs_ring_write_req(ring, payload, len) == (int)len;
}

void ring_receive(struct reply *r)
{
    get(&r->head, sizeof(r->head));
    get(r->body, r->head.len);
    r->body[r->head.len] = '\0';
    ring_events += r->head.type == XS_WATCH_EVENT;
}

bool ring_ask(uint32_t type, uint32_t tx, const void *payload, uint32_t len,
              struct reply *r)
{
    ring_send(type, tx, payload, len);
    do {
        ring_receive(r);
    } while (r->head.type == XS_WATCH_EVENT);
    return r->head.type != XS_ERROR;
}
