/* SPDX-License-Identifier: ISC */
/*
 * GNTTABOP_* on the caller's own table, and the refusals. Structures and notes
 * are in xen/grant_table.h; where it is silent about which error comes first,
 * real Xen decided. Guests are unprivileged: tables of others are
 * GNTST_permission_denied (-XEN_EPERM), those of nobody GNTST_bad_domain
 * (-XEN_ESRCH).
 */
#include "grant.h"
#include <base/arith.h>
#include <base/string.h>
#include <xen/errno.h>

#define RESERVED GNTTAB_NR_RESERVED_ENTRIES

int64_t hv_gnttab_ops(struct portal_request *req, size_t size)
{
    uint64_t n = req->args[1];

    if (n > req->len / size)
        return -XEN_EINVAL;
    req->out_len = (uint32_t)(n * size);
    return (int64_t)n;
}

/* Domain 0 exists: it is us. */
static int16_t check_self(const struct hv_domain *d, domid_t id)
{
    if (hv_is_self(d, id))
        return GNTST_okay;
    return id == 0 || hv_domain_by_id(d->hv, id) ? GNTST_permission_denied
                                                 : GNTST_bad_domain;
}

/* --- size ------------------------------------------------------------------- */

static int16_t setup_table(struct hv_domain *d, uint32_t nr_frames)
{
    struct hv_gnttab *gt;

    if (nr_frames > d->max_grant_frames)
        return GNTST_general_error;
    gt = hv_gnttab_get(d);
    if (!gt)
        return GNTST_general_error;
    /* Frames are there, and zero, once somebody touches them. */
    gt->nr_frames = MAX(gt->nr_frames, nr_frames);
    return GNTST_okay;
}

int64_t hv_gnttab_setup_table(struct hv_domain *d, struct portal_request *req)
{
    struct gnttab_setup_table a;

    memcpy(&a, req->buf, sizeof(a));
    a.status = check_self(d, a.dom);
    if (a.status == GNTST_okay)
        a.status = setup_table(d, a.nr_frames);
    memcpy(req->buf, &a, sizeof(a));
    return 0;
}

int64_t hv_gnttab_query_size(struct hv_domain *d, struct portal_request *req)
{
    struct gnttab_query_size a;

    memcpy(&a, req->buf, sizeof(a));
    a.status = check_self(d, a.dom);
    if (a.status == GNTST_okay) {
        /* Every domain is born with a table of one frame. */
        a.nr_frames = d->gnttab ? d->gnttab->nr_frames : 1;
        a.max_nr_frames = d->max_grant_frames;
    }
    memcpy(req->buf, &a, sizeof(a));
    return 0;
}

int64_t hv_gnttab_get_status_frames(struct hv_domain *d,
                                    struct portal_request *req)
{
    const struct hv_gnttab *gt = d->gnttab;
    struct gnttab_get_status_frames a;
    uint32_t have = 0;

    memcpy(&a, req->buf, sizeof(a));
    if (gt && gt->version == 2)
        have = hv_gnttab_status_frames(gt->nr_frames);
    a.status = check_self(d, a.dom);
    if (a.status == GNTST_okay && a.nr_frames > have)
        a.status = GNTST_general_error;
    memcpy(req->buf, &a, sizeof(a));
    return 0;
}

/* --- version ---------------------------------------------------------------- */

/* The reserved entries, which outlive a change of version. */
static void save_entries(const struct hv_gnttab *gt, grant_entry_v1_t *saved)
{
    const grant_entry_v2_t *e = gt->frame[0];
    const grant_status_t *status = gt->status[0];
    unsigned i;

    if (gt->version == 1) {
        memcpy(saved, gt->frame[0], RESERVED * sizeof(*saved));
        return;
    }
    for (i = 0; i < RESERVED; i++) {
        unsigned flags = e[i].hdr.flags;

        /* What version 1 has no words for is lost. */
        if ((flags & GTF_type_mask) != GTF_permit_access ||
            (flags & GTF_sub_page) || e[i].full_page.frame > UINT32_MAX) {
            memset(&saved[i], 0, sizeof(saved[i]));
            continue;
        }
        saved[i].flags = (uint16_t)(flags | status[i]);
        saved[i].domid = e[i].hdr.domid;
        saved[i].frame = (uint32_t)e[i].full_page.frame;
    }
}

