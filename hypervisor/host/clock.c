/* SPDX-License-Identifier: ISC */
/*
 * Clocks. The TSC rate is measured against CLOCK_MONOTONIC_RAW, which NTP does
 * not bend, between one fixed first sample and now: no state changes after the
 * first sample, so any thread may ask at any time, and the error shrinks as the
 * interval grows.
 */
#include <host/clock.h>

#include <errno.h>
#include <pthread.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>
#include <x86intrin.h>

#define NS_PER_SEC         1000000000ull
#define CALIBRATION_MIN_NS 2000000ull
#define SAMPLE_TRIES       8

struct sample {
    uint64_t tsc, ns;
};

static pthread_once_t once = PTHREAD_ONCE_INIT;
static struct sample first; /* written once, under (once)                  */

static uint64_t read_ns(clockid_t id)
{
    struct timespec ts;

    clock_gettime(id, &ts);
    return (uint64_t)ts.tv_sec * NS_PER_SEC + (uint64_t)ts.tv_nsec;
}

uint64_t clock_mono_ns(void)
{
    return read_ns(CLOCK_MONOTONIC);
}

uint64_t clock_wall_ns(void)
{
    return read_ns(CLOCK_REALTIME);
}

uint64_t clock_tsc(void)
{
    return __rdtsc();
}

/* TSC and clock (id) of the same moment: the try with the shortest way around
 * the clock wins, so an interrupt in between does no harm. */
static struct sample take_sample(clockid_t id)
{
    struct sample best = {0, 0};
    uint64_t best_width = UINT64_MAX;

    for (int i = 0; i < SAMPLE_TRIES; i++) {
        uint64_t before = __rdtsc();
        uint64_t ns = read_ns(id);
        uint64_t width = __rdtsc() - before;

        if (width < best_width) {
            best_width = width;
            best.tsc = before + width / 2;
            best.ns = ns;
        }
    }
    return best;
}

static void take_first(void)
{
    first = take_sample(CLOCK_MONOTONIC_RAW);
}

void clock_init(void)
{
    pthread_once(&once, take_first);
}

/* Ticks and nanoseconds between the first sample and now. */
static struct sample measure(void)
{
    struct sample now;

    clock_init();
    do {
        now = take_sample(CLOCK_MONOTONIC_RAW);
    } while (now.ns - first.ns < CALIBRATION_MIN_NS || now.tsc <= first.tsc);
    now.tsc -= first.tsc;
    now.ns -= first.ns;
    return now;
}

uint64_t clock_tsc_hz(void)
{
    struct sample d = measure();

    return (uint64_t)((unsigned __int128)d.tsc * NS_PER_SEC / d.ns);
}

void clock_tsc_params(struct clock_params *p)
{
    struct sample d = measure();
    struct sample now = take_sample(CLOCK_MONOTONIC);
    unsigned __int128 ticks = d.tsc;
    int shift = 0;
    uint64_t mul;

    /* mul / 2^32 * 2^shift = ns per tick, with mul's top bit set. */
    while (((unsigned __int128)d.ns << 32) / ticks >= (1ull << 32)) {
        ticks <<= 1;
        shift++;
    }
    while ((mul = (uint64_t)(((unsigned __int128)d.ns << 32) / ticks)) <
           (1ull << 31)) {
        d.ns <<= 1;
        shift--;
    }
    p->tsc_timestamp = now.tsc;
    p->system_time_ns = now.ns;
    p->tsc_to_system_mul = (uint32_t)mul;
    p->tsc_shift = (int8_t)shift;
}

int timer_open(void)
{
    int fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);

    return fd < 0 ? -errno : fd;
}

int timer_arm(int fd, uint64_t ns)
{
    struct itimerspec its = {
        .it_value = {.tv_sec = (time_t)(ns / NS_PER_SEC),
                     .tv_nsec = (long)(ns % NS_PER_SEC)},
    };

    return timerfd_settime(fd, 0, &its, NULL) ? -errno : 0;
}

void timer_ack(int fd)
{
    uint64_t count;

    while (read(fd, &count, sizeof(count)) < 0 && errno == EINTR)
        ;
}
