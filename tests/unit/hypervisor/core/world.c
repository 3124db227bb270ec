/* SPDX-License-Identifier: ISC */
/* The world of world.h. */
#include "world.h"
#include <hv/grant.h>
#include <stdlib.h>
#include <base/compiler.h>
#include <tap.h>

enum world_abi world_abi;
struct seen seen;
int fail_alloc_after = -1;
int unshare_result;
bool fail_map;
struct portal_request last_req;
unsigned mapped_frames;
static int allocated;

#define WORLD_FRAMES (WORLD_PAGES + NR_SPECIAL_FRAMES)

/* A domain's memory, the owner of it in the core. */
struct memory {
    uint8_t info[PORTAL_PAGE_SIZE];
    bool fifo;
    uint8_t *frames; /* NULL until one is asked for: few need any */
};

static void *op_alloc_memory(size_t bytes)
{
    if (fail_alloc_after == 0)
        return NULL;
    if (fail_alloc_after > 0)
        fail_alloc_after--;
    allocated++;
    return calloc(1, bytes);
}

static void op_free_memory(void *p)
{
    allocated--;
    free(p);
}

static void op_kick(struct hv_domain *d, unsigned vcpu)
{
    seen.kicks++;
    seen.last_kicked = d;
    seen.last_vcpu = vcpu;
}

static void op_port_changed(struct hv_domain *d, evtchn_port_t port,
                            enum hv_port_use use)
{
    (void)d;
    if (port < ARRAY_SIZE(seen.use))
        seen.use[port] = use;
}

static void op_console(struct hv_domain *d, const char *bytes, size_t len)
{
    (void)d;
    seen.console++;
    seen.text_len = len;
    memcpy(seen.text, bytes, len < sizeof(seen.text) ? len : sizeof(seen.text));
}

static void op_shutdown(struct hv_domain *d, unsigned reason)
{
    if (hv_domain_state(d) != HV_DOM_SHUTDOWN)
        abort();
    seen.shutdowns++;
    seen.last_reason = reason;
}

static void op_release(struct hv_domain *d, uint32_t mfn, uint32_t nr)
{
    if (!nr || mfn >= hv_domain_max_pages(d) ||
        nr > hv_domain_max_pages(d) - mfn)
        abort();
    seen.released += nr;
    seen.releases++;
    seen.last_frame = mfn + nr - 1;
}

static int op_unshare(struct hv_domain *d, uint32_t mfn)
{
    if (mfn >= hv_domain_max_pages(d))
        abort();
    seen.unshared++;
    seen.last_frame = mfn;
    return unshare_result;
}

static void *op_map(struct hv_domain *d, uint32_t mfn, bool writable)
{
    (void)writable;
    if (mfn >= WORLD_FRAMES || fail_map)
        return NULL;
    mapped_frames++;
    return frame_of(d, mfn);
}

static void op_unmap(struct hv_domain *d, uint32_t mfn, void *page)
{
    if (page != frame_of(d, mfn))
        abort();
    mapped_frames--;
}

static void op_unmapped(struct hv_domain *d)
{
    if (hv_domain_state(d) != HV_DOM_DYING || hv_domain_is_mapped(d))
        abort();
    seen.unmapped++;
}

static uint64_t op_now(void)
{
    return 123456789;
}

static const struct hv_ops ops = {
    .alloc = op_alloc_memory,
    .free = op_free_memory,
    .kick = op_kick,
    .port_changed = op_port_changed,
    .console_write = op_console,
    .shutdown = op_shutdown,
    .release_frames = op_release,
    .unshare_frame = op_unshare,
    .map_frame = op_map,
    .unmap_frame = op_unmap,
    .grants_unmapped = op_unmapped,
    .now_ns = op_now,
};

struct hv *world_begin(void)
{
    world_forget();
    fail_alloc_after = -1;
    unshare_result = 0;
    fail_map = false;
    return hv_create(&ops);
}

void world_end(struct hv *hv)
{
    struct hv_domain *d;

    while ((d = hv_domain_next(hv, NULL)))
        end_domain(d);
    is_int(hv_nr_domains(hv), 0, "every domain is gone");
    hv_destroy(hv);
    is_int(allocated, 0, "the core has given all memory back");
    is_int(mapped_frames, 0, "and every frame");
}

void world_forget(void)
{
    memset(&seen, 0, sizeof(seen));
}

