/* SPDX-License-Identifier: ISC */
/* Dies in a thread that is not the main one. */
#include "threads_test.h"

#include <base/compiler.h>
#include <base/string.h>
#include <minios/panic.h>
#include <minios/stdio.h>

static volatile int depth_limit = 0x7fffffff;
static int *volatile null_pointer;

static __attribute__((noinline)) int recurse(int level)
{
    volatile int here[64];

    here[level % 64] = level;
    if (level == depth_limit)
        return 0;
    return recurse(level + 1) + here[level % 64];
}

static void *overflow(void *arg)
{
    (void)arg;
    return (void *)(uintptr_t)recurse(0);
}

static void *write_null(void *arg)
{
    (void)arg;
    *null_pointer = 1;
    return NULL;
}

static void *call_panic(void *arg)
{
    (void)arg;
    panic("as asked for");
}

static void *block_wrongly(void *arg)
{
    (void)arg;
    preempt_disable();
    thread_yield();
    return NULL;
}

static const struct {
    const char *name;
    void *(*fn)(void *arg);
} ways[] = {
    {"stack", overflow},
    {"null", write_null},
    {"panic", call_panic},
    {"block", block_wrongly},
};

bool crash(const char *how)
{
    size_t i;

    for (i = 0; i < ARRAY_SIZE(ways); i++) {
        if (strcmp(how, ways[i].name) != 0)
            continue;
        thread_join(start("worker-7", ways[i].fn, NULL));
        return true;
    }
    return false;
}
