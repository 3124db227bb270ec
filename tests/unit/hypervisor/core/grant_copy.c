/* SPDX-License-Identifier: ISC */
/* GNTTABOP_copy between guests, and copies of backends. */
#include "grants.h"
#include <stdlib.h>
#include <string.h>
#include <tap.h>

#define REF 9u

static char *text_at(struct hv_domain *d, uint32_t mfn, unsigned offset)
{
    return (char *)frame_of(d, mfn) + offset;
}

static void test_between(unsigned version)
{
    struct hv *hv = world_begin();
    struct hv_domain *a = new_granter(hv, "a", version);
    struct hv_domain *b = new_domain(hv, "b"), *c = new_domain(hv, "c");
    struct gnttab_copy op = {.flags = GNTCOPY_source_gref, .len = 6};

    memcpy(text_at(a, 20, 100), "hello", sizeof("hello"));
    grant(a, version, REF, hv_domain_id(b), 20, GTF_readonly);
    op.source = by_ref(a, REF, 100);
    op.dest = by_frame(30, 4000);
    is_int(op_copy(b, &op), GNTST_okay, "v%u: from a granted page", version);
    is_str(text_at(b, 30, 4000), "hello", "the bytes arrive");
    is_int(in_use(a, version, REF), 0, "the grant is free again");
    is_int(op_copy(c, &op), GNTST_general_error, "v%u: another domain's grant",
           version);

    memcpy(text_at(b, 31, 0), "reply", sizeof("reply"));
    op.source = by_frame(31, 0);
    op.dest = by_ref(a, REF, 100);
    op.flags = GNTCOPY_dest_gref;
    is_int(op_copy(b, &op), GNTST_general_error, "v%u: read-only is respected",
           version);
    is_str(text_at(a, 20, 100), "hello", "nothing was written");
    is_int(in_use(a, version, REF), 0, "nor marked");
    grant(a, version, REF, hv_domain_id(b), 20, 0);
    is_int(op_copy(b, &op), GNTST_okay, "v%u: to a granted page", version);
    is_str(text_at(a, 20, 100), "reply", "the bytes arrive");
    is_int(in_use(a, version, REF), 0, "the grant is free again");
    world_end(hv);
}

/* Source and destination may be one page; both may be granted. */
static void test_both_granted(void)
{
    struct hv *hv = world_begin();
    struct hv_domain *a = new_granter(hv, "a", KIND_V1);
    struct hv_domain *b = new_granter(hv, "b", KIND_V2);
    struct hv_domain *c = new_domain(hv, "c");
    struct gnttab_copy op = {.flags = GNTCOPY_source_gref | GNTCOPY_dest_gref,
                             .len = 4096};

    memset(frame_of(a, 20), 'x', 4096);
    grant(a, KIND_V1, REF, hv_domain_id(c), 20, 0);
    grant(b, KIND_V2, REF, hv_domain_id(c), 21, 0);
    op.source = by_ref(a, REF, 0);
    op.dest = by_ref(b, REF, 0);
    is_int(op_copy(c, &op), GNTST_okay, "from one grant to another");
    ok(!memcmp(frame_of(a, 20), frame_of(b, 21), 4096), "all of the page");
    memcpy(frame_of(a, 20), "abcdef", 6);
    op.dest = by_ref(a, REF, 2);
    op.len = 4;
    is_int(op_copy(c, &op), GNTST_okay, "within one page, overlapping");
    ok(!memcmp(frame_of(a, 20), "ababcd", 6), "moves the bytes");
    is_int(in_use(a, KIND_V1, REF), 0, "the grant is free again");
    op.len = 0;
    is_int(op_copy(c, &op), GNTST_okay, "no bytes at all");
    world_end(hv);
}

