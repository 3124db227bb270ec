/* SPDX-License-Identifier: ISC */
/*
 * A domain's memory reservation. Its RAM is a fixed set of slots (mfn 0 to
 * max_pages - 1), each populated or not; the operations of XENMEM_* that change
 * the reservation move slots between the two.
 */
#include "internal.h"
#include <base/arith.h>
#include <base/string.h>
#include <portal/hypercalls.h>
#include <xen/errno.h>
#include <xen/memory.h>

#define WORD_BITS 64u

/* Largest extent a guest may ask for, as Xen's CONFIG_DOMU_MAX_ORDER: it bounds
 * the work of one extent. */
#define MAX_ORDER 9u
/* A request is done as far as it begins within so many frames, at least its
 * first extent; the monitor comes again for the rest (Xen does the same by its
 * continuations). So nobody keeps the lock for long. */
#define MAX_FRAMES 64u

static bool populated(const struct hv_domain *d, uint32_t mfn)
{
    return d->slots[mfn / WORD_BITS] >> (mfn % WORD_BITS) & 1;
}

static void set_slot(struct hv_domain *d, uint32_t mfn, bool on)
{
    uint64_t bit = 1ull << (mfn % WORD_BITS);

    if (on)
        d->slots[mfn / WORD_BITS] |= bit;
    else
        d->slots[mfn / WORD_BITS] &= ~bit;
}

int hv_memory_init(struct hv_domain *d)
{
    size_t words = (d->max_pages + WORD_BITS - 1) / WORD_BITS;
    uint32_t mfn = 0;

    d->slots = d->hv->ops->alloc(words * sizeof(*d->slots));
    if (!d->slots)
        return -XEN_ENOMEM;
    for (; mfn + WORD_BITS <= d->nr_pages; mfn += WORD_BITS)
        d->slots[mfn / WORD_BITS] = UINT64_MAX;
    for (; mfn < d->nr_pages; mfn++)
        set_slot(d, mfn, true);
    return 0;
}

void hv_memory_fini(struct hv_domain *d)
{
    if (d->slots)
        d->hv->ops->free(d->slots);
    d->slots = NULL;
}

void *hv_frame_map(struct hv_domain *d, uint64_t mfn, bool writable)
{
    if (mfn > UINT32_MAX || d->state == HV_DOM_DYING)
        return NULL;
    if (mfn < d->max_pages && !populated(d, (uint32_t)mfn))
        return NULL;
    return d->hv->ops->map_frame(d, (uint32_t)mfn, writable);
}

/* Whether all of [mfn, mfn + nr), which exist, are populated (on) or free. */
static bool all_slots(const struct hv_domain *d, uint32_t mfn, uint32_t nr,
                      bool on)
{
    while (nr > 0) {
        uint32_t bit = mfn % WORD_BITS, n = MIN(nr, WORD_BITS - bit);
        uint64_t bits = n < WORD_BITS ? (1ull << n) - 1 : UINT64_MAX;

        if ((d->slots[mfn / WORD_BITS] >> bit & bits) != (on ? bits : 0))
            return false;
        mfn += n;
        nr -= n;
    }
    return true;
}

/* The lowest free run of (nr) slots, a power of two and aligned to it, as Xen's
 * allocator gives them; UINT32_MAX when there is none. (*from) is where to
 * begin and is moved on: within one call no lower slot becomes free. */
static uint32_t find_free(const struct hv_domain *d, uint32_t nr,
                          uint32_t *from)
{
    uint32_t mfn = (*from + nr - 1) / nr * nr;

    while (mfn < d->max_pages && nr <= d->max_pages - mfn) {
        *from = mfn;
        if (all_slots(d, mfn, nr, false))
            return mfn;
        mfn += nr;
        /* Over 64 populated slots at a step: big domains are mostly full. */
        while (nr <= WORD_BITS && mfn % WORD_BITS == 0 && mfn < d->max_pages &&
               d->slots[mfn / WORD_BITS] == UINT64_MAX)
            mfn += WORD_BITS;
    }
    return UINT32_MAX;
}

static void populate(struct hv_domain *d, uint32_t mfn, uint32_t nr)
{
    uint32_t i;

    /* A stale mapping may have dirtied them since they were given up. */
    d->hv->ops->release_frames(d, mfn, nr);
    for (i = 0; i < nr; i++)
        set_slot(d, mfn + i, true);
    d->nr_pages += nr;
}

/* Takes an extent of (nr) slots, the one at (wish) if it is free; UINT32_MAX
 * when there is none or the reservation is used up. */
