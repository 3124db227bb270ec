/* SPDX-License-Identifier: ISC */
/* xenstore from a guest. */
#include "evbench.h"

#include <minios/memory.h>
#include <minios/stdio.h>
#include <minios/time.h>
#include <minios/xenbus.h>

#define ROUNDS 3000u
#define MANY   10u

static int reads(const char *path)
{
    struct samples *s = samples_begin();
    unsigned i;

    for (i = 0; i < ROUNDS; i++) {
        uint64_t start = time_cycles();
        char *value;
        int rc = xenbus_read(XBT_NIL, path, &value, NULL);

        if (rc < 0)
            return failed(path, rc);
        samples_add(s, cycles_to_ns(time_cycles() - start));
        kfree(value);
    }
    samples_print(s, "xenstore read");
    return 0;
}

static int pipelined(const char *path)
{
    struct samples *s = samples_begin();
    const char *paths[MANY];
    unsigned i, k;

    for (k = 0; k < MANY; k++)
        paths[k] = path;
    for (i = 0; i < ROUNDS; i++) {
        uint64_t start = time_cycles();
        char *values[MANY];
        int rcs[MANY];
        int rc = xenbus_read_many(XBT_NIL, paths, values, rcs, MANY);

        for (k = 0; rc == 0 && k < MANY; k++)
            rc = rcs[k];
        if (rc < 0)
            return failed(path, rc);
        samples_add(s, cycles_to_ns(time_cycles() - start));
        for (k = 0; k < MANY; k++)
            kfree(values[k]);
    }
    samples_print(s, "xenstore, 10 reads pipelined");
    return 0;
}

static int writes(void)
{
    struct samples *s = samples_begin();
    unsigned i;

    for (i = 0; i < ROUNDS; i++) {
        uint64_t start = time_cycles();
        int rc = xenbus_write(XBT_NIL, "data/evbench", "value");

        if (rc < 0)
            return failed("data/evbench", rc);
        samples_add(s, cycles_to_ns(time_cycles() - start));
    }
    samples_print(s, "xenstore write");
    return 0;
}

static int transactions(void)
{
    struct samples *s = samples_begin();
    unsigned i;

    for (i = 0; i < ROUNDS / 3; i++) {
        uint64_t start = time_cycles();
        xenbus_transaction_t t;
        int rc = xenbus_transaction_start(&t);

        if (rc == 0)
            rc = xenbus_write(t, "data/evbench", "other");
        if (rc == 0)
            rc = xenbus_transaction_end(t, false);
        if (rc < 0)
            return failed("a transaction", rc);
        samples_add(s, cycles_to_ns(time_cycles() - start));
    }
    samples_print(s, "xenstore transaction of one write");
    return 0;
}

int bench_store(int argc, char **argv)
{
    const char *path = argc > 0 ? argv[0] : "domid";

    return reads(path) | pipelined(path) | writes() | transactions();
}
