/* SPDX-License-Identifier: ISC */
/* Floors: the bare work of creating something, without Midge. */
#ifndef BENCH_FLOOR_H
#define BENCH_FLOOR_H

#include <bench/clock.h>

struct plan {
    unsigned long count, warmup;
    unsigned long filled, touched; /* pages; fork only                     */
    char **argv;                   /* exec only                            */
    struct tsc_rate rate;
};

/* In nanoseconds from the first step; -1: not known. */
struct timing {
    int64_t main_ns; /* the first instruction of the new process's own     */
    int64_t wake_ns; /* the parent heard from it                           */
    int64_t gone_ns; /* collected, everything of it freed                  */
};

/* Both: one round (nr = its number). 0, or -1 and a line on standard error. */
int round_fork(const struct plan *p, unsigned long nr, struct timing *out);
int round_exec(const struct plan *p, unsigned long nr, struct timing *out);

/* A seccomp filter of the size of the process engine's, through which
 * everything passes. 0 or -1. */
int filter_install(void);

#endif /* BENCH_FLOOR_H */
