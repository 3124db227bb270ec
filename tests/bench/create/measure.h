/* SPDX-License-Identifier: ISC */
/* One creation, measured. */
#ifndef BENCH_MEASURE_H
#define BENCH_MEASURE_H

#include <stdint.h>
#include <bench/clock.h>
#include <midge/client.h>

/* What is measured of a creation, in nanoseconds from just before the request
 * was sent; -1: not known. The order is that of the columns. */
enum step {
    STEP_READ,   /* the daemon had read the request                       */
    STEP_PARSED, /* these seven: struct midge_marks                       */
    STEP_TEMPLATE,
    STEP_MEMORY,
    STEP_DOMAIN,
    STEP_SENT,
    STEP_FORKED,
    STEP_GATE,
    STEP_ENTERED,  /* the monitor entered the guest                          */
    STEP_MAIN,     /* the guest's main() began (it printed "tsc: N")         */
    STEP_ANSWER,   /* create was answered                                    */
    STEP_GONE,     /* wait was answered                                      */
    STEP_SHUTDOWN, /* not from the request: shutdown, to the answer of wait  */
    STEP_DESTROY,  /* not from the request: destroy, to its answer           */
    NR_STEPS
};

extern const char *const step_names[NR_STEPS];

struct sample {
    int64_t ns[NR_STEPS];
};

/*
 * Creates (p), waits for its end, and fills (*out). The console's log is read
 * from (run_dir) and removed. 0, or -1 with (*err).
 */
int measure(struct midge *m, const struct midge_create *p, const char *run_dir,
            const struct tsc_rate *rate, struct sample *out,
            struct midge_error *err);

/* Creates (p), whose guest never ends, waits until its vCPU is blocked and
 * destroys it. Otherwise as measure(). */
int measure_destroy(struct midge *m, const struct midge_create *p,
                    const char *run_dir, const struct tsc_rate *rate,
                    struct sample *out, struct midge_error *err);

/* The same, but asks the guest to power off and waits until it is gone. */
int measure_shutdown(struct midge *m, const struct midge_create *p,
                     const char *run_dir, const struct tsc_rate *rate,
                     struct sample *out, struct midge_error *err);

#endif /* BENCH_MEASURE_H */
