/* SPDX-License-Identifier: ISC */
/* Two domains from the input's bytes: each step is a header of eight bytes and
 * some more, a forwarded call and the first bytes of its buffer, or a place in
 * the domain's memory and what is written there (its grant table, say), or
 * what a backend does with what it grants. */
#include <hv/core.h>
#include <hv/grant.h>
#include <portal/portal.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Each domain's memory: its shared_info for us, then NR_FRAMES frames: RAM, the
 * special frames up to the grant table's, and one of the table's status. */
#define MAX_PAGES    40u
#define GRANT_FRAMES 4u
#define STATUS_FRAME (MFN_GRANT(MAX_PAGES) + GRANT_FRAMES)
#define NR_FRAMES    (STATUS_FRAME + 1)

static struct hv_grantee *grantee;
static grant_handle_t handles[8];

static uint8_t memory[2][(NR_FRAMES + 1) * 4096] __attribute__((aligned(4096)));

static uint8_t *memory_of(const struct hv_domain *d)
{
    return (uint8_t *)hv_domain_owner(d) + 4096;
}

static void *op_alloc(size_t bytes)
{
    return calloc(1, bytes);
}

static void op_kick(struct hv_domain *d, unsigned vcpu)
{
    if (vcpu >= hv_domain_nr_vcpus(d))
        abort();
}

static void op_port_changed(struct hv_domain *d, evtchn_port_t port,
                            enum hv_port_use use)
{
    (void)d;
    if (port == 0 && use != HV_PORT_USE_NONE)
        abort();
}

static void op_console(struct hv_domain *d, const char *bytes, size_t len)
{
    (void)d;
    (void)bytes;
    if (len > PORTAL_BUF_SIZE)
        abort();
}

static void op_shutdown(struct hv_domain *d, unsigned reason)
{
    (void)d;
    (void)reason;
}

static void op_release(struct hv_domain *d, uint32_t mfn, uint32_t nr)
{
    if (!nr || mfn >= hv_domain_max_pages(d) ||
        nr > hv_domain_max_pages(d) - mfn)
        abort();
}

static int op_unshare(struct hv_domain *d, uint32_t mfn)
{
    op_release(d, mfn, 1);
    return 0;
}

static void *page_of(struct hv_domain *d, uint32_t mfn)
{
    if (mfn == MFN_GRANT_STATUS(MAX_PAGES))
        mfn = STATUS_FRAME;
    else if (mfn >= STATUS_FRAME)
        return NULL;
    return memory_of(d) + mfn * 4096ul;
}

static void *op_map(struct hv_domain *d, uint32_t mfn, bool writable)
{
    (void)writable;
    return page_of(d, mfn);
}

static void op_unmap(struct hv_domain *d, uint32_t mfn, void *page)
{
    if (!page || page != page_of(d, mfn))
        abort();
}

static void op_unmapped(struct hv_domain *d)
{
    if (hv_domain_state(d) != HV_DOM_DYING || hv_domain_is_mapped(d))
        abort();
}

static uint64_t op_now(void)
{
    return 0;
}

static const struct hv_ops ops = {
    .alloc = op_alloc,
    .free = free,
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

static struct hv_domain *make(struct hv *hv, const char *name, void *info)
{
    struct hv_domain_config c = {
        .name = name,
        .nr_pages = 30,
        .max_pages = MAX_PAGES,
        .nr_vcpus = 2,
        .max_event_channels = 3000,
        .max_grant_frames = GRANT_FRAMES,
        .shared_info = info,
        .owner = info,
    };
    struct hv_domain *d;

    if (hv_domain_create(hv, &c, &d) != 0)
        abort();
    hv_domain_start(d);
    return d;
}

/* Writes to a domain's own memory; returns the bytes it took. */
static size_t one_write(unsigned nr, const uint8_t *data, size_t size)
{
    size_t at = (data[1] | data[2] << 8 | data[3] << 16) % sizeof(memory[nr]);
    size_t n = size - 8 < data[4] ? size - 8 : data[4];

    if (n > sizeof(memory[nr]) - at)
        n = sizeof(memory[nr]) - at;
    memcpy(memory[nr] + at, data + 8, n);
    return 8 + n;
}

/* A page that is mapped must be one of the guest's RAM. */
static void map_one(struct hv_domain *d, const uint8_t *header)
{
    struct hv_grant_map m = {.ref = header[3] | (uint32_t)header[4] << 4,
                             .readonly = header[5] & 1};

    hv_grant_map(grantee, d, &m, 1);
    if (m.status == GNTST_okay) {
        if ((uint8_t *)m.page < memory_of(d) ||
            (uint8_t *)m.page >= memory_of(d) + MAX_PAGES * 4096ul)
            abort();
        memset(m.page, 0x77, header[5] & 1 ? 0 : 4096);
        handles[header[6] % 8] = m.handle;
    } else if (m.page) {
        abort();
    }
}

static void backend(struct hv_domain *d, const uint8_t *header)
{
    uint8_t bytes[4096];
    struct hv_grant_copy c = {.ref = header[3],
                              .offset = (uint16_t)(header[4] * 17),
                              .len = (uint16_t)(header[5] * 16),
                              .to_guest = header[6] & 1,
                              .buf = bytes};

    memset(bytes, header[7], sizeof(bytes));
    switch (header[2] % 3) {
    case 0:
        map_one(d, header);
        break;
    case 1:
        hv_grant_unmap(grantee, handles[header[3] % 8] + header[4] % 2);
        break;
    default:
        hv_grant_copy(d, &c, 1);
        break;
    }
}

/* Serves one call; returns the bytes it took. */
static size_t one_call(struct hv_domain *const *dom, const uint8_t *data,
                       size_t size)
{
    static struct portal_request q;
    struct hv_domain *d = dom[data[0] & 1];
    size_t n = size - 8 < data[6] ? size - 8 : data[6];

    if (data[1] == 0xfd) {
        backend(d, data);
        return 8;
    }
    q.nr = data[1] == 0xff ? PORTAL_CALL_BASE + data[2] % 4 : data[1];
    q.args[0] = data[2];
    q.args[1] = data[3];
    q.len = (uint32_t)(data[4] | data[5] << 8) % (PORTAL_BUF_SIZE + 1);
    memset(q.buf, data[7], sizeof(q.buf));
    memcpy(q.buf, data + 8, n);
    hv_hypercall(d, &q);
    if (q.out_len > PORTAL_BUF_SIZE)
        abort();
    return 8 + n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct hv *hv = hv_create(&ops);
    struct hv_domain *dom[2], *d;
    size_t n;

    memset(memory, 0, sizeof(memory));
    memset(handles, 0, sizeof(handles));
    grantee = hv_grantee_create(hv, 5);
    if (!grantee)
        abort();
    dom[0] = make(hv, "a", memory[0]);
    dom[1] = make(hv, "b", memory[1]);
    while (size >= 8) {
        n = data[0] & 2 ? one_write(data[0] & 1, data, size)
                        : one_call(dom, data, size);
        data += n;
        size -= n;
    }
    while ((d = hv_domain_next(hv, NULL))) {
        hv_domain_kill(d);
        hv_domain_destroy(d);
    }
    hv_grantee_destroy(grantee);
    hv_destroy(hv);
    return 0;
}
