/* SPDX-License-Identifier: ISC */
/* Attacks on grants that have hurt others before: each test names its kind. */
#include "grants.h"
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <tap.h>

static struct hv_grant_map map(struct hv_grantee *g, struct hv_domain *d,
                               grant_ref_t ref, bool readonly)
{
    struct hv_grant_map m = {.ref = ref, .readonly = readonly};

    hv_grant_map(g, d, &m, 1);
    return m;
}

/* XSA-218, 224, 394: unmapped twice, the flags or the page go too early. */
static void test_unmap_twice(void)
{
    struct hv *hv = world_begin();
    struct hv_domain *d = new_granter(hv, "d", KIND_V1);
    struct hv_grantee *g = hv_grantee_create(hv, 9);
    struct hv_grant_map a, b;

    grant(d, KIND_V1, 8, 0, 20, 0);
    a = map(g, d, 8, false);
    b = map(g, d, 8, false);
    is_int(hv_grant_unmap(g, a.handle), GNTST_okay, "unmap");
    is_int(hv_grant_unmap(g, a.handle), GNTST_bad_handle, "unmap twice");
    is_int(in_use(d, KIND_V1, 8), GTF_reading | GTF_writing,
           "the other mapping still counts");
    a = map(g, d, 8, false);
    is_int(hv_grantee_maps(g), 2, "its slot is used again");
    is_int(hv_grant_unmap(g, a.handle - (1u << 16)), GNTST_bad_handle,
           "by another handle: the old one stays bad");
    hv_grant_unmap(g, a.handle);
    hv_grant_unmap(g, b.handle);
    is_int(in_use(d, KIND_V1, 8), 0, "after as many unmaps as maps it is free");
    is_int(mapped_frames, 1, "and only the table's frame is mapped");
    hv_grantee_destroy(g);
    world_end(hv);
}

static void test_foreign_handle(void)
{
    struct hv *hv = world_begin();
    struct hv_domain *d = new_granter(hv, "d", KIND_V1);
    struct hv_grantee *g = hv_grantee_create(hv, 9);
    struct hv_grantee *h = hv_grantee_create(hv, 9);
    struct hv_grant_map m;

    grant(d, KIND_V1, 8, 0, 20, 0);
    m = map(g, d, 8, false);
    is_int(hv_grant_unmap(h, m.handle), GNTST_bad_handle,
           "another grantee's handle");
    is_int(hv_grant_unmap(g, m.handle + 1), GNTST_bad_handle, "a slot too far");
    is_int(hv_grant_unmap(g, UINT32_MAX), GNTST_bad_handle, "far too far");
    is_int(in_use(d, KIND_V1, 8), GTF_reading | GTF_writing, "it stays mapped");
    hv_grantee_destroy(h);
    hv_grantee_destroy(g);
    world_end(hv);
}

/* ATTACKS 7, XSA-362: a batch with failures of every kind leaks no mapping. */
static void test_failures_leak_nothing(void)
{
    struct hv *hv = world_begin();
    struct hv_domain *d = new_granter(hv, "d", KIND_V2);
    struct hv_grantee *g = hv_grantee_create(hv, 4);
    struct hv_grant_map m[6] = {{.ref = 8},  {.ref = 9},  {.ref = 10},
                                {.ref = 11}, {.ref = 12}, {.ref = 1u << 31}};
    unsigned round, mapped = 0;

    grant(d, KIND_V2, 8, 0, 20, GTF_readonly);
    grant(d, KIND_V2, 9, 7, 20, 0);
    grant(d, KIND_V2, 10, 0, 199, 0);
    grant(d, KIND_V2, 11, 0, 20, GTF_sub_page);
    grant(d, KIND_V2, 12, 0, 20, 0);
    entry_v2(d, 12)->hdr.flags = GTF_transitive;
    for (round = 0; round < 100; round++) {
        hv_grant_map(g, d, m, 6);
        mapped += hv_grantee_maps(g);
    }
    is_int(mapped, 0, "600 attempts of six bad kinds map nothing");
    is_int(mapped_frames, 2, "hold no frame but the table's and the status's");
    entry_v2(d, 12)->hdr.flags = GTF_permit_access;
    fail_map = true;
    is_int(map(g, d, 12, false).status, GNTST_bad_page, "no memory to map it");
    fail_map = false;
    is_int(in_use(d, KIND_V2, 12), 0, "it is not in use");
    fail_alloc_after = 0;
    is_int(map(g, d, 12, false).status, GNTST_no_space, "no memory to note it");
    fail_alloc_after = -1;
    is_int(in_use(d, KIND_V2, 12), 0, "it is not in use");
    is_int(mapped_frames, 2, "nor mapped");
    hv_grantee_destroy(g);
    world_end(hv);
}

