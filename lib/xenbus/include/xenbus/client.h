/* SPDX-License-Identifier: ISC */
/*
 * A client of xenstore on a ring: many requests in flight, answers matched by
 * request id, watch events sorted to their watches. It moves bytes whenever it
 * is told to and never waits; notifying, sleeping and locking are its owner's
 * business, as is calling it from one place at a time.
 *
 *      submit -> [unsent] --push, as the ring has room--> [sent] --pull--> done
 *      pull -> [ready watches, each with its events] -> next_event -> owner
 *
 * The other end is not trusted. An answer to a request that was not sent, of
 * another type, longer than XENSTORE_PAYLOAD_MAX, an event that is none, and
 * ring indices that cannot be, are the end of the connection: it is dead, all
 * requests are done with -XEN_EIO, and so is every later one at once.
 */
#ifndef XENBUS_CLIENT_H
#define XENBUS_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <base/compiler.h>
#include <xen/xen.h>
#include <xen/io/xs_wire.h>

/*
 * A request in flight; the submitter's memory, untouched by it from submission
 * until it is done. (body) is sent as it is (wire format of the operation) and
 * borrowed until then, as is (room).
 */
struct xenbus_request {
    uint32_t type;        /* XS_* */
    uint32_t transaction; /* the number xenstore gave; 0: none            */
    const void *body;
    size_t body_len;
    /* Where an answer goes that is shorter than (room_len); NULL: nowhere. */
    char *room;
    size_t room_len;
    /* Called when it is done, in whatever context that happens: it must not
     * block. May be NULL. */
    void (*on_done)(struct xenbus_request *r);

    /* Set when it is done: 0 or an error, and the answer's payload with a NUL
     * behind it: (room), or from the client's alloc, the submitter's to free.
     * NULL: an error (-XEN_ENOMEM: there was no memory for it), or an
     * operation that is only acknowledged. */
    int rc;
    char *reply;
    size_t reply_len;
    bool done;

    /* The client's and its owner's own. */
    uint32_t id;
    void *waiter;
    struct xenbus_request *next;
};

/* Paths that wait to be delivered for one watch. When there are more, all of
 * them are told as one event for the watch's own path. */
#define XBC_EVENTS_MAX 32u

struct xbc_event;

/*
 * A watch. fn is the owner's to call. Its path is borrowed as long as it is
 * registered.
 */
struct xenbus_watch {
    const char *path;
    void (*fn)(struct xenbus_watch *w, const char *path);
    /* fn is called where events come in, for (path) whatever has changed, and
     * must not block. Costs no memory; none is dropped as a double. */
    bool in_handler;

    /* The client's and its owner's own. */
    bool armed;
    bool ready;    /* in the list of those with events                     */
    bool overflow; /* an event for (path) instead of all others            */
    uint32_t token;
    unsigned count;
    struct xbc_event *first, *last;
    struct xenbus_watch *next, *next_ready;
};

struct xbc_event {
    struct xbc_event *next;
    char path[];
};

struct xbc_ops {
    /* Memory; alloc may return NULL. */
    void *(*alloc)(size_t size);
    void (*free)(void *block);
    /* (r) is done: it is its submitter's again, who may submit it anew. */
    void (*done)(struct xenbus_request *r);
    /* An event of (w), which is in_handler. Both are called in the order in
     * which answers and events come in. */
    void (*event)(struct xenbus_watch *w);
};

/* Payloads up to here need no memory: acknowledgements, error names, most
 * events. */
#define XBC_SMALL 64u

struct xbc {
    volatile struct xenstore_domain_interface *ring;
    const struct xbc_ops *ops;
    bool dead;
    bool more; /* bytes were left by xbc_pull(), which had taken enough     */
    bool told_nothing; /* bytes were sent since the last notification      */
    uint32_t taken;    /* bytes received since then                        */
    uint32_t last_id, last_token;

    struct xenbus_request *unsent, *unsent_last;
    size_t sent_bytes; /* of the first of them, header included            */
    struct xenbus_request *sent, *sent_last;

    /* The message that is being received: its header; once that is complete,
     * whom it is for and where its payload goes (NULL: nowhere). */
    struct xsd_sockmsg head;
    size_t head_got, body_got;
    struct xenbus_request *answered;
    char *body;
    void *block; /* what (body) lies in, if it was allocated              */
    char small[XBC_SMALL];

    struct xenbus_watch *watches;
    struct xenbus_watch *ready, *ready_last;
};

void xbc_init(struct xbc *c, volatile struct xenstore_domain_interface *ring,
              const struct xbc_ops *ops);

/* Queues (r). -XEN_E2BIG: its body is too long, it was not touched otherwise.
 * On a dead connection it is done at once, with -XEN_EIO in r->rc. */
int xbc_submit(struct xbc *c, struct xenbus_request *r);

/* Sends what the ring has room for. */
void xbc_push(struct xbc *c);

/*
 * Receives what is in the ring, about XBC_PULL_MAX bytes at most; then (more) is
 * set: call it again. Returns whether any request was completed or any event
 * received.
 */
#define XBC_PULL_MAX 8192u
bool xbc_pull(struct xbc *c);

/*
 * Whether the other end has to be notified now: requests are in the ring that
 * it has not been told of, or it may have run out of room for answers. (Who
 * finds the ring full has 1024 bytes in it that are yet to be taken, and after
 * each half of that it is told.) Taken: it has been told.
 */
bool xbc_take_notify(struct xbc *c);

/* Ends the connection as a hostile answer would. */
void xbc_die(struct xbc *c);

/* --- watches ------------------------------------------------------------------ */

/* Registers (w) under a new token: from now on its events are kept. The request
 * to xenstore is the owner's to make: */
void xbc_watch_add(struct xbc *c, struct xenbus_watch *w);
/* The body of XS_WATCH and XS_UNWATCH: the length, or -XEN_E2BIG when (room) is
 * too small. */
int __must_check xbc_watch_body(const struct xenbus_watch *w, char *buf,
                                size_t room);
/* Forgets (w) and its events. */
void xbc_watch_remove(struct xbc *c, struct xenbus_watch *w);

/* Makes an event of its own path for (w), without xenstore. */
void xbc_watch_poke(struct xbc *c, struct xenbus_watch *w);

/*
 * The watch whose turn it is, but for those in_handler, and its oldest event,
 * which is the caller's to free; (*event) NULL: something at or below the
 * watch's own path, of which no more was kept. NULL: no watch has an event.
 */
struct xenbus_watch *xbc_next_event(struct xbc *c, struct xbc_event **event);

#endif /* XENBUS_CLIENT_H */
