/* SPDX-License-Identifier: ISC */
/* What measuring programs do with the client library. */
#ifndef BENCH_CLIENT_H
#define BENCH_CLIENT_H

#include <limits.h>
#include <stddef.h>
#include <stdint.h>
#include <midge/client.h>
#include <xl/load.h>

/* A configuration, and a connection to the daemon of MIDGE_RUN. */
struct bench {
    struct xl_loaded loaded;
    struct midge *m;
    char run_dir[PATH_MAX];
};

/*
 * Reads (file) and (nr) settings of (vars), opens the images, connects, starting
 * a daemon when none runs. 0, or -1 after a line on standard error that begins
 * with (program). bench_close() must be called in any case.
 */
int bench_open(struct bench *b, const char *program, const char *file,
               char *const *vars, size_t nr);
void bench_close(struct bench *b);

/* Waits until domain (domid) is blocked, by asking. 0, or -1 with (*err). */
int wait_blocked(struct midge *m, unsigned domid, struct midge_error *err);

/* The N of the last line "tsc: N" of (name)'s console log in (run_dir); 0 when
 * there is none. */
uint64_t guest_tsc(const char *run_dir, const char *name);

/* Removes the log of (name)'s console. */
void remove_log(const char *run_dir, const char *name);

#endif /* BENCH_CLIENT_H */
