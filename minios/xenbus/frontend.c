/* SPDX-License-Identifier: ISC */
/* One device: carries out what the table of xenbus/frontend.h says; contract in
 * minios/frontend.h. */
#include "xenbus/frontend_priv.h"
#include "xenbus/internal.h"

#include <base/fmt.h>
#include <base/string.h>
#include <minios/arch.h>
#include <minios/memory.h>
#include <minios/stdio.h>
#include <xen/errno.h>

/* More steps than the table takes to come to rest with one state of the
 * backend's. */
#define STEPS_MAX 6

static const char *driver_type(const struct frontend *f)
{
    return f->driver->type;
}

static void set_state(struct frontend *f, enum xbf_state state)
{
    bool enabled = arch_events_disable();

    f->state = state;
    if (state == XBF_CONNECTED)
        f->error = 0;
    frontend_changed();
    if (enabled)
        arch_events_enable();
}

/* --- failure ---------------------------------------------------------------------- */

static void note_failure(struct frontend *f, int rc, const char *text)
{
    size_t len = strnlen(text, sizeof(f->failure) - 1);

    f->error = rc < 0 ? rc : -XEN_EIO;
    memcpy(f->failure, text, len);
    f->failure[len] = '\0';
    f->failing = true;
}

void frontend_fail(struct frontend *f, int rc, const char *text)
{
    bool enabled = arch_events_disable();

    if (!f->failing && f->state != XBF_FAILED) {
        note_failure(f, rc, text);
        if (f->watch.armed) { /* else probe() is under way */
            xbc_watch_poke(&xenbus_client, &f->watch);
            (void)xenbus_wake_thread(); /* it is there: it watches for us */
        }
    }
    if (enabled)
        arch_events_enable();
}

static void disconnect(struct frontend *f)
{
    if (xbf_is_set_up(f->state))
        f->driver->disconnect(f, f->driver_state);
}

/* Tells the backend what it may still want to know; failing that it sees that
 * nothing comes any more. */
static void tell(const struct frontend *f, enum xenbus_state state)
{
    int rc = frontend_write(f, NULL, 0, state);

    if (rc < 0)
        printf("%s/%u: cannot write the state: error %d\n", driver_type(f),
               f->index, rc);
}

static void close_device(struct frontend *f, enum xbf_state state)
{
    tell(f, XenbusStateClosing);
    disconnect(f);
    set_state(f, state);
    tell(f, XenbusStateClosed);
}

/* Takes the device down if somebody has asked for that. */
static bool fail_now(struct frontend *f)
{
    if (!f->failing)
        return false;
    printf("%s/%u: %s: error %d\n", driver_type(f), f->index, f->failure,
           f->error);
    frontend_write_error(f);
    close_device(f, XBF_FAILED);
    f->failing = false;
    return true;
}

/* --- the actions ---------------------------------------------------------------------- */

static void probe(struct frontend *f)
{
    int rc;

    if (f->probed)
        return;
    rc = f->driver->probe(f, &f->driver_state);
    f->probed = rc == 0;
    if (rc < 0 && !f->failing)
        note_failure(f, rc, "cannot be set up");
}

static void connect(struct frontend *f)
{
    unsigned n = FRONTEND_NODES_MAX;
    struct frontend_node *nodes = kzalloc(n * sizeof(*nodes));
    int rc = -XEN_ENOMEM;

    if (nodes)
        rc = f->driver->connect(f, f->driver_state, nodes, &n);
    if (rc == 0) {
        set_state(f, XBF_INITIALISED);
        rc = frontend_write(f, nodes, n, xbf_wire_state(f->state));
    }
    kfree(nodes);
    if (rc < 0 && !f->failing)
        note_failure(f, rc, "cannot be connected");
}

static void act(struct frontend *f, enum xbf_action action)
{
    enum xbf_state next = xbf_next(f->state, action);

    switch (action) {
    case XBF_CONNECT:
        connect(f); /* sets the state when it is set up */
        return;
    case XBF_CONNECTED_NOW:
        set_state(f, next);
        tell(f, xbf_wire_state(next));
        f->driver->connected(f, f->driver_state);
        return;
    case XBF_CLOSE:
        close_device(f, next);
        return;
    case XBF_RESTART:
        disconnect(f);
        set_state(f, next);
        tell(f, xbf_wire_state(next));
        probe(f);
        return;
    case XBF_FORGIVE:
        set_state(f, next);
        return;
    case XBF_STAY:
        return;
    }
}

static unsigned read_backend_state(struct frontend *f)
{
    struct frontend_node node = {.name = "state"};
    bool present = false;
    int rc = frontend_read(f->backend, &node, &present, 1);

    if (rc == -XEN_E2BIG)
        return XBF_BACKEND_NONSENSE;
    return xbf_backend_state(rc == 0 && present ? node.value : NULL);
}

/* The backend's state may have changed, or we have failed. Should it change
 * while we look, another event comes. */
static void look(struct xenbus_watch *w, const char *path)
{
    struct frontend *f = CONTAINER_OF(w, struct frontend, watch);
    unsigned backend, steps;

    (void)path;
    if (fail_now(f))
        return;
    backend = read_backend_state(f);
    for (steps = 0; steps < STEPS_MAX; steps++) {
        enum xbf_action action = xbf_action(f->state, backend);

        if (action == XBF_STAY)
            break;
        act(f, action);
        if (fail_now(f))
            break;
    }
}

