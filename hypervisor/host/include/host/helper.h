/* SPDX-License-Identifier: ISC */
/*
 * Helper threads, for work that blocks (files, images, waiting for a process):
 * a job runs on one of them, its completion on the loop that asked.
 *
 * A pool's threads live until helper_destroy(): see host/process.h for why
 * that matters to whoever starts processes on one.
 */
#ifndef HOST_HELPER_H
#define HOST_HELPER_H

#include <stdint.h>
#include <host/loop.h>

struct helper;

/* Caller-owned from helper_run() until (done) is called. */
struct helper_job {
    void (*work)(struct helper_job *j); /* on a helper thread              */
    /* On the loop's thread afterwards; may free the job. NULL: nothing is
     * posted, and (work) itself may free the job. */
    void (*done)(struct helper_job *j);
    struct loop *loop;       /* where (done) runs; unused without it      */
    struct helper_job *next; /* the pool's own                            */
    uint64_t due_ns;         /* the pool's own                            */
    struct loop_work posted; /* the pool's own                            */
};

/* (threads) threads, with all signals but SIGSYS and SIGBUS blocked. NULL and errno
 * on failure. */
struct helper *helper_create(const char *name, unsigned threads);
/* Queues a job; jobs start in this order. Never blocks. Any thread. */
void helper_run(struct helper *h, struct helper_job *j);
/* The same, but it starts no sooner than (ns) from now; it keeps no thread
 * waiting. At helper_destroy() it starts at once. */
void helper_run_later(struct helper *h, struct helper_job *j, uint64_t ns);
/* Lets all queued jobs run, then ends the threads. Blocks. NULL is fine. */
void helper_destroy(struct helper *h);

/* Threads for other purposes (workers): runs fn(arg) on a new thread with all
 * signals but SIGSYS and SIGBUS blocked. 0 and (*out), or -errno. */
struct thread;
int thread_start(struct thread **out, const char *name, void (*fn)(void *arg),
                 void *arg);
/* Waits for the thread's end and frees it. */
void thread_join(struct thread *t);

#endif /* HOST_HELPER_H */
