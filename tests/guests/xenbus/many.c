/* SPDX-License-Identifier: ISC */
/* Many requests and many threads at once. */
#include "xenbus_guest.h"

#include <base/fmt.h>
#include <base/string.h>
#include <minios/memory.h>
#include <minios/thread.h>
#include <minios/xenbus.h>
#include <xen/errno.h>

#define AT_ONCE 64
#define THREADS 8l
#define ROUNDS  50

static void test_pipeline(void)
{
    static char paths[AT_ONCE][24];
    const char *list[AT_ONCE];
    char *values[AT_ONCE];
    int rcs[AT_ONCE];
    long bad = 0;
    unsigned i;

    for (i = 0; i < AT_ONCE; i++) {
        fmt_snprintf(paths[i], sizeof(paths[i]), "data/many-%u", i);
        list[i] = paths[i];
        if (i % 3 != 0)
            bad += xenbus_printf(XBT_NIL, paths[i], "%u", i * i) != 0;
    }
    check_is(bad, 0, "nodes for many reads");
    check_is(xenbus_read_many(XBT_NIL, list, values, rcs, AT_ONCE), 0,
             "64 reads at once");
    for (i = 0; i < AT_ONCE; i++) {
        if (i % 3 == 0) {
            bad += rcs[i] != -XEN_ENOENT || values[i];
        } else {
            bad += rcs[i] != 0 || parse(values[i]) != i * i;
            bad += xenbus_rm(XBT_NIL, paths[i]) != 0;
        }
        kfree(values[i]);
    }
    check_is(bad, 0, "each has its own answer");
}

static void test_too_long(void)
{
    static char body[4097];
    struct xenbus_request good = {
        .type = XS_READ, .body = "name", .body_len = 5};
    struct xenbus_request bad = {
        .type = XS_READ, .body = body, .body_len = sizeof(body)};
    struct xenbus_request *list[] = {&good, &bad};

    check_is(xenbus_submit(list, 2), -XEN_E2BIG, "one body is too long");
    check(!good.done, "none was sent");
    check_is(xenbus_submit(list, 1), 0, "without it");
    xenbus_wait(list, 1);
    check(good.done && good.rc == 0 && good.reply, "they are");
    kfree(good.reply);
}

/* Writes and reads its own node, and adds to one that all share. */
static void *work(void *arg)
{
    unsigned id = (unsigned)(uintptr_t)arg, i;
    uintptr_t bad = 0;
    char path[24];
    uint64_t n = 0;

    fmt_snprintf(path, sizeof(path), "data/own-%u", id);
    for (i = 0; i < ROUNDS; i++) {
        bad += xenbus_printf(XBT_NIL, path, "%u", id * 1000 + i) != 0;
        bad += xenbus_read_unsigned(XBT_NIL, path, &n) != 0;
        bad += n != id * 1000 + i;
    }
    bad += xenbus_rm(XBT_NIL, path) != 0;
    return (void *)bad;
}

/* 0, or what went wrong but for -XEN_EAGAIN, which is tried again. */
static int add_one(unsigned *again)
{
    xenbus_transaction_t t;
    uint64_t n;
    int rc;

    do {
        rc = xenbus_transaction_start(&t);
        if (rc < 0)
            return rc;
        rc = xenbus_read_unsigned(t, "data/sum", &n);
        if (rc == 0)
            rc = xenbus_printf(t, "data/sum", "%lu", n + 1);
        if (rc < 0)
            return rc;
        thread_yield();
        rc = xenbus_transaction_end(t, false);
        *again += rc == -XEN_EAGAIN;
    } while (rc == -XEN_EAGAIN);
    return rc;
}

static unsigned conflicts;

static void *add_up(void *arg)
{
    uintptr_t bad = 0;
    unsigned i;

    (void)arg;
    for (i = 0; i < ROUNDS; i++)
        bad += add_one(&conflicts) != 0;
    return (void *)bad;
}

static void run_threads(void *(*fn)(void *arg), const char *what)
{
    struct thread *t[THREADS];
    uintptr_t bad = 0, i;

    for (i = 0; i < THREADS; i++)
        if (thread_create(&t[i], "worker", fn, (void *)i, NULL) < 0)
            t[i] = NULL;
    for (i = 0; i < THREADS; i++)
        bad += t[i] ? (uintptr_t)thread_join(t[i]) : 1;
    check_is((long)bad, 0, what);
}

void test_many(void)
{
    uint64_t sum = 0;

    test_pipeline();
    test_too_long();
    run_threads(work, "threads with a node each");
    check_is(xenbus_write(XBT_NIL, "data/sum", "0"), 0, "a sum");
    run_threads(add_up, "threads that add to it in transactions");
    check_is(xenbus_read_unsigned(XBT_NIL, "data/sum", &sum), 0, "read it");
    check_is((long)sum, THREADS * ROUNDS, "none was lost");
    check(conflicts > 0, "though they were in each other's way");
    check_is(xenbus_rm(XBT_NIL, "data/sum"), 0, "rm");
}