static void test_self(void)
{
    struct hv *hv = world_begin();
    struct hv_domain *a = new_granter(hv, "a", KIND_V1);
    struct gnttab_copy op = {.len = 3};

    memcpy(text_at(a, 10, 0), "me", sizeof("me"));
    op.source = by_frame(10, 0);
    op.dest = by_frame(11, 0);
    is_int(op_copy(a, &op), GNTST_okay, "between frames of one's own");
    is_str(text_at(a, 11, 0), "me", "works");
    op.source.domid = hv_domain_id(a);
    is_int(op_copy(a, &op), GNTST_permission_denied,
           "frames are named by DOMID_SELF only");
    op.source = by_frame(100, 0);
    is_int(op_copy(a, &op), GNTST_bad_page, "not populated");
    op.source = by_frame(MFN_SHARED_INFO(WORLD_PAGES), 0);
    is_int(op_copy(a, &op), GNTST_bad_page, "not RAM");
    op.source = by_frame(11, 0);
    op.source.u.gmfn = 1ull << 33 | 11;
    is_int(op_copy(a, &op), GNTST_bad_page, "frame numbers have 64 bits");
    op.flags = GNTCOPY_source_gref;
    op.source = by_ref(a, REF, 0);
    op.source.domid = 0;
    is_int(op_copy(a, &op), GNTST_bad_gntref, "domain 0 grants nothing");
    op.source.domid = 99;
    is_int(op_copy(a, &op), GNTST_bad_domain, "domain 99 does not exist");
    grant(a, KIND_V1, REF, hv_domain_id(a), 10, 0);
    op.source.domid = DOMID_SELF;
    is_int(op_copy(a, &op), GNTST_okay, "one may grant to oneself");
    world_end(hv);
}

/* Statuses are each operation's own. */
static void test_batch(void)
{
    struct hv *hv = world_begin();
    struct hv_domain *a = new_granter(hv, "a", KIND_V1);
    struct gnttab_copy op[51];
    unsigned i, good = 0;

    memset(op, 0, sizeof(op));
    for (i = 0; i < 51; i++) {
        op[i].source = by_frame(10, 0);
        op[i].dest = by_frame(i % 2 ? 11 : 150, (uint16_t)(i * 4));
        op[i].len = 4;
        op[i].status = 99;
    }
    is_int(call_n(a, __HYPERVISOR_grant_table_op, GNTTABOP_copy, 51, op,
                  sizeof(op)),
           0, "51 at a time");
    for (i = 0; i < 51; i++)
        good += op[i].status == (i % 2 ? GNTST_okay : GNTST_bad_page);
    is_int(good, 51, "each with its own status");
    is_int(call_n(a, __HYPERVISOR_grant_table_op, GNTTABOP_copy, 52, op,
                  sizeof(op)),
           -XEN_EINVAL, "more than were sent");
    is_int(call_n(a, __HYPERVISOR_grant_table_op, GNTTABOP_copy, 1ull << 61, op,
                  sizeof(op)),
           -XEN_EINVAL, "many more");
    is_int(last_req.out_len, 0, "give nothing back");
    is_int(call_n(a, __HYPERVISOR_grant_table_op, GNTTABOP_copy, 0, op, 0), 0,
           "none is fine");
    world_end(hv);
}

static void test_sub_page(void)
{
    struct hv *hv = world_begin();
    struct hv_domain *a = new_granter(hv, "a", KIND_V2);
    struct hv_domain *b = new_domain(hv, "b");
    struct gnttab_copy op = {.flags = GNTCOPY_source_gref, .len = 16};
    unsigned offset[] = {99, 100, 101, 116, 117, 0, 4090};
    int want[] = {GNTST_general_error, GNTST_okay,          GNTST_okay,
                  GNTST_okay,          GNTST_general_error, GNTST_general_error,
                  GNTST_bad_copy_arg};
    unsigned i;

    grant(a, KIND_V2, REF, hv_domain_id(b), 20, GTF_sub_page);
    entry_v2(a, REF)->sub_page.page_off = 100;
    entry_v2(a, REF)->sub_page.length = 32;
    for (i = 0; i < 7; i++) {
        op.source = by_ref(a, REF, (uint16_t)offset[i]);
        op.dest = by_frame(30, 0);
        is_int(op_copy(b, &op), want[i], "sub-page 100+32: 16 bytes at %u",
               offset[i]);
    }
    is_int(in_use(a, KIND_V2, REF), 0, "the grant is free again");
    entry_v2(a, REF)->sub_page.page_off = 4090;
    entry_v2(a, REF)->sub_page.length = 65535;
    op.source = by_ref(a, REF, 4092);
    is_int(op_copy(b, &op), GNTST_bad_copy_arg, "a sub-page beyond the page");
    world_end(hv);
}

