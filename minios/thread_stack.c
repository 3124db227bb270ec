/* SPDX-License-Identifier: ISC */
/*
 * Stacks: a block of pages whose first page is unmapped and at whose end lies
 * the struct thread. Those of the usual size are kept for the next thread, as
 * they are: unmapping and mapping a page costs a hypercall each.
 */
#include "thread_priv.h"

#include <alloc/buddy.h>
#include <base/string.h>
#include <minios/arch.h>
#include <minios/memory.h>
#include <minios/panic.h>
#include <xen/errno.h>

#define STACK_MAX (1ul << 30)
/* Room for an upcall, its handlers, and the registers of a preempted thread. */
#define STACK_MIN (2 * PAGE_SIZE)
/* Stacks kept at most. */
#define CACHE_MAX 16

static struct thread
    *cache; /* linked by run_next                             */
static unsigned cached;

static unsigned order_of(size_t stack_bytes)
{
    return buddy_order(PAGE_SIZE + stack_bytes + sizeof(struct thread));
}

/* The thread at the end of the block from (guard) on; (order) is right. */
static struct thread *thread_in(uintptr_t guard, unsigned order)
{
    uintptr_t end = guard + (PAGE_SIZE << order);
    struct thread *t = (struct thread *)(end - sizeof(*t));

    memset(t, 0, sizeof(*t));
    t->guard = guard;
    t->order = order;
    t->stack_start = guard + PAGE_SIZE;
    t->stack_end = (uintptr_t)t & ~(uintptr_t)15;
    return t;
}

static struct thread *take_cached(unsigned order)
{
    bool enabled = arch_events_disable();
    struct thread *t = order == order_of(THREAD_STACK_DEFAULT) ? cache : NULL;

    if (t) {
        cache = t->run_next;
        cached--;
    }
    if (enabled)
        arch_events_enable();
    return t;
}

int thread_stack_alloc(struct thread **out, size_t bytes)
{
    struct thread *t;
    unsigned order;
    void *block;
    int rc;

    if (bytes > STACK_MAX)
        return -XEN_EINVAL;
    order = order_of(MAX(bytes, STACK_MIN));
    t = take_cached(order);
    if (t) {
        *out = thread_in(t->guard, order);
        return 0;
    }
    block = page_alloc(order);
    if (!block)
        return -XEN_ENOMEM;
    rc = arch_page_unmap(block);
    if (rc < 0) {
        page_free(block, order);
        return rc;
    }
    *out = thread_in((uintptr_t)block, order);
    return 0;
}

static void give_back(const struct thread *t)
{
    void *block = (void *)t->guard;
    unsigned order = t->order;
    int rc = arch_page_map(block);

    if (rc < 0)
        panic("cannot map the page below a stack again: error %d", rc);
    page_free(block, order);
}

void thread_stack_free(struct thread *t)
{
    bool enabled = arch_events_disable();
    bool keep =
        cached < CACHE_MAX && t->order == order_of(THREAD_STACK_DEFAULT);

    if (keep) {
        t->run_next = cache;
        cache = t;
        cached++;
    }
    if (enabled)
        arch_events_enable();
    if (!keep)
        give_back(t);
}

bool thread_release_stacks(void)
{
    unsigned order = order_of(THREAD_STACK_DEFAULT);
    struct thread *t = take_cached(order);
    bool some = t != NULL;

    for (; t; t = take_cached(order))
        give_back(t);
    return some;
}
