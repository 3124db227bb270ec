/* SPDX-License-Identifier: ISC */
/*
 * A driver for devices that do nothing, "loop": has a ring and an event
 * channel, and a line on the console for everything that happens to it. The
 * boot test plays the backend.
 */
#include "xenbus_guest.h"

#include <base/fmt.h>
#include <base/string.h>
#include <minios/frontend.h>
#include <minios/hypercall.h>
#include <minios/memory.h>
#include <minios/stdio.h>
#include <minios/thread.h>
#include <minios/time.h>
#include <xen/errno.h>
#include <xen/event_channel.h>

struct loop {
    void *ring;
    evtchn_port_t port;
    bool set_up;
};

/* The last device probed, for data/fail. */
static struct frontend *last;

static int probe(struct frontend *f, void **state)
{
    struct loop *l = kzalloc(sizeof(*l));

    printf("probe %u of domain %u\n", frontend_index(f),
           frontend_backend_id(f));
    if (!l || frontend_index(f) == 99) {
        kfree(l);
        return -XEN_ENODEV;
    }
    last = f;
    *state = l;
    return 0;
}

/* What the backend says of itself. */
static int read_size(struct frontend *f)
{
    struct frontend_node nodes[2] = {{.name = "size"}, {.name = "mode"}};
    bool present[2];
    int rc = frontend_read_backend(f, nodes, present, 2);

    if (rc < 0)
        return rc;
    printf("size %s, mode %s\n", present[0] ? nodes[0].value : "none",
           present[1] ? nodes[1].value : "none");
    return 0;
}

static int connect(struct frontend *f, void *state, struct frontend_node *nodes,
                   unsigned *count)
{
    struct evtchn_alloc_unbound alloc = {.dom = DOMID_SELF,
                                         .remote_dom = frontend_backend_id(f)};
    struct loop *l = state;
    int rc = read_size(f);

    if (rc < 0)
        return rc;
    l->ring = page_alloc(0);
    rc = (int)HYPERVISOR_event_channel_op(EVTCHNOP_alloc_unbound, &alloc);
    if (!l->ring || rc < 0) {
        if (l->ring)
            page_free(l->ring, 0);
        return rc < 0 ? rc : -XEN_ENOMEM;
    }
    l->port = alloc.port;
    l->set_up = true;
    memcpy(nodes[0].name, "ring-ref", 9);
    memcpy(nodes[0].value, "8", 2);
    memcpy(nodes[1].name, "event-channel", 14);
    fmt_snprintf(nodes[1].value, sizeof(nodes[1].value), "%u", l->port);
    *count = 2;
    printf("connect %u\n", frontend_index(f));
    return 0;
}

static void connected(struct frontend *f, void *state)
{
    (void)state;
    printf("connected %u\n", frontend_index(f));
}

static void disconnect(struct frontend *f, void *state)
{
    struct loop *l = state;
    struct evtchn_close close = {.port = l->port};

    printf("disconnect %u%s\n", frontend_index(f),
           l->set_up ? "" : ", which is not connected");
    l->set_up = false;
    (void)HYPERVISOR_event_channel_op(EVTCHNOP_close, &close);
    page_free(l->ring, 0);
}

static void leave(struct frontend *f, void *state)
{
    const struct loop *l = state;

    printf("remove %u%s\n", frontend_index(f),
           l->set_up ? ", which is connected" : "");
    kfree(state);
}

static const struct frontend_driver driver = {.type = "loop",
                                              .probe = probe,
                                              .connect = connect,
                                              .connected = connected,
                                              .disconnect = disconnect,
                                              .remove = leave};

/* The backend's nonsense is often noticed elsewhere than in a callback. */
static void on_fail(struct xenbus_watch *w, const char *path)
{
    char *value;

    (void)w;
    if (xenbus_read(XBT_NIL, path, &value, NULL) < 0)
        return;
    if (last)
        frontend_fail(last, -XEN_EIO, value);
    kfree(value);
}

/* Says that what came before has been seen to. */
static void on_sync(struct xenbus_watch *w, const char *path)
{
    char *value;

    (void)w;
    if (xenbus_read(XBT_NIL, path, &value, NULL) < 0)
        return;
    printf("sync %s\n", value);
    kfree(value);
}

static uint64_t soon(void)
{
    return time_monotonic_ns() + 20000000;
}

int serve_loop(void)
{
    static struct xenbus_watch fail = {.path = "data/fail", .fn = on_fail};
    static struct xenbus_watch sync = {.path = "data/sync", .fn = on_sync};
    int rc = frontend_wait_connected("loop", 0, soon());

    printf("before there is a driver: %d\n", rc);
    if (frontend_register(&driver) < 0 || xenbus_watch(&fail) < 0 ||
        xenbus_watch(&sync) < 0)
        return 1;
    printf("no such device: %d\n", frontend_wait_connected("loop", 5, soon()));
    printf("not yet: %d\n", frontend_wait_connected("loop", 0, soon()));
    printf("it is: %d\n", frontend_wait_connected("loop", 0, WAIT_FOREVER));
    thread_sleep_until_ns(WAIT_FOREVER);
    return 0;
}
