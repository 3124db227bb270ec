/* SPDX-License-Identifier: ISC */
/* A domain's grant table and the use of its entries; grant.h has the rules. */
#include "grant.h"
#include <base/string.h>
#include <xen/errno.h>

/* How often an entry that the guest keeps changing is tried. */
#define MAX_TRIES 5

/* The header as one word: the two halves must be seen together. */
union header {
    uint32_t word;
    struct grant_entry_header h;
};

struct hv_gnttab *hv_gnttab_get(struct hv_domain *d)
{
    uint32_t frames = d->max_grant_frames;
    size_t words = frames + hv_gnttab_status_frames(frames) + frames;
    struct hv_gnttab *gt = d->gnttab;

    if (gt)
        return gt;
    gt = d->hv->ops->alloc(sizeof(*gt) + words * sizeof(void *));
    if (!gt)
        return NULL;
    gt->d = d;
    gt->next_table = d->hv->tables;
    gt->table_link = &d->hv->tables;
    if (gt->next_table)
        gt->next_table->table_link = &gt->next_table;
    d->hv->tables = gt;
    gt->version = 1;
    gt->nr_frames = 1;
    gt->max_frames = frames;
    gt->frame = (void **)(void *)(gt + 1);
    gt->status = gt->frame + frames;
    gt->pins =
        (struct hv_grant_pin **)(void *)(gt->status +
                                         hv_gnttab_status_frames(frames));
    d->gnttab = gt;
    return gt;
}

static void unmap_frames(struct hv_domain *d, void **frame, uint32_t nr,
                         uint32_t mfn)
{
    uint32_t i;

    for (i = 0; i < nr; i++)
        if (frame[i])
            d->hv->ops->unmap_frame(d, mfn + i, frame[i]);
}

void hv_gnttab_fini(struct hv_domain *d)
{
    struct hv_gnttab *gt = d->gnttab;
    uint32_t i;

    if (!gt)
        return;
    hv_grant_forget_mappings(d);
    unmap_frames(d, gt->frame, gt->max_frames, MFN_GRANT(d->max_pages));
    unmap_frames(d, gt->status, hv_gnttab_status_frames(gt->max_frames),
                 MFN_GRANT_STATUS(d->max_pages));
    for (i = 0; i < gt->max_frames; i++)
        if (gt->pins[i])
            d->hv->ops->free(gt->pins[i]);
    if (gt->stale)
        d->hv->ops->free(gt->stale);
    *gt->table_link = gt->next_table;
    if (gt->next_table)
        gt->next_table->table_link = gt->table_link;
    d->hv->ops->free(gt);
    d->gnttab = NULL;
}

uint32_t hv_gnttab_entries(const struct hv_gnttab *gt)
{
    return gt->nr_frames * (gt->version == 1 ? V1_PER_FRAME : V2_PER_FRAME);
}

void *hv_gnttab_frame(struct hv_domain *d, uint32_t i)
{
    void **frame = &d->gnttab->frame[i];

    if (!*frame)
        *frame = hv_frame_map(d, MFN_GRANT(d->max_pages) + i, true);
    return *frame;
}

void *hv_gnttab_status_frame(struct hv_domain *d, uint32_t i)
{
    void **frame = &d->gnttab->status[i];

    if (!*frame)
        *frame = hv_frame_map(d, MFN_GRANT_STATUS(d->max_pages) + i, true);
    return *frame;
}

static grant_entry_v1_t *entry_v1(struct hv_domain *d, grant_ref_t ref)
{
    grant_entry_v1_t *e = hv_gnttab_frame(d, ref / V1_PER_FRAME);

    return e ? e + ref % V1_PER_FRAME : NULL;
}

static grant_entry_v2_t *entry_v2(struct hv_domain *d, grant_ref_t ref)
{
    grant_entry_v2_t *e = hv_gnttab_frame(d, ref / V2_PER_FRAME);

    return e ? e + ref % V2_PER_FRAME : NULL;
}

static grant_status_t *status_of(struct hv_domain *d, grant_ref_t ref)
{
    grant_status_t *s = hv_gnttab_status_frame(d, ref / STATUS_PER_FRAME);

    return s ? s + ref % STATUS_PER_FRAME : NULL;
}

/* --- pins ------------------------------------------------------------------- */

struct hv_grant_pin *hv_grant_find_pin(const struct hv_gnttab *gt,
                                       grant_ref_t ref)
{
    struct hv_grant_pin *chunk;

    if (ref >= gt->max_frames * PINS_PER_CHUNK)
        return NULL;
    chunk = gt->pins[ref / PINS_PER_CHUNK];
    if (!chunk)
        return NULL;
    chunk += ref % PINS_PER_CHUNK;
    return chunk->readers + chunk->writers > 0 ? chunk : NULL;
}

