/* SPDX-License-Identifier: ISC */
/*
 * The run directory, and being the only daemon in it.
 *
 *   RUN/lock           held (flock) as long as a daemon lives
 *   RUN/control.sock   exists while it serves
 *   RUN/xenstored/socket  the same, for xenstore's clients
 *   RUN/midge-hv.log   its messages
 *   RUN/console/       one log per domain name
 *
 * The directory itself is locked by whoever starts, until he serves or has
 * failed, and by whoever removes RUN/lock: with it held, a lock that is taken
 * means a daemon that serves or one that is about to end.
 */
#ifndef DAEMON_RUNDIR_H
#define DAEMON_RUNDIR_H

#include "daemon.h"

/* RUN/(name) in (path). 0 or -ENAMETOOLONG. */
__must_check int rundir_path(const char *run_dir, const char *name,
                             char path[PATH_MAX]);
/* The run directory when neither MIDGE_RUN nor XDG_RUNTIME_DIR says one. */
void rundir_default(char path[PATH_MAX]);
/*
 * Makes the directory and takes both locks: dm->lock_fd, and (*start_fd) to be
 * closed when we serve. Waits for a daemon that is ending. Returns EXIT_SERVED
 * when all is well, EXIT_OTHER when another daemon serves, or EXIT_FAILED after
 * one line on standard error.
 */
__must_check int rundir_enter(struct daemon *dm, int *start_fd);
/* Listens. 0 or -errno; (*stale) tells that a dead daemon's socket was there. */
__must_check int rundir_listen(struct daemon *dm, bool *stale);
/* Removes the socket: nobody connects any more. */
void rundir_unlisten(struct daemon *dm);
/* Removes and releases the lock. */
void rundir_leave(struct daemon *dm);

#endif /* DAEMON_RUNDIR_H */
