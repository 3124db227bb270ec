/* SPDX-License-Identifier: ISC */
/* Grants mapped by backends: handles, flags, limits, the end of a domain. */
#include "grants.h"
#include <stdlib.h>
#include <tap.h>

static struct hv_grant_map map(struct hv_grantee *g, struct hv_domain *d,
                               grant_ref_t ref, bool readonly)
{
    struct hv_grant_map m = {.ref = ref, .readonly = readonly};

    hv_grant_map(g, d, &m, 1);
    return m;
}

static void test_mapping(unsigned version)
{
    struct hv *hv = world_begin();
    struct hv_domain *d = new_granter(hv, "d", version);
    struct hv_grantee *g = hv_grantee_create(hv, 10);
    struct hv_grant_map r, w, bad;

    grant(d, version, 8, 0, 20, 0);
    r = map(g, d, 8, true);
    is_int(r.status, GNTST_okay, "v%u: map for reading", version);
    ok(r.page == frame_of(d, 20), "the page is the guest's");
    is_int(in_use(d, version, 8), GTF_reading, "the guest sees it");
    w = map(g, d, 8, false);
    is_int(w.status, GNTST_okay, "v%u: again, for writing", version);
    is_int(in_use(d, version, 8), GTF_reading | GTF_writing, "seen as well");
    is_int(hv_grantee_maps(g), 2, "two mappings");
    is_int(hv_grant_unmap(g, w.handle), GNTST_okay, "unmap the writer");
    is_int(in_use(d, version, 8), GTF_reading, "the reader stays");
    is_int(hv_grant_unmap(g, r.handle), GNTST_okay, "unmap the reader");
    is_int(in_use(d, version, 8), 0, "the grant is free");

    grant(d, version, 8, 0, 20, GTF_readonly);
    bad = map(g, d, 8, false);
    ok(bad.status == GNTST_general_error && !bad.page,
       "v%u: a read-only grant is not mapped for writing", version);
    grant(d, version, 8, 5, 20, 0);
    is_int(map(g, d, 8, true).status, GNTST_general_error,
           "nor one for somebody else");
    grant(d, version, 8, 0, 150, 0);
    is_int(map(g, d, 8, true).status, GNTST_bad_page, "nor a page not there");
    is_int(in_use(d, version, 8), 0, "v%u: failures leave nothing", version);
    is_int(hv_grantee_maps(g), 0, "no mapping is counted");
    hv_grantee_destroy(g);
    world_end(hv);
}

/* A copy to what is mapped must not take the mapping's flags away. */
static void test_copy_while_mapped(unsigned version)
{
    struct hv *hv = world_begin();
    struct hv_domain *d = new_granter(hv, "d", version);
    struct hv_grantee *g = hv_grantee_create(hv, 10);
    struct hv_grant_copy op = {.ref = 8, .len = 4, .to_guest = true};
    struct hv_grant_map m;
    char bytes[4] = "abc";

    op.buf = bytes;
    grant(d, version, 8, 0, 20, 0);
    m = map(g, d, 8, true);
    hv_grant_copy(d, &op, 1);
    is_int(op.status, GNTST_okay, "v%u: writing to a page mapped for reading",
           version);
    is_int(in_use(d, version, 8), GTF_reading, "leaves it in use for that");
    grant(d, version, 8, 0, 21, GTF_readonly | GTF_reading);
    op.to_guest = false;
    hv_grant_copy(d, &op, 1);
    ok(!op.status && !memcmp(bytes, "abc", 4),
       "v%u: an entry in use goes on meaning the page that is mapped", version);
    hv_grant_unmap(g, m.handle);
    hv_grantee_destroy(g);
    world_end(hv);
}