static void restore_entries(const struct hv_gnttab *gt,
                            const grant_entry_v1_t *saved)
{
    const unsigned use = GTF_reading | GTF_writing;
    grant_entry_v2_t *e = gt->frame[0];
    grant_status_t *status = gt->status[0];
    unsigned i;

    if (gt->version == 1) {
        memcpy(gt->frame[0], saved, RESERVED * sizeof(*saved));
        return;
    }
    for (i = 0; i < RESERVED; i++) {
        e[i].full_page.frame = saved[i].frame;
        e[i].hdr.domid = saved[i].domid;
        e[i].hdr.flags = (uint16_t)(saved[i].flags & ~use);
        status[i] = (grant_status_t)(saved[i].flags & use);
    }
}

/* Makes all of the table addressable, so that nothing can fail half-way. */
static bool map_all(struct hv_domain *d)
{
    const struct hv_gnttab *gt = d->gnttab;
    uint32_t i;

    for (i = 0; i < gt->nr_frames; i++)
        if (!hv_gnttab_frame(d, i))
            return false;
    for (i = 0; i < hv_gnttab_status_frames(gt->nr_frames); i++)
        if (!hv_gnttab_status_frame(d, i))
            return false;
    return true;
}

static int change_version(struct hv_domain *d, unsigned version)
{
    struct hv_gnttab *gt = hv_gnttab_get(d);
    grant_entry_v1_t saved[RESERVED];
    uint32_t i;

    if (!gt)
        return -XEN_ENOMEM;
    if (gt->version == version)
        return 0;
    if (gt->nr_pinned > 0)
        return -XEN_EBUSY;
    if (!map_all(d))
        return -XEN_ENOMEM;
    save_entries(gt, saved);
    for (i = 0; i < gt->nr_frames; i++)
        memset(gt->frame[i], 0, PORTAL_PAGE_SIZE);
    for (i = 0; i < hv_gnttab_status_frames(gt->nr_frames); i++)
        memset(gt->status[i], 0, PORTAL_PAGE_SIZE);
    gt->version = version;
    restore_entries(gt, saved);
    hv_stale_new_version(gt);
    return 0;
}

int64_t hv_gnttab_set_version(struct hv_domain *d, struct portal_request *req)
{
    struct gnttab_set_version a;
    int rc = -XEN_EINVAL;

    memcpy(&a, req->buf, sizeof(a));
    if (a.version == 1 || a.version == 2)
        rc = change_version(d, a.version);
    a.version = d->gnttab ? d->gnttab->version : 1;
    memcpy(req->buf, &a, sizeof(a));
    return rc;
}

int64_t hv_gnttab_get_version(struct hv_domain *d, struct portal_request *req)
{
    struct gnttab_get_version a;
    int16_t rc;

    memcpy(&a, req->buf, sizeof(a));
    rc = check_self(d, a.dom);
    if (rc != GNTST_okay)
        return rc == GNTST_bad_domain ? -XEN_ESRCH : -XEN_EPERM;
    a.version = d->gnttab ? d->gnttab->version : 1;
    memcpy(req->buf, &a, sizeof(a));
    return 0;
}

/* --- swap ------------------------------------------------------------------- */

/* Exchanges two objects in memory that the guest may write. */
static void swap_bytes(void *a, void *b, size_t size)
{
    uint8_t t[sizeof(grant_entry_v2_t)];

    memcpy(t, a, size);
    memcpy(a, b, size);
    memcpy(b, t, size);
}

