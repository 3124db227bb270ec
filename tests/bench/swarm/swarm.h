/* SPDX-License-Identifier: ISC */
/* Many domains: created, kept, destroyed, each step timed. */
#ifndef BENCH_SWARM_H
#define BENCH_SWARM_H

#include <stdbool.h>
#include <stdint.h>
#include <bench/client.h>
#include <bench/clock.h>

/* Of one domain; -1: not known. Its number is its place in the order of
 * creation, and of destruction. */
struct guest {
    unsigned domid;
    unsigned long alive;   /* domains before it was created                 */
    int64_t create_at_ns;  /* by clock_ns(): the request                    */
    int64_t answer_ns;     /* from the request to its answer                */
    uint64_t create_tsc;   /* the same moment as create_at_ns               */
    uint64_t main_tsc;     /* its main() began; 0: not known                */
    unsigned long left;    /* domains before it was destroyed               */
    int64_t destroy_at_ns; /* as for create                                 */
    int64_t destroy_ns;
};

struct swarm {
    struct bench *bench;
    unsigned long count, alive_max; /* in all, at once                      */
    bool paced;          /* wait until one is blocked before the next       */
    bool tsc;            /* the guests print when main() began              */
    struct guest *guest; /* (count) of them                                 */
    unsigned long made, gone;
};

/*
 * Creates all, each beyond (alive_max) after destroying the oldest one, and
 * waits until those that are left are blocked, and with (tsc) have said when
 * their main() began. 0, or -1 with (*err).
 */
int swarm_create(struct swarm *s, struct midge_error *err);

/* Destroys those that are left, the oldest first. Goes on after a failure; 0,
 * or -1 with the last (*err). */
int swarm_destroy(struct swarm *s, struct midge_error *err);

/* The name of domain (nr). */
void swarm_name(char name[64], unsigned long nr);

#endif /* BENCH_SWARM_H */
