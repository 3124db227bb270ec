/* SPDX-License-Identifier: ISC */
/*
 * x87 and vector registers over preemption: threads that hold different values
 * in all of them until each has been preempted a few times, and one that makes
 * function calls only, which must find an empty x87 stack.
 */
#include "threads_test.h"

#include <base/compiler.h>
#include <base/string.h>
#include <cpuid.h>

#define HOLDERS 3

static volatile int stop;
static volatile uint64_t turns[HOLDERS + 1];

struct holder {
    struct pattern want, got;
    unsigned index;
};
static struct holder holders[HOLDERS];

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

static void make_pattern(struct pattern *p, unsigned seed, bool avx)
{
    static const uint16_t rounding[HOLDERS] = {0, 1, 3};
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

static void *hold(void *arg)
{
    struct holder *h = arg;

    hold_registers(&h->want, &h->got, &stop, have_avx(), &turns[h->index]);
    return (void *)(uintptr_t)memcmp(&h->want, &h->got, sizeof(h->got));
}

/* Uses all of the x87 stack in each call, and leaves it as it was. */
static void *calculate(void *arg)
{
    volatile uint64_t *mine = arg;
    uintptr_t wrong = 0;

    while (!stop) {
        double sum;

        __asm__ volatile("fld1; fld1; fld1; fld1; fld1; fld1; fld1; fld1\n\t"
                         "faddp; faddp; faddp; faddp; faddp; faddp; faddp\n\t"
                         "fstpl %0"
                         : "=m"(sum));
        wrong += sum != 8.0;
        (*mine)++;
        thread_yield();
    }
    return (void *)wrong;
}

/* Each of them has run again since (seen) was noted. */
static bool all_went_on(uint64_t *seen)
{
    unsigned i;

    for (i = 0; i <= HOLDERS; i++)
        if (turns[i] == seen[i])
            return false;
    for (i = 0; i <= HOLDERS; i++)
        seen[i] = turns[i];
    return true;
}

void test_registers(void)
{
    uint64_t seen[HOLDERS + 1] = {0};
    struct thread *t[HOLDERS], *c;
    bool avx = have_avx();
    int i, rounds = 0;
    long wrong = 0;

    for (i = 0; i < HOLDERS; i++) {
        holders[i].index = (unsigned)i;
        make_pattern(&holders[i].want, (unsigned)i, avx);
        t[i] = start("holder", hold, &holders[i]);
    }
    c = start("calculator", calculate, (void *)(uintptr_t)&turns[HOLDERS]);
    while (rounds < 5) {
        rounds += all_went_on(seen);
        thread_yield();
    }
    stop = 1;
    for (i = 0; i < HOLDERS; i++)
        wrong += thread_join(t[i]) != NULL;
    check_is(wrong, 0,
             avx ? "x87, xmm, ymm and control registers are kept"
                 : "x87, xmm and control registers are kept");
    check_is((long)thread_join(c), 0, "others find an empty x87 stack");
}
