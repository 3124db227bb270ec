/* SPDX-License-Identifier: ISC */
/*
 * midge-bench-create: creates a domain again and again over one connection and
 * prints what each creation took, as CSV on standard output: the columns of
 * measure.h, nanoseconds from just before the request was sent, empty where
 * nothing is known. A summary goes to standard error.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <bench/client.h>
#include <bench/count.h>
#include "measure.h"

#define CALIBRATE_MS 50
#define PROGRAM      "midge-bench-create"

static const char usage[] =
    "Usage: midge-bench-create [-d | -s] [-n COUNT] [-w WARMUP] CONFIG "
    "[key=value...]\n"
    "\n"
    "  -n COUNT   creations that are measured (1000)\n"
    "  -w WARMUP  creations before that, not measured (20)\n"
    "  -d         the guest blocks for ever: destroy it as soon as it does, and\n"
    "             measure that\n"
    "  -s         the same, but ask it to power off, and measure until it is\n"
    "             gone\n"
    "\n"
    "Without -d and -s the domain must end by itself with exit code 0. For the\n"
    "column main its command line must have --tsc, for example\n"
    "extra=\"'--tsc'\". Domains are named bench-PID-N. The daemon is that of\n"
    "MIDGE_RUN, started when none runs.\n";

struct options {
    unsigned long count, warmup;
    bool destroy, shutdown;
    const char *file;
    char **vars;
    size_t nr_vars;
};

static bool read_options(struct options *o, int argc, char **argv)
{
    int opt;

    while ((opt = getopt(argc, argv, "dsn:w:")) != -1) {
        if (opt == 'd')
            o->destroy = true;
        else if (opt == 's')
            o->shutdown = true;
        else if (opt == '?' || !count_read(PROGRAM, optarg,
                                           opt == 'n' ? &o->count : &o->warmup))
            return false;
    }
    if (optind == argc)
        return false;
    o->file = argv[optind];
    o->vars = argv + optind + 1;
    o->nr_vars = (size_t)(argc - optind - 1);
    return true;
}

static void print_header(void)
{
    printf("n");
    for (unsigned i = 0; i < NR_STEPS; i++)
        printf(",%s_ns", step_names[i]);
    printf("\n");
}

static void print_sample(unsigned long n, const struct sample *s)
{
    printf("%lu", n);
    for (unsigned i = 0; i < NR_STEPS; i++) {
        if (s->ns[i] >= 0)
            printf(",%lld", (long long)s->ns[i]);
        else
            printf(",");
    }
    printf("\n");
}

static int by_value(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return x < y ? -1 : x > y;
}

/* (values) of which those below 0 are unknown. */
static void summarise(const char *what, int64_t *values, size_t nr)
{
    size_t known = 0, p50, p90, p99;

    for (size_t i = 0; i < nr; i++) {
        if (values[i] >= 0)
            values[known++] = values[i];
    }
    if (known == 0)
        return;
    qsort(values, known, sizeof(*values), by_value);
    p50 = known / 2;
    p90 = known * 9 / 10;
    p99 = known * 99 / 100;
    fprintf(stderr,
            "%-10s min %8.1f  p50 %8.1f  p90 %8.1f  p99 %8.1f  max %8.1f us  "
            "N %zu\n",
            what, (double)values[0] / 1e3, (double)values[p50] / 1e3,
            (double)values[p90] / 1e3, (double)values[p99] / 1e3,
            (double)values[known - 1] / 1e3, known);
}

static void print_summary(const struct sample *s, size_t nr)
{
    int64_t *values = calloc(nr ? nr : 1, sizeof(*values));

    if (!values)
        return; /* the CSV is complete without it */
    for (unsigned step = 0; step < NR_STEPS; step++) {
        for (size_t i = 0; i < nr; i++)
            values[i] = s[i].ns[step];
        summarise(step_names[step], values, nr);
    }
    free(values);
}

/* Warm-up and measurement; samples are printed at the end, so that printing
 * does not disturb. */
static int run(struct bench *b, const struct options *o, struct sample *samples)
{
    int (*one)(struct midge *, const struct midge_create *, const char *,
               const struct tsc_rate *, struct sample *, struct midge_error *) =
        o->destroy    ? measure_destroy
        : o->shutdown ? measure_shutdown
                      : measure;
    unsigned long total = o->warmup + o->count;
    struct midge_create request;
    struct midge_error err;
    struct tsc_rate rate;
    char name[64];

    tsc_calibrate(&rate, CALIBRATE_MS);
    xl_load_request(&b->loaded, &request);
    request.name = name;
    for (unsigned long i = 0; i < total; i++) {
        struct sample warm,
            *s = i < o->warmup ? &warm : &samples[i - o->warmup];

        snprintf(name, sizeof(name), "bench-%d-%lu", (int)getpid(), i);
        if (one(b->m, &request, b->run_dir, &rate, s, &err) < 0) {
            fprintf(stderr, PROGRAM ": %s\n", err.text);
            return -1;
        }
    }
    print_header();
    for (unsigned long i = 0; i < o->count; i++)
        print_sample(i, &samples[i]);
    print_summary(samples, o->count);
    return 0;
}

int main(int argc, char **argv)
{
    struct options o = {.count = 1000, .warmup = 20};
    struct sample *samples;
    struct bench b;
    int rc;

    if (!read_options(&o, argc, argv)) {
        fputs(usage, stderr);
        return 2;
    }
    samples = calloc(o.count + 1, sizeof(*samples));
    if (!samples) {
        fprintf(stderr, PROGRAM ": out of memory\n");
        return 1;
    }
    rc = bench_open(&b, PROGRAM, o.file, o.vars, o.nr_vars);
    if (rc == 0)
        rc = run(&b, &o, samples);
    bench_close(&b);
    free(samples);
    if (fflush(stdout) || ferror(stdout))
        rc = -1;
    return rc < 0 ? 1 : 0;
}