static void test_copy_crosses_page(void)
{
    static const uint16_t cases[][2] = {
        {1, 4096}, {4095, 2}, {4096, 1}, {65535, 65535}, {1, 65535}};
    struct hv *hv = world_begin();
    struct hv_domain *a = new_granter(hv, "a", KIND_V1);
    struct hv_domain *b = new_domain(hv, "b");
    unsigned i;

    grant(a, KIND_V1, 8, hv_domain_id(b), 20, 0);
    for (i = 0; i < 5; i++) {
        struct gnttab_copy op = {.flags = GNTCOPY_source_gref};

        op.source = by_ref(a, 8, cases[i][0]);
        op.dest = by_frame(30, 0);
        op.len = cases[i][1];
        is_int(op_copy(b, &op), GNTST_bad_copy_arg,
               "copy from %u, %u bytes: crosses the page's end", cases[i][0],
               cases[i][1]);
        op.flags = GNTCOPY_dest_gref;
        op.source = by_frame(30, 0);
        op.dest = by_ref(a, 8, cases[i][0]);
        is_int(op_copy(b, &op), GNTST_bad_copy_arg, "copy to there");
    }
    world_end(hv);
}

static void set_transitive(struct hv_domain *d, grant_ref_t ref, domid_t to,
                           domid_t next, grant_ref_t next_ref)
{
    entry_v2(d, ref)->transitive.trans_domid = next;
    entry_v2(d, ref)->transitive.gref = next_ref;
    entry_v2(d, ref)->hdr.domid = to;
    entry_v2(d, ref)->hdr.flags = GTF_transitive;
}

/* XSA-226, 411: chains and loops of transitive grants. */
static void test_transitive_chain(void)
{
    struct hv *hv = world_begin();
    struct hv_domain *a = new_granter(hv, "a", KIND_V2);
    struct hv_domain *b = new_granter(hv, "b", KIND_V2);
    struct hv_domain *c = new_granter(hv, "c", KIND_V2);
    domid_t ia = hv_domain_id(a), ib = hv_domain_id(b), ic = hv_domain_id(c);
    struct gnttab_copy op = {.flags = GNTCOPY_source_gref, .len = 4};

    op.source = by_ref(a, 8, 0);
    op.dest = by_frame(30, 0);
    set_transitive(a, 8, ic, ib, 9);
    set_transitive(b, 9, ia, ia, 8);
    is_int(op_copy(c, &op), GNTST_general_error,
           "a loop of two transitive grants");
    set_transitive(a, 8, ic, ia, 8);
    is_int(op_copy(c, &op), GNTST_general_error, "one that names itself");
    set_transitive(a, 8, ic, ia, 9);
    grant(a, KIND_V2, 9, ia, 20, 0);
    is_int(op_copy(c, &op), GNTST_general_error, "one to a page of its own");
    set_transitive(b, 9, ia, ic, 10);
    grant(c, KIND_V2, 10, ib, 20, 0);
    set_transitive(a, 8, ic, ib, 9);
    is_int(op_copy(c, &op), GNTST_general_error, "a chain of three");
    set_transitive(a, 8, ic, 99, 9);
    is_int(op_copy(c, &op), GNTST_general_error, "one that leads nowhere");
    set_transitive(a, 8, ic, ib, 1u << 30);
    is_int(op_copy(c, &op), GNTST_bad_gntref, "one to no entry");
    is_int(in_use(a, KIND_V2, 8) | in_use(b, KIND_V2, 9), 0,
           "after all of which nothing is in use");
    hv_domain_kill(b);
    set_transitive(a, 8, ic, ib, 9);
    is_int(op_copy(c, &op), GNTST_bad_domain, "one to a dying domain");
    is_int(in_use(a, KIND_V2, 8), 0, "which leaves nothing in use either");
    world_end(hv);
}

