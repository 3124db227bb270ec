/* SPDX-License-Identifier: ISC */
/* The xenstore ring: several requests at once, one of them wrong. */

#include "abi.h"
#include <base/string.h>
#include <minios/evtchn.h>
#include <minios/memory.h>
#include <minios/xenbus.h>
#include <xen/errno.h>
#include <xen/io/xs_wire.h>

static struct xenbus_watch watch;
static unsigned events;

static void on_event(struct xenbus_watch *w, const char *path)
{
    events += w == &watch && !strcmp(path, "data/abi");
}

static bool event_there(void *arg)
{
    (void)arg;
    return events > 0;
}

#define REQUEST(t, text)                                                       \
    {                                                                          \
        .type = (t), .body = (text), .body_len = sizeof(text) - 1              \
    }

void test_xenstore(void)
{
    struct xenbus_request r[] = {
        REQUEST(XS_WRITE, "data/abi\0first"),
        REQUEST(XS_READ, "data/abi\0"),
        REQUEST(XS_WRITE, "name\0mine"),
        REQUEST(XS_GET_DOMAIN_PATH, "0\0"),
    };
    struct xenbus_request *list[] = {&r[0], &r[1], &r[2], &r[3]};

    check_is(xenbus_submit(list, 4), 0, "ring the bell once for all");
    xenbus_wait(list, 4);
    check_is(r[0].rc, 0, "write is answered");
    check_is(r[1].rc, 0, "read");
    check(r[1].reply && !strcmp(r[1].reply, "first"), "what was written");
    check_is(r[2].rc, -XEN_EACCES, "what we may not write");
    check_is(r[3].rc, 0, "get_domain_path");
    check(r[3].reply && !strcmp(r[3].reply, "/local/domain/0"), "its answer");
    kfree(r[1].reply);
    kfree(r[3].reply);
    watch = (struct xenbus_watch){
        .path = "data/abi", .fn = on_event, .in_handler = true};
    check_is(xenbus_watch(&watch), 0, "watch");
    event_wait(event_there, NULL);
    check_is((long)events, 1, "and its first event");
    xenbus_unwatch(&watch);
}
