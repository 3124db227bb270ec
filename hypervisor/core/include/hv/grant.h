/* SPDX-License-Identifier: ISC */
/*
 * Grants as a backend of the hypervisor uses them: guests grant pages to domain
 * 0, which is us (xen/grant_table.h); a backend maps them or copies to and from
 * them. Like hv/core.h: no lock is taken, the caller holds the owner's.
 *
 * A guest can change its table and the granted pages at any time. What is
 * mapped stays mapped; what is read from a page is read as written by an
 * attacker.
 *
 * Statuses are the ABI's (GNTST_*): GNTST_okay, or
 *   GNTST_bad_domain     (d) is dying
 *   GNTST_bad_gntref     the table has no such entry
 *   GNTST_general_error  not granted, or not to domain 0; granted read-only and
 *                        wanted writable; of a kind that cannot be mapped
 *                        (sub-page, transitive); changed by the guest
 *                        meanwhile; copying beyond what is granted
 *   GNTST_bad_page       the entry names a frame that is not populated RAM
 *   GNTST_bad_copy_arg   the bytes to copy do not lie in one page
 *   GNTST_no_space       the grantee's limit is reached, or there is no memory
 *   GNTST_bad_handle     not a handle of this grantee, or unmapped already
 */
#ifndef HV_GRANT_H
#define HV_GRANT_H

#include <stdbool.h>
#include <stdint.h>
#include <hv/core.h>
#include <xen/grant_table.h>

/* A user of grants, one for each device of a backend: what it maps is counted
 * and found by handles of its own. */
struct hv_grantee;

/* At most this many mappings for one grantee. */
#define HV_GRANTEE_MAPS_MAX 65536u

/* (max_maps): 1 .. HV_GRANTEE_MAPS_MAX, most mappings at a time; memory is
 * taken as they are made. NULL: no memory. */
struct hv_grantee *hv_grantee_create(struct hv *hv, uint32_t max_maps);
/* Unmaps what is still mapped. */
void hv_grantee_destroy(struct hv_grantee *g);
/* Mappings right now. */
uint32_t hv_grantee_maps(const struct hv_grantee *g);

struct hv_grant_map {
    grant_ref_t ref; /* in                                                 */
    bool readonly;   /* in: the caller only reads the page                 */
    /* Out. (page): 4096 bytes, valid until unmapped; NULL unless status is
     * GNTST_okay. The entry is marked as in use (GTF_reading, GTF_writing)
     * until the last mapping of it has gone. */
    int16_t status;
    grant_handle_t handle;
    void *page;
};
/* Maps (n) grants of (d), each for itself: one that fails leaves the others
 * alone. */
void hv_grant_map(struct hv_grantee *g, struct hv_domain *d,
                  struct hv_grant_map *maps, unsigned n);
/* Ends a mapping. The page must not be touched any more. */
int16_t hv_grant_unmap(struct hv_grantee *g, grant_handle_t handle);
/* The same for (n); those whose handles are no good are left out. Returns the
 * number of those. */
unsigned hv_grant_unmap_many(struct hv_grantee *g,
                             const grant_handle_t *handles, unsigned n);

struct hv_grant_copy {
    grant_ref_t ref;
    uint16_t offset, len; /* bytes in the page; must not leave it          */
    bool to_guest;        /* from (buf) into the page, else out of it      */
    void *buf;
    int16_t status; /* out */
};
/* Copies (n) times between a granted page of (d) and the caller's memory. Takes
 * sub-page and transitive grants too, and needs no grantee. */
void hv_grant_copy(struct hv_domain *d, struct hv_grant_copy *ops, unsigned n);

/*
 * Whether grants of (d) are mapped by a backend. As long as that is so a dying
 * domain must not be destroyed, nor its memory given up; hv_ops.grants_unmapped
 * tells when the last one has gone.
 */
bool hv_domain_is_mapped(const struct hv_domain *d);

#endif /* HV_GRANT_H */
