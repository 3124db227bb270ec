/* SPDX-License-Identifier: ISC */
/*
 * Domids: which one the next domain gets, and who is meant by one.
 *
 * Ids are given in rotation, so that a number comes back as late as it can.
 * births[id] counts the domains that have had it: with its birth a number names
 * one domain for good (hv_domain_birth()).
 *
 * 1. A number that nobody has had yet means the first that will have it; after
 *    that, the last that had it, alive or not (hv_id_means()).
 * 2. Who keeps a number in the hypervisor's own memory keeps the birth with it
 *    (struct hv_evtchn); nothing keeps a number from being given again.
 * 3. A number that somebody has had is given again only after the grant tables
 *    of all domains have been looked through for it, while it was nobody's
 *    (grant_stale.c). That is done for LOOK_IDS numbers at once, those that come
 *    next: looked_for has them.
 */
#include "grant.h"
#include <xen/errno.h>

#define LOOK_IDS 1024u

static bool bit(const uint64_t *map, unsigned id)
{
    return map[id / 64] >> id % 64 & 1;
}

static void set_bit(uint64_t *map, unsigned id)
{
    map[id / 64] |= 1ull << id % 64;
}

static void clear_bit(uint64_t *map, unsigned id)
{
    map[id / 64] &= ~(1ull << id % 64);
}

void hv_ids_init(struct hv *hv)
{
    hv_set_ids(hv, 1, HV_DOMID_LIMIT - 1);
}

void hv_set_ids(struct hv *hv, domid_t first, domid_t last)
{
    hv->first_id = first;
    hv->end_id = last + 1u;
    hv->next_id = first;
}

domid_t hv_first_id(const struct hv *hv)
{
    return (domid_t)hv->first_id;
}

domid_t hv_last_id(const struct hv *hv)
{
    return (domid_t)(hv->end_id - 1);
}

static bool may_give(const struct hv *hv, unsigned id)
{
    return !bit(hv->id_taken, id) &&
           (hv->births[id] == 0 || bit(hv->looked_for, id));
}

/* The first id of [id, end) that may be given, or 0. A word of ids that are all
 * taken is one step; one with free ids that were not looked for is gone through id
 * by id. */
static unsigned search(const struct hv *hv, unsigned id, unsigned end)
{
    while (id < end) {
        if (id % 64 == 0 && hv->id_taken[id / 64] == UINT64_MAX)
            id += 64;
        else if (may_give(hv, id))
            return id;
        else
            id++;
    }
    return 0;
}

static unsigned search_all(const struct hv *hv)
{
    unsigned id = search(hv, hv->next_id, hv->end_id);

    return id ? id : search(hv, hv->first_id, hv->next_id);
}

/* Fills looked_for with the ids that come next. Their number. */
static unsigned choose_ids(struct hv *hv)
{
    unsigned i, nr = 0, id = hv->next_id;

    for (i = 0; i < ARRAY_SIZE(hv->looked_for); i++)
        hv->looked_for[i] = 0;
    for (i = hv->first_id; i < hv->end_id && nr < LOOK_IDS; i++) {
        if (!bit(hv->id_taken, id)) {
            set_bit(hv->looked_for, id);
            nr++;
        }
        id = id + 1 < hv->end_id ? id + 1 : hv->first_id;
    }
    return nr;
}

int hv_id_choose(struct hv *hv, domid_t *out)
{
    struct hv_gnttab *gt;
    unsigned id = search_all(hv);
    int rc = 0;

    if (!id && choose_ids(hv) == 0)
        return -XEN_ENOSPC;
    if (!id) {
        for (gt = hv->tables; gt && rc == 0; gt = gt->next_table)
            rc = hv_stale_look(gt);
        if (rc != 0) {
            /* Nothing has been looked for everywhere. */
            for (id = 0; id < ARRAY_SIZE(hv->looked_for); id++)
                hv->looked_for[id] = 0;
            return rc;
        }
        id = search_all(hv);
    }
    *out = (domid_t)id;
    return 0;
}

void hv_id_take(struct hv_domain *d, domid_t id)
{
    struct hv *hv = d->hv;

    d->id = id;
    hv->by_id[id] = d;
    d->birth = ++hv->births[id];
    set_bit(hv->id_taken, id);
    clear_bit(hv->looked_for, id);
    hv->next_id = id + 1u < hv->end_id ? id + 1u : hv->first_id;
}

void hv_id_put(struct hv_domain *d)
{
    d->hv->by_id[d->id] = NULL;
    clear_bit(d->hv->id_taken, d->id);
}

bool hv_id_is_looked_for(const struct hv *hv, domid_t id)
{
    return id < HV_DOMID_LIMIT && bit(hv->looked_for, id);
}

uint32_t hv_id_means(const struct hv *hv, domid_t id)
{
    return id < HV_DOMID_LIMIT ? MAX(hv->births[id], 1u) : 0;
}

bool hv_id_is_second_hand(const struct hv *hv, domid_t id)
{
    return id < HV_DOMID_LIMIT && hv->births[id] > 1;
}

uint32_t hv_domain_birth(const struct hv_domain *d)
{
    return d->birth;
}