static uint32_t take_extent(struct hv_domain *d, uint32_t nr, uint64_t wish,
                            uint32_t *from)
{
    uint32_t mfn;

    /* No search in a domain that has all its memory, the common case. */
    if (nr > d->max_pages - d->nr_pages)
        return UINT32_MAX;
    if (wish % nr == 0 && range_inside(wish, nr, d->max_pages) &&
        all_slots(d, (uint32_t)wish, nr, false))
        mfn = (uint32_t)wish;
    else
        mfn = find_free(d, nr, from);
    if (mfn != UINT32_MAX)
        populate(d, mfn, nr);
    return mfn;
}

/* Gives back an extent; false, and nothing done, unless all of it is the
 * domain's. */
static bool give_extent(struct hv_domain *d, uint32_t nr, uint64_t first)
{
    uint32_t mfn = (uint32_t)first, i;

    if (!range_inside(first, nr, d->max_pages) || !all_slots(d, mfn, nr, true))
        return false;
    for (i = 0; i < nr; i++)
        set_slot(d, mfn + i, false);
    d->hv->ops->release_frames(d, mfn, nr);
    d->nr_pages -= nr;
    return true;
}

/*
 * Common part of the three reservation calls: checks the request and returns
 * the number of extents to work on now, or a negative error. An order that is
 * too large is not an error in Xen: no extent is done.
 */
static int64_t check_reservation(const struct hv_domain *d,
                                 const struct portal_request *req,
                                 const struct hc_reservation *r)
{
    if (req->len < offsetof(struct hc_reservation, extent) ||
        r->nr_extents > HC_RESERVATION_MAX_EXTENTS ||
        (req->len - offsetof(struct hc_reservation, extent)) /
                sizeof(r->extent[0]) <
            r->nr_extents)
        return -XEN_EINVAL;
    if (!hv_is_self(d, r->domid))
        return -XEN_EPERM;
    if (r->extent_order > MAX_ORDER)
        return 0;
    return MIN(r->nr_extents, MAX(MAX_FRAMES >> r->extent_order, 1u));
}

_Static_assert(sizeof(struct hc_reservation) <= PORTAL_BUF_SIZE, "one request");

int64_t hv_memory_decrease(struct hv_domain *d, struct portal_request *req)
{
    /* The request is our own copy: using it in place is safe. */
    struct hc_reservation *r = (struct hc_reservation *)(void *)req->buf;
    int64_t n = check_reservation(d, req, r), i;

    for (i = 0; i < n; i++)
        if (!give_extent(d, 1u << r->extent_order, r->extent[i]))
            return i;
    return n;
}

/* increase: the guest gets any slots. populate: it names the pfn it wants them
 * for; if that slot is free it gets the same number as mfn, which keeps the
 * machine-to-phys table the identity it began as. */
static int64_t get_extents(struct hv_domain *d, struct portal_request *req,
                           bool wishes)
{
    struct hc_reservation *r = (struct hc_reservation *)(void *)req->buf;
    int64_t n = check_reservation(d, req, r), i;
    uint32_t from = 0, mfn;

    for (i = 0; i < n; i++) {
        mfn = take_extent(d, 1u << r->extent_order,
                          wishes ? r->extent[i] : UINT64_MAX, &from);
        if (mfn == UINT32_MAX)
            break;
        r->extent[i] = mfn;
    }
    if (i > 0)
        req->out_len = (uint32_t)(offsetof(struct hc_reservation, extent) +
                                  (size_t)i * sizeof(r->extent[0]));
    return n < 0 ? n : i;
}

int64_t hv_memory_increase(struct hv_domain *d, struct portal_request *req)
{
    return get_extents(d, req, false);
}

int64_t hv_memory_populate(struct hv_domain *d, struct portal_request *req)
{
    return get_extents(d, req, true);
}

/* One more than the highest mfn a guest may meet, its special frames included:
 * it sizes the guest's view of the machine-to-phys table. */
int64_t hv_memory_max_ram_page(struct hv_domain *d, struct portal_request *req)
{
    (void)req;
    return (int64_t)d->max_pages + NR_SPECIAL_FRAMES;
}

static int64_t reservation_of(const struct hv_domain *d,
                              const struct portal_request *req, uint32_t value)
{
    struct xen_memory_domain a;

    memcpy(&a, req->buf, sizeof(a));
    return hv_is_self(d, a.domid) ? (int64_t)value : -XEN_EPERM;
}

int64_t hv_memory_current(struct hv_domain *d, struct portal_request *req)
{
    return reservation_of(d, req, d->nr_pages);
}

int64_t hv_memory_maximum(struct hv_domain *d, struct portal_request *req)
{
    return reservation_of(d, req, d->max_pages);
}

int64_t hv_memory_unshare(struct hv_domain *d, struct portal_request *req)
{
    uint64_t mfn = req->args[0];

    if (mfn >= d->max_pages || !populated(d, (uint32_t)mfn))
        return -XEN_EINVAL;
    return d->hv->ops->unshare_frame(d, (uint32_t)mfn);
}
