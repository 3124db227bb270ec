/* SPDX-License-Identifier: ISC */
/*
 * Guest side of the benchmarks.
 *
 *   hypercalls N   time N calls of xen_version and print the time of one
 *   block          sleep for ever: an idle guest
 *   spin           compute for ever: a busy guest
 *   nap            sleep for ever in SCHEDOP_poll with a time limit
 */
#include <base/string.h>
#include <minios/app.h>
#include <minios/evtchn.h>
#include <minios/hypercall.h>
#include <minios/stdio.h>
#include <minios/time.h>
#include <stdbool.h>
#include <xen/version.h>

const char app_name[] = "bench";

/* The best of this many rounds is shown too: it is the undisturbed one. */
#define ROUNDS 10

static unsigned long parse_count(const char *text)
{
    unsigned long n = 0;

    for (; text && *text >= '0' && *text <= '9' && n < 1000000000; text++)
        n = n * 10 + (unsigned long)(*text - '0');
    return n;
}

static uint64_t time_round(unsigned long calls)
{
    uint64_t start = time_cycles();
    unsigned long i;

    for (i = 0; i < calls; i++)
        (void)HYPERVISOR_xen_version(XENVER_version, NULL); /* a version */
    return time_cycles_to_ps(time_cycles() - start) / calls;
}

static int bench_hypercalls(unsigned long calls)
{
    unsigned long per_round = calls / ROUNDS;
    uint64_t sum = 0, best = UINT64_MAX;
    int i;

    if (per_round == 0) {
        printf("bench: hypercalls needs a number from %d up\n", ROUNDS);
        return 2;
    }
    for (i = 0; i < ROUNDS; i++) {
        uint64_t ps = time_round(per_round);

        sum += ps;
        best = MIN(best, ps);
    }
    printf("hypercall_ps: %lu\n", sum / ROUNDS);
    printf("hypercall_best_ps: %lu\n", best);
    return 0;
}

static bool never(void *arg)
{
    (void)arg;
    return false;
}

static __attribute__((noinline)) void spin(void)
{
    volatile unsigned long turns = 0;

    for (;;)
        turns++;
}

/* The store's port is as good as any that nobody rings. */
static void nap(void)
{
    for (;;)
        if (evtchn_poll(1, time_monotonic_ns() + 3600 * 1000000000ull))
            continue; /* woken before the time, by nothing that matters */
}

int main(int argc, char **argv)
{
    const char *mode = argc > 1 ? argv[1] : "";

    if (strcmp(mode, "hypercalls") == 0)
        return bench_hypercalls(parse_count(argv[2]));
    if (strcmp(mode, "block") == 0) {
        printf("blocking\n");
        event_wait(never, NULL);
    }
    if (strcmp(mode, "spin") == 0) {
        printf("spinning\n");
        spin();
    }
    if (strcmp(mode, "nap") == 0) {
        printf("napping\n");
        nap();
    }
    printf("usage: bench hypercalls N | block | spin | nap\n");
    return 2;
}