struct hv_domain_config domain_config(const char *name)
{
    struct memory *m = calloc(1, sizeof(*m));
    struct hv_domain_config c = {
        .name = name,
        .uuid = {1, 2, 3},
        .nr_pages = 100,
        .max_pages = WORLD_PAGES,
        .nr_vcpus = 1,
        .owner = m,
    };

    if (!m)
        abort();
    c.shared_info = (struct shared_info *)m->info;
    return c;
}

void *frame_of(struct hv_domain *d, uint32_t mfn)
{
    struct memory *m = hv_domain_owner(d);

    if (!m->frames)
        m->frames = calloc(WORLD_FRAMES, PORTAL_PAGE_SIZE);
    if (!m->frames)
        abort();
    return m->frames + mfn * PORTAL_PAGE_SIZE;
}

struct hv_domain *new_domain(struct hv *hv, const char *name)
{
    struct hv_domain_config c = domain_config(name);
    struct hv_domain *d;

    if (hv_domain_create(hv, &c, &d) != 0)
        abort();
    hv_domain_start(d);
    use_abi(d);
    return d;
}

void use_abi(struct hv_domain *d)
{
    unsigned v;

    if (world_abi != WORLD_FIFO)
        return;
    for (v = 0; v < hv_domain_nr_vcpus(d); v++)
        if (op_init_control(d, v, FIFO_CONTROL, v * FIFO_STEP) != 0)
            abort();
    if (op_expand(d, FIFO_WORDS) != 0)
        abort();
}

struct shared_info *info_of(struct hv_domain *d)
{
    struct memory *m = hv_domain_owner(d);

    return (struct shared_info *)m->info;
}

void end_domain(struct hv_domain *d)
{
    struct memory *m = hv_domain_owner(d);

    hv_domain_kill(d);
    hv_domain_destroy(d);
    free(m->frames);
    free(m);
}

int64_t call(struct hv_domain *d, uint32_t nr, uint64_t op, void *arg,
             size_t len)
{
    return call_n(d, nr, op, 0x5a5a5a5a5a5a5a5aull, arg, len);
}

int64_t call_n(struct hv_domain *d, uint32_t nr, uint64_t op, uint64_t n,
               void *arg, size_t len)
{
    memset(&last_req, 0x5a, sizeof(last_req));
    last_req.nr = nr;
    last_req.args[0] = op;
    last_req.args[1] = n;
    last_req.len = (uint32_t)len;
    if (len > 0)
        memcpy(last_req.buf, arg, len);
    hv_hypercall(d, &last_req);
    if (last_req.out_len > PORTAL_BUF_SIZE)
        abort();
    if (arg && last_req.out_len <= len)
        memcpy(arg, last_req.buf, last_req.out_len);
    return last_req.ret;
}

static int64_t evtchn(struct hv_domain *d, uint64_t op, void *arg, size_t len)
{
    return call(d, __HYPERVISOR_event_channel_op, op, arg, len);
}

int64_t op_alloc(struct hv_domain *d, domid_t dom, domid_t remote)
{
    struct evtchn_alloc_unbound a = {.dom = dom, .remote_dom = remote};
    int64_t rc = evtchn(d, EVTCHNOP_alloc_unbound, &a, sizeof(a));

    return rc ? rc : a.port;
}

int64_t op_bind(struct hv_domain *d, domid_t remote, evtchn_port_t port)
{
    struct evtchn_bind_interdomain a = {.remote_dom = remote,
                                        .remote_port = port};
    int64_t rc = evtchn(d, EVTCHNOP_bind_interdomain, &a, sizeof(a));

    return rc ? rc : a.local_port;
}

int64_t op_virq(struct hv_domain *d, uint32_t virq, uint32_t vcpu)
{
    struct evtchn_bind_virq a = {.virq = virq, .vcpu = vcpu};
    int64_t rc = evtchn(d, EVTCHNOP_bind_virq, &a, sizeof(a));

    return rc ? rc : a.port;
}

int64_t op_ipi(struct hv_domain *d, uint32_t vcpu)
{
    struct evtchn_bind_ipi a = {.vcpu = vcpu};
    int64_t rc = evtchn(d, EVTCHNOP_bind_ipi, &a, sizeof(a));

    return rc ? rc : a.port;
}

int64_t op_bind_vcpu(struct hv_domain *d, evtchn_port_t port, uint32_t vcpu)
{
    struct evtchn_bind_vcpu a = {.port = port, .vcpu = vcpu};

    return evtchn(d, EVTCHNOP_bind_vcpu, &a, sizeof(a));
}

