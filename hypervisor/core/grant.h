/* SPDX-License-Identifier: ISC */
/*
 * What grant*.c share.
 *
 *   grant.c       the table of a domain, its entries, using one of them
 *   grant_ops.c   GNTTABOP_* on the caller's own table
 *   grant_copy.c  copying, by GNTTABOP_copy and for backends
 *   grant_map.c   mappings for backends
 *   grant_stale.c entries for domains that are gone
 *
 * The table is made when a domain first asks for it: one that never does costs
 * nothing. Its frames (MFN_GRANT, MFN_GRANT_STATUS: portal/layout.h) are the
 * guest's to write at any time; they are mapped here when an entry in them is
 * first used by somebody else, and stay so until the domain is destroyed.
 *
 * An entry is used in two ways:
 *   passing   hv_grant_use() .. hv_grant_unuse() in one call into the core, for
 *             a copy; nobody else runs in between but the guest itself
 *   pinned    as long as it is mapped: counted in struct hv_grant_pin
 * In both, GTF_reading and GTF_writing are set in the entry (version 2: in its
 * status) as long as there is a use of that kind.
 *
 * 1. What an entry says counts at the moment of its use: it is read once, and
 *    checked; what has been pinned is not looked up again. Only its flag bits
 *    are changed here, by atomic operations; a retry is bounded.
 * 2. A pin belongs to one grantee's domain; others cannot use the entry then.
 * 3. pins[] is not tied to the version: 512 references a chunk.
 */
#ifndef HV_CORE_GRANT_H
#define HV_CORE_GRANT_H

#include "internal.h"
#include <xen/grant_table.h>

#define PER_FRAME(type)  ((uint32_t)(PORTAL_PAGE_SIZE / sizeof(type)))
#define V1_PER_FRAME     PER_FRAME(grant_entry_v1_t)
#define V2_PER_FRAME     PER_FRAME(grant_entry_v2_t)
#define STATUS_PER_FRAME PER_FRAME(grant_status_t)
#define PINS_PER_CHUNK   512u
#define STALE_MAX        64u

struct hv_grant_pin {
    uint32_t mfn;
    domid_t grantee;
    uint32_t readers, writers; /* writers read as well, but count once     */
};

struct hv_stale;

struct hv_gnttab {
    struct hv_domain *d;
    struct hv_gnttab *next_table, **table_link; /* in hv->tables           */
    unsigned version; /* 1 or 2                                            */
    uint32_t nr_frames, max_frames;
    uint32_t nr_pinned; /* entries with a pin, the reserved ones left out  */
    uint32_t nr_maps;   /* mappings of this domain's pages                 */
    struct hv_grant_mapping *maps; /* all of them                          */
    struct hv_stale *stale;        /* NULL, or STALE_MAX of them           */
    uint32_t nr_stale;
    bool distrusted; /* there were more                                    */
    /* Mapped frames of the table, NULL until needed; max_frames, one for each
     * 2048 entries of version 2, and one chunk for 512 references. */
    void **frame, **status;
    struct hv_grant_pin **pins;
};

/* The table, made if need be. NULL: no memory. */
struct hv_gnttab *hv_gnttab_get(struct hv_domain *d);
/* Unmaps its frames and frees it. */
void hv_gnttab_fini(struct hv_domain *d);
uint32_t hv_gnttab_entries(const struct hv_gnttab *gt);
static inline uint32_t hv_gnttab_status_frames(uint32_t nr_frames)
{
    return (nr_frames * V2_PER_FRAME + STATUS_PER_FRAME - 1) / STATUS_PER_FRAME;
}
/* Frame (i) of the table, or of its status; NULL: it cannot be mapped. */
void *hv_gnttab_frame(struct hv_domain *d, uint32_t i);
void *hv_gnttab_status_frame(struct hv_domain *d, uint32_t i);
/* The pin of (ref) if it has one, else NULL. */
struct hv_grant_pin *hv_grant_find_pin(const struct hv_gnttab *gt,
                                       grant_ref_t ref);

/* One use of one entry. */
struct hv_grant_use {
    struct hv_domain *d; /* whose page it is                               */
    grant_ref_t ref;
    bool write;
    uint32_t mfn, offset, len; /* what is granted of the page              */
    /* The entry that led to (d, ref), when that was a transitive one. */
    struct hv_domain *via;
    grant_ref_t via_ref;
};

/* What hv_grant_use() takes besides whole pages of the granter's own. */
#define GRANT_SUB_PAGE   0x1u
#define GRANT_TRANSITIVE 0x2u
#define GRANT_FOR_MAP    0u
#define GRANT_FOR_COPY   (GRANT_SUB_PAGE | GRANT_TRANSITIVE)

/*
 * Domain (grantee) uses entry (ref) of (d). GNTST_okay: (*u) is filled and the
 * flag bits are set, until hv_grant_unuse(u); else nothing has changed.
 */
int16_t hv_grant_use(struct hv_domain *d, grant_ref_t ref, domid_t grantee,
                     bool write, unsigned kinds, struct hv_grant_use *u);
/* Clears the flag bits that no other use needs. */
void hv_grant_unuse(const struct hv_grant_use *u);
/* Counts the use (u), for mapping, as a pin; the counterpart of it takes the
 * place of hv_grant_unuse(). False: no memory, (u) is as before. */
bool hv_grant_pin(const struct hv_grant_use *u, domid_t grantee);
void hv_grant_unpin(struct hv_domain *d, grant_ref_t ref, bool write);

/* grant_stale.c. look: notes the entries that name an id for which
 * hv_id_is_looked_for(); 0 or -XEN_ENOMEM. is_stale: whether entry (ref), which
 * (grantee) wants to use, was made for another. swap, new_version: to be told of
 * GNTTABOP_swap_grant_ref and set_version. */
int hv_stale_look(struct hv_gnttab *gt);
bool hv_grant_is_stale(struct hv_domain *d, grant_ref_t ref, domid_t grantee);
void hv_stale_swap(struct hv_gnttab *gt, grant_ref_t a, grant_ref_t b);
void hv_stale_new_version(struct hv_gnttab *gt);

/* grant_map.c: (d) is destroyed: its mappings, of which there should be none,
 * name it no more. */
void hv_grant_forget_mappings(struct hv_domain *d);

/* Calls with an array: the number of operations in req->buf, each of (size)
 * bytes, or -XEN_EINVAL. All of them are to be written back. */
int64_t hv_gnttab_ops(struct portal_request *req, size_t size);

#endif /* HV_CORE_GRANT_H */