bool hv_grant_pin(const struct hv_grant_use *u, domid_t grantee)
{
    struct hv_gnttab *gt = u->d->gnttab;
    struct hv_grant_pin **chunk = &gt->pins[u->ref / PINS_PER_CHUNK], *pin;

    if (!*chunk)
        *chunk = u->d->hv->ops->alloc(PINS_PER_CHUNK * sizeof(**chunk));
    if (!*chunk)
        return false;
    pin = *chunk + u->ref % PINS_PER_CHUNK;
    if (pin->readers + pin->writers == 0) {
        pin->mfn = u->mfn;
        pin->grantee = grantee;
        gt->nr_pinned += u->ref >= GNTTAB_NR_RESERVED_ENTRIES;
    }
    if (u->write)
        pin->writers++;
    else
        pin->readers++;
    return true;
}

void hv_grant_unpin(struct hv_domain *d, grant_ref_t ref, bool write)
{
    struct hv_gnttab *gt = d->gnttab;
    struct hv_grant_pin *pin =
        &gt->pins[ref / PINS_PER_CHUNK][ref % PINS_PER_CHUNK];
    const struct hv_grant_use u = {.d = d, .ref = ref, .write = write};

    if (write)
        pin->writers--;
    else
        pin->readers--;
    if (pin->readers + pin->writers == 0)
        gt->nr_pinned -= ref >= GNTTAB_NR_RESERVED_ENTRIES;
    hv_grant_unuse(&u);
}

/* --- flag bits -------------------------------------------------------------- */

static unsigned wanted_bits(bool write)
{
    return GTF_reading | (write ? GTF_writing : 0);
}

/* Whether (grantee) may use an entry that says (h). */
static int16_t check_header(const struct grant_entry_header *h, domid_t grantee,
                            bool write, unsigned kinds)
{
    unsigned type = h->flags & GTF_type_mask;

    if (h->domid != grantee)
        return GNTST_general_error;
    if (type == GTF_transitive ? !(kinds & GRANT_TRANSITIVE)
                               : type != GTF_permit_access)
        return GNTST_general_error;
    if (type == GTF_permit_access && (h->flags & GTF_sub_page) &&
        !(kinds & GRANT_SUB_PAGE))
        return GNTST_general_error;
    if (write && (h->flags & GTF_readonly))
        return GNTST_general_error;
    return GNTST_okay;
}

/* Version 1 keeps rights and use in one word, which changes as one. It has no
 * sub-page grants: that bit says nothing. */
static int16_t set_bits_v1(grant_entry_v1_t *e, domid_t grantee, bool write)
{
    uint32_t *word = (uint32_t *)(void *)e;
    union header old = {.word = __atomic_load_n(word, __ATOMIC_ACQUIRE)};
    unsigned tries;

    for (tries = 0; tries < MAX_TRIES; tries++) {
        int16_t rc = check_header(&old.h, grantee, write, GRANT_SUB_PAGE);
        union header new = old;

        if (rc != GNTST_okay)
            return rc;
        new.h.flags = (uint16_t)(new.h.flags | wanted_bits(write));
        /* Pairs with the guest's cmpxchg of flags when it ends the grant: one
         * of the two fails. */
        if (__atomic_compare_exchange_n(word, &old.word, new.word, false,
                                        __ATOMIC_SEQ_CST, __ATOMIC_ACQUIRE))
            return GNTST_okay;
    }
    return GNTST_general_error;
}

static void clear_bits(void *flags, unsigned bits)
{
    uint16_t *word = flags;

    if (bits)
        __atomic_fetch_and(word, (uint16_t)~bits, __ATOMIC_SEQ_CST);
}

/* Those of (ref)'s bits that its pin does not need. */
static unsigned bits_to_clear(const struct hv_gnttab *gt, grant_ref_t ref,
                              bool write)
{
    const struct hv_grant_pin *pin = hv_grant_find_pin(gt, ref);
    unsigned bits = wanted_bits(write);

    if (pin)
        bits &= ~wanted_bits(pin->writers > 0);
    return bits;
}

/*
 * Version 2 keeps them apart: the use is written first, then the rights are
 * read again; the guest does it the other way round when it ends the grant, so
 * at least one of the two sees the other.
 */
static int16_t set_bits_v2(struct hv_domain *d, grant_ref_t ref,
                           const grant_entry_v2_t *e, domid_t grantee,
                           bool write, unsigned kinds, union header *seen)
{
    const uint32_t *word = (const uint32_t *)(const void *)e;
    grant_status_t *status = status_of(d, ref);
    union header again;
    int16_t rc;

    if (!status)
        return GNTST_general_error;
    seen->word = __atomic_load_n(word, __ATOMIC_ACQUIRE);
    rc = check_header(&seen->h, grantee, write, kinds);
    if (rc != GNTST_okay)
        return rc;
    __atomic_fetch_or(status, (uint16_t)wanted_bits(write), __ATOMIC_SEQ_CST);
    again.word = __atomic_load_n(word, __ATOMIC_SEQ_CST);
    if (again.word == seen->word)
        return GNTST_okay;
    clear_bits(status, bits_to_clear(d->gnttab, ref, write));
    return GNTST_general_error;
}

