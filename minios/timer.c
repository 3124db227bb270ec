/* SPDX-License-Identifier: ISC */
/*
 * Timers: a heap of those that are armed, in front of the vCPU's one timer.
 * Contract in minios/time.h.
 *
 * What that one is set to is never later than the first of the heap. It may be
 * earlier, when that timer was cancelled: then it fires for nothing once, which
 * is cheaper than setting it anew for every cancelled time-out.
 *
 * Everything here is changed with events disabled.
 */
#include <minios/time.h>

#include <minios/arch.h>

#define NOT_ARMED UINT64_MAX

static struct pheap heap;
/* What it is set to. */
static uint64_t programmed_ns = NOT_ARMED;
static bool ready;

static struct timer *first_timer(void)
{
    return heap.root ? CONTAINER_OF(heap.root, struct timer, node) : NULL;
}

/* Has the timer fire at (deadline_ns), at once if that has come. */
static void program(uint64_t deadline_ns)
{
    programmed_ns = deadline_ns;
    arch_timer_set(deadline_ns);
}

static void program_first(void)
{
    if (heap.root && heap.root->key < programmed_ns)
        program(heap.root->key);
}

/*
 * The timer fired. It may be early (Xen's timer_slop): then nothing is due and
 * the same deadline is set again. Serves at most as many timers as were armed at
 * the beginning, so that one which arms itself for the past cannot keep us here.
 */
static void on_timer(void)
{
    uint64_t now = arch_system_time_ns();
    uint32_t n = heap.count;

    programmed_ns = 0; /* timers started in here wait for the end of it */
    for (; n > 0 && heap.root && heap.root->key <= now; n--) {
        struct timer *t = first_timer();

        pheap_remove(&heap, &t->node);
        t->armed = false;
        t->fn(t);
    }
    programmed_ns = NOT_ARMED;
    program_first();
}

void timer_start(struct timer *t, uint64_t deadline_ns)
{
    bool enabled = arch_events_disable();

    if (!ready)
        arch_timer_init(on_timer);
    ready = true;
    if (t->armed)
        pheap_remove(&heap, &t->node);
    t->armed = true;
    t->node.key = deadline_ns;
    pheap_add(&heap, &t->node);
    program_first();
    if (enabled)
        arch_events_enable();
}

bool timer_cancel(struct timer *t)
{
    bool enabled = arch_events_disable();
    bool armed = t->armed;

    if (armed) {
        pheap_remove(&heap, &t->node);
        t->armed = false;
    }
    if (enabled)
        arch_events_enable();
    return armed;
}
