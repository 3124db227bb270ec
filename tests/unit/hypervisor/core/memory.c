/* SPDX-License-Identifier: ISC */
/* The memory reservation: counts, slots, partial success. */
#include "world.h"
#include <stddef.h>
#include <stdlib.h>
#include <tap.h>

static struct hv *hv;
static struct hv_domain *d;
static struct hc_reservation r;

/* One XENMEM_* reservation call on r, sent with exactly its extents. */
static int64_t mem(uint64_t op)
{
    size_t len = offsetof(struct hc_reservation, extent) +
                 r.nr_extents * sizeof(*r.extent);

    return call(d, __HYPERVISOR_memory_op, op, &r, len);
}

static void extents(unsigned order, uint16_t nr, uint64_t first)
{
    uint16_t i;

    memset(&r, 0, sizeof(r));
    r.domid = DOMID_SELF;
    r.extent_order = order;
    r.nr_extents = nr;
    for (i = 0; i < nr; i++)
        r.extent[i] = first + ((uint64_t)i << order);
}

static void begin(void)
{
    hv = world_begin();
    d = new_domain(hv, "d"); /* 100 of 200 pages */
}

static int64_t query(uint64_t op, domid_t id)
{
    struct xen_memory_domain a = {.domid = id};

    return call(d, __HYPERVISOR_memory_op, op, &a, sizeof(a));
}

static void test_queries(void)
{
    begin();
    is_int(query(XENMEM_current_reservation, DOMID_SELF), 100, "current");
    is_int(query(XENMEM_maximum_reservation, DOMID_SELF), 200, "maximum");
    is_int(query(XENMEM_maximum_reservation, 1), 200, "by id");
    is_int(query(XENMEM_current_reservation, 0), -XEN_EPERM, "domain 0's");
    is_int(query(XENMEM_maximum_reservation, 55), -XEN_EPERM, "nobody's");
    is_int(call(d, __HYPERVISOR_memory_op, XENMEM_maximum_ram_page, NULL, 0),
           200 + NR_SPECIAL_FRAMES, "highest frame");
    world_end(hv);
}

static void test_decrease(void)
{
    begin();
    extents(0, 3, 10);
    is_int(mem(XENMEM_decrease_reservation), 3, "three pages go");
    is_int(hv_domain_nr_pages(d), 97, "97 are left");
    is_int(seen.released, 3, "their memory is given back");
    is_int(seen.last_frame, 12, "the right one");
    is_int(last_req.out_len, 0, "nothing is written back");
    is_int(mem(XENMEM_decrease_reservation), 0, "they cannot go twice");
    extents(0, 4, 8);
    is_int(mem(XENMEM_decrease_reservation), 2, "up to the first that is gone");
    is_int(hv_domain_nr_pages(d), 95, "95 are left");
    extents(3, 2, 80);
    is_int(mem(XENMEM_decrease_reservation), 2, "two runs of eight");
    is_int(hv_domain_nr_pages(d), 79, "79 are left");
    extents(3, 1, 61);
    is_int(mem(XENMEM_decrease_reservation), 1, "a run need not be aligned");
    world_forget();
    extents(3, 1, 96);
    is_int(mem(XENMEM_decrease_reservation), 0, "a run that is half there");
    is_int(seen.released, 0, "loses nothing");
    is_int(hv_domain_nr_pages(d), 71, "71 are left");
    extents(0, 1, 150);
    is_int(mem(XENMEM_decrease_reservation), 0, "a slot that is not populated");
    extents(0, 1, 200);
    is_int(mem(XENMEM_decrease_reservation), 0, "shared_info's frame");
    extents(0, 1, UINT64_MAX);
    is_int(mem(XENMEM_decrease_reservation), 0, "the highest number");
    extents(9, 1, UINT64_MAX - 100);
    is_int(mem(XENMEM_decrease_reservation), 0, "a run that wraps");
    extents(0, 1, (1ull << 32) + 5);
    is_int(mem(XENMEM_decrease_reservation), 0, "nothing is cut to 32 bits");
    extents(0, 0, 0);
    is_int(mem(XENMEM_decrease_reservation), 0, "no extents");
    is_int(hv_domain_nr_pages(d), 71, "71 are left");
    world_end(hv);
}

