/* SPDX-License-Identifier: ISC */
/*
 * Grants mapped by backends. A grantee has a table of handles:
 *
 *   handle = generation << 16 | slot
 *
 * A slot's generation changes with every mapping, so that a handle that was
 * unmapped does not pass for the one that has its slot now.
 */
#include "grant.h"
#include <base/string.h>
#include <hv/grant.h>

#define SLOT_BITS   16u
#define SLOT_MASK   ((1u << SLOT_BITS) - 1)
#define FIRST_SLOTS 16u
#define NO_SLOT     UINT32_MAX

_Static_assert(HV_GRANTEE_MAPS_MAX == 1u << SLOT_BITS, "handles");

struct hv_grant_mapping {
    struct hv_domain *d; /* NULL: the slot is free, or the domain is gone  */
    struct hv_grant_mapping *next, **link; /* in d->gnttab->maps           */
    void *page;
    uint32_t mfn;
    grant_ref_t ref;
    bool used, write;
    uint16_t generation;
    uint32_t next_free;
};

struct hv_grantee {
    struct hv *hv;
    uint32_t max_maps, nr_maps;
    /* slot[0 .. nr_slots), each an object of its own: they are linked. */
    struct hv_grant_mapping **slot;
    uint32_t nr_slots, room;
    uint32_t first_free; /* chained by next_free, NO_SLOT at the end       */
};

struct hv_grantee *hv_grantee_create(struct hv *hv, uint32_t max_maps)
{
    struct hv_grantee *g = hv->ops->alloc(sizeof(*g));

    if (!g)
        return NULL;
    g->hv = hv;
    g->max_maps = MIN(max_maps, HV_GRANTEE_MAPS_MAX);
    g->first_free = NO_SLOT;
    return g;
}

uint32_t hv_grantee_maps(const struct hv_grantee *g)
{
    return g->nr_maps;
}

/* Room for one more slot at the end. */
static bool grow(struct hv_grantee *g)
{
    const struct hv_ops *ops = g->hv->ops;
    uint32_t room = MIN(MAX(2 * g->room, FIRST_SLOTS), g->max_maps);
    struct hv_grant_mapping **slot;

    if (g->nr_slots < g->room)
        return true;
    if (room <= g->room)
        return false;
    slot = ops->alloc(room * sizeof(struct hv_grant_mapping *));
    if (!slot)
        return false;
    if (g->slot) {
        memcpy(slot, g->slot, g->nr_slots * sizeof(struct hv_grant_mapping *));
        ops->free(g->slot);
    }
    g->slot = slot;
    g->room = room;
    return true;
}

/* A slot that is not in use, or NO_SLOT. It stays where it is in the chain. */
static uint32_t free_slot(struct hv_grantee *g)
{
    struct hv_grant_mapping *m;

    if (g->first_free != NO_SLOT)
        return g->first_free;
    if (!grow(g))
        return NO_SLOT;
    m = g->hv->ops->alloc(sizeof(*m));
    if (!m)
        return NO_SLOT;
    m->next_free = NO_SLOT;
    g->slot[g->nr_slots] = m;
    g->first_free = g->nr_slots;
    return g->nr_slots++;
}

static void link_mapping(struct hv_grant_mapping *m)
{
    struct hv_gnttab *gt = m->d->gnttab;

    m->next = gt->maps;
    m->link = &gt->maps;
    if (m->next)
        m->next->link = &m->next;
    gt->maps = m;
    gt->nr_maps++;
}

static void unlink_mapping(struct hv_grant_mapping *m)
{
    *m->link = m->next;
    if (m->next)
        m->next->link = m->link;
    m->d->gnttab->nr_maps--;
}

/* Writable also for one who only reads: the page is then the domain's own, and
 * not one of the template's that the guest would replace at its first write. */
