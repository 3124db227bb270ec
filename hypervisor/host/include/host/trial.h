/* SPDX-License-Identifier: ISC */
/* A function, tried in a process of its own that may not last long: for what can
 * hang, or end whoever does it. */
#ifndef HOST_TRIAL_H
#define HOST_TRIAL_H

#include <base/compiler.h>

struct trial_answer {
    int verdict; /* the function's own, not negative                        */
    int detail;
};

struct trial {
    int fd;  /* readable when it is over; -1: there is none                 */
    int pid; /* our child                                                   */
};

/*
 * Runs fn(fd) in a copy of this program with no descriptor but (fd), which stays
 * the caller's. It ends after (limit_ms) at the latest, and with the calling
 * thread. (fn) takes no locks: other threads do not exist there. 0 or -errno.
 */
__must_check int trial_start(struct trial *t, int fd, unsigned limit_ms,
                             struct trial_answer (*fn)(int fd));
/* What it said. Blocks until it is over. -ETIME: it ran into its limit, -EIO: it
 * died, else -errno. */
int trial_finish(struct trial *t, struct trial_answer *a);
/* Ends it, if there is one. */
void trial_end(struct trial *t);

#endif /* HOST_TRIAL_H */