/* ATTACKS 23: lists that overlap themselves. */
static void test_overlap(void)
{
    begin();
    extents(0, 2, 10);
    r.extent[1] = 10;
    is_int(mem(XENMEM_decrease_reservation), 1, "a page that is listed twice");
    is_int(hv_domain_nr_pages(d), 99, "goes once");
    extents(2, 2, 20);
    r.extent[1] = 22;
    is_int(mem(XENMEM_decrease_reservation), 1, "runs that overlap");
    is_int(hv_domain_nr_pages(d), 95, "the second keeps what it had left");
    extents(2, 2, 20);
    r.extent[1] = 20;
    is_int(mem(XENMEM_populate_physmap), 2, "one place asked for twice");
    ok(r.extent[0] == 20 && r.extent[1] != 20, "is given once");
    is_int(hv_domain_nr_pages(d), 103, "all are counted");
    world_end(hv);
}

static void test_populate(void)
{
    begin();
    extents(0, 2, 150);
    is_int(mem(XENMEM_populate_physmap), 2, "two pages come");
    is_int(r.extent[0], 150, "at the place asked for");
    is_int(r.extent[1], 151, "both");
    is_int(last_req.out_len,
           offsetof(struct hc_reservation, extent) + 2 * sizeof(uint64_t),
           "written back");
    is_int(hv_domain_nr_pages(d), 102, "102 pages");
    is_int(seen.released, 2, "they come empty");
    extents(0, 2, 99);
    is_int(mem(XENMEM_populate_physmap), 2, "two pages, one place taken");
    is_int(r.extent[0], 100, "that one gets the lowest free slot");
    is_int(r.extent[1], 101, "so the next is not free either");
    extents(0, 1, 5000);
    is_int(mem(XENMEM_populate_physmap), 1, "a pfn beyond maxmem");
    is_int(r.extent[0], 102, "gets a slot as well");
    extents(3, 1, 0);
    is_int(mem(XENMEM_populate_physmap), 1, "a run of eight");
    is_int(r.extent[0], 104, "is aligned");
    extents(3, 1, 153);
    is_int(mem(XENMEM_populate_physmap), 1, "a place that is not");
    is_int(r.extent[0], 112, "is not given");
    world_end(hv);
}

static void test_increase(void)
{
    begin();
    extents(0, 5, 0);
    r.extent[0] = UINT64_MAX; /* garbage: an output only */
    is_int(mem(XENMEM_increase_reservation), 5, "five pages come");
    is_int(r.extent[0], 100, "the lowest slots");
    is_int(r.extent[4], 104, "one after another");
    extents(0, 128, 0);
    is_int(mem(XENMEM_increase_reservation), 64, "so many at a time");
    extents(0, 128, 0);
    is_int(mem(XENMEM_increase_reservation), 31, "no more than maxmem");
    is_int(r.extent[30], 199, "up to the last slot");
    is_int(last_req.out_len,
           offsetof(struct hc_reservation, extent) + 31 * sizeof(uint64_t),
           "as many are written back");
    is_int(hv_domain_nr_pages(d), 200, "200 pages");
    is_int(mem(XENMEM_increase_reservation), 0, "then nothing");
    is_int(mem(XENMEM_populate_physmap), 0, "by no way");
    extents(0, 1, 77);
    is_int(mem(XENMEM_decrease_reservation), 1, "one goes");
    is_int(mem(XENMEM_increase_reservation), 1, "one comes");
    is_int(r.extent[0], 77, "the same");
    world_end(hv);
}

/* Enough pages, but no run of them. */
static void test_fragments(void)
{
    int i, n = 0;

    begin();
    extents(0, 64, 100);
    is_int(mem(XENMEM_populate_physmap), 64, "most of it");
    extents(0, 36, 164);
    is_int(mem(XENMEM_populate_physmap), 36, "all of it");
    for (i = 0; i < 200; i += 2) {
        extents(0, 1, (uint64_t)i);
        n += (int)mem(XENMEM_decrease_reservation);
    }
    is_int(n, 100, "every other page goes");
    extents(1, 1, 0);
    is_int(mem(XENMEM_populate_physmap), 0, "no two are together");
    is_int(hv_domain_nr_pages(d), 100, "nothing was taken");
    extents(0, 1, 1);
    is_int(mem(XENMEM_decrease_reservation), 1, "one more goes");
    extents(1, 1, 0);
    is_int(mem(XENMEM_populate_physmap), 1, "now there are");
    is_int(r.extent[0], 0, "at 0");
    world_end(hv);
}

