/* SPDX-License-Identifier: ISC */
/*
 * Threads: one vCPU, run queues by priority-less round robin. Kernel threads
 * and application threads are the same thing.
 *
 * Preemption. A thread runs until it blocks, yields or ends, or, while another
 * one is ready, until its time slice is over: then a timer event switches away
 * from it, wherever it is, unless its preempt count is above zero. Everything
 * in the kernel that must not be interleaved with other threads holds the
 * count: so application code is preempted, kernel code is not. All registers,
 * vector state included, are kept over a preemption.
 *
 * Contexts, as other headers use the words:
 *   thread context   in a thread, events enabled, preempt count 0: may block
 *   any context      also in event handlers and with events disabled
 * Blocking in any other state is a bug and panics.
 */
#ifndef MINIOS_THREAD_H
#define MINIOS_THREAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <base/compiler.h>

#define THREAD_NAME_MAX 16 /* with its NUL; longer names are cut       */
/* With the page below it and what the kernel keeps at its end: 64 KiB. */
#define THREAD_STACK_DEFAULT (59u << 10)
/* How long a thread runs while others are ready, at least; at most twice that.*/
#define THREAD_SLICE_NS 5000000ull

struct thread;

struct thread_attr {
    size_t stack_bytes; /* at least; 0: THREAD_STACK_DEFAULT               */
    bool detached;      /* nobody will join it: freed when it ends         */
};

/*
 * Makes a thread that runs fn(arg) and is ready at once; fn's result is what
 * thread_join() returns. An unmapped page lies below its stack, and both
 * together take a power of two of pages. (attr) NULL: all defaults. 0 or -XEN_ENOMEM, -XEN_EINVAL (a stack of more than 1 GiB).
 * Any context; does not block.
 */
int __must_check thread_create(struct thread **out, const char *name,
                               void *(*fn)(void *arg), void *arg,
                               const struct thread_attr *attr);
/* Waits until (t) has ended, frees it and returns its result. Once for each
 * thread that is not detached; a thread cannot join itself. Thread context. */
void *thread_join(struct thread *t);
/* Nobody will join (t). Thread context. */
void thread_detach(struct thread *t);
/* Ends the calling thread. The end of the main thread's main() ends the domain,
 * its thread_exit() does not. */
__noreturn void thread_exit(void *result);

/* The running thread; in an event handler, the one that was interrupted. */
struct thread *thread_self(void);
const char *thread_name(const struct thread *t);
/* Lets other ready threads run first. Thread context. */
void thread_yield(void);
/* Sleeps until system time (deadline_ns), never less. Thread context. */
void thread_sleep_until_ns(uint64_t deadline_ns);
void thread_sleep_ns(uint64_t ns);
/* A word of the caller's choice for each thread, 0 at first (for libraries on
 * top: errno, pthread descriptors). The index is one of a fixed few. */
#define THREAD_LOCALS 4
void *thread_local_get(unsigned index);
void thread_local_set(unsigned index, void *value);

/* No switch to another thread between the two, which nest; the calling thread
 * must not block there. A switch that came due happens in the last enable.
 * Any context (in an event handler they change nothing). */
void preempt_disable(void);
void preempt_enable(void);

/* Number of switches so far, for tests and benchmarks. */
uint64_t thread_switches(void);

/* --- wait queues: what everything that blocks is made of --------------------- */

struct wait_queue {
    struct waiter *first, *last; /* in order of arrival                     */
};
#define WAIT_QUEUE_INIT                                                        \
    {                                                                          \
        NULL, NULL                                                             \
    }
#define WAIT_FOREVER UINT64_MAX

/*
 * Blocks until cond(arg) holds, looked at first at once and then each time the
 * queue is woken, with events disabled and not preempted; returns true. False
 * when system time (deadline_ns) has come and it does not hold; WAIT_FOREVER
 * for no limit. Thread context.
 */
bool wait_until(struct wait_queue *q, bool (*cond)(void *arg), void *arg,
                uint64_t deadline_ns);
/* Wakes the first (n) waiters, or all of them. Any context. */
void wait_wake(struct wait_queue *q, unsigned n);
void wait_wake_all(struct wait_queue *q);

/* --- mutexes, condition variables, semaphores ---------------------------------- */

struct mutex {
    struct thread *owner;
    struct wait_queue waiters;
};
#define MUTEX_INIT                                                             \
    {                                                                          \
        NULL, WAIT_QUEUE_INIT                                                  \
    }
/* Not recursive: locking one's own, or unlocking another's, panics. First come,
 * first served. Thread context. */
void mutex_lock(struct mutex *m);
/* False when (deadline_ns) has come. */
bool __must_check mutex_lock_until(struct mutex *m, uint64_t deadline_ns);
bool __must_check mutex_trylock(struct mutex *m);
void mutex_unlock(struct mutex *m);

struct condvar {
    struct wait_queue waiters;
    uint32_t generation; /* of signals: a waiter misses none               */
};
#define CONDVAR_INIT                                                           \
    {                                                                          \
        WAIT_QUEUE_INIT, 0                                                     \
    }
/* Unlocks (m), waits, locks it again; may wake without a signal. False when
 * system time (deadline_ns) has come without one. Thread context. */
bool condvar_wait(struct condvar *c, struct mutex *m, uint64_t deadline_ns);
/* Any context. */
void condvar_signal(struct condvar *c);
void condvar_broadcast(struct condvar *c);

struct semaphore {
    uint32_t count;
    struct wait_queue waiters;
};
#define SEMAPHORE_INIT(n)                                                      \
    {                                                                          \
        (n), WAIT_QUEUE_INIT                                                   \
    }
/* Takes one, waiting for it. False when (deadline_ns) has come. Thread context.*/
bool semaphore_down(struct semaphore *s, uint64_t deadline_ns);
/* Any context. */
void semaphore_up(struct semaphore *s);

/* --- for the kernel itself ------------------------------------------------------- */

/* A thread's first function, on its own stack with events disabled; called by
 * the port (arch_thread_prepare). */
__noreturn void thread_main(void);
/* Whether the running thread is the one that was there from the start. */
bool thread_is_main(void);
/* The running thread's stack: [start, end). */
void thread_stack(uintptr_t *start, uintptr_t *end);
/* Frees stacks that are kept for reuse; false: there were none. Any context. */
bool thread_release_stacks(void);

/* Whether the running thread should make room for another, and may. Events are
 * disabled, and are about to be enabled: the port asks at the end of an upcall
 * and when events are enabled. Then thread_preempt() lets the others run. */
bool thread_preempt_due(void);
void thread_preempt(void);
/* Handlers have run: event_wait() looks again. Events are disabled. */
void thread_event_delivered(void);

#endif /* MINIOS_THREAD_H */
