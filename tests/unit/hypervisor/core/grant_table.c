/* SPDX-License-Identifier: ISC */
/* The grant table itself: size, versions, status frames, swapping. */
#include "grants.h"
#include <stdlib.h>
#include <tap.h>

static void test_size(void)
{
    struct hv *hv = world_begin();
    struct hv_domain_config c = domain_config("small");
    struct hv_domain *d = new_domain(hv, "d"), *e;

    is_int(op_size(d, DOMID_SELF).nr_frames, 1, "a table begins with a frame");
    is_int(op_size(d, DOMID_SELF).max_nr_frames, 64, "and may have 64");
    is_int(mapped_frames, 0, "none of which is mapped");
    is_int(op_setup(d, DOMID_SELF, 0), GNTST_okay, "setup of none");
    is_int(op_size(d, DOMID_SELF).nr_frames, 1, "leaves the one");
    is_int(op_setup(d, DOMID_SELF, 7), GNTST_okay, "growing");
    is_int(op_size(d, DOMID_SELF).nr_frames, 7, "has worked");
    is_int(op_setup(d, hv_domain_id(d), 3), GNTST_okay, "asking for fewer");
    is_int(op_size(d, DOMID_SELF).nr_frames, 7, "does not shrink it");
    is_int(op_setup(d, DOMID_SELF, 64), GNTST_okay, "up to the limit");
    is_int(op_setup(d, DOMID_SELF, 65), GNTST_general_error, "and no further");
    is_int(mapped_frames, 0, "still nobody has looked at a frame");
    c.max_grant_frames = 2;
    is_int(hv_domain_create(hv, &c, &e), 0, "a domain with two frames");
    is_int(op_setup(e, DOMID_SELF, 2), GNTST_okay, "has two");
    is_int(op_setup(e, DOMID_SELF, 3), GNTST_general_error, "not three");
    end_domain(e);
    c = domain_config("big");
    c.max_grant_frames = GRANT_FRAMES_MAX + 1;
    is_int(hv_domain_create(hv, &c, &e), -XEN_EINVAL,
           "there is no room for more than GRANT_FRAMES_MAX");
    free(c.shared_info);
    world_end(hv);
}

static void test_others(void)
{
    struct hv *hv = world_begin();
    struct hv_domain *d = new_domain(hv, "d"), *e = new_domain(hv, "e");
    domid_t other = hv_domain_id(e);

    is_int(op_setup(d, other, 1), GNTST_permission_denied,
           "another domain's table is not set up");
    is_int(op_setup(d, 77, 1), GNTST_bad_domain, "nor one of nobody");
    is_int(op_size(d, other).status, GNTST_permission_denied,
           "another's size is not told");
    is_int(op_size(d, 0).status, GNTST_permission_denied, "nor domain 0's");
    is_int(op_size(d, 77).status, GNTST_bad_domain, "nor nobody's");
    is_int(op_status_frames(d, other, 0), GNTST_permission_denied,
           "nor its status frames");
    is_int(op_get_version(d, other), -XEN_EPERM, "nor its version");
    is_int(op_get_version(d, 77), -XEN_ESRCH, "nobody has a version");
    world_end(hv);
}

static void test_versions(void)
{
    struct hv *hv = world_begin();
    struct hv_domain *d = new_domain(hv, "d");
    uint32_t v = 2;

    is_int(op_get_version(d, DOMID_SELF), 1, "version 1 at start");
    is_int(op_status_frames(d, DOMID_SELF, 1), GNTST_general_error,
           "which has no status frames");
    is_int(op_status_frames(d, DOMID_SELF, 0), GNTST_okay, "none are fine");
    op_setup(d, DOMID_SELF, 9);
    grant(d, KIND_V1, 1, 0, 5, GTF_readonly);
    grant(d, KIND_V1, 16, 0, 6, 0);
    is_int(op_set_version(d, &v), 0, "version 2");
    is_int(op_get_version(d, DOMID_SELF), 2, "is in use");
    ok(entry_v2(d, 1)->hdr.flags == (GTF_permit_access | GTF_readonly) &&
           entry_v2(d, 1)->full_page.frame == 5,
       "a reserved entry has moved");
    /* Where version 1 has entry 16, version 2 has entry 8. */
    is_int(entry_v2(d, 8)->hdr.flags, 0, "of an ordinary one nothing remains");
    is_int(op_status_frames(d, DOMID_SELF, 2), GNTST_okay,
           "nine frames have two status frames");
    is_int(op_status_frames(d, DOMID_SELF, 3), GNTST_general_error, "not 3");
    entry_v2(d, 2)->hdr.flags = GTF_permit_access | GTF_sub_page;
    entry_v2(d, 3)->hdr.flags = GTF_permit_access;
    entry_v2(d, 3)->full_page.frame = 1ull << 32;
    v = 1;
    is_int(op_set_version(d, &v), 0, "back to version 1");
    ok(entry_v1(d, 1)->flags == (GTF_permit_access | GTF_readonly) &&
           entry_v1(d, 1)->frame == 5,
       "the reserved entry is back");
    is_int(entry_v1(d, 2)->flags, 0, "a sub-page grant cannot come along");
    is_int(entry_v1(d, 3)->flags, 0, "nor a frame that is too big");
    is_int(op_status_frames(d, DOMID_SELF, 1), GNTST_general_error,
           "no status frames any more");
    v = 3;
    is_int(op_set_version(d, &v), -XEN_EINVAL, "there is no version 3");
    is_int(v, 1, "the one in use is told");
    v = 0;
    is_int(op_set_version(d, &v), -XEN_EINVAL, "nor 0");
    v = 2;
    fail_map = true;
    end_domain(d);
    d = new_domain(hv, "e");
    is_int(op_set_version(d, &v), -XEN_ENOMEM, "without memory no change");
    is_int(v, 1, "as it says");
    fail_map = false;
    world_end(hv);
}

