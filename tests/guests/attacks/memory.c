/* SPDX-License-Identifier: ISC */
/* ATTACKS 23: reservations whose lists lie, overlap or wrap. The core's half is
 * in tests/unit/hypervisor/core/memory.c. */

#include "attacks.h"
#include <base/string.h>
#include <minios/memory.h>
#include <xen/memory.h>

#define LARGEST ((uint64_t)INT64_MAX)

static const unsigned ops[] = {
    XENMEM_increase_reservation,
    XENMEM_decrease_reservation,
    XENMEM_populate_physmap,
};

/* (start) is where an interrupted call goes on (XENMEM_*'s continuation). */
static long reservation(unsigned op, uint64_t list, uint64_t nr, unsigned order,
                        uint64_t start)
{
    xen_memory_reservation_t r;

    memset(&r, 0, sizeof r);
    r.extent_start.p = (xen_pfn_t *)(uintptr_t)list;
    r.nr_extents = nr;
    r.extent_order = order;
    r.domid = DOMID_SELF;
    return CALL(memory_op, op | start << 6, va_of(&r));
}

/* Lists that are nowhere, or would wrap: nothing is done. */
static void nowhere(void)
{
    static const struct {
        uint64_t list, nr;
        const char *what;
    } lists[] = {
        {NOT_MAPPED, 1, "list in unmapped memory"},
        {XEN_AREA, 1, "list in Xen's area (XSA-212)"},
        {MONITOR_TEXT, 1, "list in the monitor"},
        {MONITOR_WINDOW, 1, "list in the monitor's windows"},
        {UINT64_MAX - 7, 2, "list that wraps"},
        {UINT64_MAX - 7, 1ull << 61, "list that wraps to its own beginning"},
        {XEN_AREA, UINT64_MAX, "list of 2^64 - 1"},
        {8, UINT64_MAX, "list that ends before it begins"},
        {8, (1ull << 61) + 1, "list whose length in bytes is 8"},
    };
    long before = current_pages();
    unsigned i, k;
    long done = 0;

    for (i = 0; i < ARRAY_SIZE(lists); i++) {
        for (k = 0; k < ARRAY_SIZE(ops); k++)
            done |= reservation(ops[k], lists[i].list, lists[i].nr, 0, 0);
        check_is(done, 0, lists[i].what);
    }
    check_is(current_pages(), before, "none of them did anything");
}

/* Continuations that nobody began (XSA-318). */
static void restarted(void)
{
    xen_pfn_t list[2] = {UINT64_MAX, UINT64_MAX};
    long before = current_pages(), done = 0;
    unsigned k;

    for (k = 0; k < ARRAY_SIZE(ops); k++)
        done |= reservation(ops[k], va_of(list), 2, 0, 2) - 2;
    check_is(done, 0, "a restart at the end has done them all");
    for (k = 0; k < ARRAY_SIZE(ops); k++)
        done |= reservation(ops[k], va_of(list), 2, 0, 3) - 3;
    check_is(done, 0, "one behind the end changes nothing");
    for (k = 0; k < ARRAY_SIZE(ops); k++)
        done |= reservation(ops[k], va_of(list), 2, 0, LARGEST >> 6) -
                (long)(LARGEST >> 6);
    check_is(done, 0, "nor does one far behind it");
    check_is(current_pages(), before, "none of them did anything");
}

/* Frames that are not ours to give, and extents that are none. */
static void frames(void)
{
    const uint64_t not_ours[] = {x86_start_info->shared_info >> 12,
                                 (x86_start_info->shared_info >> 12) +
                                     1, /* a grant frame */
                                 1ull << 32, UINT64_MAX >> 12, UINT64_MAX};
    const unsigned orders[] = {10, 31, 32, 63, 64, UINT32_MAX};
    long before = current_pages(), done = 0;
    xen_pfn_t frame;
    unsigned i, k;

    for (i = 0; i < ARRAY_SIZE(not_ours); i++) {
        frame = not_ours[i];
        done |=
            reservation(XENMEM_decrease_reservation, va_of(&frame), 1, 0, 0);
    }
    check_is(done, 0, "frames that are no memory of ours are not taken");
    for (i = 0; i < ARRAY_SIZE(orders); i++)
        for (k = 0; k < ARRAY_SIZE(ops); k++) {
            frame = 0;
            done |= reservation(ops[k], va_of(&frame), 1, orders[i], 0);
        }
    check_is(done, 0, "extents of absurd orders (XSA-158)");
    check_is(current_pages(), before, "there are as many pages as before");
}