/* However much a request asks for, the work done for it is bounded. */
static void test_bounded(void)
{
    struct hv_domain_config c = domain_config("big");

    hv = world_begin();
    c.nr_pages = c.max_pages = 128 << 9;
    if (hv_domain_create(hv, &c, &d))
        abort();
    hv_domain_start(d);
    extents(9, 128, 0);
    is_int(mem(XENMEM_decrease_reservation), 1, "one extent of order 9");
    is_int(seen.released, 512, "goes, whole");
    is_int(seen.releases, 1, "in one piece");
    extents(4, 128, 1024);
    is_int(mem(XENMEM_decrease_reservation), 4, "four of order 4");
    is_int(seen.releases, 5, "a piece each");
    extents(0, 128, 2048);
    is_int(mem(XENMEM_decrease_reservation), 64, "64 pages");
    world_forget();
    extents(9, 128, 0);
    is_int(mem(XENMEM_populate_physmap), 1, "one extent comes back");
    is_int(seen.releases, 1, "emptied in one piece");
    world_end(hv);
}

static void test_refused(void)
{
    static const uint64_t ops[] = {XENMEM_increase_reservation,
                                   XENMEM_decrease_reservation,
                                   XENMEM_populate_physmap};
    size_t i;

    begin();
    for (i = 0; i < 3; i++) {
        extents(0, 1, 50);
        r.domid = 0;
        is_int(mem(ops[i]), -XEN_EPERM, "op %zu for domain 0", i);
        r.domid = 1;
        is_int(mem(ops[i]), 1, "op %zu for the own id", i);
        extents(63, 1, 0);
        is_int(mem(ops[i]), 0, "op %zu of order 63", i);
        extents(10, 1, 0);
        is_int(mem(ops[i]), 0, "op %zu of order 10", i);
        r.extent_order = UINT32_MAX;
        is_int(mem(ops[i]), 0, "op %zu of order 2^32 - 1", i);
        extents(0, 1, 50);
        r.nr_extents = HC_RESERVATION_MAX_EXTENTS + 1;
        is_int(call(d, __HYPERVISOR_memory_op, ops[i], &r, sizeof(r)),
               -XEN_EINVAL, "op %zu with 129 extents", i);
        r.nr_extents = UINT16_MAX;
        is_int(call(d, __HYPERVISOR_memory_op, ops[i], &r, sizeof(r)),
               -XEN_EINVAL, "op %zu with 65,535", i);
        r.nr_extents = 4;
        is_int(call(d, __HYPERVISOR_memory_op, ops[i], &r,
                    offsetof(struct hc_reservation, extent) + 31),
               -XEN_EINVAL, "op %zu with less than it says", i);
        is_int(call(d, __HYPERVISOR_memory_op, ops[i], &r, 3), -XEN_EINVAL,
               "op %zu with next to nothing", i);
    }
    world_end(hv);
}

/* More extents than the structure has, but not more than a request can carry.*/
static void test_too_many(void)
{
    const size_t nr = HC_RESERVATION_MAX_EXTENTS + 1;
    const size_t head = offsetof(struct hc_reservation, extent);
    uint8_t bytes[PORTAL_BUF_SIZE] = {0};

    begin();
    extents(0, 0, 0);
    r.nr_extents = (uint16_t)nr;
    memcpy(bytes, &r, head);
    is_int(call(d, __HYPERVISOR_memory_op, XENMEM_increase_reservation, bytes,
                head + nr * sizeof(r.extent[0])),
           -XEN_EINVAL, "129 extents that are all there");
    is_int(hv_domain_nr_pages(d), 100, "give no page");
    world_end(hv);
}

static void test_unshare(void)
{
    begin();
    is_int(call(d, PORTAL_CALL_UNSHARE, 50, NULL, 0), 0, "unshare");
    ok(seen.unshared == 1 && seen.last_frame == 50, "is passed on");
    unshare_result = -XEN_ENOMEM;
    is_int(call(d, PORTAL_CALL_UNSHARE, 50, NULL, 0), -XEN_ENOMEM,
           "and its error back");
    is_int(call(d, PORTAL_CALL_UNSHARE, 100, NULL, 0), -XEN_EINVAL,
           "not of a slot without memory");
    is_int(call(d, PORTAL_CALL_UNSHARE, 200, NULL, 0), -XEN_EINVAL,
           "not of shared_info");
    is_int(call(d, PORTAL_CALL_UNSHARE, (1ull << 32) + 50, NULL, 0),
           -XEN_EINVAL, "not of a number that is cut");
    is_int(call(d, PORTAL_CALL_UNSHARE, UINT64_MAX, NULL, 0), -XEN_EINVAL,
           "not of the highest");
    is_int(seen.unshared, 2, "none of these was passed on");
    world_end(hv);
}

void test_memory(void)
{
    test_queries();
    test_decrease();
    test_overlap();
    test_populate();
    test_increase();
    test_fragments();
    test_bounded();
    test_refused();
    test_too_many();
    test_unshare();
}
