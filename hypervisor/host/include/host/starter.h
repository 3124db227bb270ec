/* SPDX-License-Identifier: ISC */
/*
 * A small process of our own that starts others, so that we need not be able
 * to: it runs one program, fixed when it is made, whenever it is asked, with
 * descriptors that it is sent. What it starts are *our* children, of the thread
 * that made the starter, and end with it; it has our limits and our landlock
 * domain, and no filter of system calls.
 *
 * It ends when our last copy of (control) is closed, and with the thread that
 * made it.
 */
#ifndef HOST_STARTER_H
#define HOST_STARTER_H

#include <stddef.h>
#include <stdint.h>
#include <base/compiler.h>

#define STARTER_MAX_FDS 4

struct starter_spec {
    int error_fd;      /* standard error of all of them; borrowed         */
    int exec_fd;       /* the program, as in host/process.h; borrowed    */
    const char *argv0; /* its only argument; a constant                  */
    int fds[STARTER_MAX_FDS]; /* the numbers that what is sent shall have    */
    size_t nr_fds;
    /* The text of the program's oom_score_adj; best effort: the starter has it
     * itself while it forks, if starter_give_oom() has been called. */
    const char *oom_score_adj;
};

struct starter {
    int control; /* -1 = none                                        */
    int pid;
    size_t nr_fds;
    uint64_t serial; /* of the last request                             */
};

/*
 * Makes the starter. On a thread that lives as long as the program, best while
 * it is the only one (it forks). 0 or -errno.
 */
__must_check int starter_create(struct starter *s,
                                const struct starter_spec *spec);

/*
 * Lends it the file /proc/PID/oom_score_adj, which it may not be able to open
 * itself. To be called once, on a thread that can; 0 or -errno, and then it
 * does without.
 */
int starter_give_oom(struct starter *s);

/* Ends it and waits for that. What it has started goes on. Harmless when there
 * is none (control = -1). */
void starter_destroy(struct starter *s);

/*
 * Starts the program with (fds), s->nr_fds of them, which are borrowed, and
 * RLIMIT_AS (as_bytes), 0 = unlimited. Blocks for about 0.2 ms; one thread at a
 * time. The pid, which the caller has to collect, or -errno.
 */
__must_check int starter_start(struct starter *s, const int *fds,
                               uint64_t as_bytes);

#endif /* HOST_STARTER_H */
