/* SPDX-License-Identifier: ISC */
/*
 * Xenstore as real Xen serves it (docs/misc/xenstore.txt there): a tree of
 * nodes with owners and permissions, watches, transactions, and quotas per
 * domain. Pure: bytes of the wire protocol go in at xs_conn_input() and come
 * out at xs_conn_output(); who moves them is a backend's business.
 *
 * Locking: none; every function is called with its owner's lock held, and
 * none of them calls back but for memory.
 *
 * Cost. An operation costs what its path and its answer are long, whatever the
 * number of domains, nodes or watches: children are found by hash, watches hang
 * on a tree of their own that is walked along the path. A transaction starts
 * empty and keeps only the nodes it touches; contents are shared with the main
 * tree until written. (A snapshot of the whole tree would start as fast, but
 * one guest that never ends its transaction would keep all of the past alive.)
 *
 * Quotas are Xen's defaults and hold for every domain but 0. What a domain
 * makes the store remember (nodes, watches, transactions, messages it does not
 * read) is charged to that domain.
 *
 * Errors: 0 or a negative Xen error number.
 */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <base/compiler.h>
#include <xen/xen.h>
#include <xenstore/wire.h>

struct xs_store;
struct xs_conn;

/* Per domain; Xen's defaults (tools/xenstored/domain.c there). */
#define XS_QUOTA_NODES       1000u /* nodes owned                           */
#define XS_QUOTA_WATCHES     128u
#define XS_QUOTA_TXNS        10u   /* transactions at a time                */
#define XS_QUOTA_TXN_NODES   1024u /* nodes touched by one transaction      */
#define XS_QUOTA_NODE_BYTES  2048u /* value, permissions, children's names  */
#define XS_QUOTA_PERMS       5u    /* entries per node                      */
#define XS_QUOTA_OUTSTANDING 20u   /* requests answered but not yet read    */
#define XS_QUOTA_MEMORY      (2u * 1024 * 1024 + 512 * 1024) /* bytes        */
/* A privileged client that lets this many bytes pile up has lost. */
#define XS_CLIENT_BACKLOG (16u << 20)

struct xs_ops {
    /* Zeroed memory or NULL. */
    void *(*alloc)(size_t bytes);
    void (*free)(void *p);
    uint64_t seed; /* secret: keeps guests from choosing colliding names     */
};

/* A store with the nodes every store has. NULL when out of memory. (ops) is
 * borrowed. */
struct xs_store *xs_store_create(const struct xs_ops *ops);
/* Frees everything; connections must be gone. */
void xs_store_destroy(struct xs_store *s);

/* --- domains ---------------------------------------------------------------------*/

/*
 * (domid) exists from now on: nodes may be given to it. Whatever an earlier
 * domain of that number was allowed is forgotten. -XEN_ENOMEM, -XEN_EEXIST.
 */
__must_check int xs_domain_add(struct xs_store *s, domid_t domid);
/* It has its connection: @introduceDomain fires. */
void xs_domain_introduce(struct xs_store *s, domid_t domid);
/* It runs no more, but exists: @releaseDomain fires. */
void xs_domain_shutdown(struct xs_store *s, domid_t domid);
/* It is gone: its nodes are removed wherever they are, @releaseDomain fires.
 * Its connection must be gone. Harmless when unknown. */
void xs_domain_remove(struct xs_store *s, domid_t domid);

/* What a domain is charged for; zeroes when unknown. */
struct xs_usage {
    unsigned nodes, watches, transactions;
    uint64_t memory;
};
void xs_domain_usage(const struct xs_store *s, domid_t domid,
                     struct xs_usage *u);

/* --- connections -------------------------------------------------------------------*/

/*
 * A connection of (domid): the ring of a domain that was added, or, with domid
 * 0, one of any number of privileged clients. -XEN_ENOMEM, -XEN_ENOENT,
 * -XEN_EEXIST (the domain has one).
 */
__must_check int xs_conn_create(struct xs_store *s, domid_t domid, void *owner,
                                struct xs_conn **out);
/* Ends its transactions and watches. */
void xs_conn_destroy(struct xs_conn *c);
/* As new: for a ring that reconnects. */
void xs_conn_reset(struct xs_conn *c);
void *xs_conn_owner(const struct xs_conn *c);

/*
 * How many bytes the connection can use now: the rest of a header or of a
 * payload. 0: nothing may be read until its output has been taken, or never
 * again (xs_conn_error()).
 */
size_t xs_conn_want(const struct xs_conn *c);
/* Takes (len) <= xs_conn_want() bytes; the last byte of a request has it
 * served. */
void xs_conn_input(struct xs_conn *c, const void *bytes, size_t len);
/* The next run of bytes to be sent; 0 = none. Valid until the next call that
 * concerns (c). */
size_t xs_conn_output(const struct xs_conn *c, const void **bytes);
/* (len) of them have been sent. */
void xs_conn_sent(struct xs_conn *c, size_t len);
/* 0; -XEN_E2BIG: a payload longer than the protocol allows; -XEN_ENOMEM: the
 * stream could not be continued; -XEN_ENOSPC: a client did not read; -XEN_EIO:
 * a client released the domain, which no reset mends. After that the
 * connection does nothing but deliver what is queued. */
int xs_conn_error(const struct xs_conn *c);
/* Watch events that were dropped because the domain's memory was used up. */
unsigned xs_conn_lost(const struct xs_conn *c);

/* Takes a connection that has got output since it was last taken off the list
 * of those, or NULL. To be called after anything that can raise events. */
struct xs_conn *xs_next_ready(struct xs_store *s);

/* --- the hypervisor's own access, without quotas ---------------------------------*/

/* As WRITE, RM and READ of domain 0; -XEN_EINVAL also for a value longer than
 * a message may be. xs_read() copies at most (size) bytes and
 * returns the value's length. */
int xs_write(struct xs_store *s, const char *path, const void *value,
             size_t len);
int xs_rm(struct xs_store *s, const char *path);
long xs_read(const struct xs_store *s, const char *path, void *buf,
             size_t size);

/* Who may do what with a node of a domain's: as libxl does it. */
enum xs_access {
    XS_ACCESS_READ, /* domain 0's, the domain may read                      */
    XS_ACCESS_OWN,  /* the domain's                                         */
    XS_ACCESS_NONE, /* domain 0's alone                                     */
};

struct xs_leaf {
    const char *path;  /* below the base; its parent exists or came before    */
    const char *value; /* NUL-terminated                                      */
    enum xs_access access;
};

/*
 * Makes (n) nodes below (base), a node that is made if it is missing (with the
 * access of leaf 0 then), for (domid); no path may come twice. Watches fire as
 * if the nodes had been written one by one; existing ones are overwritten.
 * -XEN_ENOMEM; -XEN_EINVAL: a bad path.
 */
__must_check int xs_build(struct xs_store *s, const char *base, domid_t domid,
                          const struct xs_leaf *leaves, unsigned n);

#endif /* STORE_STORE_H */
