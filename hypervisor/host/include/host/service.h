/* SPDX-License-Identifier: ISC */
/* What a program needs to run as a service: going to the background, and
 * being alone in its run directory. */
#ifndef HOST_SERVICE_H
#define HOST_SERVICE_H

#include <stdbool.h>
#include <base/compiler.h>

/*
 * Splits into a child that goes on in a session of its own and the parent that
 * reports on it; call before any thread exists. In the child returns 0, with
 * (*ready_fd) to be given to service_ready(). In the parent blocks until the
 * child has called that (returns 1) or has ended (returns 2 and its exit code
 * in (*code)). -errno when there is no child.
 */
__must_check int service_background(int *ready_fd, int *code);

/* Tells whoever reads (*fd) that we serve: one byte, then closes it. Harmless
 * with -1. */
void service_ready(int *fd);

/* Closes every descriptor above 2 that the caller's caller left open, but for
 * (keep) (-1 = none), which becomes CLOEXEC. Call before opening any. */
void service_close_fds(int keep);

/* Standard input becomes /dev/null, output and error the file (log_path),
 * appended to; the current directory becomes the root. 0 or -errno. */
__must_check int service_detach_stdio(const char *log_path);

/* Opens and locks directory (path) exclusively, waiting as long as it takes.
 * Returns the descriptor that holds the lock, or -errno. */
__must_check int service_lock_dir(const char *path);

/* Calls fn(arg, name) for each entry of directory (path) but . and .., in no
 * order. 0 or -errno. */
int service_list_dir(const char *path, void (*fn)(void *arg, const char *name),
                     void *arg);

/* Gives file (from) the name (to), replacing what had it. 0 or -errno. */
__must_check int file_rename(const char *from, const char *to);

/* Blocks until (fd) is readable. */
void fd_wait_readable(int fd);

/* Whether a read of (fd) would find something right now. */
bool fd_readable(int fd);

/* Whether the other end of (fd) is gone: POLLHUP. */
bool fd_hung_up(int fd);

#endif /* HOST_SERVICE_H */