static void give_back(void *page, xen_pfn_t frame)
{
    check_is(reservation(XENMEM_populate_physmap, va_of(&frame), 1, 0, 0), 1,
             "and populated again");
    map_page(page, READ_WRITE);
    check(frame == va_of(page) >> 12, "where it was");
}

/* A list that overlaps itself, one that goes on at a restart, and one whose end
 * cannot be read. */
static void partial(void)
{
    char *page = page_alloc(0), *list_pages = page_alloc(1);
    xen_pfn_t frame = va_of(page) >> 12, twice[2] = {frame, frame};
    xen_pfn_t *end = (xen_pfn_t *)(uintptr_t)(list_pages + PAGE_SIZE) - 1;
    long before = current_pages();

    map_page(page, UNMAPPED);
    check_is(reservation(XENMEM_decrease_reservation, va_of(twice), 2, 0, 0), 1,
             "a frame that is twice in a list is taken once");
    check_is(current_pages(), before - 1, "and counted once");
    give_back(page, frame);

    map_page(page, UNMAPPED);
    check_is(reservation(XENMEM_decrease_reservation, va_of(twice), 1ull << 61,
                         0, 0),
             0, "a list that wraps further on is not begun");
    check_is(reservation(XENMEM_decrease_reservation, va_of(twice),
                         UINT64_MAX / 8, 0, 0),
             0, "nor one that wraps at its end");
    twice[0] = UINT64_MAX;
    check_is(reservation(XENMEM_decrease_reservation, va_of(twice), 2, 0, 1), 2,
             "a restart leaves out what was done");
    give_back(page, frame);

    *end = frame;
    map_page(page, UNMAPPED);
    map_page(list_pages + PAGE_SIZE, UNMAPPED);
    check_is(reservation(XENMEM_decrease_reservation, va_of(end), 1000, 0, 0),
             1, "a list that ends in nothing is done up to there");
    check_is(current_pages(), before - 1, "and no further");
    map_page(list_pages, READ_ONLY);
    check_is(reservation(XENMEM_populate_physmap, va_of(end), 1, 0, 0), 0,
             "what cannot be told is not done");
    check_is(reservation(XENMEM_increase_reservation, va_of(end), 1, 0, 0), 0,
             "nor by increase_reservation");
    check_is(current_pages(), before - 1, "no page came");
    map_page(list_pages, READ_WRITE);
    map_page(list_pages + PAGE_SIZE, READ_WRITE);
    give_back(page, frame);
    page_free(list_pages, 1);
    page_free(page, 0);
}

/* As much as there is, and what is not there. */
static void too_much(void)
{
    long before = current_pages(), got;
    domid_t domid = DOMID_SELF;
    xen_pfn_t frame;

    got = CALL(memory_op, XENMEM_maximum_reservation, va_of(&domid)) - before;
    check_is(reservation(XENMEM_increase_reservation, 0, LARGEST >> 3, 0, 0),
             got, "2^60 pages are as many as maxmem allows");
    check_is(current_pages(), before + got, "and no more");
    for (; got > 0; got--) {
        frame = (xen_pfn_t)(before + got - 1);
        reservation(XENMEM_decrease_reservation, va_of(&frame), 1, 0, 0);
    }
    check_is(current_pages(), before, "they can be given back");
    check_is(CALL(memory_op, XENMEM_exchange, NOT_MAPPED), -XEN_ENOSYS,
             "XENMEM_exchange does not exist here");
    check_is(CALL(memory_op, XENMEM_add_to_physmap, NOT_MAPPED), -XEN_ENOSYS,
             "nor XENMEM_add_to_physmap");
    check_is(CALL(memory_op, 63, NOT_MAPPED), -XEN_ENOSYS, "nor the last one");
}

void test_memory(void)
{
    nowhere();
    restarted();
    frames();
    partial();
    too_much();
}
