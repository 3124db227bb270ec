/* SPDX-License-Identifier: ISC */
/* How many more guests fit. */
#include <base/compiler.h>
#include <daemon/capacity.h>
#include <tap.h>

static uint64_t guests(uint64_t value, uint64_t used, uint64_t reserve,
                       uint64_t per_guest)
{
    struct capacity_limit l = {.value = value,
                               .used = used,
                               .reserve = reserve,
                               .per_guest = per_guest};

    return capacity_guests(&l);
}

static void test_one(void)
{
    is_int(guests(100, 30, 0, 1), 70, "what is free");
    is_int(guests(100, 30, 5, 1), 65, "but for the reserve");
    is_int(guests(100, 30, 5, 10), 6, "whole guests only");
    is_int(guests(100, 95, 5, 1), 0, "only the reserve is left");
    is_int(guests(100, 96, 5, 1), 0, "not even that");
    is_int(guests(100, 100, 0, 1), 0, "nothing");
    is_int(guests(100, 101, 0, 1), 0, "more is used than allowed");
    is_int(guests(0, 0, 0, 1), 0, "a limit of 0");
    ok(guests(CAPACITY_UNLIMITED, 30, 5, 1) == CAPACITY_UNLIMITED, "no limit");
    ok(guests(100, 30, 0, 0) == CAPACITY_UNLIMITED, "guests need none");
    ok(guests(UINT64_MAX - 1, 0, UINT64_MAX - 3, 1) == 2, "large numbers");
    ok(guests(5, UINT64_MAX, UINT64_MAX, 1) == 0, "larger ones");
}

static void test_first(void)
{
    struct capacity_limit l[] = {
        {.what = "a", .value = 100, .per_guest = 1},
        {.what = "b", .value = 100, .per_guest = 2},
        {.what = "c", .value = 60, .used = 10, .per_guest = 1},
        {.what = "d", .value = CAPACITY_UNLIMITED, .per_guest = 1},
        {.what = "e", .value = 1},
    };

    ok(capacity_first(l, ARRAY_SIZE(l)) == &l[1], "the first of two alike");
    l[2].used = 11;
    ok(capacity_first(l, ARRAY_SIZE(l)) == &l[2], "the least");
    ok(!capacity_first(l + 3, 2), "none that limits");
    ok(!capacity_first(l, 0), "none at all");
}

int main(void)
{
    test_one();
    test_first();
    return tap_done();
}
