/* SPDX-License-Identifier: ISC */
/* Numbers of domains that are used again: nothing said of the old owner holds
 * for the new one, and nothing that a guest does keeps a number taken. */
#include "grants.h"
#include <stdlib.h>
#include <string.h>
#include <tap.h>

#define STALE_LIMIT 64u /* grant.h: STALE_MAX */

/* The granter (1) and other living ones have the first ids; whoever is made and
 * ended after them goes through the rest of these. */
#define LAST_ID 8

static struct hv *small_world(void)
{
    struct hv *hv = world_begin();

    hv_set_ids(hv, 1, LAST_ID);
    return hv;
}

/* Makes domains until the next one gets (id), and that one. */
static struct hv_domain *domain_with_id(struct hv *hv, unsigned id)
{
    struct hv_domain *d = new_domain(hv, "reborn");
    unsigned n;

    for (n = 0; hv_domain_id(d) != id; n++) {
        if (n > LAST_ID)
            abort();
        end_domain(d);
        d = new_domain(hv, "reborn");
    }
    return d;
}

static void test_range(void)
{
    struct hv *hv = world_begin();
    struct hv_domain *a, *b;

    hv_set_ids(hv, 3, 4);
    a = new_domain(hv, "a");
    b = new_domain(hv, "b");
    is_int(hv_domain_id(a), 3, "the first id");
    is_int(hv_domain_id(b), 4, "the last one");
    is_int(hv_domain_birth(b), 1, "nobody had it before");
    end_domain(b);
    b = new_domain(hv, "b");
    is_int(hv_domain_id(b), 4, "the only one left");
    is_int(hv_domain_birth(b), 2, "its second owner");
    end_domain(a);
    a = new_domain(hv, "a");
    is_int(hv_domain_id(a), 3, "behind the last comes the first");
    world_end(hv);
}

/* Rotation: a number comes back as late as it can. */
static void test_rotation(void)
{
    struct hv *hv = small_world();
    struct hv_domain *keep = new_domain(hv, "keep"), *d;
    unsigned i, good = 0;

    for (i = 0; i < 5 * (LAST_ID - 1); i++) {
        d = new_domain(hv, "d");
        good += hv_domain_id(d) == 2 + i % (LAST_ID - 1) &&
                hv_domain_birth(d) == 1 + i / (LAST_ID - 1);
        end_domain(d);
    }
    is_int(good, 5 * (LAST_ID - 1), "five rounds, each id once in each");
    is_int(hv_domain_birth(keep), 1, "the one that lives is the first still");
    world_end(hv);
}

/* --- ports ------------------------------------------------------------------ */

static void test_ports(void)
{
    struct hv *hv = small_world();
    struct hv_domain *a = new_domain(hv, "a"), *b = new_domain(hv, "b"), *c;
    int64_t unbound, bound, late, early;

    unbound = op_alloc(a, DOMID_SELF, 2);
    bound = op_alloc(a, DOMID_SELF, 2);
    early = op_alloc(a, DOMID_SELF, 5);
    ok(op_bind(b, 1, (evtchn_port_t)bound) > 0, "b binds to a's port");
    end_domain(b);
    late = op_alloc(a, DOMID_SELF, 2);
    is_int(op_status(a, (evtchn_port_t)bound).status, EVTCHNSTAT_unbound,
           "when b is gone the port is unbound");
    is_int(op_status(a, (evtchn_port_t)bound).u.unbound.dom, 2, "for b");

    c = domain_with_id(hv, 5);
    ok(op_bind(c, 1, (evtchn_port_t)early) > 0,
       "a number that nobody had means the first to have it");
    end_domain(c);
    c = domain_with_id(hv, 2);
    is_int(hv_domain_birth(c), 2, "2 is given again, ports or not");
    is_int(op_bind(c, 1, (evtchn_port_t)unbound), -XEN_EINVAL,
           "a port for the old 2 is not for the new one");
    is_int(op_bind(c, 1, (evtchn_port_t)bound), -XEN_EINVAL,
           "nor one that the old 2 had bound");
    is_int(op_bind(c, 1, (evtchn_port_t)late), -XEN_EINVAL,
           "nor one for 2 that was made when 2 was gone");
    late = op_alloc(a, DOMID_SELF, 2);
    bound = op_bind(c, 1, (evtchn_port_t)late);
    ok(bound > 0, "one made now is");
    ok(op_close(c, (evtchn_port_t)bound) == 0 &&
           op_bind(c, 1, (evtchn_port_t)late) > 0,
       "and still is when it has closed its end");
    world_end(hv);
}