/* A guest on another CPU that rewrites the entry all the time. */
struct attacker {
    struct hv_domain *d;
    unsigned version;
    domid_t to;
    bool stop;
};

static void *flip(void *arg)
{
    struct attacker *a = arg;
    unsigned i;

    for (i = 0; !__atomic_load_n(&a->stop, __ATOMIC_RELAXED); i++) {
        static const unsigned flags[] = {
            GTF_permit_access,   GTF_permit_access | GTF_readonly,
            GTF_invalid,         GTF_permit_access | GTF_sub_page,
            GTF_accept_transfer, GTF_transitive};
        uint16_t f = (uint16_t)flags[i % 6];

        if (a->version == KIND_V1) {
            __atomic_store_n(&entry_v1(a->d, 8)->frame, i % 2 ? 20 : ~0u,
                             __ATOMIC_RELAXED);
            __atomic_store_n(&entry_v1(a->d, 8)->flags, f, __ATOMIC_SEQ_CST);
        } else {
            union grant_entry_v2 *e = entry_v2(a->d, 8);

            __atomic_store_n(&e->__spacer[1], i * 0x10001u, __ATOMIC_RELAXED);
            __atomic_store_n(&e->full_page.frame, i % 2 ? 20 : ~0ull,
                             __ATOMIC_RELAXED);
            __atomic_store_n(&e->hdr.flags, f, __ATOMIC_SEQ_CST);
        }
    }
    return NULL;
}

/* XSA-500: the kind of grant changes while it is being used. Nothing but pages
 * of the granter may be touched, and every status must be one of the ABI's. */
static void test_type_flip(unsigned version)
{
    struct hv *hv = world_begin();
    struct hv_domain *a = new_granter(hv, "a", version);
    struct hv_domain *b = new_domain(hv, "b");
    struct hv_grantee *g = hv_grantee_create(hv, 9);
    struct attacker at = {.d = a, .version = version, .to = hv_domain_id(b)};
    unsigned i, odd = 0;
    pthread_t t;

    grant(a, version, 8, at.to, 20, 0);
    memset(frame_of(b, 30), 0, 4096);
    if (pthread_create(&t, NULL, flip, &at))
        abort();
    for (i = 0; i < 20000; i++) {
        struct gnttab_copy op = {.flags = GNTCOPY_dest_gref, .len = 64};

        op.source = by_frame(30, 0);
        op.dest = by_ref(a, 8, (uint16_t)(i % 4000));
        op_copy(b, &op);
        odd += op.status > 0 || op.status < GNTST_no_space;
        hv_grant_unmap(g, map(g, a, 8, i % 2).handle);
    }
    __atomic_store_n(&at.stop, true, __ATOMIC_RELAXED);
    pthread_join(t, NULL);
    is_int(odd, 0, "v%u: 20,000 copies while the entry flips", version);
    is_int(hv_grantee_maps(g), 0, "no mapping is left of it");
    ok(mapped_frames <= 2, "nor a frame but the table's");
    hv_grantee_destroy(g);
    world_end(hv);
}

/*
 * The same in slow motion: the page that the core is going to mark the use in
 * cannot be written. The fault comes after it has looked at the entry; the
 * handler, as the guest, takes the grant back.
 */
static struct {
    char *page;
    grant_entry_header_t *entry;
    unsigned faults;
} trap;

static void on_fault(int sig)
{
    (void)sig;
    trap.faults++;
    if (trap.faults > 1 || mprotect(trap.page, 4096, PROT_READ | PROT_WRITE))
        abort();
    trap.entry->flags = GTF_invalid;
}

static void set_trap(void *marked, grant_entry_header_t *entry)
{
    trap.page = (char *)marked - (uintptr_t)marked % 4096;
    trap.entry = entry;
    trap.faults = 0;
    if (mprotect(trap.page, 4096, PROT_READ))
        abort();
}

