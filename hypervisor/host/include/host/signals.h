/* SPDX-License-Identifier: ISC */
/* Signals as readable descriptors, for loops. */
#ifndef HOST_SIGNALS_H
#define HOST_SIGNALS_H

#include <base/compiler.h>

/*
 * To be called first in main(), before any thread exists: ignores SIGPIPE,
 * gives SIGCHLD its default action and blocks SIGCHLD, SIGHUP, SIGINT and
 * SIGTERM in this thread and those it creates, for signals_open(). 0 or -errno.
 */
__must_check int signals_init(void);

/*
 * A non-blocking descriptor that is readable while one of the (n) blocked
 * signals in (list) is pending for the process; -errno on failure.
 */
__must_check int signals_open(const int *list, unsigned n);

/* Takes one signal from such a descriptor: its number, 0 when there is none,
 * or -errno. Several SIGCHLDs may be told as one. */
__must_check int signals_next(int fd);

#endif /* HOST_SIGNALS_H */
