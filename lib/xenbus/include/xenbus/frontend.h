/* SPDX-License-Identifier: ISC */
/*
 * What a frontend does when its backend's state changes (xen/io/xenbus.h), as a
 * table; and which of the toolstack's and the backend's words it accepts. The
 * kernel's minios/frontend.h carries the actions out.
 */
#ifndef XENBUS_FRONTEND_H
#define XENBUS_FRONTEND_H

#include <stdbool.h>
#include <stdint.h>
#include <base/compiler.h>
#include <xen/xen.h>
#include <xen/io/xenbus.h>

/* Where a frontend rests between events. */
enum xbf_state {
    XBF_INITIALISING, /* tells XenbusStateInitialising; nothing is set up  */
    XBF_INITIALISED,  /* ...Initialised: driver's connect() has been done  */
    XBF_CONNECTED,    /* ...Connected: traffic flows                       */
    XBF_CLOSED,       /* ...Closed: nothing is set up                      */
    XBF_FAILED,       /* ...Closed, by an error of ours: stays so until the
                         backend has been down as well                     */
    XBF_STATES
};

/* What is known of the backend: 1 to 8 are its own word, XenbusState*. */
#define XBF_BACKEND_GONE     0u /* no node, or it may not be read          */
#define XBF_BACKEND_NONSENSE 9u /* something that is no state              */
#define XBF_BACKEND_STATES   10u

enum xbf_action {
    XBF_STAY,    /* nothing                                              */
    XBF_CONNECT, /* connect(); tell the nodes and Initialised            */
    XBF_CONNECTED_NOW, /* tell Connected; connected()                      */
    XBF_CLOSE,   /* tell Closing; disconnect() if set up; tell Closed    */
    XBF_RESTART, /* disconnect() if set up; tell Initialising; look again*/
    XBF_FORGIVE, /* from FAILED to CLOSED, quietly                       */
};

/* (backend) must be less than XBF_BACKEND_STATES. */
enum xbf_action xbf_action(enum xbf_state state, unsigned backend);
/* The state that (action) leads to when it succeeds. When connect() fails it is
 * XBF_FAILED. */
enum xbf_state xbf_next(enum xbf_state state, enum xbf_action action);
/* What is told in a state. */
enum xenbus_state xbf_wire_state(enum xbf_state state);
/* Whether connect() has been done there, and disconnect() is due. */
bool xbf_is_set_up(enum xbf_state state);

/* The value of a backend's state node: XBF_BACKEND_*. NULL: there is none. */
unsigned xbf_backend_state(const char *value);

/*
 * The number that a folder device/<type>/<name> stands for: decimal, without
 * leading zeros, below 2^31. -XEN_EINVAL: it is no device.
 */
int __must_check xbf_index(const char *name, unsigned *index);

/*
 * Whether (path) is where a toolstack puts the backend, in domain (backend), of
 * device (index) of domain (self):
 * /local/domain/<backend>/backend/<some type>/<self>/<index>. 0 or -XEN_EINVAL.
 */
int __must_check xbf_check_backend_path(const char *path, domid_t backend,
                                        domid_t self, unsigned index);

#endif /* XENBUS_FRONTEND_H */