static void test_taken_back_meanwhile(unsigned version)
{
    struct sigaction on = {.sa_handler = on_fault}, before;
    struct hv *hv = world_begin();
    struct hv_domain *d = new_granter(hv, "d", version);
    struct hv_grantee *g = hv_grantee_create(hv, 9);
    struct hv_grant_map m;

    grant(d, version, 8, 0, 20, 0);
    m = map(g, d, 8, true); /* all that is needed is mapped now */
    hv_grant_unmap(g, m.handle);
    if (sigaction(SIGSEGV, &on, &before))
        abort();
    if (version == KIND_V1)
        set_trap(entry_v1(d, 8), (void *)entry_v1(d, 8));
    else
        set_trap(status_v2(d, 8), &entry_v2(d, 8)->hdr);
    m = map(g, d, 8, true);
    sigaction(SIGSEGV, &before, NULL);
    is_int(trap.faults, 1, "v%u: a grant is taken back while it is mapped",
           version);
    is_int(m.status, GNTST_general_error, "then it is not mapped");
    is_int(in_use(d, version, 8), 0, "nor marked as in use");
    hv_grantee_destroy(g);
    world_end(hv);
}

/* XSA-255, 501: the version must not change under mapped grants. */
static void test_version_while_mapped(void)
{
    struct hv *hv = world_begin();
    struct hv_domain *d = new_granter(hv, "d", KIND_V1);
    struct hv_grantee *g = hv_grantee_create(hv, 9);
    struct hv_grant_map m, reserved;
    uint32_t v = 2;

    grant(d, KIND_V1, 8, 0, 20, 0);
    grant(d, KIND_V1, 1, 0, 21, 0);
    reserved = map(g, d, 1, false);
    m = map(g, d, 8, true);
    is_int(op_set_version(d, &v), -XEN_EBUSY,
           "set_version with a mapped grant");
    is_int(v, 1, "it stays 1");
    is_int(entry_v1(d, 8)->frame, 20, "and nothing is cleared");
    hv_grant_unmap(g, m.handle);
    v = 2;
    is_int(op_set_version(d, &v), 0, "the reserved ones do not count");
    is_int(in_use(d, KIND_V2, 1), GTF_reading | GTF_writing,
           "but stay in use in the new table");
    v = 1;
    is_int(op_set_version(d, &v), 0, "there and back");
    is_int(in_use(d, KIND_V1, 1), GTF_reading | GTF_writing, "in use still");
    hv_grant_unmap(g, reserved.handle);
    is_int(in_use(d, KIND_V1, 1), 0, "until it is unmapped");
    hv_grantee_destroy(g);
    world_end(hv);
}

/* XSA-382: entries at the very end of a table of the greatest size. */
static void test_status_array(void)
{
    struct hv *hv = world_begin();
    struct hv_domain_config c = domain_config("d");
    struct hv_domain *d, *b = new_domain(hv, "b");
    struct gnttab_copy op = {.flags = GNTCOPY_source_gref, .len = 4};
    grant_ref_t last = GRANT_FRAMES_MAX * 256 - 1;
    uint32_t v = 2;

    c.max_grant_frames = GRANT_FRAMES_MAX;
    if (hv_domain_create(hv, &c, &d))
        abort();
    is_int(op_setup(d, DOMID_SELF, 1), GNTST_okay, "one frame");
    is_int(op_set_version(d, &v), 0, "version 2");
    is_int(op_setup(d, DOMID_SELF, GRANT_FRAMES_MAX), GNTST_okay,
           "then all there can be");
    is_int(op_status_frames(d, DOMID_SELF, GRANT_STATUS_FRAMES_MAX), GNTST_okay,
           "as many status frames as that takes");
    is_int(op_status_frames(d, DOMID_SELF, GRANT_STATUS_FRAMES_MAX + 1),
           GNTST_general_error, "and none more");
    is_int(op_status_frames(d, DOMID_SELF, UINT32_MAX), GNTST_general_error,
           "nor 4 billion");
    grant(d, KIND_V2, last, hv_domain_id(b), 20, 0);
    op.source = by_ref(d, last, 0);
    op.dest = by_frame(30, 0);
    is_int(op_copy(b, &op), GNTST_okay, "the last entry works");
    op.source = by_ref(d, last + 1, 0);
    is_int(op_copy(b, &op), GNTST_bad_gntref, "behind it is nothing");
    world_end(hv);
}

