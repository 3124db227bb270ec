/* SPDX-License-Identifier: ISC */
/* A client for the tests: one request, one answer, and the events between. */
#ifndef PEER_H
#define PEER_H

#include <store/store.h>
#include <xen/errno.h>
#include <tap.h>

extern struct xs_store *store;
/* Allocations that have not been freed; the next (alloc_fail)th fails. */
extern long allocs, alloc_fail;

struct peer {
    struct xs_conn *c;
    uint32_t tx;
    /* The last answer. */
    int rc; /* 0 or the error */
    char body[XENSTORE_PAYLOAD_MAX + 1];
    size_t len;
    /* Events that have come, "path|token\n" each. */
    char events[16384];
    unsigned nr_events;
};

/* A domain that exists, introduced, and its connection; 0 = a client. */
struct peer *peer_new(domid_t domid);
void peer_free(struct peer *p);
/* One request; (len) bytes of payload. Returns p->rc. */
int ask_raw(struct peer *p, unsigned type, const void *payload, size_t len);
/* The same with a text in which '|' stands for NUL. */
int ask(struct peer *p, unsigned type, const char *payload);
/* Takes what has been queued: events, and an answer if there is one. */
void peer_take(struct peer *p);
/* What has come since the last time. */
const char *events(struct peer *p);
/* READ: the value, or the error's name. */
const char *get(struct peer *p, const char *path);
int put(struct peer *p, const char *path, const char *value);
/* DIRECTORY, '|' for NUL. */
const char *list(struct peer *p, const char *path);
/* GET_PERMS, the same. */
const char *perms(struct peer *p, const char *path);
/* Sets p->tx; ends it. */
int begin(struct peer *p);
int end(struct peer *p, const char *how);

void setup(void);
void teardown(const char *what);

void test_tree(void);
void test_watches(void);
void test_txns(void);
void test_hostile(void);
void test_limits(void);

#endif /* PEER_H */
