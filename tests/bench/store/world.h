/* SPDX-License-Identifier: ISC */
/* A store with many domains, and two that ask it something. */
#ifndef BENCH_STORE_WORLD_H
#define BENCH_STORE_WORLD_H

#include <stdint.h>
#include <backend/store.h>

/* Bytes of heap per domain. */
struct heap_use {
    double nodes;      /* with the nodes, by store_domain_add()              */
    double connection; /* for its connection                                 */
    double watch;      /* for a watch, as our kernel keeps one               */
};

struct world {
    struct store *store;
    struct loop *loop;
    unsigned nr; /* domains 1 .. nr                                        */
    struct heap_use use;
    struct store_ring **rings;
    struct xenstore_domain_interface *ring; /* which they share            */
    unsigned notified;
    struct xs_conn *client; /* privileged                                  */
    uint64_t random;
};

/* 0, or -1 after having said why. */
int world_make(struct world *w, unsigned nr);
void world_free(struct world *w);

/* Domain (id) as the daemon makes it; 0 or an error. */
int world_birth(struct world *w, unsigned id);
void world_death(struct world *w, unsigned id);

/* A request into the ring; the domain's answers and events are dropped. */
void ring_put(struct world *w, unsigned type, uint32_t tx, const char *payload,
              size_t len);
void ring_serve(struct world *w, unsigned id);
/* The payload of the first answer; NULL when there is none. */
const char *ring_get(struct world *w);
void ring_drop(struct world *w);

/* The same for the client, without a socket: returns the answer's payload,
 * its length in (*len), or NULL for an error. */
const char *client_ask(struct world *w, unsigned type, const char *payload,
                       size_t payload_len, size_t *len);

/* Below (n). */
unsigned world_random(struct world *w, unsigned n);

#endif /* BENCH_STORE_WORLD_H */
