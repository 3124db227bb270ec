/* SPDX-License-Identifier: ISC */
/*
 * What the files of the scheduler share; the public side is minios/thread.h.
 *
 *   thread.c        threads from creation to end
 *   thread_stack.c  their stacks and guard pages
 *   thread_sched.c  the run queue, switching, preemption, idling
 *   thread_wait.c   wait queues
 *   sync.c          mutexes, condition variables, semaphores
 *
 * Locking: all of this is changed with events disabled, which on the one vCPU
 * we have is a lock against handlers and against preemption. With more, the
 * same places take a lock. A vCPU's own state is struct sched. Who owns a mutex
 * is no business of handlers: for that, disabling preemption is enough.
 */
#ifndef THREAD_PRIV_H
#define THREAD_PRIV_H

#include <debuginfo/threads.h>
#include <minios/thread.h>
#include <minios/time.h>

struct thread {
    void *saved_sp;          /* while it does not run (arch.h)             */
    struct thread *run_next; /* in the run queue                           */
    struct thread *next;     /* in the list of all threads                 */
    struct thread **link;    /* what points to it there                    */
    char name[THREAD_NAME_MAX];
    uintptr_t guard; /* the unmapped page, 0: no stack of our making       */
    uintptr_t stack_start, stack_end;
    unsigned order; /* of the block of pages from (guard) on               */
    bool detached, ended;
    void *(*fn)(void *arg);
    void *arg, *result;
    struct wait_queue joiners;
    void *locals[THREAD_LOCALS];
};

/* A vCPU's side of things. */
struct sched {
    struct thread *current;
    struct thread *first, *last; /* ready, in order                         */
    unsigned preempt_count;
    bool slice_over; /* (current) is to make room as soon as it may          */
    bool idle;       /* (current) has blocked, and nobody is ready           */
    struct timer slice;
    uint64_t switches, switches_at_slice; /* now; when (slice) was started */
    struct thread *ended; /* a detached one that has just run for the last
                           * time                                           */
};

extern struct sched sched_vcpu0;
static inline struct sched *this_sched(void)
{
    return &sched_vcpu0;
}

extern struct thread *thread_list;
extern const struct debuginfo_threads midge_threads;
/* Defines it; the port knows what it saves (arch.h, arch_thread_switch). */
#define DEFINE_MIDGE_THREADS(words)                                            \
    const struct debuginfo_threads midge_threads = {                           \
        .magic = DEBUGINFO_THREADS_MAGIC,                                      \
        .version = DEBUGINFO_THREADS_VERSION,                                  \
        .current = (uintptr_t)&sched_vcpu0.current,                            \
        .first = (uintptr_t)&thread_list,                                      \
        .off_next = offsetof(struct thread, next),                             \
        .off_name = offsetof(struct thread, name),                             \
        .off_stack_start = offsetof(struct thread, stack_start),               \
        .off_stack_end = offsetof(struct thread, stack_end),                   \
        .off_saved_sp = offsetof(struct thread, saved_sp),                     \
        .saved_words = (words),                                                \
        .off_guard = offsetof(struct thread, guard),                           \
    }

/* thread_sched.c. Events disabled, unless said otherwise. */

/* (t) has been made, or what it waits for has come: it is ready. */
void sched_ready(struct thread *t);
/* Panics unless the calling thread may block; (enabled): what
 * arch_events_disable() has returned. */
void sched_check_may_block(bool enabled);
/* Runs others until somebody calls sched_ready() for the calling thread. */
void sched_block(void);
/* A thread's first act. */
void sched_begin(void);

/* thread.c */

/* Frees a thread that has ended and been left. */
void thread_free(struct thread *t);

/* thread_stack.c */

/* A thread at the upper end of a stack of at least (bytes), its stack's fields
 * set and the rest zero. 0, -XEN_ENOMEM, -XEN_EINVAL (too large). */
int thread_stack_alloc(struct thread **out, size_t bytes);
void thread_stack_free(struct thread *t);

/* thread_wait.c */

/* The first thread in (q), NULL: nobody waits. */
struct thread *wait_queue_first(const struct wait_queue *q);

#endif /* THREAD_PRIV_H */
