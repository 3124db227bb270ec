/* SPDX-License-Identifier: ISC */
/* Creation, end, join, detach, names, thread-local words, many at once. */
#include "threads_test.h"

#include <base/compiler.h>
#include <base/string.h>
#include <minios/memory.h>
#include <minios/time.h>
#include <xen/errno.h>

#define MANY 300

static void *twice(void *arg)
{
    return (char *)arg + (uintptr_t)arg;
}

static void *exit_early(void *arg)
{
    thread_exit((char *)arg + 1);
}

static void *name_of_self(void *arg)
{
    (void)arg;
    return (void *)(uintptr_t)strcmp(thread_name(thread_self()),
                                     "a name of fifte");
}

static void test_join(void)
{
    struct thread *t = start("twice", twice, (void *)21);

    check_is((long)thread_join(t), 42, "join gives a thread's result");
    t = start("twice", twice, (void *)4);
    thread_yield();
    check_is((long)thread_join(t), 8, "also of one that has ended already");
    t = start("early", exit_early, (void *)1);
    check_is((long)thread_join(t), 2, "and that of thread_exit()");
    t = start("a name of fifteen bytes is cut", name_of_self, NULL);
    check_is((long)thread_join(t), 0, "a long name is cut");
    check(strcmp(thread_name(thread_self()), "main") == 0,
          "the first thread is called main");
}

static void *count_up(void *arg)
{
    (*(int *)arg)++;
    return NULL;
}

static void test_detach(void)
{
    const struct thread_attr detached = {.detached = true};
    struct thread *t;
    int ended = 0;

    check_is(thread_create(&t, "detached", count_up, &ended, &detached), 0,
             "create a detached thread");
    t = start("later", count_up, &ended);
    thread_detach(t);
    while (ended < 2)
        thread_yield();
    t = start("ended", count_up, &ended);
    while (ended < 3)
        thread_yield();
    thread_detach(t);
    check_is(ended, 3, "detached before, while and after they run");
}

static void *keep_local(void *arg)
{
    uintptr_t wrong = thread_local_get(1) != NULL;

    thread_local_set(1, arg);
    thread_yield();
    return (void *)(wrong + (thread_local_get(1) != arg));
}

static void test_locals(void)
{
    struct thread *a = start("a", keep_local, &a);
    struct thread *b = start("b", keep_local, &b);

    thread_local_set(1, NULL);
    check_is((long)thread_join(a) + (long)thread_join(b), 0,
             "each thread has its own words, 0 at first");
}

static void *use_stack(void *arg)
{
    volatile char here[20000];
    size_t i;

    for (i = 0; i < sizeof(here); i += 1000)
        here[i] = (char)(uintptr_t)arg;
    thread_yield();
    for (i = 0; i < sizeof(here); i += 1000)
        if (here[i] != (char)(uintptr_t)arg)
            return (void *)1;
    return NULL;
}

/* Returns how many of (n) threads have found their stack changed; -1: not all
 * could be made. */
static long run_many(struct thread **threads, size_t n)
{
    long wrong = 0;
    size_t i;

    for (i = 0; i < n; i++) {
        if (thread_create(&threads[i], "many", use_stack, (void *)i, NULL) < 0)
            return -1;
    }
    for (i = 0; i < n; i++)
        wrong += (long)thread_join(threads[i]);
    return wrong;
}

static void test_many(void)
{
    static struct thread *threads[MANY];
    size_t before;
    int i;

    check_is(run_many(threads, MANY), 0, "300 threads at once");
    (void)thread_release_stacks(); /* some or none */
    before = page_free_count();
    check_is(run_many(threads, MANY), 0, "300 again");
    for (i = 0; i < 100; i++)
        (void)thread_join(start("one", twice, NULL)); /* NULL */
    (void)thread_release_stacks();                    /* some */
    check_is((long)page_free_count(), (long)before, "no page of them is lost");
}

/* Without memory for a stack there is no thread; what is kept for reuse is
 * given to whoever needs it. */
static void test_no_memory(void)
{
    const struct thread_attr huge = {.stack_bytes = 512ul << 20};
    const struct thread_attr absurd = {.stack_bytes = ~(size_t)0};
    void *blocks = NULL, *block;
    struct thread *t;

    check_is(thread_create(&t, "huge", twice, NULL, &huge), -XEN_ENOMEM,
             "a stack larger than memory");
    check_is(thread_create(&t, "absurd", twice, NULL, &absurd), -XEN_EINVAL,
             "an absurd stack");
    (void)thread_join(start("one", twice, NULL)); /* NULL */
    while ((block = page_alloc(0))) {
        *(void **)block = blocks;
        blocks = block;
    }
    check(!thread_release_stacks(), "stacks kept for reuse serve as memory");
    check_is(thread_create(&t, "none", twice, NULL, NULL), -XEN_ENOMEM,
             "no memory, no thread");
    while (blocks) {
        block = blocks;
        blocks = *(void **)block;
        page_free(block, 0);
    }
}

void test_lifetimes(void)
{
    test_join();
    test_detach();
    test_locals();
    test_many();
    test_no_memory();
}
