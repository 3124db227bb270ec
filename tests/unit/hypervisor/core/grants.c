/* SPDX-License-Identifier: ISC */
/* The helpers of grants.h. */
#include "grants.h"
#include <stdlib.h>
#include <string.h>

static void *table(struct hv_domain *d, uint32_t frame)
{
    return frame_of(d, MFN_GRANT(WORLD_PAGES) + frame);
}

grant_entry_v1_t *entry_v1(struct hv_domain *d, grant_ref_t ref)
{
    return (grant_entry_v1_t *)table(d, ref / 512) + ref % 512;
}

grant_entry_v2_t *entry_v2(struct hv_domain *d, grant_ref_t ref)
{
    return (grant_entry_v2_t *)table(d, ref / 256) + ref % 256;
}

uint16_t *status_v2(struct hv_domain *d, grant_ref_t ref)
{
    return (uint16_t *)frame_of(d, MFN_GRANT_STATUS(WORLD_PAGES) + ref / 2048) +
           ref % 2048;
}

unsigned in_use(struct hv_domain *d, unsigned version, grant_ref_t ref)
{
    unsigned bits =
        version == KIND_V1 ? entry_v1(d, ref)->flags : *status_v2(d, ref);

    return bits & (GTF_reading | GTF_writing);
}

void grant(struct hv_domain *d, unsigned version, grant_ref_t ref, domid_t to,
           uint32_t mfn, unsigned flags)
{
    if (version == KIND_V1) {
        entry_v1(d, ref)->domid = to;
        entry_v1(d, ref)->frame = mfn;
        entry_v1(d, ref)->flags = (uint16_t)(GTF_permit_access | flags);
    } else {
        entry_v2(d, ref)->hdr.domid = to;
        entry_v2(d, ref)->full_page.frame = mfn;
        entry_v2(d, ref)->hdr.flags = (uint16_t)(GTF_permit_access | flags);
    }
}

static int64_t one(struct hv_domain *d, uint64_t op, void *arg, size_t len)
{
    return call_n(d, __HYPERVISOR_grant_table_op, op, 1, arg, len);
}

int64_t op_setup(struct hv_domain *d, domid_t dom, uint32_t nr_frames)
{
    struct gnttab_setup_table a = {.dom = dom, .nr_frames = nr_frames};
    int64_t rc = one(d, GNTTABOP_setup_table, &a, sizeof(a));

    return rc ? rc : a.status;
}

int64_t op_status_frames(struct hv_domain *d, domid_t dom, uint32_t nr_frames)
{
    struct gnttab_get_status_frames a = {.dom = dom, .nr_frames = nr_frames};
    int64_t rc = one(d, GNTTABOP_get_status_frames, &a, sizeof(a));

    return rc ? rc : a.status;
}

struct gnttab_query_size op_size(struct hv_domain *d, domid_t dom)
{
    struct gnttab_query_size a = {.dom = dom};

    if (one(d, GNTTABOP_query_size, &a, sizeof(a)) != 0)
        abort();
    return a;
}

int64_t op_set_version(struct hv_domain *d, uint32_t *version)
{
    return one(d, GNTTABOP_set_version, version, sizeof(*version));
}

int64_t op_get_version(struct hv_domain *d, domid_t dom)
{
    struct gnttab_get_version a = {.dom = dom};
    int64_t rc = one(d, GNTTABOP_get_version, &a, sizeof(a));

    return rc ? rc : a.version;
}

int64_t op_swap(struct hv_domain *d, grant_ref_t a, grant_ref_t b)
{
    struct gnttab_swap_grant_ref op = {.ref_a = a, .ref_b = b};
    int64_t rc = one(d, GNTTABOP_swap_grant_ref, &op, sizeof(op));

    return rc ? rc : op.status;
}

int64_t op_copy(struct hv_domain *d, struct gnttab_copy *op)
{
    int64_t rc = one(d, GNTTABOP_copy, op, sizeof(*op));

    return rc ? rc : op->status;
}

struct hv_domain *new_granter(struct hv *hv, const char *name, unsigned version)
{
    struct hv_domain *d = new_domain(hv, name);
    uint32_t v = version;

    if (op_set_version(d, &v) != 0 || v != version ||
        op_setup(d, DOMID_SELF, 4) != GNTST_okay)
        abort();
    return d;
}

struct gnttab_copy_ptr by_ref(struct hv_domain *d, grant_ref_t ref,
                              uint16_t offset)
{
    struct gnttab_copy_ptr p = {.domid = hv_domain_id(d), .offset = offset};

    p.u.ref = ref;
    return p;
}

struct gnttab_copy_ptr by_frame(uint32_t mfn, uint16_t offset)
{
    struct gnttab_copy_ptr p = {.domid = DOMID_SELF, .offset = offset};

    p.u.gmfn = mfn;
    return p;
}
