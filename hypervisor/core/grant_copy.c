/* SPDX-License-Identifier: ISC */
/* Copying between granted pages: GNTTABOP_copy, and for backends. */
#include "grant.h"
#include <base/arith.h>
#include <base/string.h>
#include <hv/grant.h>
#include <xen/errno.h>

/* One end of a copy: a page, and what of it may be touched. */
struct end {
    struct hv_domain *d;
    struct hv_grant_use use; /* when (granted)                             */
    bool granted;
    uint32_t mfn, offset, len;
    uint8_t *page;
};

/* Whose page is meant. */
static int16_t find_owner(struct hv_domain *caller, domid_t id, bool granted,
                          struct end *e)
{
    e->granted = granted;
    e->d = hv_is_self(caller, id) ? caller : hv_domain_by_id(caller->hv, id);
    /* Frames are named by their owner only. */
    if (!granted && id != DOMID_SELF)
        return GNTST_permission_denied;
    if (e->d)
        return GNTST_okay;
    /* Domain 0 exists, and grants nothing. */
    return id == 0 ? GNTST_bad_gntref : GNTST_bad_domain;
}

static int16_t map_end(struct end *e, bool write)
{
    e->page = hv_frame_map(e->d, e->mfn, write);
    return e->page ? GNTST_okay : GNTST_bad_page;
}

static int16_t open_granted(struct end *e, grant_ref_t ref, domid_t grantee,
                            bool write)
{
    int16_t rc =
        hv_grant_use(e->d, ref, grantee, write, GRANT_FOR_COPY, &e->use);

    if (rc != GNTST_okay)
        return rc;
    e->d = e->use.d; /* another one's, when the grant was transitive */
    e->mfn = e->use.mfn;
    e->offset = e->use.offset;
    e->len = e->use.len;
    rc = map_end(e, write);
    if (rc != GNTST_okay)
        hv_grant_unuse(&e->use);
    return rc;
}

static int16_t open_frame(struct end *e, uint64_t gmfn, bool write)
{
    if (gmfn >= e->d->max_pages)
        return GNTST_bad_page;
    e->mfn = (uint32_t)gmfn;
    e->offset = 0;
    e->len = PORTAL_PAGE_SIZE;
    return map_end(e, write);
}

static int16_t open_end(struct end *e, const struct gnttab_copy_ptr *p,
                        domid_t caller, bool write)
{
    return e->granted ? open_granted(e, p->u.ref, caller, write)
                      : open_frame(e, p->u.gmfn, write);
}

static void close_end(const struct end *e)
{
    e->d->hv->ops->unmap_frame(e->d, e->mfn, e->page);
    if (e->granted)
        hv_grant_unuse(&e->use);
}

/* Whether [offset, offset + len) may be touched; all are below 2^17. */
static bool inside(const struct end *e, uint32_t offset, uint32_t len)
{
    return offset >= e->offset && range_inside(offset - e->offset, len, e->len);
}

static bool in_page(uint32_t offset, uint32_t len)
{
    return range_inside(offset, len, PORTAL_PAGE_SIZE);
}

static int16_t move_bytes(const struct gnttab_copy *op, const struct end *from,
                          const struct end *to)
{
    if (!in_page(op->source.offset, op->len) ||
        !in_page(op->dest.offset, op->len))
        return GNTST_bad_copy_arg;
    if (!inside(from, op->source.offset, op->len) ||
        !inside(to, op->dest.offset, op->len))
        return GNTST_general_error;
    memmove(to->page + op->dest.offset, from->page + op->source.offset,
            op->len);
    return GNTST_okay;
}

static int16_t copy_one(struct hv_domain *d, const struct gnttab_copy *op)
{
    struct end from, to;
    int16_t rc;

    rc =
        find_owner(d, op->source.domid, op->flags & GNTCOPY_source_gref, &from);
    if (rc == GNTST_okay)
        rc = find_owner(d, op->dest.domid, op->flags & GNTCOPY_dest_gref, &to);
    if (rc != GNTST_okay)
        return rc;
    rc = open_end(&from, &op->source, d->id, false);
    if (rc != GNTST_okay)
        return rc;
    rc = open_end(&to, &op->dest, d->id, true);
    if (rc == GNTST_okay) {
        rc = move_bytes(op, &from, &to);
        close_end(&to);
    }
    close_end(&from);
    return rc;
}

int64_t hv_gnttab_copy(struct hv_domain *d, struct portal_request *req)
{
    struct gnttab_copy *op = (struct gnttab_copy *)(void *)req->buf;
    int64_t n = hv_gnttab_ops(req, sizeof(*op)), i;

    for (i = 0; i < n; i++)
        op[i].status = copy_one(d, &op[i]);
    return MIN(n, 0);
}

static int16_t backend_copy(struct hv_domain *d, const struct hv_grant_copy *op)
{
    struct end e = {.d = d, .granted = true};
    int16_t rc;

    if (!in_page(op->offset, op->len))
        return GNTST_bad_copy_arg;
    rc = open_granted(&e, op->ref, 0, op->to_guest);
    if (rc != GNTST_okay)
        return rc;
    if (!inside(&e, op->offset, op->len))
        rc = GNTST_general_error;
    else if (op->to_guest)
        memcpy(e.page + op->offset, op->buf, op->len);
    else
        memcpy(op->buf, e.page + op->offset, op->len);
    close_end(&e);
    return rc;
}

void hv_grant_copy(struct hv_domain *d, struct hv_grant_copy *ops, unsigned n)
{
    unsigned i;

    for (i = 0; i < n; i++)
        ops[i].status = backend_copy(d, &ops[i]);
}
