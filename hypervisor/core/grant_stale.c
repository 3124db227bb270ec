/* SPDX-License-Identifier: ISC */
/*
 * Grants that were made to a domain which is gone, and whose number somebody
 * else may get next.
 *
 * An entry names its grantee by the number alone, and is written by the guest
 * when it likes. So the tables are looked through before a number is given again
 * (ids.c): entries that name it then were not meant for the domain to come. They
 * are noted, reference and contents, and whoever uses one is refused as long as
 * its contents are the same. A guest that has ended such a grant, or writes
 * another into the entry, is asked no questions.
 *
 *   note -> (entry has changed: noticed at the next look) -> gone
 *
 * A table has STALE_MAX notes. One with more grants to dead domains has not been
 * cleared up for years, or wants to keep numbers from being used: from then on
 * none of its grants to a domain with a second-hand number counts. Nothing that
 * a guest writes keeps a number from being given.
 */
#include "grant.h"
#include <base/string.h>
#include <xen/errno.h>

struct hv_stale {
    grant_ref_t ref;
    uint64_t sum; /* of the entry's contents */
};

/* What matters of an entry. */
struct contents {
    bool granted;
    domid_t domid, through; /* through: another's, when it is transitive   */
    uint64_t sum;
};

static uint64_t mix(uint64_t sum, uint64_t word)
{
    sum = (sum ^ word) * 0x9e3779b97f4a7c15u;
    return sum ^ sum >> 29;
}

/* Entry (i) of a frame of the table, read word by word: the guest may write. */
static void read_entry(unsigned version, const void *frame, uint32_t i,
                       struct contents *c)
{
    const uint32_t *word = frame;
    const uint32_t in_use = GTF_reading | GTF_writing;
    uint32_t n = version == 1 ? 2 : 4, w[4] = {0}, k;

    for (k = 0; k < n; k++)
        w[k] = __atomic_load_n(&word[i * n + k], __ATOMIC_RELAXED);
    /* struct grant_entry_header: flags, domid */
    w[0] &= ~in_use;
    c->granted = (w[0] & GTF_type_mask) != GTF_invalid;
    c->domid = (domid_t)(w[0] >> 16);
    /* union grant_entry_v2 transitive: trans_domid, pad, gref */
    c->through = version == 2 && (w[0] & GTF_type_mask) == GTF_transitive
                     ? (domid_t)w[1]
                     : DOMID_INVALID;
    c->sum = mix(mix(mix(mix(0, w[0]), w[1]), w[2]), w[3]);
}

static uint32_t per_frame(const struct hv_gnttab *gt)
{
    return gt->version == 1 ? V1_PER_FRAME : V2_PER_FRAME;
}

static const void *map(struct hv_gnttab *gt, uint32_t i)
{
    return gt->frame[i]
               ? gt->frame[i]
               : hv_frame_map(gt->d, MFN_GRANT(gt->d->max_pages) + i, false);
}

static void unmap(struct hv_gnttab *gt, uint32_t i, const void *frame)
{
    if (gt->frame[i] != frame)
        gt->d->hv->ops->unmap_frame(gt->d, MFN_GRANT(gt->d->max_pages) + i,
                                    (void *)(uintptr_t)frame);
}

static struct hv_stale *find_note(const struct hv_gnttab *gt, grant_ref_t ref)
{
    uint32_t i;

    for (i = 0; i < gt->nr_stale; i++)
        if (gt->stale[i].ref == ref)
            return &gt->stale[i];
    return NULL;
}

static void drop_note(struct hv_gnttab *gt, struct hv_stale *s)
{
    *s = gt->stale[--gt->nr_stale];
}

/* 0 or -XEN_ENOMEM. */
static int note(struct hv_gnttab *gt, grant_ref_t ref, uint64_t sum)
{
    if (gt->nr_stale == STALE_MAX) {
        gt->distrusted = true;
        return 0;
    }
    if (!gt->stale)
        gt->stale = gt->d->hv->ops->alloc(STALE_MAX * sizeof(*gt->stale));
    if (!gt->stale)
        return -XEN_ENOMEM;
    gt->stale[gt->nr_stale++] = (struct hv_stale){.ref = ref, .sum = sum};
    return 0;
}

/* Entries of the frame that begins with reference (first). */
static int look_at(struct hv_gnttab *gt, const void *frame, grant_ref_t first)
{
    const struct hv *hv = gt->d->hv;
    struct hv_stale *old;
    struct contents c;
    uint32_t i;
    int rc = 0;

    for (i = 0; i < per_frame(gt) && rc == 0 && !gt->distrusted; i++) {
        read_entry(gt->version, frame, i, &c);
        old = gt->nr_stale ? find_note(gt, first + i) : NULL;
        if (old && old->sum != c.sum) {
            drop_note(gt, old);
            old = NULL;
        }
        if (!old && c.granted &&
            (hv_id_is_looked_for(hv, c.domid) ||
             hv_id_is_looked_for(hv, c.through)))
            rc = note(gt, first + i, c.sum);
    }
    return rc;
}

int hv_stale_look(struct hv_gnttab *gt)
{
    const void *frame;
    uint32_t i;
    int rc = 0;

    /* A dying domain grants nothing any more. */
    if (gt->d->state == HV_DOM_DYING)
        return 0;
    for (i = 0; i < gt->nr_frames && rc == 0 && !gt->distrusted; i++) {
        frame = map(gt, i);
        if (!frame)
            return -XEN_ENOMEM;
        rc = look_at(gt, frame, i * per_frame(gt));
        unmap(gt, i, frame);
    }
    return rc;
}

bool hv_grant_is_stale(struct hv_domain *d, grant_ref_t ref, domid_t grantee)
{
    struct hv_gnttab *gt = d->gnttab;
    const struct hv_stale *s;
    const void *frame;
    struct contents c;

    if (gt->nr_stale == 0 && !gt->distrusted)
        return false;
    frame = hv_gnttab_frame(d, ref / per_frame(gt));
    if (!frame)
        return true;
    read_entry(gt->version, frame, ref % per_frame(gt), &c);
    if (gt->distrusted && (hv_id_is_second_hand(d->hv, grantee) ||
                           hv_id_is_second_hand(d->hv, c.through)))
        return true;
    s = find_note(gt, ref);
    return s && s->sum == c.sum;
}

void hv_stale_swap(struct hv_gnttab *gt, grant_ref_t a, grant_ref_t b)
{
    struct hv_stale *sa = find_note(gt, a), *sb = find_note(gt, b);

    if (sa)
        sa->ref = b;
    if (sb)
        sb->ref = a;
}

void hv_stale_new_version(struct hv_gnttab *gt)
{
    uint32_t i;

    /* The reserved entries stay, with other contents; nobody grants to guests
     * with them. The others have been cleared. */
    for (i = 0; i < gt->nr_stale; i++)
        if (gt->stale[i].ref < GNTTAB_NR_RESERVED_ENTRIES)
            gt->distrusted = true;
    gt->nr_stale = 0;
}
