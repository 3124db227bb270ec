/* SPDX-License-Identifier: ISC */
/* x87 and vector registers, and what controls them. */
#include "threads_test.h"

#include <base/string.h>
#include <cpuid.h>

const struct control control_normal = {0x1f80, 0x37f},
                     control_up = {0x5f80, 0xb7f},
                     control_zero = {0x7f80, 0xf7f};

/* AVX of the CPU, and enabled (SDM 1, 14.3). */
static bool have_avx(void)
{
    unsigned a, b, c, d, low, high;

    if (!__get_cpuid(1, &a, &b, &c, &d) || (c & bit_OSXSAVE) == 0 ||
        (c & bit_AVX) == 0)
        return false;
    __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return (low & 6) == 6;
}

void make_pattern(struct pattern *p, unsigned seed)
{
    static const uint16_t rounding[NR_PATTERNS] = {0, 1, 3};
    bool avx = have_avx();
    unsigned i, j;

    memset(p, 0, sizeof(*p));
    for (i = 0; i < 16; i++)
        for (j = 0; j < (avx ? 32 : 16); j++)
            p->vectors[i][j] = (uint8_t)(seed * 101 + i * 13 + j + 1);
    for (i = 0; i < 7; i++) {
        double value = seed * 100 + i + 0.25;

        memcpy(&p->x87[i], &value, sizeof(value));
    }
    /* All exceptions masked; rounding modes and flags differ. */
    p->mxcsr = 0x1f80u | (uint32_t)rounding[seed] << 13 | 1u << seed;
    p->fcw = (uint16_t)(0x37f & ~0xc00) | (uint16_t)(rounding[seed] << 10);
}

void hold_registers(const struct pattern *want, struct pattern *got,
                    volatile int *stop, volatile uint64_t *turns)
{
    x86_hold_registers(want, got, stop, have_avx(), turns);
}

const char *what_is_kept(void)
{
    return have_avx() ? "x87, xmm, ymm and control registers are kept"
                      : "x87, xmm and control registers are kept";
}

/* Uses all of the x87 stack, which must be empty, and leaves it as it was. */
bool calculates_right(void)
{
    double sum;

    __asm__ volatile("fld1; fld1; fld1; fld1; fld1; fld1; fld1; fld1\n\t"
                     "faddp; faddp; faddp; faddp; faddp; faddp; faddp\n\t"
                     "fstpl %0"
                     : "=m"(sum));
    return sum == 8.0;
}

struct control get_control(void)
{
    struct control c;

    __asm__ volatile("stmxcsr %0\n\tfnstcw %1" : "=m"(c.mxcsr), "=m"(c.fcw));
    c.mxcsr &= ~0x3fu; /* the flags are nobody's */
    return c;
}

void set_control(struct control c)
{
    __asm__ volatile("ldmxcsr %0\n\tfldcw %1" : : "m"(c.mxcsr), "m"(c.fcw));
}

bool same_control(struct control a, struct control b)
{
    return a.mxcsr == b.mxcsr && a.fcw == b.fcw;
}
