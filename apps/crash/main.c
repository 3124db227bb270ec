/* SPDX-License-Identifier: ISC */
/* Dies in the way its argument says. */
#include <base/string.h>
#include <minios/app.h>
#include <minios/panic.h>
#include <minios/stdio.h>

const char app_name[] = "crash";

/* Not known to be what they are, so that no compiler looks through them. */
static int *volatile null_pointer;
static volatile int zero;
static volatile int depth_limit = 0x7fffffff;
static void (*volatile nowhere)(void) = (void (*)(void))0xdead0000;

static __attribute__((noinline)) void crash_null(void)
{
    *null_pointer = 42;
}

/* Each level keeps something on the stack that the next one's result needs. */
static __attribute__((noinline)) int recurse(int level)
{
    volatile int here[64];

    here[level % 64] = level;
    if (level == depth_limit)
        return 0;
    return recurse(level + 1) + here[level % 64];
}

static __attribute__((noinline)) void crash_stack(void)
{
    printf("%d\n", recurse(0));
}

static __attribute__((noinline)) void crash_ud2(void)
{
    __builtin_trap();
}

static __attribute__((noinline)) void crash_div0(void)
{
    printf("%d\n", depth_limit / zero);
}

static __attribute__((noinline)) void crash_jump(void)
{
    nowhere();
}

static __attribute__((noinline)) void crash_assert(void)
{
    ASSERT(zero == 1);
}

static __attribute__((noinline)) void crash_panic(void)
{
    panic("as asked for");
}

static __attribute__((noinline)) void crash_wild(void)
{
    volatile char *text = (volatile char *)(uintptr_t)&crash_wild;

    *text = 0;
}

static const struct {
    const char *name;
    void (*crash)(void);
} cases[] = {
    {"null", crash_null},   {"stack", crash_stack}, {"ud2", crash_ud2},
    {"div0", crash_div0},   {"jump", crash_jump},   {"assert", crash_assert},
    {"panic", crash_panic}, {"wild", crash_wild},
};

int main(int argc, char **argv)
{
    size_t i;

    for (i = 0; argc > 1 && i < ARRAY_SIZE(cases); i++) {
        if (strcmp(argv[1], cases[i].name) != 0)
            continue;
        printf("crash: %s\n", cases[i].name);
        cases[i].crash();
        printf("crash: still alive\n");
        return 1;
    }
    printf("usage: crash null|stack|ud2|div0|jump|assert|panic|wild\n");
    return 2;
}
