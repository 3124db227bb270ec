/* SPDX-License-Identifier: ISC */
/* Watches, and a flood of events. */
#include "xenbus_guest.h"

#include <base/fmt.h>
#include <base/string.h>
#include <minios/memory.h>
#include <minios/stdio.h>
#include <minios/thread.h>
#include <minios/xenbus.h>
#include <xen/errno.h>

/* What a watch has told. */
struct seen {
    struct xenbus_watch w;
    char watched[24];
    unsigned events;
    char last[64];
};

/* Woken by every event. */
static struct wait_queue told = WAIT_QUEUE_INIT;

static void note(struct xenbus_watch *w, const char *path)
{
    struct seen *s = CONTAINER_OF(w, struct seen, w);
    size_t len = strnlen(path, sizeof(s->last) - 1);

    memcpy(s->last, path, len);
    s->last[len] = '\0';
    s->events++;
    wait_wake_all(&told);
}

struct want {
    struct seen *s;
    unsigned events;
};

static bool has_seen(void *arg)
{
    const struct want *want = arg;

    return want->s->events >= want->events;
}

static void wait_events(struct seen *s, unsigned events)
{
    struct want want = {s, events};

    (void)wait_until(&told, has_seen, &want, WAIT_FOREVER);
}

static void test_one(void)
{
    static struct seen s = {.w = {.path = "data/w", .fn = note}};

    check_is(xenbus_watch(&s.w), 0, "watch");
    wait_events(&s, 1);
    check(strcmp(s.last, "data/w") == 0, "its first event");
    check_is(xenbus_write(XBT_NIL, "data/w", "1"), 0, "write");
    wait_events(&s, 2);
    check(strcmp(s.last, "data/w") == 0, "is told");
    check_is(xenbus_write(XBT_NIL, "data/w/below", "1"), 0, "write below");
    wait_events(&s, 3);
    check(strcmp(s.last, "data/w/below") == 0, "is told with its path");
    xenbus_unwatch(&s.w);
    check_is(xenbus_write(XBT_NIL, "data/w", "2"), 0, "after unwatch");
    check_is((long)s.events, 3, "nothing is told");
    check_is(xenbus_watch(&s.w), 0, "watched again");
    wait_events(&s, 4);
    check_is(xenbus_rm(XBT_NIL, "data/w"), 0, "rm");
    wait_events(&s, 5);
    xenbus_unwatch(&s.w);
}

static struct seen later;

/* In the xenbus thread: all of xenbus may be used. */
static void ask_in_event(struct xenbus_watch *w, const char *path)
{
    char *value = NULL;

    if (xenbus_read(XBT_NIL, path, &value, NULL) == 0 && value[0] == 'x') {
        xenbus_unwatch(w);
        note(w, path);
    }
    kfree(value);
}

static void test_inside(void)
{
    later.w = (struct xenbus_watch){.path = "data/x", .fn = ask_in_event};
    check_is(xenbus_watch_async(&later.w), 0, "watch, not waiting");
    check_is(xenbus_write(XBT_NIL, "data/x", "x"), 0, "write");
    wait_events(&later, 1);
    check(!later.w.armed, "a watch that ended itself");
    check_is(xenbus_rm(XBT_NIL, "data/x"), 0, "rm");
}

#define WATCHES 100

static void test_hundred(void)
{
    struct seen *s = kzalloc(WATCHES * sizeof(*s));
    long bad = 0;
    unsigned i;

    check(s != NULL, "memory for 100 watches");
    if (!s)
        return;
    for (i = 0; i < WATCHES; i++) {
        fmt_snprintf(s[i].watched, sizeof(s[i].watched), "data/h/%u", i);
        s[i].w.path = s[i].watched;
        s[i].w.fn = note;
        bad += xenbus_watch(&s[i].w) != 0;
    }
    check_is(bad, 0, "100 watches");
    for (i = 0; i < WATCHES; i++)
        wait_events(&s[i], 1);
    for (i = 0; i < WATCHES; i++)
        bad += xenbus_write(XBT_NIL, s[i].watched, "v") != 0;
    for (i = 0; i < WATCHES; i++) {
        wait_events(&s[i], 2);
        bad += strcmp(s[i].last, s[i].watched) != 0;
        bad += s[i].events != 2;
    }
    check_is(bad, 0, "each is told of its own node");
    check_is(xenbus_rm(XBT_NIL, "data/h"), 0, "rm of all nodes");
    for (i = 0; i < WATCHES; i++) {
        wait_events(&s[i], 3);
        xenbus_unwatch(&s[i].w);
    }
    kfree(s);
}

void test_watches(void)
{
    test_one();
    test_inside();
    test_hundred();
}

/* --- flooded from outside ----------------------------------------------------------- */

static bool stopped;

static void look_for_stop(struct xenbus_watch *w, const char *path)
{
    char *value;

    note(w, path);
    if (xenbus_read(XBT_NIL, "data/flood/stop", &value, NULL) < 0)
        return;
    kfree(value);
    stopped = true;
    wait_wake_all(&told);
}

static bool has_stopped(void *arg)
{
    (void)arg;
    return stopped;
}

int flooded(void)
{
    static struct seen s = {.w = {.path = "data/flood", .fn = look_for_stop}};
    int rc = xenbus_watch(&s.w);

    if (rc < 0)
        return 1;
    printf("watching\n");
    (void)wait_until(&told, has_stopped, NULL, WAIT_FOREVER);
    xenbus_unwatch(&s.w);
    rc = xenbus_printf(XBT_NIL, "data/flooded", "%u", s.events);
    printf("flooded: %u events told\n", s.events);
    return rc < 0 ? 1 : 0;
}