/* Hostile guests that name everybody: all numbers are given all the same. */
static void test_ports_pin_nothing(void)
{
    struct hv *hv = small_world();
    struct hv_domain *a = new_domain(hv, "a"), *d;
    unsigned i, good = 0;

    for (i = 0; i < 3 * (LAST_ID - 1); i++) {
        d = new_domain(hv, "d");
        good += op_alloc(a, DOMID_SELF, hv_domain_id(d)) > 0;
        end_domain(d);
    }
    is_int(good, 3 * (LAST_ID - 1),
           "ports for everybody who ever lived keep no number");
    world_end(hv);
}

/* --- grants ----------------------------------------------------------------- */

static int64_t use(struct hv_domain *d, struct hv_domain *granter,
                   grant_ref_t ref)
{
    struct gnttab_copy op = {.source = by_ref(granter, ref, 0),
                             .dest = by_frame(20, 0),
                             .len = 8,
                             .flags = GNTCOPY_source_gref};

    return op_copy(d, &op);
}

static void test_grants(unsigned version)
{
    struct hv *hv = small_world();
    struct hv_domain *g = new_granter(hv, "g", version), *d;
    uint32_t other = version == KIND_V1 ? KIND_V2 : KIND_V1;

    d = new_domain(hv, "d");
    grant(g, version, 8, 2, 30, 0);
    grant(g, version, 9, 2, 31, GTF_readonly);
    grant(g, version, 900, 2, 32, 0);
    is_int(use(d, g, 8), GNTST_okay, "the grantee copies");
    end_domain(d);
    d = domain_with_id(hv, 2);
    is_int(hv_domain_birth(d), 2, "another 2");
    is_int(use(d, g, 8), GNTST_general_error, "a grant to the old 2");
    is_int(use(d, g, 9), GNTST_general_error, "a second one");
    is_int(use(d, g, 900), GNTST_general_error, "one in another frame");
    is_int(in_use(g, version, 8), 0, "and the entry is left alone");
    grant(g, version, 9, 2, 33, GTF_readonly);
    is_int(use(d, g, 9), GNTST_okay, "written anew it counts");
    grant(g, version, 10, 2, 33, 0);
    is_int(use(d, g, 10), GNTST_okay, "one made now does");
    is_int(op_swap(g, 8, 11), GNTST_okay, "the granter swaps 8 and 11");
    is_int(use(d, g, 11), GNTST_general_error, "the old grant, elsewhere");
    grant(g, version, 8, 2, 30, 0);
    is_int(use(d, g, 8), GNTST_okay, "in its old place there is a new one");
    end_domain(d);

    ok(op_set_version(g, &other) == 0 && other != version, "another version");
    grant(g, other, 11, 2, 30, 0);
    d = domain_with_id(hv, 2);
    is_int(use(d, g, 11), GNTST_general_error, "an old grant of that version");
    grant(g, other, 12, 2, 30, 0);
    is_int(use(d, g, 12), GNTST_okay, "a new one");
    world_end(hv);
}

/* What an old grant noted is forgotten with the grant. */
static void test_grant_ended(void)
{
    struct hv *hv = small_world();
    struct hv_domain *g = new_granter(hv, "g", KIND_V1), *d;
    unsigned round;

    for (round = 0; round < 3 * STALE_LIMIT; round++) {
        grant_ref_t ref = 8 + round;

        entry_v1(g, ref - 1)->flags = 0;
        grant(g, KIND_V1, ref, 2, 30, 0);
        d = domain_with_id(hv, 2);
        end_domain(d);
    }
    d = domain_with_id(hv, 2);
    is_int(use(d, g, 8 + round - 1), GNTST_general_error, "the last one");
    grant(g, KIND_V1, 8, 2, 30, 0);
    is_int(use(d, g, 8), GNTST_okay,
           "a table that is cleared up is never distrusted");
    world_end(hv);
}

