/* SPDX-License-Identifier: ISC */
/*
 * midge-bench-store: what requests take in a store that holds many domains'
 * nodes, and what a domain costs it. No guests and no sockets: the backend's
 * ring code is called as the doorbell calls it.
 */
#include "world.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <bench/clock.h>

#define CALIBRATE_MS 50
/* One more is born and dies in the course of it. */
#define DOMAINS_MAX (DOMID_FIRST_RESERVED - 2u)
#define COUNT_MAX   10000000u
#define PIPELINED   10u

static const char usage[] =
    "Usage: midge-bench-store ops [-d DOMAINS] [-n COUNT] [-w WARMUP]\n"
    "       midge-bench-store memory [-d DOMAINS]\n"
    "\n"
    "  ops     CSV: nanoseconds of each operation, COUNT times\n"
    "  memory  bytes of heap per domain: nodes, connection, watch\n";

struct plan {
    unsigned domains, count, warmup;
};

/* --- the operations: each returns whether the answer was right -----------------*/

static unsigned me(const struct world *w)
{
    return (w->nr + 1) / 2;
}

static bool read_ring(struct world *w, unsigned n)
{
    const char *s;
    unsigned i;

    for (i = 0; i < n; i++)
        ring_put(w, XS_READ, 0, "name", 5);
    ring_serve(w, me(w));
    for (i = 0; i < n; i++) {
        s = ring_get(w);
        if (!s || strncmp(s, "guest-", 6) != 0)
            return false;
    }
    return true;
}

static bool op_read(struct world *w)
{
    return read_ring(w, 1);
}

static bool op_read_pipelined(struct world *w)
{
    return read_ring(w, PIPELINED);
}

/* Any domain's: little of the way there is in the caches. */
static bool op_read_any(struct world *w)
{
    char path[64];
    size_t len;
    int n = snprintf(path, sizeof(path), "/local/domain/%u/name",
                     1 + world_random(w, w->nr));

    return client_ask(w, XS_READ, path, (size_t)n + 1, &len) != NULL;
}

/* The writer and the client watch it. */
static bool op_write_watched(struct world *w)
{
    const char *s;
    bool good;

    ring_put(w, XS_WRITE, 0, "data/k\0value", 12);
    ring_serve(w, me(w));
    s = ring_get(w);
    good = s && strcmp(s, "data/k") == 0; /* its own event comes first */
    s = ring_get(w);
    return good && s && strcmp(s, "OK") == 0;
}

static bool op_txn(struct world *w)
{
    const char *s;
    uint32_t tx;

    ring_put(w, XS_TRANSACTION_START, 0, "", 1);
    ring_serve(w, me(w));
    s = ring_get(w);
    if (!s)
        return false;
    tx = (uint32_t)strtoul(s, NULL, 10);
    ring_put(w, XS_READ, tx, "name", 5);
    ring_put(w, XS_WRITE, tx, "data/t\0value", 12);
    ring_put(w, XS_TRANSACTION_END, tx, "T", 2);
    ring_serve(w, me(w));
    for (unsigned i = 0; i < 3; i++)
        s = s ? ring_get(w) : NULL;
    ring_drop(w);
    return s && strcmp(s, "OK") == 0;
}

/* One message's worth of the children of /local/domain, anywhere. */
static bool op_part(struct world *w)
{
    static unsigned at;
    const char *s;
    char ask[64];
    size_t len;
    int n = snprintf(ask, sizeof(ask), "/local/domain%c%u", 0, at);

    s = client_ask(w, XS_DIRECTORY_PART, ask, (size_t)n + 1, &len);
    if (!s || strlen(s) + 2 > len)
        return false;
    at += (unsigned)(len - strlen(s) - 1);
    if (s[len - 2] == '\0') /* the end of the list: an empty name */
        at = 0;
    return true;
}

static bool op_birth(struct world *w)
{
    return !world_birth(w, w->nr + 1);
}

static bool op_death(struct world *w)
{
    world_death(w, w->nr + 1);
    return true;
}

static const struct {
    const char *name;
    bool (*run)(struct world *w);
    bool (*before)(struct world *w), (*after)(struct world *w); /* not timed */
} ops[] = {
    {"read", op_read, NULL, NULL},
    {"read_pipelined", op_read_pipelined, NULL, NULL},
    {"read_any", op_read_any, NULL, NULL},
    {"write_watched", op_write_watched, NULL, NULL},
    {"txn", op_txn, NULL, NULL},
    {"part", op_part, NULL, NULL},
    {"birth", op_birth, NULL, op_death},
    {"death", op_death, op_birth, NULL},
};
#define NR_OPS (sizeof(ops) / sizeof(ops[0]))

