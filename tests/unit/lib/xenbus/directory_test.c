/* SPDX-License-Identifier: ISC */
/* Parts of long lists. */
#include "xenbus_test.h"
#include <tap.h>
#include <xen/errno.h>
#include <xenbus/directory.h>

static struct xbc_part part;

/* Bytes with a NUL behind them that is not the answer's. */
#define TAKE(text) xbc_part(&part, (text), sizeof(text) - 1)

static void test_list(void)
{
    memset(&part, 0, sizeof(part));
    is_int(TAKE("12\0a\0bc\0"), 0, "a first part");
    ok(!part.end && part.len == 5 && !memcmp(part.names, "a\0bc", 5),
       "its names; more will come");
    is_int(TAKE("13\0d\0"), -XEN_EAGAIN, "another list");
    is_int(TAKE("12\0d\0\0"), 0, "the last part");
    ok(part.end && part.len == 2 && !strcmp(part.names, "d"), "its name");
    is_int(TAKE("12\0\0"), 0, "no more names");
    ok(part.end && part.len == 0, "is the end");
    is_int(TAKE("12\0"), 0, "nothing at all");
    ok(part.end && part.len == 0, "is the end, too");
}

static void test_bad(void)
{
    memset(&part, 0, sizeof(part));
    is_int(xbc_part(&part, "", 0), -XEN_EIO, "no answer");
    is_int(TAKE("\0"), -XEN_EIO, "no generation");
    is_int(TAKE("\0a\0"), -XEN_EIO, "an empty one");
    is_int(TAKE("12"), -XEN_EIO, "a generation that does not end");
    is_int(TAKE("12\0a"), -XEN_EIO, "a name that does not end");
    is_int(TAKE("123456789012345678901\0a\0"), -XEN_EIO, "a number too long");
    is_int(part.generation[0], '\0', "none of it is remembered");
}

void test_directory(void)
{
    test_list();
    test_bad();
}
