/* SPDX-License-Identifier: ISC */
/*
 * Floating-point and vector registers over preemption: threads that hold
 * different values in all of them until each has been preempted a few times, and
 * one that makes function calls only. What the registers are is in pattern.h of
 * the architecture.
 */
#include "threads_test.h"

#include <base/compiler.h>
#include <base/string.h>

#define HOLDERS NR_PATTERNS

static volatile int stop;
static volatile uint64_t turns[HOLDERS + 1];

struct holder {
    struct pattern want, got;
    unsigned index;
};
static struct holder holders[HOLDERS];

static void *hold(void *arg)
{
    struct holder *h = arg;

    hold_registers(&h->want, &h->got, &stop, &turns[h->index]);
    return (void *)(uintptr_t)memcmp(&h->want, &h->got, sizeof(h->got));
}

static void *calculate(void *arg)
{
    volatile uint64_t *mine = arg;
    uintptr_t wrong = 0;

    while (!stop) {
        wrong += !calculates_right();
        (*mine)++;
        thread_yield();
    }
    return (void *)wrong;
}

/* --- control registers, over switches that nobody was forced to ------------------- */

/* Sets its own rounding, and has it still when the other has set another. */
static void *keep_control(void *arg)
{
    const struct control *mine = arg;
    uintptr_t wrong = !same_control(get_control(), control_normal);
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
    static struct control up, zero;
    struct control before = get_control();
    struct thread *a, *b;
    uintptr_t wrong;

    up = control_up;
    zero = control_zero;
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
    int i, rounds = 0;
    long wrong = 0;

    for (i = 0; i < HOLDERS; i++) {
        holders[i].index = (unsigned)i;
        make_pattern(&holders[i].want, (unsigned)i);
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
    check_is(wrong, 0, what_is_kept());
    check_is((long)thread_join(c), 0, "others calculate right in between");
}

void test_registers(void)
{
    test_control();
    test_preempted();
}
