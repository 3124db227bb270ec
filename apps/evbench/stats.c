/* SPDX-License-Identifier: ISC */
/* Samples and their order statistics. */
#include "evbench.h"

#include <base/compiler.h>
#include <minios/stdio.h>
#include <minios/time.h>

static struct samples the_samples;

struct samples *samples_begin(void)
{
    the_samples.nr = 0;
    return &the_samples;
}

void samples_add(struct samples *s, uint64_t ns)
{
    if (s->nr < SAMPLES_MAX)
        s->ns[s->nr++] = (uint32_t)MIN(ns, UINT32_MAX);
}

/* Heap sort: no recursion, no memory, no bad cases. */
static void sift_down(uint32_t *v, size_t root, size_t n)
{
    for (;;) {
        size_t child = 2 * root + 1;
        uint32_t tmp;

        if (child >= n)
            return;
        if (child + 1 < n && v[child + 1] > v[child])
            child++;
        if (v[root] >= v[child])
            return;
        tmp = v[root];
        v[root] = v[child];
        v[child] = tmp;
        root = child;
    }
}

static void sort(uint32_t *v, size_t n)
{
    size_t i;

    for (i = n / 2; i-- > 0;)
        sift_down(v, i, n);
    for (i = n; i-- > 1;) {
        uint32_t tmp = v[0];

        v[0] = v[i];
        v[i] = tmp;
        sift_down(v, 0, i);
    }
}

static uint32_t at(const struct samples *s, unsigned percent)
{
    return s->ns[MIN((size_t)s->nr * percent / 100, (size_t)s->nr - 1)];
}

static void print_number(const char *before, uint32_t value, unsigned unit)
{
    if (unit == 1)
        printf("%s%u", before, value);
    else
        printf("%s%u.%u", before, value / unit, value % unit);
}

/* (unit): how many of what the samples are make a nanosecond, 1 or 10. */
static void print(struct samples *s, const char *name, unsigned unit)
{
    if (s->nr == 0) {
        printf("%s: nothing measured\n", name);
        return;
    }
    sort(s->ns, s->nr);
    printf("%s", name);
    print_number(": ", at(s, 50), unit);
    print_number(" ns (p5 ", at(s, 5), unit);
    print_number(", p95 ", at(s, 95), unit);
    print_number(", p99 ", at(s, 99), unit);
    print_number(", max ", s->ns[s->nr - 1], unit);
    printf(", n %u)\n", s->nr);
}

void samples_print(struct samples *s, const char *name)
{
    print(s, name, 1);
}

void samples_print_tenths(struct samples *s, const char *name)
{
    print(s, name, 10);
}

uint64_t cycles_to_ns(uint64_t cycles)
{
    return time_cycles_to_ps(cycles) / 1000;
}
