/* SPDX-License-Identifier: ISC */
/*
 * The frontend half of xenbus device negotiation (xen/io/xenbus.h): the one
 * state machine for all drivers (xenbus/frontend.h has its table). A driver
 * supplies callbacks; this walks the states, pipelines the xenstore traffic of
 * each step, watches the backend's state, and takes the device down and up again
 * when the backend goes away and comes back.
 *
 *      INITIALISING --backend InitWait--> [connect()] --> INITIALISED
 *           ^                                                  |
 *           | backend Initialising, InitWait           backend Connected
 *           |                                                  v
 *        CLOSED <--[disconnect()]-- backend Closing <------ CONNECTED
 *
 * Nothing a backend writes is trusted: paths must lie where the toolstack put
 * them, numbers are bounded, states that make no sense are ignored or end the
 * device. Callbacks run in the xenbus thread, one at a time.
 *
 * Who includes this names lib/xenbus among its deps (minios/xenbus.h).
 */
#ifndef MINIOS_FRONTEND_H
#define MINIOS_FRONTEND_H

#include <stdbool.h>
#include <stdint.h>
#include <base/compiler.h>
#include <minios/xenbus.h>
#include <xen/xen.h>
#include <xen/io/xenbus.h>

struct frontend;

/* A node to write, or one that was read. Both strings belong to whoever fills
 * the structure. */
struct frontend_node {
    char name[40]; /* relative to the device's directory                   */
    char value[64];
};

/* Room for nodes that connect() has. */
#define FRONTEND_NODES_MAX 32u

struct frontend_driver {
    const char *type; /* "vif", "vbd", ...: the folder below device/; at most
                         15 bytes                                          */
    /* A device has appeared: (*state) is the driver's own, passed to all that
     * follows. 0, or -XEN_E*: the device stays closed, and the error is
     * written where libxl's users look (error/device/...). */
    int (*probe)(struct frontend *f, void **state);
    /*
     * The backend is ready: make rings, grants and event channels and fill
     * (nodes) with what it must know; (*count) is their room on entry and their
     * number on return. They are written in one batch, in this order, and the
     * state behind them: a backend that sees the state sees them. 0 or -XEN_E*:
     * as for probe(). Undone by disconnect().
     */
    int (*connect)(struct frontend *f, void *state, struct frontend_node *nodes,
                   unsigned *count);
    /* Both sides are connected: traffic may flow. */
    void (*connected)(struct frontend *f, void *state);
    /* The device is going away or starts again: stop traffic, end grants, close
     * event channels. Called once for each successful connect(). */
    void (*disconnect)(struct frontend *f, void *state);
    /* It has gone for good: free (state). */
    void (*remove)(struct frontend *f, void *state);
};

/* Registers the driver, for good, and starts a device for every folder
 * device/<type>/<n>, those that appear later included. Does not wait for them.
 * 0, -XEN_EINVAL (the type's name is too long), or -XEN_E*. Thread context. */
int __must_check frontend_register(const struct frontend_driver *driver);
/* Waits until device (index) of (type) is connected. 0, -XEN_ENOENT (there is no
 * such device), -XEN_ETIMEDOUT, or the error that ended it. Thread context. */
int __must_check frontend_wait_connected(const char *type, unsigned index,
                                         uint64_t deadline_ns);

/* For drivers, in their callbacks; the first three in any context, as long as
 * the device is there: */
unsigned frontend_index(const struct frontend *f);
domid_t frontend_backend_id(const struct frontend *f);
enum xenbus_state frontend_state(const struct frontend *f);
/* Reads (n) nodes of the backend's directory at once, at most
 * FRONTEND_NODES_MAX; a missing one has present[i] false. Values longer than the
 * room are refused with -XEN_E2BIG. */
int __must_check frontend_read_backend(struct frontend *f,
                                       struct frontend_node *nodes,
                                       bool *present, unsigned n);
/* The device cannot go on: the xenbus thread disconnects and closes it and
 * writes the error. (text) says why. It may come back when the backend has been
 * closed and is ready again. Any context. */
void frontend_fail(struct frontend *f, int rc, const char *text);

#endif /* MINIOS_FRONTEND_H */
