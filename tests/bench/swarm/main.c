/* SPDX-License-Identifier: ISC */
/*
 * midge-bench-swarm: creates many domains over one connection, keeps them,
 * destroys them, and prints what each creation and destruction took, as CSV on
 * standard output; empty where nothing is known.
 */
#include "swarm.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <bench/count.h>

#define CALIBRATE_MS 50
#define PROGRAM      "midge-bench-swarm"

static const char usage[] =
    "Usage: midge-bench-swarm [-pt] [-n COUNT] [-a ALIVE] CONFIG [key=value...]\n"
    "\n"
    "  -n COUNT   domains to create (1000)\n"
    "  -a ALIVE   so many at once; before each further creation the oldest one\n"
    "             is destroyed (COUNT)\n"
    "  -p         wait until a guest is blocked before the next is created\n"
    "  -t         their command line has --tsc: find out when main() began, of\n"
    "             those that are alive in the end\n"
    "\n"
    "Connects, prints \"connected\", waits for a line on standard input, creates,\n"
    "prints \"ready\" when all guests are blocked, waits for the end of standard\n"
    "input, destroys, the oldest first, and prints the figures. The guests must\n"
    "block for ever. The daemon is that of MIDGE_RUN, started when none runs.\n";

struct options {
    unsigned long count, alive;
    bool paced, tsc;
    const char *file;
    char **vars;
    size_t nr_vars;
};

static bool read_options(struct options *o, int argc, char **argv)
{
    int opt;

    while ((opt = getopt(argc, argv, "ptn:a:")) != -1) {
        if (opt == 'p')
            o->paced = true;
        else if (opt == 't')
            o->tsc = true;
        else if (opt == '?' || !count_read(PROGRAM, optarg,
                                           opt == 'n' ? &o->count : &o->alive))
            return false;
    }
    if (optind == argc || !o->count)
        return false;
    if (!o->alive)
        o->alive = o->count;
    o->file = argv[optind];
    o->vars = argv + optind + 1;
    o->nr_vars = (size_t)(argc - optind - 1);
    return true;
}

/* Says (what) and waits for a line; false at the end of standard input. */
static bool await_line(const char *what)
{
    char byte = 0;

    printf("%s\n", what);
    if (fflush(stdout))
        return false;
    while (byte != '\n') {
        if (read(0, &byte, 1) <= 0)
            return false;
    }
    return true;
}

static void print_all(const struct swarm *s, const struct tsc_rate *rate)
{
    printf("n,alive,create_at_ns,answer_ns,main_ns,left,destroy_at_ns,"
           "destroy_ns\n");
    for (unsigned long i = 0; i < s->made; i++) {
        const struct guest *g = &s->guest[i];
        char name[64];

        swarm_name(name, i);
        remove_log(s->bench->run_dir, name);
        printf("%lu,%lu,%lld,%lld,", i, g->alive, (long long)g->create_at_ns,
               (long long)g->answer_ns);
        if (g->main_tsc)
            printf("%lld",
                   (long long)tsc_ns_between(g->create_tsc, g->main_tsc, rate));
        printf(",%lu,%lld,%lld\n", g->left, (long long)g->destroy_at_ns,
               (long long)g->destroy_ns);
    }
}

static int run(struct swarm *s)
{
    struct midge_error err, first;
    struct tsc_rate rate;
    int rc;

    tsc_calibrate(&rate, CALIBRATE_MS);
    (void)await_line("connected"); /* its end is as good as a line */
    rc = swarm_create(s, &err);
    first = err;
    if (rc == 0)
        while (await_line("ready"))
            ;
    if (swarm_destroy(s, &err) < 0 && rc == 0) {
        rc = -1;
        first = err;
    }
    if (rc < 0)
        fprintf(stderr, PROGRAM ": %s\n", first.text);
    else
        print_all(s, &rate);
    return rc;
}

int main(int argc, char **argv)
{
    struct options o = {.count = 1000};
    struct bench b;
    struct swarm s = {.bench = &b};
    int rc;

    if (!read_options(&o, argc, argv)) {
        fputs(usage, stderr);
        return 2;
    }
    s.count = o.count;
    s.alive_max = o.alive;
    s.paced = o.paced;
    s.tsc = o.tsc;
    s.guest = calloc(o.count, sizeof(*s.guest));
    if (!s.guest) {
        fprintf(stderr, PROGRAM ": out of memory\n");
        return 1;
    }
    rc = bench_open(&b, PROGRAM, o.file, o.vars, o.nr_vars);
    if (rc == 0)
        rc = run(&s);
    bench_close(&b);
    free(s.guest);
    if (fflush(stdout) || ferror(stdout))
        rc = -1;
    return rc < 0 ? 1 : 0;
}
