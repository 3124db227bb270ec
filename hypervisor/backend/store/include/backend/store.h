/* SPDX-License-Identifier: ISC */
/*
 * The xenstore backend: one store, served on the xenstore rings of domains
 * (<xen/io/xs_wire.h>) and on a Unix socket to privileged clients (Debian's
 * xenstore-utils and whatever else uses libxenstore).
 *
 * A domain that writes nonsense into its ring, stops reading or floods hurts
 * only itself: indices are checked, what waits for it is bounded, and while its
 * answers are not read no more of its requests are.
 *
 * Threads: every function is called with the lock held that the owner's events
 * take; any thread may call what does not say otherwise. Handlers that loops
 * call take the lock themselves. After calls into the tree itself
 * (<store/store.h>) store_flush() delivers the events they raised.
 */
#ifndef BACKEND_STORE_H
#define BACKEND_STORE_H

#include <stdbool.h>
#include <stdint.h>
#include <base/compiler.h>
#include <host/loop.h>
#include <store/store.h>

struct store;
struct store_ring;
struct xenstore_domain_interface;

struct store_events {
    /* A ring's indices have moved: tell the guest. Any thread. */
    void (*notify)(void *owner);
    /* The ring is not served any more; one line, told once. */
    void (*complain)(void *owner, const char *text);
    /* Around every handler that a loop calls. */
    void (*lock)(void *ctx);
    void (*unlock)(void *ctx);
};

/* NULL when out of memory. (events) is borrowed. */
struct store *store_create(const struct store_events *events, void *lock_ctx);
/* After the last ring. Closes the socket and its clients, whose loop must not
 * run any more. NULL is fine. */
void store_destroy(struct store *s);

/* The tree behind it. */
struct xs_store *store_tree(struct store *s);
/* Delivers what is queued for rings and clients. */
void store_flush(struct store *s);

/*
 * Serves clients of the listening, non-blocking socket (listen_fd) on (loop)
 * until store_destroy(); takes the descriptor. Only user (uid) and root may
 * connect. 0 or -errno. On the loop's thread, or before it runs.
 */
__must_check int store_listen(struct store *s, struct loop *loop, int listen_fd,
                              unsigned uid);

/* --- domains -----------------------------------------------------------------------*/

/* What the nodes of a new domain say of it. All is borrowed for the call. */
struct store_domain {
    domid_t domid;
    const uint8_t *uuid; /* 16 bytes                                         */
    const char *name;
    uint64_t memory_kb, maxmem_kb;
    unsigned store_port, console_port;
    uint64_t store_mfn, console_mfn;
    uint64_t start_s; /* seconds since 1970                                */
};
/* xs_domain_add(), and the nodes below /local/domain/N and /vm/UUID that libxl
 * makes for a PV domain, with its permissions. 0 or a negative Xen error; what
 * was made until then is for store_domain_remove(). */
__must_check int store_domain_add(struct xs_store *tree,
                                  const struct store_domain *d);
/* Only those below /vm/UUID, for a domain that gets another uuid. */
__must_check int store_vm_add(struct xs_store *tree,
                              const struct store_domain *d);
/* Removes all of them and the domain; what is missing is as good as removed. */
void store_domain_remove(struct xs_store *tree, domid_t domid,
                         const uint8_t uuid[16]);
/* "/vm/", a uuid, NUL */
#define STORE_VM_MAX 48
void store_vm_path(const uint8_t uuid[16], char path[STORE_VM_MAX]);

/* --- rings -------------------------------------------------------------------------*/

struct store_ring_params {
    domid_t domid;     /* xs_domain_add() knows it                           */
    struct loop *loop; /* of the worker that owns the domain                 */
    struct xenstore_domain_interface *ring; /* borrowed until destroy        */
    void *owner;
};
/* Connects a domain's ring and introduces the domain. 0 or -ENOMEM. */
__must_check int store_ring_create(struct store *s,
                                   const struct store_ring_params *p,
                                   struct store_ring **out);
/* The guest rang the store's event channel. On the loop's thread. */
void store_ring_event(struct store_ring *r);
/* Takes the requests that the ring still holds, for a domain that has stopped.
 * On the loop's thread. */
void store_ring_drain(struct store_ring *r);
/* On the loop's thread. NULL is fine. */
void store_ring_destroy(struct store_ring *r);

#endif /* BACKEND_STORE_H */