/* A transitive grant names a second domain: whose page it is. */
static void test_transitive(void)
{
    struct hv *hv = small_world();
    struct hv_domain *g = new_granter(hv, "g", KIND_V2);
    struct hv_domain *user = new_domain(hv, "user");
    struct hv_domain *owner = new_granter(hv, "owner", KIND_V2);
    grant_entry_v2_t *e = entry_v2(g, 8);

    grant(owner, KIND_V2, 9, 1, 40, 0);
    e->transitive.trans_domid = 3;
    e->transitive.gref = 9;
    e->hdr.domid = 2;
    e->hdr.flags = GTF_transitive;
    is_int(use(user, g, 8), GNTST_okay, "user reads owner's page through g");
    end_domain(owner);
    owner = domain_with_id(hv, 3);
    ok(op_setup(owner, DOMID_SELF, 1) == GNTST_okay, "another 3");
    grant(owner, KIND_V1, 9, 1, 40, 0);
    is_int(use(user, g, 8), GNTST_general_error,
           "what it grants g does not go on to user");
    is_int(use(g, owner, 9), GNTST_okay, "g itself may use it");
    world_end(hv);
}

/* Hostile: a table full of numbers. It keeps none of them from being given, and
 * costs no more than a few notes. */
static void test_full_table(void)
{
    struct hv *hv = small_world();
    struct hv_domain *g = new_granter(hv, "g", KIND_V1), *d;
    struct hv_domain *old = new_domain(hv, "old");
    unsigned i, good = 0;

    for (i = 8; i < 4 * 512; i++)
        grant(g, KIND_V1, i, (domid_t)(3 + i % (LAST_ID - 2)), 30, 0);
    for (i = 0; i < 3 * (LAST_ID - 2); i++) {
        d = new_domain(hv, "d");
        good += hv_domain_birth(d) == 1 || use(d, g, 8 + i) != GNTST_okay;
        end_domain(d);
    }
    is_int(good, 3 * (LAST_ID - 2), "all numbers are given, nothing is read");
    d = domain_with_id(hv, 3);
    memset(entry_v1(g, 8), 0, 8);
    grant(g, KIND_V1, 8, 3, 31, 0);
    is_int(use(d, g, 8), GNTST_general_error,
           "a table that long neglected is believed no more");
    grant(g, KIND_V1, 9, 2, 31, 0);
    is_int(use(old, g, 9), GNTST_okay, "but for domains that were there first");
    world_end(hv);
}

/* Without memory for the look no number is given, and the next try looks. */
static void test_no_memory(void)
{
    struct hv *hv = small_world();
    struct hv_domain *g = new_granter(hv, "g", KIND_V1), *d;
    struct hv_domain_config c = domain_config("x");
    int rc;

    while (hv_domain_id((d = new_domain(hv, "d"))) != LAST_ID)
        end_domain(d);
    end_domain(d);
    grant(g, KIND_V1, 8, 2, 30, 0);
    fail_map = true;
    rc = hv_domain_create(hv, &c, &d);
    is_int(rc, -XEN_ENOMEM, "the table cannot be mapped");
    is_int(hv_domain_create(hv, &c, &d), -XEN_ENOMEM, "nor the second time");
    fail_map = false;
    fail_alloc_after = 1; /* the domain itself; then the notes */
    is_int(hv_domain_create(hv, &c, &d), -XEN_ENOMEM, "no memory for notes");
    fail_alloc_after = -1;
    d = new_domain(hv, "d");
    is_int(hv_domain_id(d), 2, "now there is");
    is_int(use(d, g, 8), GNTST_general_error, "and the grant was noted");
    free(c.shared_info);
    world_end(hv);
}

void test_ids(void)
{
    test_range();
    test_rotation();
    test_ports();
    test_ports_pin_nothing();
    test_grants(KIND_V1);
    test_grants(KIND_V2);
    test_grant_ended();
    test_transitive();
    test_full_table();
    test_no_memory();
}
