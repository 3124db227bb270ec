/* SPDX-License-Identifier: ISC */
/*
 * The scheduler: round robin over a queue of those that are ready.
 *
 *   running --sched_block--> blocked --sched_ready--> ready --its turn--> running
 *   running --thread_yield, sched_preempt--> ready
 *
 * The thread that blocks runs the scheduler, and sleeps on behalf of the vCPU
 * when nobody is ready; a domain with one thread never switches stacks.
 *
 * Time slices: one timer, started when a thread is made ready while another
 * runs, and started again each time it fires as long as somebody is ready. A
 * thread that runs when it fires and ran when it was started has used up its
 * slice. So nothing reads a clock when threads switch, and a thread has between
 * one and two slices.
 */
#include "thread_priv.h"

#include <minios/arch.h>
#include <minios/evtchn.h>
#include <minios/panic.h>
#include <minios/shutdown.h>

static void on_slice(struct timer *t);

/* Not yet a thread of thread.c's making: what runs from the start. */
extern const char _stack_start[], _stack_end[]; /* linker script */
static struct thread main_thread = {
    .name = "main",
    .stack_start = (uintptr_t)_stack_start,
    .stack_end = (uintptr_t)_stack_end,
    .link = &thread_list,
};

struct thread *thread_list = &main_thread;

struct sched sched_vcpu0 = {
    .current = &main_thread,
    .slice = {.fn = on_slice},
};

struct thread *thread_self(void)
{
    return this_sched()->current;
}

uint64_t thread_switches(void)
{
    return this_sched()->switches;
}

/* --- time slices ------------------------------------------------------------- */

static void start_slice(struct sched *s)
{
    s->switches_at_slice = s->switches;
    timer_start(&s->slice, arch_system_time_ns() + THREAD_SLICE_NS);
}

static void on_slice(struct timer *t)
{
    struct sched *s = CONTAINER_OF(t, struct sched, slice);

    /* If a handler has just woken somebody from idling, the slice starts when
     * the scheduler sees it. */
    if (!s->first || s->idle)
        return;
    if (s->switches == s->switches_at_slice)
        s->slice_over = true;
    start_slice(s);
    /* The next one's turn begins now, with this slice. When it has to wait until
     * preemption is enabled, much of the slice may have passed by then: it has
     * the rest and another one. */
    if (s->slice_over && s->preempt_count == 0)
        s->switches_at_slice++;
}

/* --- the run queue ------------------------------------------------------------- */

static void push(struct sched *s, struct thread *t)
{
    t->run_next = NULL;
    if (s->first)
        s->last->run_next = t;
    else
        s->first = t;
    s->last = t;
}

void sched_ready(struct thread *t)
{
    struct sched *s = this_sched();

    push(s, t);
    if (!s->idle && !s->slice.armed)
        start_slice(s);
}

/* --- switching ------------------------------------------------------------------ */

/* What the thread before could not do for itself. */
static void finish_switch(void)
{
    struct sched *s = this_sched();
    struct thread *ended = s->ended;

    if (ended) {
        s->ended = NULL;
        thread_free(ended);
    }
}

void sched_begin(void)
{
    finish_switch();
    arch_events_enable();
}

static void idle(struct sched *s)
{
    shutdown_arm();
    s->idle = true;
    s->preempt_count++; /* handlers run, but nobody is switched to */
    arch_block();
    arch_events_disable();
    s->preempt_count--;
    s->idle = false;
}

void sched_block(void)
{
    struct sched *s = this_sched();
    struct thread *prev = s->current, *next;

    while (!s->first)
        idle(s);
    next = s->first;
    s->first = next->run_next;
    s->slice_over = false;
    if (s->first && !s->slice.armed)
        start_slice(s);
    if (next == prev)
        return;
    s->current = next;
    s->switches++;
    arch_thread_switch(&prev->saved_sp, next->saved_sp);
    finish_switch();
}

void sched_check_may_block(bool enabled)
{
    if (!enabled)
        panic("a thread blocks with events disabled, or in a handler");
    if (this_sched()->preempt_count > 0)
        panic("a thread blocks with preemption disabled");
}

void thread_yield(void)
{
    bool enabled = arch_events_disable();
    struct sched *s = this_sched();

    sched_check_may_block(enabled);
    if (s->first) {
        push(s, s->current);
        sched_block();
    }
    arch_events_enable();
}

/* --- preemption ------------------------------------------------------------------ */

bool thread_preempt_due(void)
{
    const struct sched *s = this_sched();

    return s->slice_over && s->preempt_count == 0;
}

void thread_preempt(void)
{
    struct sched *s = this_sched();

    s->slice_over = false;
    if (s->first) {
        push(s, s->current);
        sched_block();
    }
}

/* The count is touched by its own thread only, at the time: a switch happens
 * only at zero, and handlers leave it as they found it. */
void preempt_disable(void)
{
    this_sched()->preempt_count++;
    __atomic_signal_fence(__ATOMIC_SEQ_CST);
}

void preempt_enable(void)
{
    __atomic_signal_fence(__ATOMIC_SEQ_CST);
    this_sched()->preempt_count--;
    /* Enabling events switches if it is due. With events disabled (a handler,
     * say) it has to wait until they are enabled. */
    if (thread_preempt_due() && arch_events_disable())
        arch_events_enable();
}