static int16_t swap_refs(struct hv_domain *d, grant_ref_t a, grant_ref_t b)
{
    struct hv_gnttab *gt = d->gnttab;
    size_t size;
    uint32_t per_frame;
    uint8_t *fa, *fb;

    if (!gt || a >= hv_gnttab_entries(gt) || b >= hv_gnttab_entries(gt))
        return GNTST_bad_gntref;
    if (a == b)
        return GNTST_okay;
    if (hv_grant_find_pin(gt, a) || hv_grant_find_pin(gt, b))
        return GNTST_eagain;
    size =
        gt->version == 1 ? sizeof(grant_entry_v1_t) : sizeof(grant_entry_v2_t);
    per_frame = (uint32_t)(PORTAL_PAGE_SIZE / size);
    fa = hv_gnttab_frame(d, a / per_frame);
    fb = hv_gnttab_frame(d, b / per_frame);
    if (!fa || !fb)
        return GNTST_general_error;
    /* The status of entries without a pin is 0: there is nothing to swap. */
    swap_bytes(fa + a % per_frame * size, fb + b % per_frame * size, size);
    hv_stale_swap(gt, a, b);
    return GNTST_okay;
}

int64_t hv_gnttab_swap(struct hv_domain *d, struct portal_request *req)
{
    struct gnttab_swap_grant_ref *op = (void *)req->buf;
    int64_t n = hv_gnttab_ops(req, sizeof(*op)), i;

    for (i = 0; i < n; i++)
        op[i].status = swap_refs(d, op[i].ref_a, op[i].ref_b);
    return MIN(n, 0);
}

/* --- what a guest has no use for here, or may not --------------------------- */

/* Caches are coherent, and no device reads memory behind the CPU's back: what
 * is allowed is done. Only the caller's own frames, by machine address. */
static int cache_flush(struct hv_domain *d, const struct gnttab_cache_flush *op)
{
    const uint32_t known = GNTTAB_CACHE_CLEAN | GNTTAB_CACHE_INVAL;
    uint64_t mfn = op->a.dev_bus_addr >> PORTAL_PAGE_SHIFT;

    if (op->op & GNTTAB_CACHE_SOURCE_GREF)
        return -XEN_EOPNOTSUPP;
    if ((op->op & ~known) ||
        !range_inside(op->offset, op->length, PORTAL_PAGE_SIZE))
        return -XEN_EINVAL;
    if (op->length == 0 || op->op == 0)
        return 0;
    if (mfn >= d->max_pages)
        return -XEN_EPERM;
    /* x86 has no way to drop a cache line without writing it back. */
    return op->op == GNTTAB_CACHE_INVAL ? -XEN_EOPNOTSUPP : 0;
}

int64_t hv_gnttab_cache_flush(struct hv_domain *d, struct portal_request *req)
{
    const struct gnttab_cache_flush *op = (const void *)req->buf;
    int64_t n = hv_gnttab_ops(req, sizeof(*op)), i;
    int rc = 0;

    for (i = 0; i < n && rc == 0; i++)
        rc = cache_flush(d, &op[i]);
    return n < 0 ? n : rc;
}

/* A guest process reaches its own files only (DESIGN 3.1). */
int64_t hv_gnttab_map(struct hv_domain *d, struct portal_request *req)
{
    struct gnttab_map_grant_ref *op = (void *)req->buf;
    int64_t n = hv_gnttab_ops(req, sizeof(*op)), i;

    for (i = 0; i < n; i++)
        op[i].status = check_self(d, op[i].dom) == GNTST_bad_domain
                           ? GNTST_bad_domain
                           : GNTST_permission_denied;
    return MIN(n, 0);
}

/* Nothing was ever mapped. */
int64_t hv_gnttab_unmap(struct hv_domain *d, struct portal_request *req)
{
    struct gnttab_unmap_grant_ref *op = (void *)req->buf;
    int64_t n = hv_gnttab_ops(req, sizeof(*op)), i;

    (void)d;
    for (i = 0; i < n; i++)
        op[i].status = GNTST_bad_handle;
    return MIN(n, 0);
}

int64_t hv_gnttab_unmap_replace(struct hv_domain *d, struct portal_request *req)
{
    struct gnttab_unmap_and_replace *op = (void *)req->buf;
    int64_t n = hv_gnttab_ops(req, sizeof(*op)), i;

    (void)d;
    for (i = 0; i < n; i++)
        op[i].status = GNTST_bad_handle;
    return MIN(n, 0);
}

/* As Xen with gnttab=no-transfer: frames do not change hands. */
int64_t hv_gnttab_transfer(struct hv_domain *d, struct portal_request *req)
{
    (void)d;
    (void)req;
    return -XEN_EOPNOTSUPP;
}
