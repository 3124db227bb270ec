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

/* --- control registers, over switches that nobody was forced to ------------------- */

struct control {
    uint32_t mxcsr;
    uint16_t fcw;
};

static struct control get_control(void)
{
    struct control c;

    __asm__ volatile("stmxcsr %0\n\tfnstcw %1" : "=m"(c.mxcsr), "=m"(c.fcw));
    c.mxcsr &= ~0x3fu; /* the flags are nobody's */
    return c;
}

static void set_control(struct control c)
{
    __asm__ volatile("ldmxcsr %0\n\tfldcw %1" : : "m"(c.mxcsr), "m"(c.fcw));
}

static bool same_control(struct control a, struct control b)
{
    return a.mxcsr == b.mxcsr && a.fcw == b.fcw;
}

/* Sets its own rounding, and has it still when the other has set another. */
static void *keep_control(void *arg)
{
    static const struct control normal = {0x1f80, 0x37f};
    const struct control *mine = arg;
    uintptr_t wrong = !same_control(get_control(), normal);
    int i;

    set_control(*mine);
    for (i = 0; i < 10; i++) {
        thread_yield();
        wrong += !same_control(get_control(), *mine);
    }
    return (void *)wrong;
}

static void test_control(void)
{
    static struct control up = {0x5f80, 0xb7f}, zero = {0x7f80, 0xf7f};
    struct control before = get_control();
    struct thread *a, *b;
    uintptr_t wrong;

    set_control(up);
    a = start("up", keep_control, &up);
    b = start("zero", keep_control, &zero);
    wrong = (uintptr_t)thread_join(a) + (uintptr_t)thread_join(b);
    check_is((long)wrong, 0, "rounding is a thread's own, normal at first");
    check(same_control(get_control(), up), "and the main thread's as it was");
    set_control(before);
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

static void test_preempted(void)
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

void test_registers(void)
{
    test_control();
    test_preempted();
}
