/* SPDX-License-Identifier: ISC */
/* Grants as a guest makes them, for the tests of grant_*.c. */
#ifndef GRANTS_H
#define GRANTS_H

#include "world.h"
#include <hv/grant.h>
#include <xen/grant_table.h>

#define KIND_V1 1
#define KIND_V2 2

grant_entry_v1_t *entry_v1(struct hv_domain *d, grant_ref_t ref);
grant_entry_v2_t *entry_v2(struct hv_domain *d, grant_ref_t ref);
uint16_t *status_v2(struct hv_domain *d, grant_ref_t ref);
/* GTF_reading and GTF_writing as the guest sees them, either version. */
unsigned in_use(struct hv_domain *d, unsigned version, grant_ref_t ref);
/* Grants frame (mfn) of (d) to (to) by entry (ref). */
void grant(struct hv_domain *d, unsigned version, grant_ref_t ref, domid_t to,
           uint32_t mfn, unsigned flags);

/* GNTTABOP_*: status, or the call's error if that is not 0. */
int64_t op_setup(struct hv_domain *d, domid_t dom, uint32_t nr_frames);
int64_t op_status_frames(struct hv_domain *d, domid_t dom, uint32_t nr_frames);
struct gnttab_query_size op_size(struct hv_domain *d, domid_t dom);
/* Returns what the call did; (*version) as it left it. */
int64_t op_set_version(struct hv_domain *d, uint32_t *version);
int64_t op_get_version(struct hv_domain *d, domid_t dom);
int64_t op_swap(struct hv_domain *d, grant_ref_t a, grant_ref_t b);
int64_t op_copy(struct hv_domain *d, struct gnttab_copy *op);
/* A domain with a table of that version. */
struct hv_domain *new_granter(struct hv *hv, const char *name,
                              unsigned version);

/* Ends for op_copy. */
struct gnttab_copy_ptr by_ref(struct hv_domain *d, grant_ref_t ref,
                              uint16_t offset);
struct gnttab_copy_ptr by_frame(uint32_t mfn, uint16_t offset);

#endif /* GRANTS_H */