int64_t op_close(struct hv_domain *d, evtchn_port_t port)
{
    return evtchn(d, EVTCHNOP_close, &port, sizeof(port));
}

int64_t op_send(struct hv_domain *d, evtchn_port_t port)
{
    return evtchn(d, EVTCHNOP_send, &port, sizeof(port));
}

int64_t op_reset(struct hv_domain *d, domid_t dom)
{
    struct memory *m = hv_domain_owner(d);
    int64_t rc;

    do
        rc = evtchn(d, EVTCHNOP_reset, &dom, sizeof(dom));
    while (rc == -XEN_EAGAIN);
    if (rc == 0)
        m->fifo = false;
    return rc;
}

int64_t op_unmask(struct hv_domain *d, evtchn_port_t port)
{
    return evtchn(d, EVTCHNOP_unmask, &port, sizeof(port));
}

int64_t op_init_control(struct hv_domain *d, uint32_t vcpu, uint64_t mfn,
                        uint32_t offset)
{
    struct evtchn_init_control a = {
        .control_gfn = mfn, .offset = offset, .vcpu = vcpu};
    int64_t rc = evtchn(d, EVTCHNOP_init_control, &a, sizeof(a));
    struct memory *m = hv_domain_owner(d);

    if (rc == 0)
        m->fifo = true;
    if (rc == 0 && a.link_bits != EVTCHN_FIFO_LINK_BITS)
        abort();
    return rc;
}

int64_t op_expand(struct hv_domain *d, uint64_t mfn)
{
    return evtchn(d, EVTCHNOP_expand_array, &mfn, sizeof(mfn));
}

int64_t op_priority(struct hv_domain *d, evtchn_port_t port, uint32_t priority)
{
    struct evtchn_set_priority a = {.port = port, .priority = priority};

    return evtchn(d, EVTCHNOP_set_priority, &a, sizeof(a));
}

struct evtchn_status op_status(struct hv_domain *d, evtchn_port_t port)
{
    struct evtchn_status a = {.dom = DOMID_SELF, .port = port};

    if (evtchn(d, EVTCHNOP_status, &a, sizeof(a)) != 0)
        a.status = UINT32_MAX;
    return a;
}

int64_t op_status_of(struct hv_domain *d, domid_t dom, evtchn_port_t port)
{
    struct evtchn_status a = {.dom = dom, .port = port};

    return evtchn(d, EVTCHNOP_status, &a, sizeof(a));
}

static bool is_fifo(struct hv_domain *d)
{
    const struct memory *m = hv_domain_owner(d);

    return m->fifo;
}

event_word_t *fifo_word(struct hv_domain *d, evtchn_port_t port)
{
    return (event_word_t *)frame_of(d, FIFO_WORDS) + port;
}

struct evtchn_fifo_control_block *fifo_control(struct hv_domain *d,
                                               unsigned vcpu)
{
    return (void *)((char *)frame_of(d, FIFO_CONTROL) +
                    (size_t)vcpu * FIFO_STEP);
}

bool pending(struct hv_domain *d, evtchn_port_t port)
{
    if (is_fifo(d))
        return *fifo_word(d, port) >> EVTCHN_FIFO_PENDING & 1;
    return info_of(d)->evtchn_pending[port / 64] >> port % 64 & 1;
}

void clear(struct hv_domain *d, evtchn_port_t port)
{
    struct shared_info *si = info_of(d);

    if (is_fifo(d)) {
        *fifo_word(d, port) &= ~(1u << EVTCHN_FIFO_PENDING);
        return;
    }
    si->evtchn_pending[port / 64] &= ~(1ul << port % 64);
    si->vcpu_info[0].evtchn_pending_sel = 0;
    si->vcpu_info[0].evtchn_upcall_pending = 0;
}

void mask(struct hv_domain *d, evtchn_port_t port, bool on)
{
    struct shared_info *si = info_of(d);
    uint64_t bit = 1ul << port % 64;

    if (is_fifo(d) && on)
        *fifo_word(d, port) |= 1u << EVTCHN_FIFO_MASKED;
    else if (is_fifo(d))
        *fifo_word(d, port) &= ~(1u << EVTCHN_FIFO_MASKED);
    else if (on)
        si->evtchn_mask[port / 64] |= bit;
    else
        si->evtchn_mask[port / 64] &= ~bit;
}