static void test_batch(void)
{
    struct hv *hv = world_begin();
    struct hv_domain *d = new_granter(hv, "d", KIND_V1);
    struct hv_grantee *g = hv_grantee_create(hv, 600);
    struct hv_grant_map m[600];
    grant_handle_t handles[601];
    unsigned i, good = 0;

    for (i = 0; i < 600; i++) {
        m[i].ref = 100 + i;
        m[i].readonly = i % 3 == 0;
        if (i % 5)
            grant(d, KIND_V1, 100 + i, 0, i % 100, 0);
    }
    hv_grant_map(g, d, m, 600);
    for (i = 0; i < 600; i++)
        good += m[i].status == (i % 5 ? GNTST_okay : GNTST_general_error);
    is_int(good, 600, "600 at once, some of them bad: each for itself");
    is_int(hv_grantee_maps(g), 480, "the good ones are mapped");
    for (i = 0; i < 600; i++)
        handles[i] = m[i].handle;
    handles[600] = m[1].handle;
    for (i = 0; i < 600; i += 5)
        handles[i] = 0xdead0000u + i;
    is_int(hv_grant_unmap_many(g, handles, 601), 121,
           "unmapped at once, but for bad handles and one twice");
    is_int(hv_grantee_maps(g), 0, "nothing is mapped");
    hv_grantee_destroy(g);
    world_end(hv);
}

static void test_limit(void)
{
    struct hv *hv = world_begin();
    struct hv_domain *d = new_granter(hv, "d", KIND_V1);
    struct hv_grantee *g = hv_grantee_create(hv, 3), *h;
    struct hv_grant_map m[4];
    unsigned i;

    grant(d, KIND_V1, 8, 0, 20, 0);
    for (i = 0; i < 4; i++)
        m[i] = map(g, d, 8, true);
    is_int(m[2].status, GNTST_okay, "three mappings are allowed");
    is_int(m[3].status, GNTST_no_space, "a fourth is not");
    h = hv_grantee_create(hv, 3);
    is_int(map(h, d, 8, true).status, GNTST_okay, "another device has its own");
    hv_grant_unmap(g, m[1].handle);
    is_int(map(g, d, 8, true).status, GNTST_okay, "one has become free");
    fail_alloc_after = 0;
    is_int(map(h, d, 8, true).status, GNTST_no_space, "no memory: no space");
    fail_alloc_after = -1;
    hv_grantee_destroy(h);
    is_int(in_use(d, KIND_V1, 8), GTF_reading, "still mapped by the first");
    hv_grantee_destroy(g);
    is_int(in_use(d, KIND_V1, 8), 0, "a grantee's end unmaps what it had");
    world_end(hv);
}

static void test_death(void)
{
    struct hv *hv = world_begin();
    struct hv_domain *d = new_granter(hv, "d", KIND_V1), *e;
    struct hv_grantee *g = hv_grantee_create(hv, 9);
    struct hv_grant_map m[2];
    domid_t id = hv_domain_id(d);
    void *memory = info_of(d);

    ok(!hv_domain_is_mapped(d), "nothing is mapped at first");
    grant(d, KIND_V1, 8, 0, 20, 0);
    m[0] = map(g, d, 8, false);
    m[1] = map(g, d, 8, true);
    hv_domain_kill(d);
    ok(hv_domain_is_mapped(d), "a dying domain's page is still mapped");
    is_int(map(g, d, 8, true).status, GNTST_bad_domain, "but not once more");
    *(char *)m[0].page = 'x';
    ok(hv_domain_by_id(hv, id) == d, "its id is still its own");
    hv_grant_unmap(g, m[0].handle);
    is_int(seen.unmapped, 0, "one mapping is left");
    hv_grant_unmap(g, m[1].handle);
    is_int(seen.unmapped, 1, "the last one to go is told");
    ok(!hv_domain_is_mapped(d), "now it may be destroyed");
    end_domain(d);
    (void)memory;

    /* Against the contract; handles must outlive it nevertheless. */
    d = new_granter(hv, "d2", KIND_V1);
    grant(d, KIND_V1, 8, 0, 20, 0);
    m[0] = map(g, d, 8, false);
    end_domain(d);
    is_int(seen.unmapped, 1, "nobody is told of that");
    e = new_granter(hv, "e", KIND_V1);
    grant(e, KIND_V1, 8, 0, 20, GTF_writing | GTF_reading);
    is_int(hv_grant_unmap(g, m[0].handle), GNTST_okay, "a handle to nowhere");
    is_int(in_use(e, KIND_V1, 8), GTF_writing | GTF_reading,
           "ends nobody else's grant");
    hv_grantee_destroy(g);
    world_end(hv);
}

void test_grant_map(void)
{
    test_mapping(KIND_V1);
    test_mapping(KIND_V2);
    test_copy_while_mapped(KIND_V1);
    test_copy_while_mapped(KIND_V2);
    test_batch();
    test_limit();
    test_death();
}
