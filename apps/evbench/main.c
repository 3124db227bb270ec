/* SPDX-License-Identifier: ISC */
/*
 * Micro-benchmarks, one line of figures each.
 *
 *   evbench [NAME [ARGUMENT...]]     without a name: all that need no partner
 */
#include "evbench.h"

#include <base/compiler.h>
#include <base/string.h>
#include <minios/app.h>
#include <minios/stdio.h>
#include <stdbool.h>

const char app_name[] = "evbench";

static const struct {
    const char *name, *help;
    int (*run)(int argc, char **argv);
    bool alone; /* needs no partner */
} benches[] = {
    {"events", "events to oneself: sent, polled, from a timer", bench_events,
     true},
    {"threads", "switches, mutexes, creation, timers, sleep", bench_threads,
     true},
    {"store", "[PATH]: xenstore, one by one and pipelined", bench_store, true},
    {"grants", "granting a page and taking it back", bench_grants, true},
    {"fifo", "[PORTS]: FIFO events, many ports, priorities", bench_fifo, true},
    {"ping", "[ROUNDS]: events to and from a domain that runs pong", bench_ping,
     false},
    {"pong", "DOMID: answers the domain that runs ping, until destroyed",
     bench_pong, false},
};

int failed(const char *what, int rc)
{
    if (rc != 0)
        printf("evbench: %s: error %d\n", what, rc);
    else
        printf("evbench: %s\n", what);
    return 1;
}

unsigned number(const char *text, unsigned otherwise)
{
    unsigned n = 0;
    size_t len = text ? strnlen(text, 10) : 0;

    if (len == 0 || len > 9)
        return otherwise;
    for (; *text; text++) {
        if (*text < '0' || *text > '9')
            return otherwise;
        n = n * 10 + (unsigned)(*text - '0');
    }
    return n;
}

static int usage(void)
{
    size_t i;

    printf("usage: evbench [NAME [ARGUMENT...]]; all without a name\n");
    for (i = 0; i < ARRAY_SIZE(benches); i++)
        printf("  %-8s %s\n", benches[i].name, benches[i].help);
    return 2;
}

int main(int argc, char **argv)
{
    bool known = false;
    int bad = 0;
    size_t i;

    for (i = 0; i < ARRAY_SIZE(benches); i++) {
        if (argc > 1 ? strcmp(argv[1], benches[i].name) != 0
                     : !benches[i].alone)
            continue;
        known = true;
        bad |= benches[i].run(argc - 2, argv + 2);
    }
    return known ? bad : usage();
}