static void test_setup_huge(void)
{
    static const uint32_t sizes[] = {65, 256, 257, 1u << 20, UINT32_MAX};
    struct hv *hv = world_begin();
    struct hv_domain *d = new_domain(hv, "d"), *b = new_domain(hv, "b");
    struct gnttab_copy op = {.flags = GNTCOPY_source_gref, .len = 4};
    unsigned i;

    for (i = 0; i < 5; i++)
        is_int(op_setup(d, DOMID_SELF, sizes[i]), GNTST_general_error,
               "a table of %u frames", sizes[i]);
    is_int(op_size(d, DOMID_SELF).nr_frames, 1, "has not become larger");
    op.dest = by_frame(30, 0);
    op.source = by_ref(d, 3, 0);
    is_int(op_copy(b, &op), GNTST_bad_gntref, "no entry of one never set up");
    is_int(mapped_frames, 0, "nothing was mapped");
    op_setup(d, DOMID_SELF, 1);
    op.source = by_ref(d, 512, 0);
    is_int(op_copy(b, &op), GNTST_bad_gntref, "an entry behind the table");
    op.source = by_ref(d, UINT32_MAX, 0);
    is_int(op_copy(b, &op), GNTST_bad_gntref, "far behind");
    world_end(hv);
}

/* XSA-18, 134. */
static void test_swap_bad_refs(void)
{
    struct hv *hv = world_begin();
    struct hv_domain *d = new_granter(hv, "d", KIND_V1);
    struct hv_domain *e = new_domain(hv, "e");
    struct hv_grantee *g = hv_grantee_create(hv, 9);
    struct hv_grant_map m;

    is_int(op_swap(e, 0, 1), GNTST_bad_gntref, "swap without a table");
    is_int(op_swap(d, 0, 2048), GNTST_bad_gntref, "beyond the table");
    is_int(op_swap(d, 2048, 0), GNTST_bad_gntref, "the other way round");
    is_int(op_swap(d, UINT32_MAX, UINT32_MAX), GNTST_bad_gntref,
           "even with itself");
    grant(d, KIND_V1, 8, 0, 20, 0);
    m = map(g, d, 8, true);
    is_int(op_swap(d, 8, 9), GNTST_eagain, "an entry that is mapped");
    is_int(op_swap(d, 9, 8), GNTST_eagain, "the other way round");
    is_int(entry_v1(d, 8)->frame, 20, "stays where it is");
    hv_grant_unmap(g, m.handle);
    is_int(op_swap(d, 8, 9), GNTST_okay, "then it can go");
    hv_grantee_destroy(g);
    world_end(hv);
}

/* A granted page that is given up, and one that is not the granter's. */
static void test_foreign_frames(void)
{
    struct hv *hv = world_begin();
    struct hv_domain *d = new_granter(hv, "d", KIND_V2);
    struct hv_grantee *g = hv_grantee_create(hv, 9);
    static const uint64_t mfns[] = {
        100,        WORLD_PAGES,       WORLD_PAGES + 1,
        UINT32_MAX, (1ull << 32) + 20, UINT64_MAX};
    unsigned i;

    for (i = 0; i < 6; i++) {
        grant(d, KIND_V2, 8, 0, 0, 0);
        entry_v2(d, 8)->full_page.frame = mfns[i];
        is_int(map(g, d, 8, false).status, GNTST_bad_page,
               "granting frame %#llx", (unsigned long long)mfns[i]);
    }
    hv_grantee_destroy(g);
    world_end(hv);
}

void test_grant_attacks(void)
{
    test_unmap_twice();
    test_foreign_handle();
    test_failures_leak_nothing();
    test_copy_crosses_page();
    test_transitive_chain();
    test_type_flip(KIND_V1);
    test_type_flip(KIND_V2);
    test_taken_back_meanwhile(KIND_V1);
    test_taken_back_meanwhile(KIND_V2);
    test_version_while_mapped();
    test_status_array();
    test_setup_huge();
    test_swap_bad_refs();
    test_foreign_frames();
}
