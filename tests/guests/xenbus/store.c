/* SPDX-License-Identifier: ISC */
/* One operation after the other. */
#include "xenbus_guest.h"

#include <base/fmt.h>
#include <base/string.h>
#include <minios/memory.h>
#include <minios/stdio.h>
#include <minios/xenbus.h>
#include <xen/errno.h>

/* The value at (path) is (want). */
static void check_value(xenbus_transaction_t t, const char *path,
                        const char *want, const char *what)
{
    char *value = NULL;
    size_t len = 0;
    int rc = xenbus_read(t, path, &value, &len);

    check_is(rc, 0, what);
    check(rc == 0 && len == strlen(want) && strcmp(value, want) == 0, want);
    kfree(value);
}

static void test_values(void)
{
    static char big[4097];
    char *value;
    uint64_t n = 0;

    check_is(xenbus_write(XBT_NIL, "data/a", "one"), 0, "write");
    check_value(XBT_NIL, "data/a", "one", "read it");
    check_is(xenbus_printf(XBT_NIL, "data/a", "%d", 42), 0, "printf");
    check_is(xenbus_read_unsigned(XBT_NIL, "data/a", &n), 0, "a number");
    check_is((long)n, 42, "is read");
    check_is(xenbus_write(XBT_NIL, "data/a", "42x"), 0, "no number");
    check_is(xenbus_read_unsigned(XBT_NIL, "data/a", &n), -XEN_EINVAL,
             "is refused");
    check_is(xenbus_write(XBT_NIL, "data/a", "184467440737095516150"), 0,
             "a number too large");
    check_is(xenbus_read_unsigned(XBT_NIL, "data/a", &n), -XEN_EINVAL,
             "is refused, too");
    check_is(xenbus_write(XBT_NIL, "data/a", ""), 0, "an empty value");
    check_value(XBT_NIL, "data/a", "", "is read");
    check_is(xenbus_read(XBT_NIL, "data/none", &value, NULL), -XEN_ENOENT,
             "no such node");
    check_is(xenbus_write(XBT_NIL, "name", "mine"), -XEN_EACCES,
             "a node of others");
    check_is(xenbus_read(XBT_NIL, "no//path", &value, NULL), -XEN_EINVAL,
             "a bad path");
    memset(big, 'x', sizeof(big) - 1);
    check_is(xenbus_write(XBT_NIL, "data/a", big), -XEN_E2BIG,
             "a value that no message can hold");
    big[1900] = '\0';
    check_is(xenbus_write(XBT_NIL, "data/big", big), 0,
             "one larger than the ring");
    check_value(XBT_NIL, "data/big", big, "comes back");
    check_is(xenbus_rm(XBT_NIL, "data/big"), 0, "rm");
    check_is(xenbus_rm(XBT_NIL, "data/a"), 0, "of another");
    check_is(xenbus_read(XBT_NIL, "data/a", &value, NULL), -XEN_ENOENT,
             "it is gone");
}

static void test_perms(void)
{
    static const char *const perms[] = {"n0", "r0"};
    const char *list[2];
    char *got = NULL, own[8];
    uint64_t domid = 0;
    size_t len = 0;

    check_is(xenbus_read_unsigned(XBT_NIL, "domid", &domid), 0, "our number");
    fmt_snprintf(own, sizeof(own), "b%lu", domid);
    list[0] = own;
    list[1] = perms[1];
    check_is(xenbus_mkdir(XBT_NIL, "data/p"), 0, "mkdir");
    check_is(xenbus_set_perms(XBT_NIL, "data/p", list, 2), 0, "set_perms");
    check_is(xenbus_get_perms(XBT_NIL, "data/p", &got, &len), 0, "get_perms");
    check_is((long)len, (long)(strlen(own) + 4), "both");
    check(len > 4 && !strcmp(got, own) && !strcmp(got + strlen(got) + 1, "r0"),
          "as they were set");
    kfree(got);
    check_is(xenbus_set_perms(XBT_NIL, "name", perms, 2), -XEN_EACCES,
             "another's node");
    check_is(xenbus_rm(XBT_NIL, "data/p"), 0, "rm");
}