static void test_swap(unsigned version)
{
    struct hv *hv = world_begin();
    struct hv_domain *d = new_granter(hv, "d", version);

    grant(d, version, 10, 3, 20, 0);
    grant(d, version, 700, 4, 21, GTF_readonly);
    is_int(op_swap(d, 10, 700), GNTST_okay, "v%u: swap", version);
    if (version == KIND_V1)
        ok(entry_v1(d, 700)->frame == 20 && entry_v1(d, 700)->domid == 3 &&
               entry_v1(d, 10)->frame == 21 && entry_v1(d, 10)->domid == 4,
           "exchanges two entries");
    else
        ok(entry_v2(d, 700)->full_page.frame == 20 &&
               entry_v2(d, 700)->hdr.domid == 3 &&
               entry_v2(d, 10)->full_page.frame == 21,
           "exchanges two entries");
    is_int(op_swap(d, 10, 10), GNTST_okay, "v%u: with itself", version);
    world_end(hv);
}

static void test_no_memory(void)
{
    struct hv *hv = world_begin();
    struct hv_domain *d = new_domain(hv, "d");

    fail_alloc_after = 0;
    is_int(op_setup(d, DOMID_SELF, 1), GNTST_general_error, "no memory");
    fail_alloc_after = -1;
    is_int(op_setup(d, DOMID_SELF, 1), GNTST_okay, "memory again");
    world_end(hv);
}

static void test_refused(void)
{
    struct hv *hv = world_begin();
    struct hv_domain *d = new_granter(hv, "d", KIND_V1);
    struct gnttab_map_grant_ref map = {.dom = hv_domain_id(d), .ref = 9};
    struct gnttab_unmap_grant_ref unmap = {.handle = 0};
    struct gnttab_unmap_and_replace replace = {.handle = 0};
    struct gnttab_transfer transfer = {.mfn = 3};
    const uint32_t nr = __HYPERVISOR_grant_table_op;

    is_int(call_n(d, nr, GNTTABOP_map_grant_ref, 1, &map, sizeof(map)), 0,
           "map is answered");
    is_int(map.status, GNTST_permission_denied, "but not allowed");
    map.dom = 99;
    call_n(d, nr, GNTTABOP_map_grant_ref, 1, &map, sizeof(map));
    is_int(map.status, GNTST_bad_domain, "there is no domain 99");
    call_n(d, nr, GNTTABOP_unmap_grant_ref, 1, &unmap, sizeof(unmap));
    is_int(unmap.status, GNTST_bad_handle, "so no handle exists");
    call_n(d, nr, GNTTABOP_unmap_and_replace, 1, &replace, sizeof(replace));
    is_int(replace.status, GNTST_bad_handle, "to be replaced either");
    is_int(call_n(d, nr, GNTTABOP_transfer, 1, &transfer, sizeof(transfer)),
           -XEN_EOPNOTSUPP, "frames are not transferred");
    is_int(call_n(d, nr, GNTTABOP_dump_table, 1, &transfer, sizeof(transfer)),
           -XEN_ENOSYS, "there is no dump");
    world_end(hv);
}

static int64_t flush(struct hv_domain *d, uint64_t mfn, unsigned offset,
                     unsigned length, unsigned op)
{
    struct gnttab_cache_flush a = {
        .offset = (uint16_t)offset, .length = (uint16_t)length, .op = op};

    a.a.dev_bus_addr = mfn << 12;
    return call_n(d, __HYPERVISOR_grant_table_op, GNTTABOP_cache_flush, 1, &a,
                  sizeof(a));
}

static void test_cache_flush(void)
{
    struct hv *hv = world_begin();
    struct hv_domain *d = new_domain(hv, "d");

    is_int(flush(d, 5, 0, 4096, GNTTAB_CACHE_CLEAN), 0, "cache flush");
    is_int(flush(d, 5, 4095, 2, GNTTAB_CACHE_CLEAN), -XEN_EINVAL,
           "not beyond the page");
    is_int(flush(d, WORLD_PAGES, 0, 1, GNTTAB_CACHE_CLEAN), -XEN_EPERM,
           "not of foreign frames");
    is_int(flush(d, 5, 0, 1, 4), -XEN_EINVAL, "not of an unknown kind");
    is_int(flush(d, 5, 0, 1, GNTTAB_CACHE_INVAL), -XEN_EOPNOTSUPP,
           "not by dropping lines");
    is_int(flush(d, 5, 0, 1, GNTTAB_CACHE_SOURCE_GREF | GNTTAB_CACHE_CLEAN),
           -XEN_EOPNOTSUPP, "not by reference");
    is_int(flush(d, 5, 0, 0, GNTTAB_CACHE_CLEAN), 0, "nothing to do is fine");
    world_end(hv);
}

void test_grant_table(void)
{
    test_size();
    test_others();
    test_versions();
    test_swap(KIND_V1);
    test_swap(KIND_V2);
    test_no_memory();
    test_refused();
    test_cache_flush();
}