/* --- making and ending one ------------------------------------------------------------- */

/* What the toolstack says of a device. */
enum { BACKEND, BACKEND_ID, STATE, NODES };

static int read_description(const struct frontend *f,
                            struct frontend_node nodes[NODES],
                            bool present[NODES])
{
    static const char *const names[NODES] = {"backend", "backend-id", "state"};
    unsigned i;

    for (i = 0; i < NODES; i++)
        memcpy(nodes[i].name, names[i], strlen(names[i]) + 1);
    return frontend_read(f->path, nodes, present, NODES);
}

/* Our own number; asked for once. */
static int read_self(domid_t *self)
{
    static domid_t known = DOMID_INVALID;
    uint64_t number;
    int rc;

    if (known == DOMID_INVALID) {
        rc = xenbus_read_unsigned(XBT_NIL, "domid", &number);
        if (rc < 0 || number >= DOMID_FIRST_RESERVED)
            return rc < 0 ? rc : -XEN_EINVAL;
        known = (domid_t)number;
    }
    *self = known;
    return 0;
}

/* Fills in the backend, if it is where it belongs. */
static int describe(struct frontend *f)
{
    struct frontend_node nodes[NODES] = {0};
    bool present[NODES] = {0};
    unsigned id = 0;
    domid_t self = DOMID_INVALID;
    int rc = read_description(f, nodes, present);

    if (rc == 0)
        rc = read_self(&self);
    if (rc < 0)
        return rc;
    if (!present[BACKEND] || !present[BACKEND_ID])
        return -XEN_ENOENT;
    memcpy(f->backend, nodes[BACKEND].value, sizeof(f->backend));
    if (xbf_index(nodes[BACKEND_ID].value, &id) < 0 ||
        id >= DOMID_FIRST_RESERVED ||
        xbf_check_backend_path(nodes[BACKEND].value, (domid_t)id, self,
                               f->index) < 0)
        return -XEN_EINVAL;
    f->backend_id = (domid_t)id;
    /* Somebody before us in this domain may have left it in another state. */
    if (!present[STATE] ||
        xbf_backend_state(nodes[STATE].value) != XenbusStateInitialising)
        tell(f, XenbusStateInitialising);
    return 0;
}

/* The toolstack describes something that we will not touch. It stays as it is
 * until it is moved or removed. */
static void refuse(struct frontend *f, int rc)
{
    note_failure(f, rc, "the toolstack's nodes make no sense");
    f->failing = false;
    f->state = XBF_FAILED;
    printf("%s/%u: %s: error %d\n", driver_type(f), f->index, f->failure, rc);
    frontend_write_error(f);
}

static void begin(struct frontend *f)
{
    int rc;

    probe(f);
    (void)fail_now(f); /* then it waits, closed */
    fmt_snprintf(f->watched, sizeof(f->watched), "%s/state", f->backend);
    f->watch.path = f->watched;
    f->watch.fn = look;
    rc = xenbus_watch_async(&f->watch);
    if (rc < 0 && !f->failing) {
        note_failure(f, rc, "cannot watch the backend");
        (void)fail_now(f); /* it does */
    }
}

struct frontend *frontend_create(const struct frontend_driver *driver,
                                 unsigned index)
{
    struct frontend *f = kzalloc(sizeof(*f));
    int rc;

    if (!f) {
        printf("%s/%u: no memory\n", driver->type, index);
        return NULL;
    }
    f->driver = driver;
    f->index = index;
    f->state = XBF_INITIALISING;
    fmt_snprintf(f->path, sizeof(f->path), "device/%s/%u", driver->type, index);
    rc = describe(f);
    if (rc == -XEN_ENOENT) {
        kfree(f);
        return NULL;
    }
    if (rc == 0)
        begin(f);
    else
        refuse(f, rc);
    return f;
}

void frontend_destroy(struct frontend *f)
{
    xenbus_unwatch(&f->watch);
    disconnect(f);
    if (f->probed)
        f->driver->remove(f, f->driver_state);
    kfree(f);
}

bool frontend_moved(const struct frontend *f)
{
    struct frontend_node nodes[NODES] = {0};
    bool present[NODES] = {0};
    int rc = read_description(f, nodes, present);

    if (rc < 0) /* too long for any backend: is that new? */
        return rc == -XEN_E2BIG && f->error != rc;
    return present[BACKEND] && strcmp(nodes[BACKEND].value, f->backend) != 0;
}

/* --- for drivers --------------------------------------------------------------------------- */

unsigned frontend_index(const struct frontend *f)
{
    return f->index;
}

domid_t frontend_backend_id(const struct frontend *f)
{
    return f->backend_id;
}

enum xenbus_state frontend_state(const struct frontend *f)
{
    return xbf_wire_state(f->state);
}

int frontend_read_backend(struct frontend *f, struct frontend_node *nodes,
                          bool *present, unsigned n)
{
    return frontend_read(f->backend, nodes, present, n);
}
