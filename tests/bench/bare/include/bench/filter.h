/* SPDX-License-Identifier: ISC */
/* A seccomp filter that costs what the monitor's costs and forbids nothing. */
#ifndef BENCH_FILTER_H
#define BENCH_FILTER_H

#include <linux/filter.h>

/* Instructions; hypervisor/engine/process/monitor/filter.c builds as many, give
 * or take ten. */
#define FILTER_LENGTH 71

void filter_build(struct sock_filter insn[FILTER_LENGTH]);

#endif /* BENCH_FILTER_H */