static void test_transactions(void)
{
    xenbus_transaction_t t = 0, u = 0;

    check_is(xenbus_write(XBT_NIL, "data/t", "0"), 0, "a node");
    check_is(xenbus_transaction_start(&t), 0, "a transaction");
    check(t != XBT_NIL, "has a number");
    check_is(xenbus_write(t, "data/t", "1"), 0, "write in it");
    check_value(t, "data/t", "1", "seen inside");
    check_value(XBT_NIL, "data/t", "0", "not outside");
    check_is(xenbus_transaction_end(t, true), 0, "abort");
    check_value(XBT_NIL, "data/t", "0", "as if nothing had been");

    check_is(xenbus_transaction_start(&t), 0, "another");
    check_is(xenbus_transaction_start(&u), 0, "and one beside");
    check_value(t, "data/t", "0", "the first reads");
    check_value(u, "data/t", "0", "so does the second");
    check_is(xenbus_write(t, "data/t", "t"), 0, "the first writes");
    check_is(xenbus_write(u, "data/t", "u"), 0, "so does the second");
    check_is(xenbus_transaction_end(t, false), 0, "the first wins");
    check_is(xenbus_transaction_end(u, false), -XEN_EAGAIN, "the second not");
    check_value(XBT_NIL, "data/t", "t", "and so it is");
    check(xenbus_transaction_end(u, false) < 0, "what has ended is no more");
    check_is(xenbus_rm(XBT_NIL, "data/t"), 0, "rm");
}

#define CHILDREN 50

static void test_directory(void)
{
    char **names = NULL, path[48];
    size_t n = 0, i;
    long bad = 0;

    check_is(xenbus_mkdir(XBT_NIL, "data/d"), 0, "a directory");
    check_is(xenbus_directory(XBT_NIL, "data/d", &names, &n), 0, "empty");
    check_is((long)n, 0, "no names");
    kfree(names);
    for (i = 0; i < CHILDREN; i++) {
        fmt_snprintf(path, sizeof(path), "data/d/child-%03zu", i);
        bad += xenbus_write(XBT_NIL, path, "") != 0;
    }
    check_is(bad, 0, "children");
    check_is(xenbus_directory(XBT_NIL, "data/d", &names, &n), 0, "all at once");
    check_is((long)n, CHILDREN, "their number");
    for (i = 0; i < n; i++) {
        fmt_snprintf(path, sizeof(path), "child-%03zu", i);
        bad += strcmp(names[i], path) != 0;
    }
    check_is(bad, 0, "their names, in order");
    kfree(names);
    check_is(xenbus_directory(XBT_NIL, "data/none", &names, &n), -XEN_ENOENT,
             "no such directory");
    check_is(xenbus_rm(XBT_NIL, "data/d"), 0, "rm of all");
}

/* Each child-<number> from 0 on is there once, (count) of them. */
int lists(const char *count)
{
    unsigned want = parse(count), index;
    char **names = NULL;
    bool *seen = kzalloc(want);
    size_t n = 0, i;
    int rc = xenbus_directory(XBT_NIL, "data/many", &names, &n);

    if (rc < 0 || n != want || !seen) {
        printf("error %d, %zu names\n", rc, n);
        return 1;
    }
    for (i = 0; i < n; i++) {
        if (strncmp(names[i], "child-", 6) != 0)
            break;
        index = parse(names[i] + 6);
        if (index >= n || seen[index])
            break;
        seen[index] = true;
    }
    printf("%zu names are right\n", i);
    kfree(seen);
    kfree(names);
    return i == n ? 0 : 1;
}

void test_store(void)
{
    test_values();
    test_perms();
    test_transactions();
    test_directory();
}
