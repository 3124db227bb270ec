/* SPDX-License-Identifier: ISC */
/* How long reads take, by the cycle counter: medians of many. */
#include "xenbus_guest.h"

#include <minios/memory.h>
#include <minios/stdio.h>
#include <minios/time.h>
#include <minios/xenbus.h>

#define ROUNDS  2001
#define AT_ONCE 10
#define P99     1980

static uint64_t times[ROUNDS];

static void sort(void)
{
    unsigned i, k;

    for (i = 1; i < ROUNDS; i++) {
        uint64_t t = times[i];

        for (k = i; k > 0 && times[k - 1] > t; k--)
            times[k] = times[k - 1];
        times[k] = t;
    }
}

static void show(const char *what)
{
    sort();
    printf("%s_ns: %lu\n", what, time_cycles_to_ps(times[ROUNDS / 2]) / 1000);
    printf("%s_p99_ns: %lu\n", what, time_cycles_to_ps(times[P99]) / 1000);
}

/* Returns the number of failures. */
static unsigned read_at_once(unsigned n)
{
    const char *paths[AT_ONCE];
    char *values[AT_ONCE];
    int rcs[AT_ONCE];
    unsigned bad, i;

    for (i = 0; i < n; i++)
        paths[i] = "name";
    bad = xenbus_read_many(XBT_NIL, paths, values, rcs, n) != 0;
    for (i = 0; i < n && !bad; i++) {
        bad += rcs[i] != 0;
        kfree(values[i]);
    }
    return bad;
}

static unsigned time_rounds(unsigned n, const char *what)
{
    unsigned i, bad = 0;

    for (i = 0; i < ROUNDS; i++) {
        uint64_t start = time_cycles();

        bad += read_at_once(n);
        times[i] = time_cycles() - start;
    }
    show(what);
    return bad;
}

int time_reads(void)
{
    unsigned bad = time_rounds(1, "read");

    bad += time_rounds(AT_ONCE, "read10");
    return bad ? 1 : 0;
}