void hv_grant_unuse(const struct hv_grant_use *u)
{
    const struct hv_gnttab *gt = u->d->gnttab;
    unsigned bits = bits_to_clear(gt, u->ref, u->write);
    grant_entry_v1_t *e;
    grant_status_t *s;

    /* The frames are mapped already: the bits were set in them. */
    if (gt->version == 1) {
        e = entry_v1(u->d, u->ref);
        if (e)
            clear_bits(&e->flags, bits);
    } else {
        s = status_of(u->d, u->ref);
        if (s)
            clear_bits(s, bits);
    }
    if (u->via) {
        const struct hv_grant_use outer = {
            .d = u->via, .ref = u->via_ref, .write = u->write};

        hv_grant_unuse(&outer);
    }
}

/* --- use -------------------------------------------------------------------- */

static void whole_page(struct hv_grant_use *u, uint64_t mfn)
{
    /* What does not fit is no frame; hv_frame_map() of UINT32_MAX fails. */
    u->mfn = mfn < u->d->max_pages ? (uint32_t)mfn : UINT32_MAX;
    u->offset = 0;
    u->len = PORTAL_PAGE_SIZE;
}

static int16_t use_v1(struct hv_grant_use *u, domid_t grantee)
{
    grant_entry_v1_t *e = entry_v1(u->d, u->ref);
    int16_t rc;

    if (!e)
        return GNTST_general_error;
    rc = set_bits_v1(e, grantee, u->write);
    if (rc == GNTST_okay)
        whole_page(u, __atomic_load_n(&e->frame, __ATOMIC_RELAXED));
    return rc;
}

/* Goes on from a transitive entry (e) of u->d to the one it names. That one
 * must not be transitive in its turn: chains have two links at most. */
static int16_t follow(struct hv_grant_use *u, domid_t next, grant_ref_t ref)
{
    struct hv_domain *via = u->d, *d = hv_domain_by_id(via->hv, next);
    struct hv_grant_use inner;
    int16_t rc;

    if (!d || d == via)
        return GNTST_general_error;
    rc = hv_grant_use(d, ref, via->id, u->write, GRANT_SUB_PAGE, &inner);
    if (rc != GNTST_okay)
        return rc;
    inner.via = via;
    inner.via_ref = u->ref;
    *u = inner;
    return GNTST_okay;
}

static int16_t use_v2(struct hv_grant_use *u, domid_t grantee, unsigned kinds)
{
    grant_entry_v2_t *e = entry_v2(u->d, u->ref), copy;
    const struct hv_grant_use outer = *u;
    union header seen;
    int16_t rc;

    if (!e)
        return GNTST_general_error;
    rc = set_bits_v2(u->d, u->ref, e, grantee, u->write, kinds, &seen);
    if (rc != GNTST_okay)
        return rc;
    /* The rest is read once, word by word, whatever the guest makes of it. */
    copy.__spacer[1] = __atomic_load_n(&e->__spacer[1], __ATOMIC_RELAXED);
    copy.__spacer[2] = __atomic_load_n(&e->__spacer[2], __ATOMIC_RELAXED);
    copy.__spacer[3] = __atomic_load_n(&e->__spacer[3], __ATOMIC_RELAXED);
    if ((seen.h.flags & GTF_type_mask) == GTF_transitive) {
        rc = follow(u, copy.transitive.trans_domid, copy.transitive.gref);
        if (rc != GNTST_okay)
            hv_grant_unuse(&outer);
        return rc;
    }
    whole_page(u, copy.full_page.frame);
    if (seen.h.flags & GTF_sub_page) {
        u->offset = copy.sub_page.page_off;
        u->len = copy.sub_page.length;
    }
    return GNTST_okay;
}

int16_t hv_grant_use(struct hv_domain *d, grant_ref_t ref, domid_t grantee,
                     bool write, unsigned kinds, struct hv_grant_use *u)
{
    const struct hv_grant_pin *pin;
    int16_t rc;

    *u = (struct hv_grant_use){.d = d, .ref = ref, .write = write};
    if (d->state == HV_DOM_DYING)
        return GNTST_bad_domain;
    if (!d->gnttab || ref >= hv_gnttab_entries(d->gnttab))
        return GNTST_bad_gntref;
    pin = hv_grant_find_pin(d->gnttab, ref);
    if (pin && pin->grantee != grantee)
        return GNTST_general_error;
    if (pin && (!write || pin->writers > 0)) {
        whole_page(u, pin->mfn);
        return GNTST_okay;
    }
    if (hv_grant_is_stale(d, ref, grantee))
        return GNTST_general_error;
    rc = d->gnttab->version == 1 ? use_v1(u, grantee)
                                 : use_v2(u, grantee, kinds);
    /* Written to now, what was pinned for reading stays the same page. */
    if (rc == GNTST_okay && pin && !u->via)
        u->mfn = pin->mfn;
    return rc;
}
