/* SPDX-License-Identifier: ISC */
/*
 * midge-bench-floor: measures what Linux takes for the bare work behind one of
 * our operations. CSV on standard output: n, main_ns, wake_ns, gone_ns, all
 * from the first step; empty when not known.
 */
#include "floor.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <bench/count.h>

#define CALIBRATE_MS 50

static const char usage[] =
    "Usage: midge-bench-floor fork [-n COUNT] [-w WARMUP] [-f PAGES] [-t PAGES]\n"
    "       midge-bench-floor exec [-n COUNT] [-w WARMUP] PROGRAM [ARG...]\n"
    "       midge-bench-floor syscall [-n COUNT]\n"
    "\n"
    "  fork     a confined process with a memory file, of which the parent fills\n"
    "           -f pages and the child touches -t more\n"
    "  exec     PROGRAM, from vfork to waitpid; %d in an argument becomes the\n"
    "           number of the round, starting from -w\n"
    "  syscall  getppid, -n of them: prints the nanoseconds of one\n";

static bool read_options(struct plan *p, int argc, char **argv)
{
    int opt;

    while ((opt = getopt(argc, argv, "+n:w:f:t:")) != -1) {
        unsigned long *at = opt == 'n'   ? &p->count
                            : opt == 'w' ? &p->warmup
                            : opt == 'f' ? &p->filled
                                         : &p->touched;

        if (opt == '?' || !count_read("midge-bench-floor", optarg, at))
            return false;
    }
    p->argv = argv + optind;
    return true;
}

static void print_number(int64_t n, const char *end)
{
    if (n >= 0)
        printf("%lld", (long long)n);
    printf("%s", end);
}

/* Printed at the end, so that printing does not disturb. */
static void print_all(const struct timing *t, unsigned long nr)
{
    printf("n,main_ns,wake_ns,gone_ns\n");
    for (unsigned long i = 0; i < nr; i++) {
        printf("%lu,", i);
        print_number(t[i].main_ns, ",");
        print_number(t[i].wake_ns, ",");
        print_number(t[i].gone_ns, "\n");
    }
}

static int run_rounds(struct plan *p,
                      int (*round)(const struct plan *, unsigned long,
                                   struct timing *))
{
    struct timing warm, *t = calloc(p->count + 1, sizeof(*t));
    int rc = 0;

    if (!t) {
        fprintf(stderr, "midge-bench-floor: out of memory\n");
        return -1;
    }
    tsc_calibrate(&p->rate, CALIBRATE_MS);
    for (unsigned long i = 0; i < p->warmup + p->count && !rc; i++)
        rc = round(p, i, i < p->warmup ? &warm : &t[i - p->warmup]);
    if (!rc)
        print_all(t, p->count);
    free(t);
    return rc;
}

static int run_syscalls(const struct plan *p)
{
    int64_t start = clock_ns();

    for (unsigned long i = 0; i < p->count; i++)
        (void)syscall(SYS_getppid); /* cannot fail */
    printf("%.2f\n",
           (double)(clock_ns() - start) / (double)(p->count + !p->count));
    return 0;
}

int main(int argc, char **argv)
{
    struct plan p = {.count = 1000, .warmup = 20, .filled = 8, .touched = 12};
    const char *mode = argc > 1 ? argv[1] : "";
    int rc = -1;

    if (argc < 2 || !read_options(&p, argc - 1, argv + 1)) {
        fputs(usage, stderr);
        return 2;
    }
    if (strcmp(mode, "fork") == 0) {
        rc = run_rounds(&p, round_fork);
    } else if (strcmp(mode, "exec") == 0 && p.argv[0]) {
        rc = run_rounds(&p, round_exec);
    } else if (strcmp(mode, "syscall") == 0) {
        rc = run_syscalls(&p);
    } else {
        fputs(usage, stderr);
        return 2;
    }
    if (fflush(stdout) || ferror(stdout))
        rc = -1;
    return rc < 0 ? 1 : 0;
}