static int16_t map_use(const struct hv_grant_use *u, void **page)
{
    *page = hv_frame_map(u->d, u->mfn, true);
    if (!*page)
        return GNTST_bad_page;
    if (hv_grant_pin(u, 0))
        return GNTST_okay;
    u->d->hv->ops->unmap_frame(u->d, u->mfn, *page);
    *page = NULL;
    return GNTST_no_space;
}

static int16_t map_one(struct hv_grantee *g, struct hv_domain *d,
                       struct hv_grant_map *map)
{
    uint32_t slot = free_slot(g);
    struct hv_grant_mapping *m;
    struct hv_grant_use u;
    int16_t rc;

    if (slot == NO_SLOT)
        return GNTST_no_space;
    rc = hv_grant_use(d, map->ref, 0, !map->readonly, GRANT_FOR_MAP, &u);
    if (rc != GNTST_okay)
        return rc;
    rc = map_use(&u, &map->page);
    if (rc != GNTST_okay) {
        hv_grant_unuse(&u);
        return rc;
    }
    m = g->slot[slot];
    g->first_free = m->next_free;
    g->nr_maps++;
    m->d = d;
    m->used = true;
    m->page = map->page;
    m->mfn = u.mfn;
    m->ref = map->ref;
    m->write = u.write;
    m->generation++;
    link_mapping(m);
    map->handle = (grant_handle_t)m->generation << SLOT_BITS | slot;
    return GNTST_okay;
}

void hv_grant_map(struct hv_grantee *g, struct hv_domain *d,
                  struct hv_grant_map *maps, unsigned n)
{
    unsigned i;

    for (i = 0; i < n; i++) {
        maps[i].page = NULL;
        maps[i].handle = 0;
        maps[i].status = map_one(g, d, &maps[i]);
    }
}

static void unmap_slot(struct hv_grantee *g, uint32_t slot)
{
    struct hv_grant_mapping *m = g->slot[slot];
    struct hv_domain *d = m->d;

    if (d) {
        unlink_mapping(m);
        g->hv->ops->unmap_frame(d, m->mfn, m->page);
        hv_grant_unpin(d, m->ref, m->write);
    }
    m->used = false;
    m->d = NULL;
    m->page = NULL;
    m->next_free = g->first_free;
    g->first_free = slot;
    g->nr_maps--;
    if (d && d->state == HV_DOM_DYING && d->gnttab->nr_maps == 0)
        g->hv->ops->grants_unmapped(d);
}

int16_t hv_grant_unmap(struct hv_grantee *g, grant_handle_t handle)
{
    uint32_t slot = handle & SLOT_MASK;
    const struct hv_grant_mapping *m;

    if (slot >= g->nr_slots)
        return GNTST_bad_handle;
    m = g->slot[slot];
    if (!m->used || m->generation != handle >> SLOT_BITS)
        return GNTST_bad_handle;
    unmap_slot(g, slot);
    return GNTST_okay;
}

unsigned hv_grant_unmap_many(struct hv_grantee *g,
                             const grant_handle_t *handles, unsigned n)
{
    unsigned i, bad = 0;

    for (i = 0; i < n; i++)
        bad += hv_grant_unmap(g, handles[i]) != GNTST_okay;
    return bad;
}

void hv_grantee_destroy(struct hv_grantee *g)
{
    const struct hv_ops *ops = g->hv->ops;
    uint32_t i;

    for (i = 0; i < g->nr_slots; i++) {
        if (g->slot[i]->used)
            unmap_slot(g, i);
        ops->free(g->slot[i]);
    }
    if (g->slot)
        ops->free(g->slot);
    ops->free(g);
}

bool hv_domain_is_mapped(const struct hv_domain *d)
{
    return d->gnttab && d->gnttab->nr_maps > 0;
}

void hv_grant_forget_mappings(struct hv_domain *d)
{
    struct hv_grant_mapping *m;

    while ((m = d->gnttab->maps)) {
        unlink_mapping(m);
        d->hv->ops->unmap_frame(d, m->mfn, m->page);
        m->d = NULL;
        m->page = NULL;
    }
}
