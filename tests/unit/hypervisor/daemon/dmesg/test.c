/* SPDX-License-Identifier: ISC */
/* The message ring: whole lines, wrapping, reading on, clearing. */

#include <stdlib.h>
#include <string.h>
#include <daemon/dmesg.h>
#include <daemon/plain.h>
#include <tap.h>

#define SIZE 1024

static char buf[4096];
static uint64_t next;

static void test_plain(void)
{
    char out[12];

    plain_text(buf, sizeof(buf), "a\nexit: 0\r\x1b[2J\x7f\xc2\x9b ~");
    is_str(buf, "a\\x0aexit: 0\\x0d\\x1b[2J\\x7f\\xc2\\x9b ~",
           "nothing that a terminal or a reader of lines minds");
    plain_text(out, sizeof(out), "0123456789012345");
    is_str(out, "01234567890", "cut to fit");
    plain_text(out, sizeof(out), "01234567\n");
    is_str(out, "01234567", "but not inside an escape");
    plain_text(out, sizeof(out), "0123456\n");
    is_str(out, "0123456\\x0a", "which is whole when it fits");
}

static void test_simple(void)
{
    struct dmesg *d = dmesg_create(SIZE);

    is_int(dmesg_read(d, 0, buf, sizeof(buf), &next), 0, "empty");
    is_int(next, dmesg_end(d), "and says so");
    dmesg_add(d, 1234567890, "one");
    dmesg_add(d, 0, "two\nlines\x1b[0m \xff");
    dmesg_read(d, 0, buf, sizeof(buf), &next);
    is_str(buf,
           "(midge) [    1.234567] one\n(midge) [    0.000000] two?lines?[0m "
           "?\n",
           "time stamps, and nothing that is not text");
    is_int(next, dmesg_end(d), "all read");
    dmesg_clear(d, next);
    is_int(dmesg_read(d, 0, buf, sizeof(buf), &next), 0, "cleared");
    dmesg_add(d, 0, "three");
    ok(dmesg_read(d, 0, buf, sizeof(buf), &next) > 0, "goes on after that");
    dmesg_destroy(d);
}

static void test_parts(void)
{
    struct dmesg *d = dmesg_create(SIZE);
    uint64_t from = 0;
    unsigned parts = 0;
    size_t len, all = 0;

    for (int i = 0; i < 10; i++)
        dmesg_add(d, 0, "0123456789");
    while ((len = dmesg_read(d, from, buf, 100, &next)) > 0) {
        if (buf[len - 1] != '\n' || strncmp(buf, "(midge)", 7) != 0)
            break;
        all += len;
        parts++;
        from = next;
    }
    is_int(all, dmesg_end(d), "read in parts, whole lines each");
    is_int(parts, 5, "as many as fit each time");
    is_int(dmesg_read(d, 0, buf, 10, &next), 0, "no room for a line");
    is_int(next, 0, "then it does not move");
    dmesg_destroy(d);
}

static void test_wrap(void)
{
    struct dmesg *d = dmesg_create(SIZE);
    char text[40];
    size_t len;

    for (int i = 0; i < 1000; i++) {
        snprintf(text, sizeof(text), "message %d", i);
        dmesg_add(d, 0, text);
    }
    len = dmesg_read(d, 0, buf, sizeof(buf), &next);
    ok(len > SIZE - 50 && len <= SIZE, "as full as whole lines allow: %zu",
       len);
    is_int(strncmp(buf, "(midge) [", 9), 0, "begins with a whole line");
    ok(strstr(buf, "message 999\n") != NULL, "ends with the latest");
    ok(!strstr(buf, "message 0\n"), "the oldest are gone");
    dmesg_destroy(d);
}

static void test_long(void)
{
    struct dmesg *d = dmesg_create(SIZE);
    char text[3000];
    size_t len;

    memset(text, 'x', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    for (int i = 0; i < 5; i++)
        dmesg_add(d, 0, text);
    len = dmesg_read(d, 0, buf, sizeof(buf), &next);
    ok(len <= SIZE && len > 0, "long lines are cut");
    is_int(buf[len - 1], '\n', "and end as lines do");
    is_int(len % (DMESG_LINE_MAX - 1), 0, "at their limit: %zu", len);
    dmesg_destroy(d);
}

int main(void)
{
    test_plain();
    test_simple();
    test_parts();
    test_wrap();
    test_long();
    return tap_done();
}