/* c's page, granted to a, passed on to b. */
static void transitive(struct hv_domain *a, struct hv_domain *b,
                       struct hv_domain *c, unsigned flags)
{
    grant(c, KIND_V2, 30, hv_domain_id(a), 20, flags);
    entry_v2(a, REF)->transitive.trans_domid = hv_domain_id(c);
    entry_v2(a, REF)->transitive.gref = 30;
    entry_v2(a, REF)->hdr.domid = hv_domain_id(b);
    entry_v2(a, REF)->hdr.flags = GTF_transitive;
}

static void test_transitive(void)
{
    struct hv *hv = world_begin();
    struct hv_domain *a = new_granter(hv, "a", KIND_V2);
    struct hv_domain *b = new_domain(hv, "b");
    struct hv_domain *c = new_granter(hv, "c", KIND_V2);
    struct gnttab_copy op = {.flags = GNTCOPY_source_gref, .len = 6};

    transitive(a, b, c, 0);
    memcpy(text_at(c, 20, 0), "deep!", sizeof("deep!"));
    op.source = by_ref(a, REF, 0);
    op.dest = by_frame(30, 0);
    is_int(op_copy(b, &op), GNTST_okay, "a transitive grant");
    is_str(text_at(b, 30, 0), "deep!", "reaches the page behind");
    is_int(in_use(a, KIND_V2, REF) | in_use(c, KIND_V2, 30), 0,
           "both entries are free again");
    is_int(op_copy(c, &op), GNTST_general_error, "only for whom it is meant");
    op.flags = GNTCOPY_dest_gref;
    op.dest = by_ref(a, REF, 0);
    op.source = by_frame(30, 0);
    is_int(op_copy(b, &op), GNTST_okay, "it can be written through");
    transitive(a, b, c, GTF_readonly);
    is_int(op_copy(b, &op), GNTST_general_error,
           "unless the page behind is read-only");
    is_int(in_use(a, KIND_V2, REF), 0, "and the outer entry is free");
    transitive(a, b, c, 0);
    entry_v2(a, REF)->hdr.flags = GTF_transitive | GTF_readonly;
    is_int(op_copy(b, &op), GNTST_general_error, "or the way to it is");
    world_end(hv);
}

static void test_backend(unsigned version)
{
    struct hv *hv = world_begin();
    struct hv_domain *a = new_granter(hv, "a", version);
    char in[8] = "to you", out[8] = "";
    struct hv_grant_copy op[3] = {
        {.ref = 8, .offset = 4, .len = 7, .to_guest = true, .buf = in},
        {.ref = 8, .offset = 4, .len = 7, .buf = out},
        {.ref = 9, .offset = 4093, .len = 4, .buf = out},
    };

    grant(a, version, 8, 0, 20, 0);
    grant(a, version, 9, 0, 21, GTF_readonly);
    hv_grant_copy(a, op, 3);
    is_int(op[0].status, GNTST_okay, "v%u: a backend writes", version);
    is_str(text_at(a, 20, 4), "to you", "into the page");
    is_int(op[1].status, GNTST_okay, "and reads");
    is_str(out, "to you", "from it");
    is_int(op[2].status, GNTST_bad_copy_arg, "but not beyond it");
    op[0].ref = 9;
    hv_grant_copy(a, op, 1);
    is_int(op[0].status, GNTST_general_error, "read-only is respected");
    op[0].ref = 10;
    hv_grant_copy(a, op, 1);
    is_int(op[0].status, GNTST_general_error, "what is not granted is refused");
    is_int(in_use(a, version, 8), 0, "nothing stays in use");
    world_end(hv);
}

void test_grant_copy(void)
{
    test_between(KIND_V1);
    test_between(KIND_V2);
    test_both_granted();
    test_self();
    test_batch();
    test_sub_page();
    test_transitive();
    test_backend(KIND_V1);
    test_backend(KIND_V2);
}
