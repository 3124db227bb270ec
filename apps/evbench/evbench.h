/* SPDX-License-Identifier: ISC */
/* The benchmarks, and how they report. Times are nanoseconds. */
#ifndef EVBENCH_H
#define EVBENCH_H

#include <stddef.h>
#include <stdint.h>

/* Each prints its rows and returns 0, or says what went wrong and returns 1.
 * (argc, argv): what stands behind its name on the command line. */
int bench_events(int argc, char **argv);
int bench_fifo(int argc, char **argv);
int bench_threads(int argc, char **argv);
int bench_store(int argc, char **argv);
int bench_grants(int argc, char **argv);
int bench_ping(int argc, char **argv);
int bench_pong(int argc, char **argv);

/* "evbench: (what): error (rc)", the error unless it is 0; returns 1. */
int failed(const char *what, int rc);
/* A decimal number of at most nine digits, or (otherwise). */
unsigned number(const char *text, unsigned otherwise);

/* --- stats.c ------------------------------------------------------------------- */

#define SAMPLES_MAX 20000u

/* Measurements of one thing. A page or more of static memory. */
struct samples {
    unsigned nr;
    uint32_t ns[SAMPLES_MAX];
};
/* The one set there is; empty. */
struct samples *samples_begin(void);
/* What is beyond SAMPLES_MAX is left out. */
void samples_add(struct samples *s, uint64_t ns);
/* Prints "name: MEDIAN ns (p5 A, p95 B, p99 C, max D, n N)". */
void samples_print(struct samples *s, const char *name);
/* The same of samples that are tenths of nanoseconds. */
void samples_print_tenths(struct samples *s, const char *name);

uint64_t cycles_to_ns(uint64_t cycles);

#endif /* EVBENCH_H */
