/* SPDX-License-Identifier: ISC */
/* Counts on the command lines of the benchmarks. */
#ifndef BENCH_COUNT_H
#define BENCH_COUNT_H

#include <stdbool.h>

#define COUNT_MAX 10000000

/* A decimal number of at most COUNT_MAX; otherwise false, after a line on
 * standard error that begins with (program). */
bool count_read(const char *program, const char *text, unsigned long *out);

#endif /* BENCH_COUNT_H */
