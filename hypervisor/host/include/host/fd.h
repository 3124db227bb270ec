/* SPDX-License-Identifier: ISC */
/*
 * Reading, writing and closing descriptors. All calls retry EINTR and return
 * -errno on failure; they block exactly when the descriptor does.
 */
#ifndef HOST_FD_H
#define HOST_FD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <base/compiler.h>

/* One read/write: bytes moved, 0 at end of file (read), or -errno (-EAGAIN
 * when a non-blocking descriptor is not ready). A write to a pipe or socket
 * without a reader is -EPIPE, provided SIGPIPE is ignored (signals_init()). */
__must_check long fd_read(int fd, void *buf, size_t len);
__must_check long fd_write(int fd, const void *buf, size_t len);

/* All (len) bytes, for blocking descriptors: 0 or -errno. */
__must_check int fd_write_all(int fd, const void *buf, size_t len);
/* All (len) bytes at (off): 0, -errno, or -ENODATA at end of file. */
__must_check int fd_pread_all(int fd, void *buf, size_t len, uint64_t off);
__must_check int fd_pwrite_all(int fd, const void *buf, size_t len,
                               uint64_t off);

/* Whether byte (off) of a file lies in data or in a hole, and up to where that is
 * so at least: the end of the hole, or a page's worth of data. 0 or -errno
 * (-ENXIO: beyond the end). Moves the descriptor's position. */
__must_check int fd_find_run(int fd, uint64_t off, uint64_t *end, bool *data);
/* The file has (size) bytes from now on. 0 or -errno. */
__must_check int fd_set_size(int fd, uint64_t size);
/* The file is for its owner alone, mode 0600. 0 or -errno. */
__must_check int fd_set_private(int fd);

/* Reads and throws away what is there, at most (max) bytes, from a
 * non-blocking descriptor. Returns the number of bytes, or -errno. */
long fd_drain(int fd, size_t max);

/* Closes (*fd) if it is >= 0 and sets it to -1. Harmless to repeat. */
void fd_close(int *fd);

/* O_NONBLOCK on or off, for everybody who shares the open file. 0 or
 * -errno. */
__must_check int fd_set_nonblock(int fd);
__must_check int fd_set_block(int fd);
/* A second descriptor (CLOEXEC) for the same file, or -errno. */
__must_check int fd_dup(int fd);

#endif /* HOST_FD_H */
