/* SPDX-License-Identifier: ISC */
/* Clocks of the benchmarks. */
#include <bench/clock.h>

#include <time.h>

uint64_t tsc_now(void)
{
    return __builtin_ia32_rdtsc();
}

int64_t clock_ns(void)
{
    struct timespec ts;

    (void)clock_gettime(CLOCK_MONOTONIC, &ts); /* cannot fail */
    return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

void tsc_calibrate(struct tsc_rate *rate, unsigned ms)
{
    int64_t start_ns = clock_ns(), now_ns;
    uint64_t start = tsc_now(), now;

    do {
        now_ns = clock_ns();
        now = tsc_now();
    } while (now_ns - start_ns < (int64_t)ms * 1000000);
    rate->cycles_per_ns = (double)(now - start) / (double)(now_ns - start_ns);
}

int64_t tsc_ns_between(uint64_t from, uint64_t to, const struct tsc_rate *rate)
{
    return to < from ? 0 : (int64_t)((double)(to - from) / rate->cycles_per_ns);
}
