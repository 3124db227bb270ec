/* SPDX-License-Identifier: ISC */
/* Vector registers, and what controls them. */
#include "threads_test.h"

#include <base/string.h>

/* FPCR: rounding towards plus infinity, towards zero (Arm ARM C5.2). */
#define ROUND(mode) ((uint64_t)(mode) << 22)

const struct control control_normal = {0}, control_up = {ROUND(1)},
                     control_zero = {ROUND(3)};

void make_pattern(struct pattern *p, unsigned seed)
{
    unsigned i, j;

    memset(p, 0, sizeof(*p));
    for (i = 0; i < 32; i++)
        for (j = 0; j < 16; j++)
            p->vectors[i][j] = (uint8_t)(seed * 101 + i * 13 + j + 1);
    p->fpcr = ROUND(seed);
    p->fpsr = 1u << seed; /* cumulative flags */
}

const char *what_is_kept(void)
{
    return "v0 to v31 and control registers are kept";
}

bool calculates_right(void)
{
    volatile double parts[8] = {1, 1, 1, 1, 1, 1, 1, 1};
    double sum = 0;
    unsigned i;

    for (i = 0; i < 8; i++)
        sum += parts[i];
    return sum == 8.0;
}

struct control get_control(void)
{
    struct control c;

    __asm__ volatile("mrs %0, fpcr" : "=r"(c.fpcr));
    return c;
}

void set_control(struct control c)
{
    __asm__ volatile("msr fpcr, %0" : : "r"(c.fpcr));
}

bool same_control(struct control a, struct control b)
{
    return a.fpcr == b.fpcr;
}