/* --- running them ----------------------------------------------------------------*/

/* Every other domain watches everything, which must not matter. */
static void watch_root(struct world *w)
{
    for (unsigned i = 1; i <= w->nr; i++) {
        if (i != me(w))
            ring_put(w, XS_WATCH, 0, "/\0r", 4);
        ring_serve(w, i);
        ring_drop(w);
    }
}

static bool prepare(struct world *w)
{
    char path[64];
    size_t len;
    int n = snprintf(path, sizeof(path), "/local/domain/%u/data%ck", me(w), 0);

    watch_root(w);
    ring_put(w, XS_WRITE, 0, "data/k\0value", 12);
    ring_put(w, XS_WATCH, 0, "data/k\0t", 9);
    ring_serve(w, me(w));
    ring_drop(w);
    return client_ask(w, XS_WATCH, path, (size_t)n + 1, &len) != NULL;
}

static bool run_one(struct world *w, size_t o, const struct tsc_rate *rate,
                    int64_t *ns)
{
    bool good = !ops[o].before || ops[o].before(w);
    uint64_t start, end;

    start = tsc_now();
    good = good && ops[o].run(w);
    end = tsc_now();
    *ns = tsc_ns_between(start, end, rate);
    if (good && (!ops[o].after || ops[o].after(w)))
        return true;
    fprintf(stderr, "midge-bench-store: %s went wrong\n", ops[o].name);
    return false;
}

static bool run_all(struct world *w, const struct plan *p, int64_t *out)
{
    struct tsc_rate rate;
    int64_t ns;

    tsc_calibrate(&rate, CALIBRATE_MS);
    for (size_t o = 0; o < NR_OPS; o++) {
        for (unsigned i = 0; i < p->warmup + p->count; i++) {
            if (!run_one(w, o, &rate, &ns))
                return false;
            if (i >= p->warmup)
                out[(i - p->warmup) * NR_OPS + o] = ns;
        }
    }
    return true;
}

static void print_all(const int64_t *out, unsigned count)
{
    printf("n");
    for (size_t o = 0; o < NR_OPS; o++)
        printf(",%s_ns", ops[o].name);
    for (unsigned i = 0; i < count; i++) {
        printf("\n%u", i);
        for (size_t o = 0; o < NR_OPS; o++)
            printf(",%lld", (long long)out[i * NR_OPS + o]);
    }
    printf("\n");
}

static int run_ops(struct world *w, const struct plan *p)
{
    int64_t *out = calloc((size_t)p->count + 1, NR_OPS * sizeof(*out));
    int rc = -1;

    if (out && prepare(w) && run_all(w, p, out)) {
        print_all(out, p->count);
        rc = 0;
    }
    free(out);
    return rc;
}

static bool read_count(const char *text, unsigned max, unsigned *out)
{
    unsigned long n;
    char *end;

    errno = 0;
    n = strtoul(text, &end, 10);
    *out = (unsigned)n;
    if (!errno && *text >= '0' && *text <= '9' && !*end && n <= max)
        return true;
    fprintf(stderr, "midge-bench-store: '%s' is no number up to %u\n", text,
            max);
    return false;
}

static bool read_options(struct plan *p, int argc, char **argv)
{
    int opt;

    while ((opt = getopt(argc, argv, "d:n:w:")) != -1) {
        unsigned *at = opt == 'd'   ? &p->domains
                       : opt == 'n' ? &p->count
                                    : &p->warmup;

        if (opt == '?' ||
            !read_count(optarg, opt == 'd' ? DOMAINS_MAX : COUNT_MAX, at))
            return false;
    }
    return optind == argc && p->domains > 0;
}

int main(int argc, char **argv)
{
    struct plan p = {.domains = 1, .count = 20000, .warmup = 2000};
    const char *mode = argc > 1 ? argv[1] : "";
    bool memory = strcmp(mode, "memory") == 0;
    struct world w;
    int rc;

    if ((!memory && strcmp(mode, "ops") != 0) ||
        !read_options(&p, argc - 1, argv + 1)) {
        fputs(usage, stderr);
        return 2;
    }
    rc = world_make(&w, p.domains);
    if (!rc && memory)
        printf("nodes,connection,watch\n%.0f,%.0f,%.0f\n", w.use.nodes,
               w.use.connection, w.use.watch);
    else if (!rc)
        rc = run_ops(&w, &p);
    world_free(&w);
    if (fflush(stdout) || ferror(stdout))
        rc = -1;
    return rc < 0 ? 1 : 0;
}
